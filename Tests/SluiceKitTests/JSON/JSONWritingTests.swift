import SluiceKit
import Testing

@Suite struct JSONWritingTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try JSONValue(parsing: Array(text.utf8)).canonicalBytes(), as: UTF8.self)
    }

    @Test func sortsMembersByUTF16CodeUnits() throws {
        // U+FB33 sorts after U+1F600 because the latter starts with the surrogate D83D (RFC 8785, section 3.2.3).
        #expect(
            try canonical("{\"\u{fb33}\":1,\"\u{1f600}\":2,\"\u{f6}\":3,\"\u{20ac}\":4,\"1\":5,\"\\r\":6,\"\u{80}\":7}")
                == "{\"\\r\":6,\"1\":5,\"\u{80}\":7,\"\u{f6}\":3,\"\u{20ac}\":4,\"\u{1f600}\":2,\"\u{fb33}\":1}")
    }

    @Test func ordersLikeUTF16WhateverTheNames() {
        var state: UInt64 = 0x5eed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let scalars = [0x61, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff].compactMap { Unicode.Scalar(UInt32($0)) }
        func name() -> String { String(String.UnicodeScalarView((0..<next(5)).map { _ in scalars[Int(next(UInt64(scalars.count)))] })) }
        for _ in 0..<5000 {
            let (left, right) = (name(), name())
            #expect(
                JSONValue.precedes(left.utf8, right.utf8) == left.utf16.lexicographicallyPrecedes(right.utf16),
                "\(left.debugDescription) \(right.debugDescription)")
        }
    }

    @Test func refusesWhatHasNoCanonicalForm() {
        #expect(throws: JSONError(code: .numberOutOfRange, detail: "1e999 is not a number that a double holds")) {
            try JSONValue.number("1e999").canonicalBytes()
        }
        #expect(throws: JSONError.self) { try JSONValue.integer(1 << 53).canonicalBytes() }
        #expect(throws: JSONError.self) { try JSONValue.number("nan").canonicalBytes() }
        #expect(throws: JSONError.self) { try (["a": 1, "a": 2] as KeyValuePairs).canonical() }
        #expect(throws: Never.self) { try JSONValue.integer(1 << 53 - 1).canonicalBytes() }
    }

    @Test func writesControlCharactersWithTheFewestEscapes() throws {
        #expect(
            try canonical(#""\u0000\u0008\u0009\u000a\u000b\u000c\u000d\u001f\u007f\u2028\"\\\/""#)
                == "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\u{7f}\u{2028}\\\"\\\\/\"")
    }

    @Test func printsForPeopleInTheOrderGiven() throws {
        let value: JSONValue = ["b": [.integer(1), .number("2.680")], "a": [:], "c": []]
        #expect(value.prettyText == "{\n  \"b\": [\n    1,\n    2.680\n  ],\n  \"a\": {},\n  \"c\": []\n}")
        #expect(value.compactText == #"{"b":[1,2.680],"a":{},"c":[]}"#)
        #expect(try JSONValue(parsing: Array(value.prettyText.utf8)) == value)
    }

    @Test(.enabled(if: JSONCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func canonicalisesTheVectorsOfRFC8785() throws {
        let folder = "vectors/cyberphone__json-canonicalization/testdata"
        let names = try JSONCorpus.names("\(folder)/input")
        #expect(names.count == 6)
        for name in names {
            let output = try JSONCorpus.bytes("\(folder)/output/\(name)")
            #expect(try JSONValue(parsing: JSONCorpus.bytes("\(folder)/input/\(name)")).canonicalBytes() == output, "\(name)")
            #expect(try JSONValue(parsing: output).canonicalBytes() == output, "\(name) again")
        }
    }

    @Test(.enabled(if: JSONCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func printsDoublesAsECMAScriptDoes() throws {
        let lines = String(decoding: try JSONCorpus.bytes("ledger/derived/es6-numbers.tsv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        var tried = 0
        for line in lines where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let bits = UInt64(fields[0], radix: 16) else { continue }
            #expect(JSONValue.canonicalText(of: Double(bitPattern: bits)) == fields[1])
            tried += 1
        }
        #expect(tried >= 5000, "only \(tried) numbers in the file")
    }
}

extension KeyValuePairs<String, Int64> {
    fileprivate func canonical() throws -> [UInt8] { try JSONValue.object(map { JSONMember($0.key, .integer($0.value)) }).canonicalBytes() }
}
