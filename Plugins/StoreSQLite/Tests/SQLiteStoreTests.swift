import Foundation
import GRDB
import SluiceKit
import SluiceKitTesting
import StoreSQLite
import Synchronization
import Testing

@Suite struct SQLiteStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("node.sqlite") }
    private static let time = Instant(milliseconds: 1_767_600_000_000)

    init() throws { folder = try TemporaryFolder("sluice-store") }

    @Test(arguments: StoreConformance.claims) func conforms(_ claim: StoreConformance.Check) async throws {
        try await claim.run { name in try SQLiteStorePlugin.open(path: folder.file(name)) }
    }

    @Test func syncsEveryCommitAndKeepsForeignKeys() async throws {
        let store = try SQLiteStore(path: path)
        // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
        #expect(try await store.setting("synchronous") == "2")
        #expect(try await store.setting("journal_mode") == "wal")
        #expect(try await store.setting("foreign_keys") == "1")
        try await store.close()
    }

    @Test func walksAnIndexForEveryQuery() async throws {
        let traced = Traced()
        for (number, claim) in StoreConformance.claims.enumerated() {
            try await claim.run { name in
                try SQLiteStore(path: folder.file("\(number)-\(name)"), limits: SQLiteStoreLimits(), configuration: traced.configuration)
            }
        }
        let statements = traced.statements.withLock { $0 }
        _ = try await SQLiteStore(path: path).close()
        let offences = try await DatabaseQueue(path: path).read { database in
            var offences: [String] = []
            for sql in statements.sorted() where ["SELECT", "WITH", "UPDATE", "DELETE"].contains(where: sql.hasPrefix) {
                // The tables of SQLite itself, and what opening asks once.
                if ["sqlite_", "pragma_", "schema_step"].contains(where: sql.contains) { continue }
                let explanation = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
                explanation.setUncheckedArguments(StatementArguments())
                for row in try Row.fetchAll(explanation) {
                    let step: String = row["detail"]
                    let isIndexed = !step.hasPrefix("SCAN") || step.contains("USING") || step == "SCAN CONSTANT ROW"
                    // The heads of the lanes, and the subscriptions of this node: few, and read whole on purpose.
                    // And the stretches of the search index, one for 4,096 entries.
                    let isSmall = ["SCAN head", "SCAN subscription", "SCAN ledger_stretch"].contains(step) || step.hasPrefix("SCAN (subquery")
                    let sortsHeads = step == "USE TEMP B-TREE FOR ORDER BY" && sql.hasPrefix("WITH RECURSIVE head")
                    if !(isIndexed || isSmall) || (step.contains("TEMP B-TREE") && !sortsHeads) { offences.append("\(step): \(sql)") }
                }
            }
            return offences
        }
        #expect(statements.count > 40)
        #expect(offences == [])
    }

    @Test func failsOnlyTheWriteThatFillsTheDatabase() async throws {
        var limits = SQLiteStoreLimits()
        limits.databaseBytesMax = 400 << 10
        let store = try SQLiteStore(path: path, limits: limits)
        let results = await withTaskGroup(of: (Bool, StoreError.Code?).self) { tasks in
            for number in 0..<40 {
                tasks.addTask {
                    let isLarge = number % 10 == 0
                    do {
                        try await store.write { writing in
                            _ = try writing.appendLedgerEntry(Array(repeating: 1, count: isLarge ? 1 << 20 : 10), subject: "\(number)")
                        }
                        return (isLarge, nil)
                    } catch {
                        return (isLarge, (error as? StoreError)?.code)
                    }
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter(\.0).map(\.1) == Array(repeating: .full, count: 4))
        #expect(results.filter { !$0.0 }.allSatisfy { $0.1 == nil })
        #expect(try await store.read { try $0.ledgerSize() } == 36)
        try await store.close()
    }

    @Test func failsAWriteWhoseBodyHidesThatTheDatabaseIsFull() async throws {
        var limits = SQLiteStoreLimits()
        limits.databaseBytesMax = 400 << 10
        let store = try SQLiteStore(path: path, limits: limits)
        await #expect(throws: StoreError.self) {
            try await store.write { writing in
                try writing.appendLedgerEntry([1], subject: "before")
                _ = try? writing.appendLedgerEntry(Array(repeating: 1, count: 1 << 20), subject: "too large")
                _ = try? writing.appendLedgerEntry([2], subject: "after")
            }
        }
        #expect(try await store.read { try $0.ledgerSize() } == 0)
        try await store.write { _ = try $0.appendLedgerEntry([3], subject: "later") }
        try await store.close()
    }

    @Test func conformanceSeesAStoreThatKeepsWhatItShouldRollBack() async throws {
        await #expect(throws: ConformanceFailure.self) {
            try await StoreConformance.run { name in StubbornStore(base: try SQLiteStore(path: folder.file(name))) }
        }
    }

    @Test func turnsAwayWritesPastTheWaitingLimit() async throws {
        var limits = SQLiteStoreLimits()
        limits.waitingWritesMax = 4
        let store = try SQLiteStore(path: path, limits: limits)
        let latch = Latch()
        let holder = Task { try await store.write { _ in latch.hold() } }
        while !latch.isHolding { await Task.yield() }
        await withTaskGroup(of: Void.self) { tasks in
            for number in 0..<10 {
                tasks.addTask {
                    var code: StoreError.Code?
                    do { _ = try await store.write { try $0.appendLedgerEntry([UInt8(number)], subject: "") } } catch { code = (error as? StoreError)?.code }
                    // The refused answer at once; the others cannot before the holder lets go.
                    if latch.note(code) == 6 { latch.release() }
                }
            }
        }
        try await holder.value
        #expect(latch.answers.filter { $0 == .busy }.count == 6)
        #expect(latch.answers.filter { $0 == nil }.count == 4)
        #expect(try await store.read { try $0.ledgerSize() } == 4)
        try await store.close()
    }

    @Test func turnsAwayWhatAFullQueueCannotHold() async throws {
        var limits = SQLiteStoreLimits()
        limits.outboxItemsMax = 2
        limits.subscriptionDeliveriesMax = 2
        let store = try SQLiteStore(path: path, limits: limits)
        let enqueue: @Sendable (String) async throws -> Void = { id in
            try await store.write { try $0.enqueue(OutboxItem(exchangeID: id, receiver: "R", dataflow: "D", nextAttemptAt: Self.time)) }
        }
        try await enqueue("1")
        try await enqueue("2")
        await #expect { try await enqueue("3") } throws: { ($0 as? StoreError)?.code == .busy }
        try await store.write { try $0.removeOutboxItem(exchangeID: "1") }
        try await enqueue("3")

        let message = BusMessage(topic: "t", orderKey: "k", body: "{}", publishedAt: Self.time)
        try await store.write { writing in
            try writing.subscribe("s", pattern: "t")
            for _ in 0..<2 { try writing.publish(message) }
        }
        await #expect { try await store.write { _ = try $0.publish(message) } } throws: { ($0 as? StoreError)?.code == .busy }
        // Others are not held up by a subscription that does not ask for the topic.
        try await store.write { _ = try $0.publish(BusMessage(topic: "u", orderKey: "k", body: "{}", publishedAt: Self.time)) }
        try await store.write { writing in
            for delivery in try writing.dueDeliveries(subscription: "s", now: Self.time, limit: 1) { try writing.complete(delivery) }
            try writing.publish(message)
        }
        try await store.close()
    }

    @Test func keepsNoMessageThatNobodyWaitsFor() async throws {
        let store = try SQLiteStore(path: path)
        let message = BusMessage(topic: "t", orderKey: "k", body: "{}", publishedAt: Self.time)
        try await store.write { writing in
            try writing.publish(message)
            for name in ["a", "b"] { try writing.subscribe(name, pattern: "*") }
            try writing.publish(message)
            for name in ["a", "b"] {
                for delivery in try writing.dueDeliveries(subscription: name, now: Self.time, limit: 9) { try writing.complete(delivery) }
            }
        }
        try await store.close()
        #expect(try await DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM message") } == 0)
    }

    @Test func whatIsForgottenIsInNoFile() async throws {
        let marker = Array("the secret of the body that was erased".utf8)
        let store = try SQLiteStore(path: path)
        func files(hold bytes: [UInt8]) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                try Data(contentsOf: URL(fileURLWithPath: folder.file($0))).range(of: Data(bytes)) != nil
            }
        }
        // Large enough to need pages of its own, and a key in a row among others.
        let body = (0..<3_000).flatMap { _ in marker }
        try await store.write { writing in
            var record = ExchangeRecord(
                id: "01", direction: .incoming, sender: "AM.MOI", receiver: "AM.ARMSTAT", dataflow: "A:B(1)", state: .accepted,
                createdAt: Instant(milliseconds: 0))
            record.wrappedKey = marker
            record.findingsJSON = String(decoding: marker, as: UTF8.self)
            try writing.insert(record)
            try writing.put(StoredBody(sender: "AM.MOI", exchangeID: "01", kind: .package, bytes: body))
        }
        #expect(try !files(hold: marker).isEmpty, "the search does not see what is there")
        try await store.write { writing in
            var record = try #require(try writing.exchange(sender: "AM.MOI", id: "01"))
            record.wrappedKey = []
            record.findingsJSON = "[]"
            try writing.update(record)
            _ = try writing.removeBodies(sender: "AM.MOI", exchangeID: "01")
        }
        try await store.forget()
        #expect(try files(hold: marker).isEmpty)
        try await store.close()
    }

    @Test func neverChangesALedgerEntry() async throws {
        let store = try SQLiteStore(path: path)
        try await store.write { _ = try $0.appendLedgerEntry([1], subject: "s") }
        try await store.close()
        let queue = try DatabaseQueue(path: path)
        for sql in ["UPDATE ledger SET entry = x'00'", "DELETE FROM ledger"] {
            await #expect { try await queue.write { try $0.execute(sql: sql) } } throws: { "\($0)".contains("the ledger is append-only") }
        }
    }
}

