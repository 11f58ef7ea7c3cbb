import SluiceKit
import SluiceKitTesting
import Testing

/// One row as strings, with the lines on which its cells begin.
private struct Row: Equatable {
    var line: Int
    var cells: [String]
    init(_ line: Int, _ cells: [String]) {
        self.line = line
        self.cells = cells
    }
}

private func scan(_ bytes: [UInt8], chunk: Int = .max, separator: Character = ",", limits: ReadLimits = ReadLimits()) throws -> [Row] {
    let scanner = CSVScanner(MemoryByteSource(bytes, chunkBytesMax: chunk), separator: separator.asciiValue ?? 44, limits: limits)
    var rows: [Row] = []
    while try scanner.nextRow() {
        rows.append(Row(scanner.line, (0..<scanner.cellCount).map { String(decoding: scanner.cell($0), as: UTF8.self) }))
    }
    return rows
}

private func scan(_ text: String, chunk: Int = .max, separator: Character = ",", limits: ReadLimits = ReadLimits()) throws -> [Row] {
    try scan(Array(text.utf8), chunk: chunk, separator: separator, limits: limits)
}

private func failure(_ bytes: [UInt8], chunk: Int = .max, limits: ReadLimits = ReadLimits()) -> ReadError? {
    do {
        _ = try scan(bytes, chunk: chunk, limits: limits)
        return nil
    } catch { return error as? ReadError }
}

@Suite struct CSVScannerTests {
    static let chunks = [1, 2, 3, 7, 4_096, Int.max]

