import SluiceKit
import SluiceKitTesting
import SluiceLedger
import Testing

/// What a search reads of an entry, held to what parsing finds.
@Suite struct EntryFactsTests {
    private static let telling = ["outcome", "reasonCode", "receiver", "sender", "counterpart", "participant", "dataflow", "agreement", "purpose"]
    private static let values = [
        "", "permit", "AM.MOI", "a \"quoted\" \\ one", "ա ß 漢 \u{1F600}", "{\"outcome\":\"x\"}", "line\nend", "AGR-1 1.0 + AGR-2 2.1", "urn:sdmx:…=AM:DF(1.0)",
        "},{",
    ]

    private static func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: .integer(Int64.random(in: -1000...1000, using: &random))
        case 1: .bool(random.chance(percent: 50))
        case 2, 3: .string(values.randomElement(using: &random)!)
        case 4: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1, &random) })
        default:
            .object(
                Set((0..<3).map { _ in (telling + ["x", "y.z"]).randomElement(using: &random)! }).sorted().map { JSONMember($0, value(depth - 1, &random)) })
        }
    }

    static func entry(_ number: Int, _ random: inout SeededGenerator) throws -> [UInt8] {
        let names = Set((0..<6).map { _ in (telling + ["actor", "bytes", "protections"]).randomElement(using: &random)! })
        return try LedgerEntry(
            id: UUIDv7(milliseconds: UInt64(number), random: Array(repeating: UInt8(number & 0xff), count: 10)), source: "urn:sluice:node:AM.MOI",
            type: ["sluice.dataset.read", "sluice.exchange.refused"].randomElement(using: &random)!,
            time: Instant(milliseconds: 1_770_000_000_000 + Int64(number) * 7).rfc3339, subject: "subject \"\(number % 5)\"",
            data: names.map { JSONMember($0, value(3, &random)) }
        ).encoded()
    }

    @Test func findsWhatParsingFinds() throws {
        var random = SeededGenerator.announced(for: "EntryFactsTests")
        for number in 0..<2_000 {
            let entry = try Self.entry(number, &random)
            let facts = try #require(EntryFacts(entry), "\(String(decoding: entry, as: UTF8.self))")
            let read = try LedgerEntry(parsing: entry)
            #expect(facts.id == read.id && facts.subject == read.subject && facts.type == read.type)
            #expect(facts.time.rfc3339 == read.time)
            var expected: Set<LedgerTerm> = [LedgerTerm(.type, read.type)]
            for member in read.data where Self.telling.contains(member.name) {
                guard let text = member.value.text, !text.isEmpty else { continue }
                switch member.name {
                case "outcome": expected.insert(LedgerTerm(.outcome, text))
                case "reasonCode": expected.insert(LedgerTerm(.reason, text))
                case "purpose": expected.insert(LedgerTerm(.purpose, text))
                case "dataflow":
                    let bare = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
                    expected.insert(LedgerTerm(.dataflow, String(bare)))
                case "agreement":
                    for name in text.split(separator: " + ") {
                        expected.insert(LedgerTerm(.agreement, String(name)))
                        if name.contains(" ") { expected.insert(LedgerTerm(.agreement, String(name.prefix { $0 != " " }))) }
                    }
                default: expected.insert(LedgerTerm(.participant, text))
                }
            }
            #expect(Set(facts.terms) == expected, "\(String(decoding: entry, as: UTF8.self))")
        }
    }

    @Test func isNeitherLongNorLostOnBrokenEntries() throws {
        var random = SeededGenerator.announced(for: "EntryFactsTests.broken")
        let entry = try Self.entry(7, &random)
        for end in 0..<entry.count { #expect(EntryFacts(Array(entry[..<end])) == nil, "cut at \(end)") }
        for place in entry.indices {
            for bit in 0..<8 {
                var changed = entry
                changed[place] ^= 1 << UInt8(bit)
                _ = EntryFacts(changed)
            }
        }
        for text in ["", "{", "{}", "[]", "\"", "{\"data\":{}}", "{\"data\":[[[[", "{\"data\":\"\\", String(repeating: "{\"data\":", count: 50_000)] {
            #expect(EntryFacts(Array(text.utf8)) == nil, "\(text.prefix(20))")
        }
    }

    @Test func keepsPlacesInBytes() {
        var random = SeededGenerator.announced(for: "LedgerPlaces")
        for count in [0, 1, 255, 256, 257, 4_096] {
            var places = LedgerPlaces()
            for place in (0..<LedgerStretch.entryCount).shuffled(using: &random).prefix(count) { places.insert(place) }
            #expect(places.count == count && places.bytes.count <= 512)
            #expect(LedgerPlaces(bytes: places.bytes) == places)
        }
        for bytes in [[0], [16, 0], Array(repeating: 0, count: 513)] as [[UInt8]] { #expect(LedgerPlaces(bytes: bytes) == nil) }
        #expect(LedgerPlaces.all.ascending == Array(0..<LedgerStretch.entryCount))
    }

    @Test func cutsLongValuesBetweenCharacters() {
        let term = LedgerTerm(.reason, String(repeating: "漢", count: 300))
        #expect(term.value == String(repeating: "漢", count: 66))
        #expect(LedgerTerm(.reason, String(repeating: "x", count: 200)).value.utf8.count == 200)
    }
}

@Suite struct PublishedSearchTests {
    private static func all(_ search: PublishedSearch, _ query: LedgerQuery, in range: Range<UInt64> = 0..<10_000, newestFirst: Bool = false) throws -> [UInt64]
    {
        var found: [UInt64] = []
        _ = try search.forEach(query, in: range, newestFirst: newestFirst) { index, _ in
            found.append(index)
            return true
        }
        return found
    }

    @Test func findsByWhatTheExchangeSaysElsewhere() throws {
        func entry(_ number: Int, _ subject: String, _ data: [JSONMember]) throws -> [UInt8] {
            try LedgerEntry(
                id: UUIDv7(milliseconds: UInt64(number), random: Array(repeating: 1, count: 10)), source: "urn:x", type: "sluice.dataset.read",
                time: Instant(milliseconds: Int64(number) * 1000).rfc3339, subject: subject, data: data
            ).encoded()
        }
        var entries: [[UInt8]] = []
        for number in 0..<700 { entries.append(try entry(number, "e\(number % 70)", number % 70 == 3 ? [JSONMember("receiver", "UN")] : [])) }
        // Only the last entry of exchange 5 tells who takes part.
        entries.append(try entry(700, "e5", [JSONMember("counterpart", "UN"), JSONMember("outcome", "permit")]))
        let files = try Fixture.published(MemoryEntries(entries: entries), sizes: [entries.count])
        let search = PublishedSearch(try PublishedEntries(files: files, key: try Fixture.key().verifier))
        let expected = (0..<700).filter { [3, 5].contains($0 % 70) }.map { UInt64($0) } + [700]
        let asked = LedgerQuery(wanted: [.participant: ["UN", "NOBODY"]])
        #expect(try Self.all(search, asked) == expected)
        #expect(try Self.all(search, asked, newestFirst: true) == expected.reversed())
        #expect(try Self.all(search, asked, in: 100..<300) == expected.filter { (100..<300).contains($0) })
        #expect(try Self.all(search, LedgerQuery(wanted: [.participant: ["UN"], .outcome: ["permit"]])) == [700])
        let timed = LedgerQuery(since: Instant(milliseconds: 290_000), until: Instant(milliseconds: 300_000))
        #expect(try Self.all(search, timed) == Array(290..<300))
        #expect(try Self.all(search, LedgerQuery(subjects: ["e9"])).count == 10)
        #expect(try search.entries.entry(300) == entries[300])
        #expect(throws: LedgerError.self) { try search.entries.entry(701) }

        // Pruned: what is withheld is counted, and the rest searched.
        let pruned = MemoryFiles(files: files.files.filter { $0.key != "tile/entries/000" })
        var seen: [UInt64] = []
        let withheld = try PublishedSearch(try PublishedEntries(files: pruned, key: nil)).forEach(LedgerQuery(), in: 0..<9_999, newestFirst: false) {
            index, _ in
            seen.append(index)
            return true
        }
        #expect(withheld == 256 && seen == Array(256...700))
        // A length that was changed.
        files.change("tile/entries/001") { $0[0] ^= 1 }
        #expect(throws: LedgerError.self) { try Self.all(search, LedgerQuery()) }
    }

    @Test func refusesACheckpointOfAnotherKey() throws {
        let files = try Fixture.published(Fixture.entries(3), sizes: [3])
        let other = try LedgerKey(name: Fixture.name, seed: Array(repeating: 9, count: 32)).verifier
        #expect(throws: LedgerError.self) { try PublishedEntries(files: files, key: other) }
        #expect(throws: LedgerError.self) { try PublishedEntries(files: MemoryFiles(), key: nil) }
    }
}