/// Keeps the writing connection at work until released, and collects answers meanwhile.
private final class Latch: Sendable {
    private struct State {
        var isHolding = false
        var isReleased = false
        var answers: [StoreError.Code?] = []
    }
    private let state = Mutex(State())

    var isHolding: Bool { state.withLock { $0.isHolding } }
    var answers: [StoreError.Code?] { state.withLock { $0.answers } }

    func hold() {
        state.withLock { $0.isHolding = true }
        while !state.withLock({ $0.isReleased }) {}
    }

    func release() { state.withLock { $0.isReleased = true } }

    func note(_ answer: StoreError.Code?) -> Int {
        state.withLock { state in
            state.answers.append(answer)
            return state.answers.count
        }
    }
}

/// Commits what the body did before it threw.
private struct StubbornStore: Store {
    let base: any Store

    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result { try await base.read(body) }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        try await base.write { writing in Swift.Result { try body(writing) } }.get()
    }

    func forget() async throws { try await base.forget() }
    func close() async throws { try await base.close() }
}

/// Collects the text of every statement that runs.
private final class Traced: Sendable {
    let statements = Mutex(Set<String>())

    var configuration: Configuration {
        var configuration = Configuration()
        configuration.prepareDatabase { [self] database in
            database.trace(options: .statement) { [self] event in
                guard case .statement(let statement) = event else { return }
                let sql = statement.sql
                _ = statements.withLock { $0.insert(sql) }
            }
        }
        return configuration
    }
}
