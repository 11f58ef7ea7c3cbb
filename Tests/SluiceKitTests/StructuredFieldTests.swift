import SluiceKit
import SluiceKitTesting
import Testing

struct StructuredFieldTests {
    private func dictionary(_ text: String) -> StructuredField.Dictionary? { try? StructuredField.dictionary([Array(text.utf8)]) }

    @Test func readsSignatureFields() throws {
        let text = #"sig=("@method" "content-digest";req);created=1618884473;keyid="a\"b", other=?0;x"#
        let fields = try #require(dictionary(text))
        #expect(fields.entries.map(\.key) == ["sig", "other"])
        guard case .innerList(let list)? = fields["sig"] else { throw Unexpected() }
        #expect(list.items.map(\.value) == [.string("@method"), .string("content-digest")])
        #expect(list.items[1].parameters["req"] == .boolean(true))
        #expect(list.parameters["created"] == .integer(1_618_884_473) && list.parameters["keyid"] == .string("a\"b"))
        #expect(StructuredField.text(fields) == text)
    }

    @Test func saysWhichKeyStoodTwice() throws {
        #expect(dictionary("a=1, b=2")?.repeatedKey == nil)
        #expect(dictionary("a=1, b=2, a=3")?.repeatedKey == "a")
        #expect(dictionary("a=1, b=2, a=3").flatMap { StructuredField.text($0) } == "a=3, b=2")
    }

    @Test func refusesWhatIsTooMuch() {
        #expect(dictionary((0..<1024).map { "k\($0)" }.joined(separator: ",")) != nil)
        #expect(dictionary((0..<1025).map { "k\($0)" }.joined(separator: ",")) == nil)
        #expect(dictionary("a=(" + String(repeating: "1 ", count: 256) + ")") != nil)
        #expect(dictionary("a=(" + String(repeating: "1 ", count: 257) + ")") == nil)
        #expect(dictionary("a" + String(repeating: ";b", count: 256)) != nil)
        #expect(dictionary("a" + String(repeating: ";b", count: 257)) == nil)
        #expect(dictionary("a=\"" + String(repeating: "x", count: StructuredField.bytesMax) + "\"") == nil)
        #expect(dictionary("a=%\"display\"") == nil, "display strings are not used")
    }

