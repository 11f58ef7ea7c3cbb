import Foundation
import SluiceCore
import SluiceKit
import SluiceKitTesting
import SluiceLedger
import SluiceNode
import StoreSQLite
import Testing

/// How fast entries are found. `SLUICE_MEASURE=10000000 swift test -c release --filter LedgerSearchMeasurement`; the number is that of entries, 6.3 GB of disk for ten million.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"))
struct LedgerSearchMeasurement {
    private static let start: Int64 = 1_770_000_000_000
    private static let entriesOfExchange = 12
    private static let types = [
        "dataset.read", "dataset.checked", "agreement.decided", "dataset.protected", "dataset.written", "package.sealed", "exchange.queued", "delivery.failed",
        "exchange.parked", "exchange.replayed", "exchange.handed-over", "receipt.verified",
    ]

    private static func id(_ exchange: Int, _ place: Int) -> UUIDv7 {
        UUIDv7(milliseconds: UInt64(start) + UInt64(exchange) * 24, random: (0..<10).map { UInt8(truncatingIfNeeded: (exchange &* 131 &+ place) >> (3 * $0)) })
    }

    private static func record(_ exchange: Int) -> ExchangeRecord {
        var record = ExchangeRecord(
            id: id(exchange, 255).description, direction: .outgoing, sender: "AM.MOI", receiver: "P\(exchange % 40)",
            dataflow: "AM.MOI:DF_\(exchange % 60)(1.0)",
            state: .receipted, createdAt: Instant(milliseconds: start + Int64(exchange) * 24))
        record.agreement = "AGR-\(exchange % 80) 1.0"
        record.purpose = "official-statistics"
        return record
    }

    private static func entry(_ exchange: Int, _ place: Int, _ record: ExchangeRecord) throws -> [UInt8] {
        let isRefused = exchange % 1_000 == 7 && place == 11
        var data: [JSONMember] = [
            JSONMember("actor", "AM.MOI"), JSONMember("software", "sluice/0.1.0"), JSONMember("outcome", isRefused ? "refused" : "passed"),
            JSONMember("reasonCode", isRefused ? "check.codes" : ""),
        ]
        switch place {
        case 2:
            data += [
                JSONMember("agreement", .string(record.agreement)), JSONMember("agreementSHA256", .string(String(repeating: "ab", count: 32))),
                JSONMember("purpose", .string(record.purpose)), JSONMember("dataflow", .string("urn:x=" + record.dataflow)),
                JSONMember("counterpart", .string(record.receiver)),
            ]
        case 6, 7, 8, 9, 10: data += [JSONMember("receiver", .string(record.receiver)), JSONMember("dataflow", .string(record.dataflow))]
        default:
            data += [
                JSONMember("payloadSHA256", .string(String(repeating: "cd", count: 32))),
                JSONMember("manifestSHA256", .string(String(repeating: "ef", count: 32))),
                JSONMember("bytes", .integer(12_345)),
            ]
        }
        return try LedgerEntry(
            id: id(exchange, place), source: "urn:sluice:node:AM.MOI", type: "sluice." + types[place],
            time: Instant(milliseconds: record.createdAt.milliseconds + Int64(place)).rfc3339, subject: record.id, data: data
        ).encoded()
    }

    private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    @Test func findsPages() async throws {
        let count = try #require(Int(ProcessInfo.processInfo.environment["SLUICE_MEASURE"] ?? ""))
        let exchanges = count / Self.entriesOfExchange
        let folder = try TemporaryFolder("sluice-measure")
        // A database of an earlier run may be named, because filling one takes minutes.
        let store = try SQLiteStore(path: ProcessInfo.processInfo.environment["SLUICE_MEASURE_STORE"] ?? folder.file("node.sqlite"))
        var next = Int(try await store.read { try $0.ledgerSize() }) / Self.entriesOfExchange
        while next < exchanges {
            let range = next..<min(next + 1_000, exchanges)
            try await store.write { writing in
                for exchange in range {
                    let record = Self.record(exchange)
                    try writing.insert(record)
                    for place in 0..<Self.entriesOfExchange { try writing.appendLedgerEntry(Self.entry(exchange, place, record), subject: record.id) }
                }
            }
            next = range.upperBound
        }
        let clock = ContinuousClock()
        let indexer = LedgerIndexer(store: store)
        try await indexer.forget()
        let before = Self.processorSeconds
        var stretches = 0
        let took = try await clock.measure { while try await indexer.indexNext() > 0 { stretches += 1 } }
        print("\(stretches) stretches indexed in \(took), \((Self.processorSeconds - before) / Double(max(1, stretches)) * 1_000) ms of a processor each")

        let end = Self.start + Int64(exchanges) * 24
        let middle = Self.start + (end - Self.start) / 2
        func query(_ wanted: [LedgerTerm.Facet: [String]], since: Int64? = nil, until: Int64? = nil) -> LedgerQuery {
            LedgerQuery(since: since.map(Instant.init(milliseconds:)), until: until.map(Instant.init(milliseconds:)), wanted: wanted)
        }
        let searches: [(String, LedgerQuery, LedgerSearch.Place)] = [
            ("the newest", query([:]), .before(nil)), ("of one type", query([.type: ["sluice.receipt.verified"]]), .before(nil)),
            ("refused, one entry in 12,000", query([.outcome: ["refused"]]), .before(nil)),
            ("refused, of one participant", query([.outcome: ["refused"], .participant: ["P7"]]), .before(nil)),
            ("participant and dataflow that never met", query([.participant: ["P1"], .dataflow: ["AM.MOI:DF_2(1.0)"]]), .before(nil)),
            ("two terms of every stretch that never meet", query([.type: ["sluice.dataset.read"], .outcome: ["refused"]]), .from(0)),
            (
                "three types under one agreement",
                query([.type: ["sluice.receipt.verified", "sluice.exchange.parked", "sluice.package.sealed"], .agreement: ["AGR-33"]]), .from(0)
            ), ("a day of one dataflow", query([.dataflow: ["AM.MOI:DF_9(1.0)"]], since: middle, until: middle + 86_400_000), .from(0)),
            ("one minute, everything", query([:], since: middle, until: middle + 60_000), .before(nil)),
            ("what nobody has", query([.participant: ["NOBODY"]]), .before(nil)),
            ("of one type, far back", query([.type: ["sluice.receipt.verified"]]), .before(Int64(count / 3))),
            ("one exchange", LedgerQuery(subjects: [Self.record(exchanges / 2).id]), .from(0)),
        ]
        let search = LedgerSearch(store: store)
        for (name, query, place) in searches {
            var (slowest, found) = (Duration.zero, 0)
            for _ in 0..<5 { slowest = max(slowest, try await clock.measure { found = try await search.page(query, place, limit: 50).entries.count }) }
            print("\(name): \(found) entries, slowest of five \(slowest / .milliseconds(1)) ms")
            #expect(slowest < .milliseconds(200), "\(name)")
        }
        var slowest = Duration.zero
        for _ in 0..<5 { slowest = max(slowest, try await clock.measure { _ = try await search.terms(limit: 31) }) }
        print("what there is to choose from: slowest of five \(slowest / .milliseconds(1)) ms")
        #expect(slowest < .milliseconds(100), "a search page asks for this and for one of the above")
        try await store.close()
    }
}
