import Foundation
import GRDB
import SluiceKit
import SluiceKitTesting
import StoreSQLite
import Testing

/// The file itself: its mode, its damage, and others who hold it.
@Suite struct SharedFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("node.sqlite") }

    init() throws { folder = try TemporaryFolder("sluice-store") }

    private func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }

    private func code(_ work: () throws -> Void) -> StoreError.Code? {
        do { try work() } catch { return (error as? StoreError)?.code }
        return nil
    }

    @Test func keepsTheFileAndItsLogToTheOwner() async throws {
        let store = try SQLiteStore(path: path)
        try await store.write { _ = try $0.appendLedgerEntry([1], subject: "") }
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
        try await store.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let again = try SQLiteStore(path: path)
        #expect(try mode(path) == 0o600)
        try await again.close()
    }

    @Test func refusesWhatIsNoDatabaseOfOurs() async throws {
        #expect(code { _ = try SQLiteStore(path: "") } == .cannotOpen)
        #expect(code { _ = try SQLiteStore(path: folder.file("missing/node.sqlite")) } == .cannotOpen)
        #expect(code { _ = try SQLiteStore(path: folder.path) } == .cannotOpen)
        let other = try DatabaseQueue(path: folder.file("other.sqlite"))
        try await other.write { try $0.execute(sql: "CREATE TABLE t (a)") }
        try other.close()
        #expect(code { _ = try SQLiteStore(path: folder.file("other.sqlite")) } == .cannotOpen)
    }

    @Test func refusesASchemaThatItDoesNotKnow() async throws {
        try await SQLiteStore(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "INSERT INTO schema_step (position, name, applied_at) VALUES (99, 'from the future', 0)") }
        try queue.close()
        #expect { _ = try SQLiteStore(path: path) } throws: { error in
            (error as? StoreError)?.code == .schemaNewer && "\(error)".contains("'from the future'")
        }
    }

    @Test(arguments: [64 << 20, 0]) func refusesADamagedFile(readWholeUpTo bytes: Int) async throws {
        var limits = SQLiteStoreLimits()
        limits.quickCheckBytesMax = bytes
        let good = try await sample()

        try Data("not a database, but long enough to look at".utf8 + Data(count: 4_096)).write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try SQLiteStore(path: path, limits: limits) } == .damaged, "text")

        try good.prefix(good.count / 2 / 4_096 * 4_096).write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try SQLiteStore(path: path, limits: limits) } == .damaged, "cut in half")

        var scribbled = good
        // The root page of every table in turn; a flag that no page type has.
        for page in 1..<6 { scribbled[page * 4_096] = 0xEE }
        try scribbled.write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try SQLiteStore(path: path, limits: limits) } == .damaged, "pages overwritten")

        try good.write(to: URL(fileURLWithPath: path))
        try await SQLiteStore(path: path, limits: limits).close()
    }

    @Test func keepsWhatItAnsweredForWhenTheProcessDies() async throws {
        let store = try SQLiteStore(path: path)
        for round in 0..<20 {
            let number = UInt8(round)
            try await store.write { _ = try $0.appendLedgerEntry([number], subject: "\(number)") }
            // The files as they are at this moment are what a killed process leaves; nothing was closed.
            for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: folder.file("crash\(round)\(suffix)")) }
        }
        try await store.close()
        for round in 0..<20 {
            let survivor = try SQLiteStore(path: folder.file("crash\(round)"))
            #expect(try await survivor.read { try $0.ledgerEntries(from: 0, limit: 99) } == (0...UInt8(round)).map { [$0] })
            try await survivor.close()
        }
    }

    @Test func forgetsATornCommit() async throws {
        let store = try SQLiteStore(path: path)
        try await store.write { _ = try $0.appendLedgerEntry([1], subject: "") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path + "-wal")).count
        try await store.write { _ = try $0.appendLedgerEntry([2], subject: "") }
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        #expect(log.count > before)
        for (number, length) in [before, before + 1, (before + log.count) / 2, log.count - 1].enumerated() {
            let copy = folder.file("torn\(number)")
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try log.prefix(length).write(to: URL(fileURLWithPath: copy + "-wal"))
            let survivor = try SQLiteStore(path: copy)
            #expect(try await survivor.read { try $0.ledgerEntries(from: 0, limit: 9) } == [[1]], "log cut at \(length) of \(log.count)")
            try await survivor.close()
        }
        try await store.close()
    }

    @Test func opensANewFileFromManySidesAtOnce() async throws {
        let stores = try await withThrowingTaskGroup(of: SQLiteStore.self) { tasks in
            let path = path
            for _ in 0..<6 { tasks.addTask { try SQLiteStore(path: path) } }
            return try await tasks.reduce(into: [SQLiteStore]()) { $0.append($1) }
        }
        for store in stores { try await store.close() }
    }

    @Test func sharesTheFileWithOtherWriters() async throws {
        let path = path
        let stores = try [SQLiteStore(path: path), SQLiteStore(path: path), SQLiteStore(path: path)]
        let indexes = try await withThrowingTaskGroup(of: Int64.self) { tasks in
            for (side, store) in stores.enumerated() {
                for number in 0..<8 {
                    tasks.addTask {
                        var last: Int64 = 0
                        for _ in 0..<20 { last = try await store.write { try $0.appendLedgerEntry([UInt8(side), UInt8(number)], subject: "\(side)") } }
                        return last
                    }
                }
            }
            return try await tasks.reduce(into: [Int64]()) { $0.append($1) }
        }
        for store in stores { #expect(try await store.read { try $0.ledgerSize() } == 480) }
        #expect(Set(indexes).count == 24)
        for store in stores { try await store.close() }
    }

    @Test func givesUpAsBusyWhenAnotherKeepsTheLock() async throws {
        var limits = SQLiteStoreLimits()
        limits.busyMilliseconds = 20
        let store = try SQLiteStore(path: path, limits: limits)
        var holding = Configuration()
        holding.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: holding)
        try other.inDatabase { try $0.execute(sql: "SAVEPOINT hold; INSERT INTO tally VALUES ('held', 1)") }
        await #expect { try await store.write { _ = try $0.appendLedgerEntry([1], subject: "") } } throws: { error in
            (error as? StoreError)?.code == .busy && (error as? StoreError)?.engineCode == 5
        }
        // Reading goes on meanwhile.
        #expect(try await store.read { try $0.ledgerSize() } == 0)
        try other.inDatabase { try $0.execute(sql: "RELEASE hold") }
        try await store.write { _ = try $0.appendLedgerEntry([1], subject: "") }
        #expect(try await store.read { try $0.ledgerSize() } == 1)
        try await store.close()
    }

    /// The bytes of a store with some rows in each table.
    private func sample() async throws -> Data {
        let file = folder.file("sample.sqlite")
        let store = try SQLiteStore(path: file)
        try await store.write { writing in
            try writing.subscribe("s", pattern: "*")
            for number in 0..<200 {
                let time = Instant(milliseconds: Int64(number))
                try writing.insert(
                    ExchangeRecord(id: "\(number)", direction: .outgoing, sender: "A", receiver: "B", dataflow: "D", state: .queued, createdAt: time))
                try writing.enqueue(OutboxItem(exchangeID: "\(number)", receiver: "B", dataflow: "D", nextAttemptAt: time))
                try writing.appendLedgerEntry(Array(repeating: 7, count: 300), subject: "\(number)")
                try writing.publish(BusMessage(topic: "t", orderKey: "\(number)", body: "{}", publishedAt: time))
            }
        }
        try await store.close()
        return try Data(contentsOf: URL(fileURLWithPath: file))
    }
}