    @Test func valuesWithoutASpellingAreNotWritten() {
        for value: StructuredField.BareItem in [
            .integer(StructuredField.integerMax + 1), .integer(.min), .decimal(thousandths: .min), .date(.max), .string("\n"), .string("é"), .token(""),
            .token("1a"),
            .token("a b"),
        ] { #expect(StructuredField.text(value) == nil, "\(value)") }
        #expect(StructuredField.text(.decimal(thousandths: -1)) == "-0.001")
        #expect(StructuredField.text(.decimal(thousandths: 1_500)) == "1.5")
        #expect(StructuredField.text(.decimal(thousandths: 2_000)) == "2.0")
    }

    /// Damage gives a value or an error, never a trap.
    @Test func survivesDamage() {
        var generator = SeededGenerator.announced(for: "structured fields")
        let text = Array(#"sig1=("@method" "a";req;x=-1.5 tok*en);created=16;b=:aGVsbG8=:;d=@5, b;c="q\"\\", d=?1"#.utf8)
        var read = 0
        for _ in 0..<20_000 {
            var damaged = text
            for _ in 0...Int.random(in: 0...2, using: &generator) {
                let place = Int.random(in: damaged.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.remove(at: place)
                default: damaged.insert(text[Int.random(in: text.indices, using: &generator)], at: place)
                }
            }
            guard let value = try? StructuredField.dictionary([damaged]), let written = StructuredField.text(value) else { continue }
            read += 1
            #expect((try? StructuredField.dictionary([Array(written.utf8)])).flatMap { StructuredField.text($0) } == written, "\(written)")
        }
        #expect(read > 100)
    }

    private struct Unexpected: Error {}
}

/// The test suite of the HTTP working group, without display strings.
@Suite(.enabled(if: Corpus.isPresent, "the reference data is absent (SLUICE_CORPUS)"))
struct StructuredFieldVectorTests {
    static let folder = "vectors/httpwg__structured-field-tests"

    private struct Reading: Equatable {
        var value: String
        var written: String?
    }

    private static func read(_ type: String, _ lines: [[UInt8]]) -> Reading? {
        switch type {
        case "item": (try? StructuredField.item(lines)).map { Reading(value: show($0), written: StructuredField.text($0)) }
        case "dictionary":
            (try? StructuredField.dictionary(lines)).map { dictionary in
                Reading(
                    value: "[" + dictionary.entries.map { "[\(quoted($0.key)),\(show($0.member))]" }.joined(separator: ",") + "]",
                    written: StructuredField.text(dictionary))
            }
        default:
            (try? StructuredField.list(lines)).map { list in Reading(value: "[" + list.map(show).joined(separator: ",") + "]", written: write(list)) }
        }
    }

    private static func write(_ list: [StructuredField.Member]) -> String? {
        let texts = list.compactMap { member in
            switch member {
            case .item(let item): StructuredField.text(item)
            case .innerList(let list): StructuredField.text(list)
            }
        }
        return texts.count == list.count ? texts.joined(separator: ", ") : nil
    }

    // Our values as the suite writes expected ones, in canonical JSON.
    private static func show(_ item: StructuredField.Item) -> String { "[\(show(item.value)),\(show(item.parameters))]" }

    private static func show(_ member: StructuredField.Member) -> String {
        switch member {
        case .item(let item): show(item)
        case .innerList(let list): "[[\(list.items.map { show($0) }.joined(separator: ","))],\(show(list.parameters))]"
        }
    }

    private static func show(_ parameters: StructuredField.Parameters) -> String {
        "[" + parameters.pairs.map { "[\(quoted($0.key)),\(show($0.value))]" }.joined(separator: ",") + "]"
    }

    private static func show(_ value: StructuredField.BareItem) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .decimal(let thousandths): JSONValue.canonicalText(of: Double(thousandths) / 1000)
        case .string(let text): quoted(text)
        case .token(let text): #"{"__type":"token","value":\#(quoted(text))}"#
        case .bytes(let bytes): #"{"__type":"binary","value":"\#(base32(bytes))"}"#
        case .boolean(let flag): "\(flag)"
        case .date(let seconds): #"{"__type":"date","value":\#(seconds)}"#
        }
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONValue.string(text).canonicalBytes()) ?? [], as: UTF8.self)
    }

    private static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        var text = ""
        for start in stride(from: 0, to: bits.count, by: 5) {
            text.append(alphabet[(0..<5).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }])
        }
        return text + String(repeating: "=", count: (8 - text.count % 8) % 8)
    }

    @Test func readsAndWritesAsTheSuiteSays() throws {
        var tried = (right: 0, refused: 0)
        for file in Corpus.files(under: Self.folder, suffix: ".json") where !file.contains("/schema/") && !file.contains("/serialisation-tests/") {
            if file.hasSuffix("display-string.json") { continue }
            for vector in try JSONValue(parsing: Corpus.bytes(file)).elements ?? [] {
                let lines = (vector["raw"]?.elements ?? []).map { Array(($0.text ?? "").utf8) }
                let name = "\(file): \(vector["name"]?.text ?? "")"
                let type = try #require(vector["header_type"]?.text)
                if lines.contains(where: { $0.starts(with: Array("%\"".utf8)) }) { continue }
                let reading = Self.read(type, lines)
                if vector["must_fail"]?.bool == true {
                    #expect(reading == nil, "\(name)")
                    tried.refused += 1
                    continue
                }
                guard let reading else {
                    #expect(vector["can_fail"]?.bool == true, "\(name)")
                    continue
                }
                let expected = String(decoding: try #require(vector["expected"]).canonicalBytes(), as: UTF8.self)
                #expect(reading.value == expected, "\(name)")
                let canonical = vector["canonical"]?.elements ?? vector["raw"]?.elements ?? []
                #expect(reading.written == canonical.first?.text ?? "", "\(name)")
                tried.right += 1
            }
        }
        #expect(tried.right > 500 && tried.refused > 700, "\(tried)")
    }
}
