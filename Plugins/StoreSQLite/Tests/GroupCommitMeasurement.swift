import Foundation
import SluiceKit
import SluiceKitTesting
import StoreSQLite
import Testing

/// Not a test of right and wrong, and run on demand only: `SLUICE_MEASURE=1 swift test -c release --filter GroupCommitMeasurement`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil), .serialized) struct GroupCommitMeasurement {
    /// What sealing a package records, as one write: the exchange, its outbox item and a ledger entry of 600 bytes.
    @Test(arguments: [1, 16, 256]) func recordsExchanges(writers: Int) async throws {
        let folder = try TemporaryFolder("sluice-measure")
        let store = try SQLiteStore(path: folder.file("node.sqlite"))
        let writesEach = writers == 1 ? 2_000 : 40_000 / writers
        let entry = [UInt8](repeating: 0x61, count: 600)
        let clock = ContinuousClock()
        let begun = clock.now
        let slowest = try await withThrowingTaskGroup(of: Duration.self) { tasks in
            for writer in 0..<writers {
                tasks.addTask {
                    var slowest = Duration.zero
                    for number in 0..<writesEach {
                        // As UUIDv7: by time first, so that new ids go to the end of each index.
                        let id = "\(1_000_000_000 + number)-7000-8000-\(writer)"
                        let time = Instant(milliseconds: Int64(number))
                        let started = clock.now
                        try await store.write { writing in
                            try writing.insert(
                                ExchangeRecord(
                                    id: id, direction: .outgoing, sender: "AM.ARMSTAT", receiver: "R\(writer)", dataflow: "ESTAT:DF_CPI(1.0)", state: .queued,
                                    createdAt: time))
                            try writing.enqueue(OutboxItem(exchangeID: id, receiver: "R\(writer)", dataflow: "ESTAT:DF_CPI(1.0)", nextAttemptAt: time))
                            try writing.appendLedgerEntry(entry, subject: id)
                        }
                        slowest = max(slowest, started.duration(to: clock.now))
                    }
                    return slowest
                }
            }
            return try await tasks.reduce(.zero) { max($0, $1) }
        }
        let seconds = begun.duration(to: clock.now) / .seconds(1)
        let events = writers * writesEach
        print("\(writers) writers: \(Int(Double(events) / seconds)) events/s, \(events) in \(seconds) s, slowest \(slowest)")
        #expect(try await store.read { try $0.ledgerSize() } == Int64(events))

        let waiting = try await store.read { try $0.outboxCounts().waiting }
        let looked = clock.now
        let claimed = try await store.write { try $0.claimOutbox(now: Instant(milliseconds: 0), until: Instant(milliseconds: 1), limit: 64) }
        print("  claiming \(claimed.count) of \(waiting) waiting: \(looked.duration(to: clock.now))")
        let opened = clock.now
        try await SQLiteStore(path: folder.file("node.sqlite")).close()
        let bytes = try FileManager.default.attributesOfItem(atPath: folder.file("node.sqlite"))[.size] as? Int ?? 0
        print("  opening it again (\(bytes >> 20) MiB), checked for damage: \(opened.duration(to: clock.now))")
        try await store.close()
    }

    /// How long a process with a single write waits beside one that commits without a pause.
    @Test func letsAnotherProcessIn() async throws {
        let folder = try TemporaryFolder("sluice-measure")
        let busy = try SQLiteStore(path: folder.file("node.sqlite"))
        let other = try SQLiteStore(path: folder.file("node.sqlite"))
        let clock = ContinuousClock()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for writer in 0..<64 {
                tasks.addTask {
                    while !Task.isCancelled { _ = try await busy.write { try $0.appendLedgerEntry([1], subject: "\(writer)") } }
                }
            }
            var waits: [Duration] = []
            for _ in 0..<200 {
                let started = clock.now
                _ = try await other.write { try $0.appendLedgerEntry([2], subject: "other") }
                waits.append(started.duration(to: clock.now))
            }
            tasks.cancelAll()
            waits.sort()
            print("a single write beside 64 busy writers: median \(waits[100]), slowest \(waits[199])")
            #expect(waits.count == 200)
            try await tasks.waitForAll()
        }
        try await busy.close()
        try await other.close()
    }
}
