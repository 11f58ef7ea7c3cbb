import Foundation
import GRDB
import SluiceKit

/// What `write` hands to its body: the one writing connection, inside a transaction and a savepoint.
struct SQLiteWriter: SQLiteReading, StoreWriting {
    let database: Database
    let limits: SQLiteStoreLimits

    /// Runs one change and returns how many rows it touched.
    /// - Parameters:
    ///   - conflict: what to say when the record exists already.
    ///   - missing: what to say when a record that it names does not exist.
    @discardableResult
    func execute(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), conflict: @autoclosure () -> String = "", missing: @autoclosure () -> String = ""
    ) throws(StoreError) -> Int {
        try requireTransaction()
        do {
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
            return database.changesCount
        } catch {
            var failure = StoreError(error, doing: "writing")
            if failure.code == .conflict, !conflict().isEmpty { failure.detail = conflict() }
            if failure.code == .notFound, !missing().isEmpty { failure.detail = missing() }
            throw failure
        }
    }

    /// Some errors make SQLite roll back the whole transaction by itself; a body that swallowed such an error
    /// would go on outside of any transaction.
    func requireTransaction() throws(StoreError) {
        guard database.isInsideTransaction else { throw StoreError(.failed, detail: "the engine has rolled the transaction back; nothing of it was kept") }
    }

    // MARK: Ledger

    @discardableResult
    func appendLedgerEntry(_ entry: [UInt8], subject: String) throws -> Int64 {
        try execute(
            "INSERT INTO ledger (position, subject, entry) VALUES (coalesce((SELECT max(position) FROM ledger) + 1, 0), ?, ?)", [subject, Data(entry)])
        return database.lastInsertedRowID
    }

    func setLedgerHead(_ head: PublishedHead) throws {
        let size = try ledgerSize()
        guard head.size >= 0, head.size <= size else {
            throw StoreError(.conflict, detail: "a ledger head of size \(head.size) promises more than the \(size) entries that there are")
        }
        if let known = try ledgerHead(), head.size < known.size || (head.size == known.size && head.root != known.root) {
            throw StoreError(
                .conflict,
                detail: "a ledger head of size \(head.size) and root \(head.root) contradicts the one made known, size \(known.size) and root \(known.root)")
        }
        try execute(
            "INSERT INTO ledger_head (only, size, root) VALUES (0, ?, ?) ON CONFLICT (only) DO UPDATE SET size = excluded.size, root = excluded.root",
            [head.size, head.root])
    }

    // MARK: Feeds

    func begin(_ run: FeedRun) throws -> Bool {
        try execute(
            """
            INSERT INTO feed_run (feed, scheduled_at, started_at, ended_at, outcome, exchange_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (feed, scheduled_at) DO NOTHING
            """,
            [
                run.feed, run.scheduledAt.milliseconds, run.startedAt.milliseconds, run.endedAt?.milliseconds, run.outcome.rawValue, run.exchangeID, run.detail,
            ]) > 0
    }

    func update(_ run: FeedRun) throws {
        let touched = try execute(
            "UPDATE feed_run SET started_at = ?, ended_at = ?, outcome = ?, exchange_id = ?, detail = ? WHERE feed = ? AND scheduled_at = ?",
            [
                run.startedAt.milliseconds, run.endedAt?.milliseconds, run.outcome.rawValue, run.exchangeID, run.detail, run.feed, run.scheduledAt.milliseconds,
            ])
        guard touched > 0 else { throw StoreError(.notFound, detail: "feed '\(run.feed)' has no run of \(run.scheduledAt.rfc3339)") }
    }
}
