import SluiceKit
import SluiceLedger
import Testing

@Suite struct EntryTests {
    private let sample =
        #"{"data":{"a":[1,-2,true,{"b":"é\n\u0001"}],"z":{}},"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","source":"https://a.example/AM","specversion":"1.0","subject":"x","time":"2026-02-28T23:59:59.5Z","type":"sluice.exchange.sealed"}"#

    /// The rules again, by building the value: the scanner must give the same verdict.
    private func isEntry(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= LedgerEntry.bytesMax, let value = try? JSONValue(parsing: bytes), (try? value.canonicalBytes()) == bytes,
            value.members?.map(\.name) == ["data", "id", "source", "specversion", "subject", "time", "type"], value["specversion"] == "1.0",
            case .object? = value["data"], let id = value["id"]?.text, UUIDv7(id) != nil,
            let source = value["source"]?.text, !source.isEmpty, source.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }),
            let subject = value["subject"]?.text, !subject.isEmpty, let time = value["time"]?.text, EntryTime(time) != nil,
            let type = value["type"]?.text, !type.isEmpty,
            type.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") })
        else { return false }
        func allowed(_ value: JSONValue, _ depth: Int) -> Bool {
            switch value {
            case .null, .number: false
            case .bool, .integer, .string: true
            case .array(let elements): depth < LedgerEntry.depthMax && elements.allSatisfy { allowed($0, depth + 1) }
            case .object(let members):
                depth < LedgerEntry.depthMax
                    && members.allSatisfy { $0.name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c } && allowed($0.value, depth + 1) }
            }
        }
        return value["data"].map { allowed($0, 0) } ?? false
    }

    @Test func survivesItsBytes() throws {
        let entry = try LedgerEntry(parsing: Array(sample.utf8))
        #expect(entry.data.map(\.name) == ["a", "z"])
        #expect(entry.type == "sluice.exchange.sealed")
        #expect(try entry.encoded() == Array(sample.utf8))
        #expect(try LedgerEntry(parsing: Fixture.entry(5)).encoded() == Fixture.entry(5))
    }

    @Test func theScannerAgreesWithParsingOnEveryChangedByte() throws {
        let bytes = Array(sample.utf8)
        #expect(isEntry(bytes) && EntryScanner.problem(in: bytes) == nil)
        var refused = 0
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                let verdict = isEntry(changed)
                #expect((EntryScanner.problem(in: changed) == nil) == verdict, "byte \(place) bit \(bit): \(String(decoding: changed, as: UTF8.self))")
                if !verdict { refused += 1 }
            }
            let cut = Array(bytes[..<place])
            #expect(EntryScanner.problem(in: cut) != nil)
        }
        #expect(refused > 500)
    }

    @Test(arguments: [
        (#"{"a":1}"#, true), (#"{}"#, true), (#"{"a":-1,"b":9007199254740991}"#, true), (#"{"a":9007199254740992}"#, false), (#"{"a":1.5}"#, false),
        (#"{"a":1e3}"#, false),
        (#"{"a":-0}"#, false), (#"{"a":01}"#, false), (#"{"a":-}"#, false), (#"{"a":null}"#, false), (#"{"b":1,"a":1}"#, false), (#"{"a":1,"a":1}"#, false),
        (#"{"a":1,"ab":1}"#, true),
        (#"{"ab":1,"a":1}"#, false), (#"{"a": 1}"#, false), (#"{"\u0061":1}"#, false), (#"{"a":"\u0061"}"#, false), (#"{"a":"\u000a"}"#, false),
        (#"{"a":"\u001F"}"#, false),
        (#"{"a":"\u001f"}"#, true), (#"{"a":"\/"}"#, false), (#"{"a":"\\\""}"#, true), (#"{"é":1}"#, false), (#"{"a":[1,]}"#, false), (#"{"a":[]}"#, true),
        (#"[]"#, false), (#"{"a":tru}"#, false),
        (#"{"a":123456789012345678901234567890}"#, false), ("{\"a\":\"\u{7f}\u{1f600}\"}", true), ("{\"\u{7f}\":1}", false),
    ]) func theScannerAgreesWithParsingOnData(data: String, verdict: Bool) {
        let bytes = Array(sample.replacing(#"{"a":[1,-2,true,{"b":"é\n\u0001"}],"z":{}}"#, with: data).utf8)
        #expect(isEntry(bytes) == verdict)
        #expect((EntryScanner.problem(in: bytes) == nil) == verdict, "\(EntryScanner.problem(in: bytes) ?? "accepted")")
    }

    @Test func theScannerAgreesWithParsingOnDepth() {
        for depth in [1, 14, 15, 16, 17] {
            let data = #"{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
            let bytes = Array(sample.replacing(#"{"a":[1,-2,true,{"b":"é\n\u0001"}],"z":{}}"#, with: data).utf8)
            #expect(isEntry(bytes) == (depth < 16))
            #expect((EntryScanner.problem(in: bytes) == nil) == (depth < 16))
        }
    }

    @Test func refusesToWriteWhatItWouldNotRead() throws {
        func entry(_ change: (inout LedgerEntry) -> Void) throws -> [UInt8] {
            var entry = try LedgerEntry(parsing: Array(sample.utf8))
            change(&entry)
            return try entry.encoded()
        }
        #expect(throws: Never.self) { try entry { $0.subject = "é" } }
        for change: @Sendable (inout LedgerEntry) -> Void in [
            { $0.time = "2026-02-29T00:00:00Z" }, { $0.id = "x" }, { $0.source = "" }, { $0.source = "a b" }, { $0.type = "Sealed" }, { $0.subject = "" },
            { $0.data = [JSONMember("a", .null)] }, { $0.data = [JSONMember("a", .number("1.5"))] }, { $0.data = [JSONMember("a", .integer(1 << 53))] },
            { $0.data = [JSONMember("a", true), JSONMember("a", true)] },
            { $0.data = [JSONMember("a", .string(String(repeating: "x", count: LedgerEntry.bytesMax)))] },
        ] { #expect(throws: LedgerError.self) { try entry(change) } }
    }

    @Test func anEntryMayFillItsLimitAndNoMore() throws {
        let length = try Fixture.entry(0).count
        #expect(try Fixture.entry(0, note: String(repeating: "x", count: LedgerEntry.bytesMax - length)).count == LedgerEntry.bytesMax)
        #expect(throws: LedgerError.self) { try Fixture.entry(0, note: String(repeating: "x", count: LedgerEntry.bytesMax - length + 1)) }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, 0), ("2000-02-29T12:00:00Z", 951_825_600, 0), ("2026-11-22T03:04:05.000000001Z", 1_795_316_645, 1),
        ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
        ("2100-03-01T00:00:00.25Z", 4_107_542_400, 250_000_000),
    ]) func readsTimes(text: String, seconds: Int64, nanoseconds: Int64) throws {
        let time = try #require(EntryTime(text))
        #expect(time.seconds == seconds)
        #expect(time.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.0000000001Z",
        "2026-01-01t00:00:00z", "+026-01-01T00:00:00Z",
    ]) func refusesWhatIsNoUTCTime(text: String) {
        #expect(EntryTime(text) == nil)
    }

    @Test func comparesTimesAsNumbers() throws {
        let times = try ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.05Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z", "2027-01-01T00:00:00Z"].map {
            try #require(EntryTime($0))
        }
        #expect(times == times.shuffled().sorted())
    }
}
