import Dispatch
import GRDB
import SluiceKit
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One `write` that waits for its commit. Handed over once under the queue's lock, and from then on called by the writer's serial queue only.
protocol WaitingWrite: AnyObject, Sendable {
    /// Runs the body; returns false when it threw.
    func run(_ writer: SQLiteWriter) -> Bool
    /// Answers the caller.
    func finish(_ outcome: CommitOutcome)
}

/// What became of a transaction.
enum CommitOutcome {
    /// Made and synced: each body's own result holds.
    case committed
    /// Not made: all fail, whatever their bodies said.
    case failed(StoreError)
    /// Not made: a body threw, and all are to be run again one by one.
    case again
    /// The engine rolled all of it back at the last body's statement; a body that threw has said why.
    case lost(StoreError)
}

/// Gathers concurrent writes into one transaction: one sync to disk for all of them.
///
/// A group is what arrived while the one before was being synced, and for a few milliseconds more where that one had company: each commit writes its pages,
/// however many share them. A lone writer never waits.
/// Bodies run one after another in the order of arrival; everyone is answered after the commit, also those whose body threw,
/// for what they were refused on (a duplicate, say) may be the work of a neighbour in the same group.
///
/// Savepoints cost copies of every page that a body changes, and hardly any body throws. So a group runs without them; where one throws,
/// all of it is rolled back and runs again, each body in a savepoint of its own.
///
/// A full disk makes SQLite roll back the whole transaction, whichever statement met it (sqlite.org/lang_transaction.html, 3.1).
/// Then the write that met it is answered, and its neighbours run again, each in a transaction of its own.
final class GroupCommit: Sendable {
    private struct State {
        var waiting: [any WaitingWrite] = []
        /// Those before it are taken; moved up when all are.
        var head = 0
        var isDraining = false
        var isClosed = false
        var onDrained: [CheckedContinuation<Void, Never>] = []
    }

    private let pool: DatabasePool
    private let limits: SQLiteStoreLimits
    private let state = Mutex(State())

    init(pool: DatabasePool, limits: SQLiteStoreLimits) {
        self.pool = pool
        self.limits = limits
    }

    func submit(_ write: any WaitingWrite) {
        let (refusal, startsDraining) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosed { return (StoreError(.failed, detail: "the store is closed"), false) }
            guard state.waiting.count - state.head < limits.waitingWritesMax else {
                return (StoreError(.busy, detail: "\(limits.waitingWritesMax) writes wait already (waitingWritesMax); try again"), false)
            }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return (nil, !state.isDraining)
        }
        if let refusal { return write.finish(.failed(refusal)) }
        if startsDraining { pool.asyncWriteWithoutTransaction { [self] database in drain(database) } }
    }

    /// Takes no further write, and returns when those taken are answered.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isDraining { state.onDrained.append(continuation) }
                return !state.isDraining
            }
            if isIdle { continuation.resume() }
        }
    }

    private func drain(_ database: Database) {
        while let first = next(orStop: true) {
            if commit(groupOf: first, database) > 1 { usleep(UInt32(clamping: limits.gatherMilliseconds) * 1_000) }
        }
    }

    private func next(orStop isBetweenGroups: Bool) -> (any WaitingWrite)? {
        let (write, drained) = state.withLock { state -> ((any WaitingWrite)?, [CheckedContinuation<Void, Never>]) in
            if state.head < state.waiting.count {
                let write = state.waiting[state.head]
                state.head += 1
                if state.head == state.waiting.count {
                    state.waiting.removeAll(keepingCapacity: true)
                    state.head = 0
                } else if state.head >= limits.waitingWritesMax {
                    state.waiting.removeFirst(state.head)
                    state.head = 0
                }
                return (write, [])
            }
            guard isBetweenGroups else { return (nil, []) }
            state.isDraining = false
            defer { state.onDrained = [] }
            return (nil, state.onDrained)
        }
        for continuation in drained { continuation.resume() }
        return write
    }

    /// Returns how many there were.
    private func commit(groupOf first: any WaitingWrite, _ database: Database) -> Int {
        var group = [first]
        var outcome = transact(&group, .growing, database)
        if case .again = outcome { outcome = transact(&group, .separated, database) }
        let count = group.count
        guard case .lost = outcome else {
            for write in group { write.finish(outcome) }
            return count
        }
        group.removeLast().finish(outcome)
        for write in group {
            var alone = [write]
            write.finish(transact(&alone, .separated, database))
        }
        return count
    }

    private enum Mode {
        /// Takes what waits meanwhile; a body that throws ends it with `again`.
        case growing
        /// As it is, with a savepoint for each.
        case separated
    }

    /// Runs the writes of `group` in one transaction. Where the engine has rolled back, the write that met it is the last of the group.
    private func transact(_ group: inout [any WaitingWrite], _ mode: Mode, _ database: Database) -> CommitOutcome {
        var isLost = false
        do {
            // Immediate: a transaction that starts by reading and then finds another process writing could not wait for it.
            try engine("beginning a transaction") { try database.beginTransaction(.immediate) }
            let writer = SQLiteWriter(database: database, limits: limits)
            let end = ContinuousClock.now + .milliseconds(limits.groupMilliseconds)
            var index = 0
            while index < group.count {
                if mode == .separated { try writer.execute("SAVEPOINT one_write") }
                let hasThrown = !group[index].run(writer)
                isLost = !database.isInsideTransaction
                // Also when the body caught the error: what it did is gone.
                try writer.requireTransaction()
                switch mode {
                case .separated:
                    if hasThrown { try writer.execute("ROLLBACK TO one_write") }
                    try writer.execute("RELEASE one_write")
                case .growing where hasThrown:
                    try engine("rolling back") { try database.rollback() }
                    return .again
                case .growing:
                    if group.count < limits.groupWritesMax, ContinuousClock.now < end, let more = next(orStop: false) { group.append(more) }
                }
                index += 1
            }
            try engine("committing") { try database.commit() }
            return .committed
        } catch {
            // A rollback that fails leaves the transaction open, and every later group is told so by its own BEGIN.
            if database.isInsideTransaction { try? database.rollback() }
            return isLost ? .lost(error) : .failed(error)
        }
    }
}
