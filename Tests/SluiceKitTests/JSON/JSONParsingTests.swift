import SluiceKit
import Testing

@Suite struct JSONParsingTests {
    private func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    private func failure(_ bytes: [UInt8], limits: JSONLimits = .standard) throws -> JSONError {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes, limits: limits) }
        return try #require(error)
    }

    @Test func readsEveryKindOfValueInOrder() throws {
        let value = try parse(#" {"b":[1,-2,2.50,true,false,null],"a":"\u00e9\ud83d\ude00\/\n"} "#)
        #expect(value == ["b": [.integer(1), .integer(-2), .number("2.50"), true, false, .null], "a": "é😀/\n"])
        #expect(value["a"]?.text == "é😀/\n")
        #expect(value["b"]?.elements?.count == 6)
        #expect(value["c"] == nil)
    }

    @Test func keepsNumbersThatADoubleWouldChange() throws {
        #expect(try parse("9007199254740991") == .integer(9_007_199_254_740_991))
        #expect(try parse("9007199254740992") == .number("9007199254740992"))
        #expect(try parse("-9007199254740991") == .integer(-9_007_199_254_740_991))
        #expect(try parse("123456789012345678901234567890.120") == .number("123456789012345678901234567890.120"))
        #expect(try parse("-0") == .number("-0"))
        #expect(try parse("1e2") == .number("1e2"))
    }

    @Test func tellsComposedFromDecomposedNames() throws {
        let value = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value.members?.count == 2)
        #expect(value["e\u{301}"] == .integer(2))
        #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
        #expect(Set([JSONValue.string("\u{e9}"), JSONValue.string("e\u{301}")]).count == 2)
    }

    @Test func saysWhereTheErrorIs() throws {
        let error = try failure(Array("{\n  \"é\": 1,\n  \"b\" 2}".utf8))
        #expect(error.code == .syntax)
        #expect(error.line == 3)
        #expect(error.column == 7)
        #expect(error.byteOffset == 19)
    }

    @Test(arguments: [2, 15, 16, 17, 40]) func refusesARepeatedMember(members: Int) throws {
        let distinct = (0..<members).map { "\"m\($0)\":0" }
        #expect(try parse("{\(distinct.joined(separator: ","))}").members?.count == members)
        let text = "{\((distinct + [#""m\u0030":1"#]).joined(separator: ","))}"
        #expect(try failure(Array(text.utf8)).code == .duplicateMember)
    }

    @Test(arguments: [#""\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\udc00""#, #""\ud800\ud800""#]) func refusesALoneSurrogate(text: String) throws {
        #expect(try failure(Array(text.utf8)).code == .encoding)
    }

    @Test(
        arguments: [[0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8], [0x80], [0xe2, 0x82], [0xc3], [0xff]] as [[UInt8]])
    func refusesWhatIsNotUTF8(sequence: [UInt8]) throws {
        #expect(try failure([0x22] + sequence + [0x22]).code == .encoding)
        #expect(try failure([0x22] + sequence).code == .encoding)
    }

    @Test func refusesWhatIsLargerOrDeeperThanItsLimits() throws {
        let limits = JSONLimits(bytesMax: 20, depthMax: 3)
        #expect(try parse("[[[1]]]", limits: limits) == [[[.integer(1)]]])
        #expect(try failure(Array("[[[[1]]]]".utf8), limits: limits).code == .limitExceeded)
        #expect(try failure([UInt8](repeating: 0x20, count: 21), limits: limits).code == .limitExceeded)
    }

    @Test func survivesEveryCutAndEveryFlippedByte() throws {
        let text = Array(#"{"a":[1.5e-3,"\ud83d\ude00é",{"b":null}],"c":true}"#.utf8)
        _ = try JSONValue(parsing: text)
        for end in text.indices { #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<end])) } }
        for place in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[place] ^= 1 << UInt8(bit)
                if let value = try? JSONValue(parsing: changed) { #expect(try JSONValue(parsing: Array(value.compactText.utf8)) == value) }
            }
        }
    }

    @Test(.enabled(if: JSONCorpus.isPresent, "the reference data is absent (SLUICE_CORPUS)")) func agreesWithJSONTestSuite() throws {
        let folder = "vectors/nst__JSONTestSuite/test_parsing"
        // I-JSON is stricter than RFC 8259 in this one point.
        let repeatedMembers: Set = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
        var accepted = 0
        var refused = 0
        for name in try JSONCorpus.names(folder) {
            let value = try? JSONValue(parsing: JSONCorpus.bytes("\(folder)/\(name)"))
            if name.hasPrefix("y_"), !repeatedMembers.contains(name) {
                #expect(value != nil, "\(name) must be accepted")
                accepted += 1
            } else if !name.hasPrefix("i_") {
                #expect(value == nil, "\(name) must be refused")
                refused += 1
            }
        }
        #expect(accepted >= 60 && refused >= 100, "the suite is incomplete: \(accepted) and \(refused)")
    }
}
