import SluiceCore
import SluiceKit
import SluiceKitTesting
import SluiceLedger
import SluiceNode
import StoreSQLite
import Testing

/// Searches in a store, held to looking at every entry.
@Suite struct LedgerSearchTests {
    private struct Line {
        var entry: [UInt8]
        var facts: EntryFacts
        var shared: Set<LedgerTerm>
    }

    private let folder: TemporaryFolder
    private let store: SQLiteStore

    init() throws {
        folder = try TemporaryFolder("sluice-search")
        store = try SQLiteStore(path: folder.file("node.sqlite"))
    }

    /// Writes `count` entries of exchanges that overlap, at times that once run back.
    private func fill(_ count: Int, _ random: inout SeededGenerator) async throws -> [Line] {
        let types = ["sluice.dataset.read", "sluice.agreement.decided", "sluice.exchange.queued", "sluice.receipt.verified"]
        var lines: [Line] = []
        var records: [ExchangeRecord] = []
        for number in 0..<count {
            // A clock set back by ten minutes at one place.
            let time = Instant(milliseconds: 1_770_000_000_000 + Int64(number) * 1_000 - (number > count / 2 ? 600_000 : 0))
            if number % 4 == 0 || records.isEmpty {
                var record = ExchangeRecord(
                    id: "exchange-\(number)", direction: .outgoing, sender: "AM.MOI", receiver: "P\(Int.random(in: 0..<5, using: &random))",
                    dataflow: "AM:DF_\(Int.random(in: 0..<4, using: &random))(1.0)", state: .queued, createdAt: time)
                record.agreement = "AGR-\(Int.random(in: 0..<6, using: &random)) 1.0"
                record.purpose = "official-statistics"
                records.append(record)
            }
            let record = records[max(0, records.count - Int.random(in: 1...3, using: &random))]
            let entry = try LedgerEntry(
                id: UUIDv7(milliseconds: UInt64(time.milliseconds), random: (0..<10).map { UInt8(truncatingIfNeeded: number >> $0) }), source: "urn:x",
                type: types.randomElement(using: &random)!, time: time.rfc3339, subject: record.id,
                data: [
                    JSONMember("outcome", .string(random.chance(percent: 1) ? "refused" : "passed")),
                    JSONMember("reasonCode", .string(random.chance(percent: 1) ? "check.codes" : "")),
                ]
            ).encoded()
            let shared: Set<LedgerTerm> = [
                LedgerTerm(.participant, record.sender), LedgerTerm(.participant, record.receiver), LedgerTerm(.dataflow, record.dataflow),
                LedgerTerm(.agreement, record.agreement), LedgerTerm(.agreement, String(record.agreement.prefix { $0 != " " })),
                LedgerTerm(.purpose, record.purpose),
            ]
            lines.append(Line(entry: entry, facts: try #require(EntryFacts(entry)), shared: shared))
        }
        let (kept, made) = (records, lines)
        try await store.write { writing in
            for record in kept { try writing.insert(record) }
            for line in made { try writing.appendLedgerEntry(line.entry, subject: line.facts.subject) }
        }
        return lines
    }

    private static func expected(_ query: LedgerQuery, _ lines: [Line]) -> [Int64] {
        lines.indices.filter { index in
            let facts = lines[index].facts
            let told = lines[index].shared.union(facts.terms)
            guard query.includes(facts.time), query.subjects.isEmpty || query.subjects.contains(facts.subject) else { return false }
            return query.wanted.allSatisfy { facet, values in values.contains { told.contains(LedgerTerm(facet, $0)) } }
        }.map { Int64($0) }
    }

    private func all(_ query: LedgerQuery, newestFirst: Bool, limit: Int) async throws -> [Int64] {
        let search = LedgerSearch(store: store)
        var found: [Int64] = []
        var next: LedgerSearch.Place? = newestFirst ? .before(nil) : .from(0)
        while let here = next {
            let page = try await search.page(query, here, limit: limit)
            #expect(page.entries.count <= limit)
            found += page.entries.map(\.index)
            next = page.next
        }
        return found
    }

    @Test func findsWhatLookingAtEveryEntryFinds() async throws {
        var random = SeededGenerator.announced(for: "LedgerSearchTests")
        let lines = try await fill(3 * LedgerStretch.entryCount + 500, &random)
        let indexer = LedgerIndexer(store: store)
        let values: [LedgerTerm.Facet: [String]] = [
            .type: ["sluice.dataset.read", "sluice.receipt.verified"], .outcome: ["passed", "refused"], .reason: ["check.codes"],
            .participant: ["P0", "P3", "NOBODY"], .dataflow: ["AM:DF_0(1.0)", "urn:sdmx:x=AM:DF_2(1.0)"], .agreement: ["AGR-1", "AGR-2 1.0"],
            .purpose: ["official-statistics"],
        ]
        // Without an index, with a part of it, and with all of it but the stretch that is too young.
        for indexed in 0...3 {
            #expect(try await store.read { try $0.ledgerStretchCount() } == min(2, Int64(indexed)))
            for round in 0..<8 {
                var query = LedgerQuery()
                for (facet, values) in values where random.chance(percent: 30) {
                    query.wanted[facet] = Array(values.shuffled(using: &random).prefix(round % 2 + 1))
                }
                let times = (0..<2).map { _ in 1_770_000_000_000 + Int64.random(in: 0..<Int64(lines.count), using: &random) * 1_000 }.sorted()
                if random.chance(percent: 40) { query.since = Instant(milliseconds: times[0]) }
                if random.chance(percent: 40) { query.until = Instant(milliseconds: times[1]) }
                if random.chance(percent: 10) { query.subjects = ["exchange-400", "exchange-404", "none"] }
                var plain = query
                plain.wanted[.dataflow] = query.wanted[.dataflow].map { $0.map { String($0.split(separator: "=").last!) } }
                let expected = Self.expected(plain, lines)
                let limit = round % 3 == 0 ? 7_000 : 500
                #expect(try await all(query, newestFirst: false, limit: limit) == expected, "\(query)")
                #expect(try await all(query, newestFirst: true, limit: limit) == expected.reversed(), "\(query)")
            }
            _ = try await indexer.indexNext()
        }
    }

    /// The values that can be chosen and their numbers, whatever part of the ledger is indexed.
    @Test func offersTheValuesOfEveryEntry() async throws {
        var random = SeededGenerator.announced(for: "LedgerSearchTests.terms")
        let lines = try await fill(2 * LedgerStretch.entryCount + 1_100, &random)
        var expected: [LedgerTerm: Int64] = [:]
        for line in lines { for term in line.shared.union(line.facts.terms) { expected[term, default: 0] += 1 } }
        let search = LedgerSearch(store: store)
        let unindexed = try await search.terms(limit: 100)
        #expect(unindexed.uncounted == Int64(lines.count) - LedgerSearch.countedMax, "so many are left out, and it says so")
        for indexed in 1...2 {
            #expect(try await LedgerIndexer(store: store).indexNext() == 1)
            let found = try await search.terms(limit: 100)
            #expect(found.uncounted == 0 && found.cut.isEmpty)
            let counted = found.values.flatMap { facet, values in values.map { (LedgerTerm(facet, $0.value), $0.entries) } }
            #expect(Dictionary(uniqueKeysWithValues: counted) == expected, "with \(indexed) stretches")
            for values in found.values.values { #expect(values.map(\.entries) == values.map(\.entries).sorted(by: >)) }
        }
        let few = try await search.terms(limit: 2)
        #expect(few.cut.contains(.participant) && !few.cut.contains(.purpose) && few.values[.participant]?.map(\.value).first == "AM.MOI")
        #expect(few.values.values.allSatisfy { $0.count <= 2 })
        #expect(try await search.terms(limit: 0).values.values.allSatisfy { $0.isEmpty })
    }

    @Test func anEmptyLedgerOffersNothing() async throws {
        let found = try await LedgerSearch(store: store).terms(limit: 10)
        #expect(found.values.isEmpty && found.cut.isEmpty && found.uncounted == 0)
    }

    @Test func pagesOfOneHaveEveryEntryOnce() async throws {
        var random = SeededGenerator.announced(for: "LedgerSearchTests.pages")
        let lines = try await fill(LedgerStretch.entryCount + 1_100, &random)
        #expect(try await LedgerIndexer(store: store).indexNext() == 1)
        let query = LedgerQuery(wanted: [.outcome: ["refused"]])
        let expected = Self.expected(query, lines)
        #expect(try await all(query, newestFirst: true, limit: 1) == expected.reversed())
        #expect(try await all(query, newestFirst: false, limit: 1) == expected)
    }

    @Test func anIndexThatLiesCanOnlyHide() async throws {
        var random = SeededGenerator.announced(for: "LedgerSearchTests.lies")
        let lines = try await fill(LedgerStretch.entryCount + 1_100, &random)
        let lie = LedgerTerm(.outcome, "refused")
        try await store.write {
            try $0.index(LedgerStretch(number: 0, times: Instant(milliseconds: 0)...Instant(milliseconds: .max), places: [lie: LedgerPlaces.all]))
        }
        let query = LedgerQuery(wanted: [.outcome: ["refused"]])
        #expect(try await all(query, newestFirst: true, limit: 100) == Self.expected(query, lines).reversed())
        let hidden = try await all(LedgerQuery(wanted: [.outcome: ["passed"]]), newestFirst: false, limit: 9_000)
        #expect(hidden.allSatisfy { $0 >= Int64(LedgerStretch.entryCount) })
        let indexer = LedgerIndexer(store: store)
        try await indexer.forget()
        #expect(try await indexer.indexNext() == 1)
        let passed = LedgerQuery(wanted: [.outcome: ["passed"]])
        #expect(try await all(passed, newestFirst: false, limit: 9_000) == Self.expected(passed, lines))
    }

    @Test func twoIndexersDoNotDisturbEachOther() async throws {
        var random = SeededGenerator.announced(for: "LedgerSearchTests.two")
        _ = try await fill(3 * LedgerStretch.entryCount, &random)
        let other = try SQLiteStore(path: folder.file("node.sqlite"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [store, other] { group.addTask { while try await LedgerIndexer(store: store).indexNext() > 0 {} } }
            try await group.waitForAll()
        }
        #expect(try await store.read { try $0.ledgerStretchCount() } == 2)
        try await other.close()
    }
}
