import Dispatch
package import GRDB
public import SluiceKit
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The node's state in one SQLite file: write-ahead log, `synchronous=FULL`, group commit.
///
/// Several processes may open the same file; their writes take turns by SQLite's own lock.
/// A `write` is not cut short by the cancellation of its task: it either answers or fails after its commit.
public final class SQLiteStore: Store {
    private struct Gate {
        var isClosed = false
        var reads = 0
        var onQuiet: [CheckedContinuation<Void, Never>] = []
    }

    private let pool: DatabasePool
    private let group: GroupCommit
    private let limits: SQLiteStoreLimits
    private let gate = Mutex(Gate())

    /// Opens the file, or makes it with mode 0600; brings an older schema up to date.
    /// - Throws: `damaged`, `schemaNewer`, `cannotOpen`, `busy` or `full`.
    public convenience init(path: String, limits: SQLiteStoreLimits = SQLiteStoreLimits()) throws(StoreError) {
        try self.init(path: path, limits: limits, configuration: Configuration())
    }

    /// - Parameter base: what a test adds to the connections, such as a trace.
    package init(path: String, limits: SQLiteStoreLimits, configuration base: Configuration) throws(StoreError) {
        let file = try DatabaseFile(path: path)
        try file.prepare()
        var configuration = base
        configuration.label = "StoreSQLite"
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = max(1, limits.readersMax)
        configuration.busyMode = .callback(Self.waitForOtherProcess(milliseconds: limits.busyMilliseconds))
        // We end our transactions ourselves, also when the engine refuses to; GRDB would end the process.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            // A schema that someone tampered with calls no functions, and a page with impossible cells is noticed when it is read.
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        let pool = try engine("opening \(path)") { [configuration] in try DatabasePool(path: file.path, configuration: configuration) }
        self.pool = pool
        self.limits = limits
        group = GroupCommit(pool: pool, limits: limits)
        try engine("opening \(path)") {
            try pool.writeWithoutTransaction { database in
                // GRDB sets NORMAL for a pool: a commit would then survive a crash of the process, but not a power cut.
                try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = \(limits.journalBytesMax)")
                // The log is copied back when it is this long: seldom enough that pages written again and again are copied once.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(max(1, limits.journalBytesMax / 2 / 4_096))")
                // What a savepoint may have to undo stays in memory, and so do a group's pages until its commit writes them once.
                try database.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(max(1, limits.cacheBytesMax / 1_024))")
                let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
                try database.execute(sql: "PRAGMA max_page_count = \(max(1, min(limits.databaseBytesMax / max(1, pageBytes), 1_073_741_823)))")
                try file.checkForDamage(database, wholeUpTo: limits.quickCheckBytesMax)
                try Schema.bringUpToDate(database, path: path, now: Self.now())
            }
        }
    }

    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReading) throws -> Result) async throws -> Result {
        let isOpen = gate.withLock { gate in
            if !gate.isClosed { gate.reads += 1 }
            return !gate.isClosed
        }
        guard isOpen else { throw StoreError(.failed, detail: "the store is closed") }
        defer { endRead() }
        do {
            return try await pool.read { database in try body(SQLiteReader(database: database)) }
        } catch let error as DatabaseError {
            throw StoreError(error, doing: "reading")
        }
    }

    public func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriting) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            group.submit(Write(body: body, continuation: continuation))
        }
    }

    /// Removed rows are overwritten in the pages when they go (`secure_delete`); here the log, which may still hold older pages, is copied back and emptied.
    /// - Throws: `busy` while another process or a long reading keeps the log in use; calling again later is enough.
    public func forget() async throws {
        let end = ContinuousClock.now + .milliseconds(limits.busyMilliseconds)
        repeat {
            do {
                // Columns: whether it was kept from ending, pages in the log, pages copied back.
                let isKept = try await pool.writeWithoutTransaction { try Row.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] != 0 }
                if !isKept { return }
            } catch let error as DatabaseError {
                throw StoreError(error, doing: "emptying the log")
            }
            try await Task.sleep(for: .milliseconds(Self.forgetPauseMilliseconds))
        } while ContinuousClock.now < end
        throw StoreError(.busy, detail: "the log is in use and could not be emptied; what was erased may still stand in it until the next attempt")
    }

    /// Distance between two attempts to empty the log while somebody reads from it.
    private static let forgetPauseMilliseconds = 20

    /// Waits for the reads and writes under way; later ones fail. Closing twice is no error.
    public func close() async throws {
        await group.close()
        await withCheckedContinuation { continuation in
            let isQuiet = gate.withLock { gate in
                gate.isClosed = true
                if gate.reads > 0 { gate.onQuiet.append(continuation) }
                return gate.reads == 0
            }
            if isQuiet { continuation.resume() }
        }
        let pool = pool
        // Off the cooperative threads: the last one out copies the log back, which takes as long as the disk does.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try engine("closing") { try pool.close() } })
            }
        }
    }

    /// A `PRAGMA` of the writing connection, as it is in force.
    package func setting(_ pragma: String) async throws -> String? {
        try await pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(pragma)") }
    }

    private func endRead() {
        let quiet = gate.withLock { gate -> [CheckedContinuation<Void, Never>] in
            gate.reads -= 1
            guard gate.reads == 0 else { return [] }
            defer { gate.onQuiet = [] }
            return gate.onQuiet
        }
        for continuation in quiet { continuation.resume() }
    }

    /// Asks about every millisecond. SQLite's own waiting grows to 100 ms, and a neighbour that commits group after group leaves gaps
    /// far shorter than that: the waiting process would hardly ever hit one.
    private static func waitForOtherProcess(milliseconds: Int) -> @Sendable (Int) -> Bool {
        { tries in
            guard tries < milliseconds else { return false }
            usleep(UInt32.random(in: 500...1_500))
            return true
        }
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// `@unchecked Sendable`: only the writer's serial queue touches `outcome`, in `run` and after it in `finish`.
private final class Write<Result: Sendable>: WaitingWrite, @unchecked Sendable {
    private let body: @Sendable (any StoreWriting) throws -> Result
    private let continuation: CheckedContinuation<Result, any Error>
    /// Of the last run.
    private var outcome: Swift.Result<Result, any Error>?

    init(body: @escaping @Sendable (any StoreWriting) throws -> Result, continuation: CheckedContinuation<Result, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    func run(_ writer: SQLiteWriter) -> Bool {
        do {
            outcome = .success(try body(writer))
            return true
        } catch {
            outcome = .failure(error)
            return false
        }
    }

    func finish(_ commit: CommitOutcome) {
        switch (commit, outcome) {
        case (.committed, .some(let outcome)): continuation.resume(with: outcome)
        case (.lost, .some(.failure(let error))): continuation.resume(throwing: error)
        case (.failed(let error), _), (.lost(let error), _): continuation.resume(throwing: error)
        case (.committed, .none), (.again, _): continuation.resume(throwing: StoreError(.failed, detail: "the write was not run"))
        }
    }
}