    @Test(arguments: chunks) func cutsRowsAtEveryKindOfLineBreak(chunk: Int) throws {
        let expected = [Row(1, ["a", "b"]), Row(2, ["c", ""]), Row(3, ["", "d"]), Row(4, [""]), Row(5, ["e"])]
        for lineBreak in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "c,", ",d", "", "e"].joined(separator: lineBreak)
            #expect(try scan(text, chunk: chunk) == expected)
            #expect(try scan(text + lineBreak, chunk: chunk) == expected)
        }
    }

    /// Cells that are taken from the row before are the same cells.
    @Test(arguments: chunks) func repeatedCellsAreTheSame(chunk: Int) throws {
        var generator = SeededGenerator(seed: 11)
        let words = ["", "a", "bcd", "a longer text", "\"q\"", "\"x\"\"y\"", "\"1,2\"", "é"]
        for repeatable in [1, 2, 3] {
            var text = ""
            for _ in 0..<200 {
                let key = (0..<repeatable).map { _ in generator.chance(percent: 80) ? "k" : words.randomElement(using: &generator)! }
                let rest = (0..<Int.random(in: 0...3, using: &generator)).map { _ in words.randomElement(using: &generator)! }
                text += (key + rest).joined(separator: ",") + (generator.chance(percent: 50) ? "\r\n" : "\n")
            }
            let scanner = CSVScanner(MemoryByteSource(Array(text.utf8), chunkBytesMax: chunk))
            scanner.repeatableCells = repeatable
            var rows: [Row] = []
            var repeats = 0
            while try scanner.nextRow() {
                rows.append(Row(scanner.line, (0..<scanner.cellCount).map { String(decoding: scanner.cell($0), as: UTF8.self) }))
                if scanner.hasRepeated {
                    repeats += 1
                    #expect(rows.count > 1 && rows[rows.count - 1].cells.prefix(repeatable) == rows[rows.count - 2].cells.prefix(repeatable))
                }
            }
            #expect(try rows == scan(text))
            #expect(repeats > (chunk < 8 ? -1 : 20))
        }
    }

    @Test(arguments: chunks) func decodesQuotedCells(chunk: Int) throws {
        let text = "\"a,b\",\"c \"\"d\"\" e\"\"\",\"\"\n\"\"\"\",x\"y, z \n"
        #expect(try scan(text, chunk: chunk) == [Row(1, ["a,b", "c \"d\" e\"", ""]), Row(2, ["\"", "x\"y", " z "])])
    }

    @Test(arguments: chunks) func countsLinesInsideQuotes(chunk: Int) throws {
        let bytes = Array("a,\"1\r\n2\n3\r4\",b\nc\n".utf8)
        let scanner = CSVScanner(MemoryByteSource(bytes, chunkBytesMax: chunk))
        #expect(try scanner.nextRow())
        #expect(scanner.line == 1)
        #expect(scanner.line(ofCell: 1) == 1)
        #expect(scanner.line(ofCell: 2) == 4)
        #expect(scanner.wasQuoted(1) && !scanner.wasQuoted(0))
        #expect(try scanner.nextRow())
        #expect(scanner.line == 5)
        #expect(scanner.byteOffset == bytes.count - 2)
    }

    @Test(arguments: chunks) func skipsTheByteOrderMark(chunk: Int) throws {
        #expect(try scan([0xEF, 0xBB, 0xBF] + Array("é,b".utf8), chunk: chunk) == [Row(1, ["é", "b"])])
        #expect(try scan([0xEF, 0xBB, 0xBF], chunk: chunk).isEmpty)
        #expect(try scan([], chunk: chunk).isEmpty)
    }

    @Test(arguments: chunks) func showsTheHeadWithoutTakingIt(chunk: Int) throws {
        let scanner = CSVScanner(MemoryByteSource(Array("a;b\r\nc;d".utf8), chunkBytesMax: chunk))
        #expect(String(decoding: try scanner.head(bytesMax: 3), as: UTF8.self) == "a;b")
        scanner.separator = UInt8(ascii: ";")
        #expect(try scanner.nextRow())
        #expect(scanner.cellCount == 2)
        #expect(String(decoding: try scanner.head(bytesMax: 100), as: UTF8.self) == "c;d")
        #expect(try scanner.nextRow())
        #expect(scanner.cellCount == 2 && scanner.line == 2)
        #expect(try !scanner.nextRow())
    }

    @Test(arguments: chunks) func saysWhereAnOpenQuoteBegan(chunk: Int) {
        let error = failure(Array("a\nb,\"c\nd\ne".utf8), chunk: chunk)
        #expect(error?.code == .truncated)
        #expect(error?.line == 2)
        #expect(error?.byteOffset == 4)
    }

    @Test(arguments: chunks) func refusesTextBehindAClosingQuote(chunk: Int) {
        let error = failure(Array("a\n\"b\nc\" ,d".utf8), chunk: chunk)
        #expect(error?.code == .malformed)
        #expect(error?.line == 3)
    }

    @Test(arguments: chunks) func refusesWhatIsNotText(chunk: Int) {
        #expect(failure(Array("a\nb\0c".utf8), chunk: chunk)?.code == .malformed)
        #expect(failure(Array("a\n\"b\0c\"".utf8), chunk: chunk)?.line == 2)
        #expect(failure([0xFF, 0xFE, 0x61, 0], chunk: chunk)?.code == .encoding)
        let latin = failure(Array("a,b\n".utf8) + [0x63, 0x2C, 0xE9, 0x0A], chunk: chunk)
        #expect(latin?.code == .encoding)
        #expect(latin?.line == 2)
        #expect(latin?.byteOffset == 6)
    }

    @Test func keepsToItsLimits() {
        var limits = ReadLimits()
        limits.valueBytesMax = 10
        #expect(failure(Array("a,12345678901".utf8), limits: limits)?.code == .limitExceeded)
        #expect(failure(Array("a,1234567890".utf8), limits: limits) == nil)
        limits = ReadLimits()
        limits.columnsMax = 3
        #expect(failure(Array("a,b,c,d".utf8), limits: limits)?.code == .limitExceeded)
        #expect(failure(Array("a,b,c".utf8), limits: limits) == nil)
        limits = ReadLimits()
        limits.messageBytesMax = 5
        #expect(failure(Array("a\nb\nc\n".utf8), limits: limits)?.code == .limitExceeded)
    }

    @Test func boundsTheMemoryOfALineWithoutEnd() {
        /// Hands out the same byte for ever.
        final class Endless: ByteSource {
            var byteCountRead = 0
            let byteCountTotal: Int? = nil
            let canRewind = false
            func rewind() throws(ReadError) {}
            func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
                for index in buffer.indices { buffer[index] = index % 4 == 0 ? 0x2C : 0x61 }
                byteCountRead += buffer.count
                return buffer.count
            }
        }
        var limits = ReadLimits()
        limits.columnsMax = .max
        limits.rowBytesMax = 1 << 20
        let source = Endless()
        let scanner = CSVScanner(source, limits: limits)
        let error = #expect(throws: ReadError.self) { try scanner.nextRow() }
        #expect(error?.code == .limitExceeded)
        #expect(source.byteCountRead < 4 << 20)
    }

    @Test(arguments: chunks) func agreesWithAPlainParserOnRandomText(chunk: Int) throws {
        var seed: UInt64 = 20_251_122
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let alphabet = ["a", "é", ",", "\"\"", "\n", "\r\n", "\r", "bcdefghij", "\t", "🂡", " "]
        for round in 0..<200 {
            var rows: [[String]] = []
            var text = ""
            for _ in 0..<(1 + random(6)) {
                let row = (0..<(1 + random(5))).map { _ in (0..<random(6)).map { _ in alphabet[random(alphabet.count)] }.joined() }
                rows.append(row)
                text += row.map { "\"\($0.replacing("\"\"", with: "\"\"\"\""))\"" }.joined(separator: ",") + "\n"
            }
            #expect(try scan(text, chunk: chunk).map(\.cells) == rows, "round \(round) of seed 20251122")
        }
    }
}

@Suite struct UTF8CheckTests {
    @Test func findsTheFirstInvalidByte() {
        func check(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { UTF8Check.firstInvalid($0) } }
        #expect(check(Array("plain, éŁ漢🂡 and more".utf8)) == nil)
        #expect(check([]) == nil)
        #expect(check([0x61, 0xC0, 0x80]) == 1)
        #expect(check([0xED, 0xA0, 0x80]) == 0)
        #expect(check([0xF4, 0x90, 0x80, 0x80]) == 0)
        #expect(check([0xE0, 0x9F, 0xBF]) == 0)
        #expect(check([0xF0, 0x8F, 0xBF, 0xBF]) == 0)
        #expect(check(Array("12345678".utf8) + [0xE2, 0x82]) == 8)
        #expect(check([0x80]) == 0)
        #expect(check([0xF5, 0x80, 0x80, 0x80]) == 0)
    }
}
