import SluiceKit
import SluiceKitTesting
import Testing

@testable import FormatSDMXJSON

/// All tokens of a text, names and values with their decoded text.
private func tokens(_ bytes: [UInt8], chunk: Int = .max, limits: ReadLimits = ReadLimits()) throws(ReadError) -> [String] {
    let scanner = JSONScanner(MemoryByteSource(bytes, chunkBytesMax: chunk), limits: limits)
    var tokens: [String] = []
    while true {
        let token = try scanner.next()
        switch token {
        case .name, .string, .number: tokens.append("\(token) \(String(decoding: scanner.text, as: UTF8.self))")
        case .end: return tokens
        default: tokens.append("\(token)")
        }
    }
}

private func failure(_ text: String, chunk: Int = .max, limits: ReadLimits = ReadLimits()) -> ReadError? {
    do throws(ReadError) {
        _ = try tokens(Array(text.utf8), chunk: chunk, limits: limits)
        return nil
    } catch { return error }
}

@Suite struct JSONScannerTests {
    static let chunks = [1, 2, 3, 7, 4_096]

    @Test(arguments: chunks) func cutsTokens(chunk: Int) throws {
        let text = "\u{FEFF} { \"a\" : [ 1, -2.50e+3 , \"\" , \"é\\n\\u00e9\\ud83d\\ude00\\/\" , true,false , null ,{},[] ] ,\n\t\"b\\\"\"\r\n:\"x\" } "
        #expect(
            try tokens(Array(text.utf8), chunk: chunk) == [
                "objectStart", "name a", "arrayStart", "number 1", "number -2.50e+3", "string ", "string é\né😀/", "isTrue", "isFalse", "null", "objectStart",
                "objectEnd", "arrayStart",
                "arrayEnd", "arrayEnd", "name b\"", "string x", "objectEnd",
            ])
    }

    @Test(arguments: chunks) func saysWhereAMistakeIs(chunk: Int) {
        let trailing = failure("{\"a\":1,\n\"b\":[1,]}", chunk: chunk)
        #expect(trailing?.code == .malformed)
        #expect(trailing?.line == 2)
        #expect(trailing?.byteOffset == 15)
        #expect(failure("{\"a\":NaN}", chunk: chunk)?.detail.contains("NaN") == true)
        #expect(failure("{\"a\":1", chunk: chunk)?.code == .truncated)
        #expect(failure("{\"a\":\"bc", chunk: chunk)?.code == .truncated)
        #expect(failure("", chunk: chunk)?.code == .truncated)
        #expect(failure("{} x", chunk: chunk)?.code == .malformed)
        #expect(failure("[\"\\ud800\"]", chunk: chunk)?.detail.contains("surrogate") == true)
        #expect(failure("[\"\\ud800\\u0041\"]", chunk: chunk)?.detail.contains("surrogate") == true)
        #expect(failure("[\"\\udc00\"]", chunk: chunk)?.detail.contains("surrogate") == true)
        #expect(failure("[\"a\0b\"]", chunk: chunk)?.code == .malformed)
        #expect(failure("[1,\0]", chunk: chunk)?.code == .malformed)
        #expect(failure("[01]", chunk: chunk)?.code == .malformed)
        #expect(failure("[\"a\nb\"]", chunk: chunk)?.code == .malformed)
    }

    @Test(arguments: chunks) func refusesWhatIsNotUTF8(chunk: Int) {
        func code(_ bytes: [UInt8]) -> ReadError? {
            do throws(ReadError) {
                _ = try tokens(bytes, chunk: chunk)
                return nil
            } catch { return error }
        }
        #expect(code(Array("[\"a".utf8) + [0xE9] + Array("\"]".utf8))?.code == .encoding)
        #expect(code(Array("[\"a".utf8) + [0xE9] + Array("\"]".utf8))?.byteOffset == 3)
        #expect(code(Array("[\"\\n".utf8) + [0xED, 0xA0, 0x80] + Array("\"]".utf8))?.code == .encoding)
        #expect(code([0xFF, 0xFE, 0x5B, 0])?.code == .encoding)
        #expect(code([0, 0x5B, 0, 0x5D])?.code == .encoding)
    }

    @Test func keepsToItsLimits() {
        let bomb = String(repeating: "[", count: 100_000)
        #expect(failure(bomb)?.code == .limitExceeded)
        #expect(failure(String(repeating: "{\"a\":", count: 100_000))?.code == .limitExceeded)
        var limits = ReadLimits()
        limits.valueBytesMax = 1_000
        #expect(failure("[\"\(String(repeating: "a", count: 1_001))\"]", limits: limits)?.code == .limitExceeded)
        #expect(failure("[\"\(String(repeating: "\\n", count: 1_001))\"]", limits: limits)?.code == .limitExceeded)
        #expect(failure("[\(String(repeating: "1", count: 1_001))]", limits: limits)?.code == .limitExceeded)
        #expect(failure("[\"\(String(repeating: "a", count: 1_000))\"]", limits: limits) == nil)
        limits.messageBytesMax = 10
        #expect(failure("[1,2,3,4,5,6]", limits: limits)?.code == .limitExceeded)
    }

    @Test func boundsTheMemoryOfAStringWithoutEnd() {
        final class Endless: ByteSource {
            var byteCountRead = 0
            let byteCountTotal: Int? = nil
            let canRewind = false
            func rewind() throws(ReadError) {}
            func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
                for index in buffer.indices { buffer[index] = byteCountRead == 0 && index == 0 ? 0x22 : 0x61 }
                byteCountRead += buffer.count
                return buffer.count
            }
        }
        let source = Endless()
        let scanner = JSONScanner(source, limits: ReadLimits())
        #expect(#expect(throws: ReadError.self) { try scanner.next() }?.code == .limitExceeded)
        #expect(source.byteCountRead < 4 << 20)
    }

    @Test(.enabled(if: Corpus.isPresent, "the reference data are not at hand: set SLUICE_CORPUS"), arguments: [1, 3, 4_096]) func decidesAsTheJSONTestSuiteAsks(
        chunk: Int
    ) throws {
        var count = 0
        for file in Corpus.files(under: "vectors/nst__JSONTestSuite/test_parsing", suffix: ".json") {
            let name = String(file.split(separator: "/").last ?? "")
            let bytes = try Corpus.bytes(file)
            var error: ReadError?
            do throws(ReadError) { _ = try tokens(bytes, chunk: chunk) } catch let caught { error = caught }
            if name.hasPrefix("y_") { #expect(error == nil, "\(name): \(String(describing: error))") }
            if name.hasPrefix("n_") { #expect(error != nil, "\(name)") }
            if let error { #expect(error.line ?? 0 > 0 && error.byteOffset ?? -1 >= 0, "\(name)") }
            count += 1
        }
        #expect(count > 200)
    }
}
