import GRDB
import SluiceKit

extension SQLiteWriter {
    /// The head of each lane by a skip scan: one step down the index per (receiver, dataflow), however many items wait in it.
    /// `GROUP BY` would read them all at each look, and they are most when a partner is down.
    static let claimable = """
        WITH RECURSIVE head (sequence) AS (
            SELECT (SELECT sequence FROM outbox WHERE is_parked = 0 ORDER BY receiver, dataflow, sequence LIMIT 1)
            UNION ALL
            SELECT (
                SELECT following.sequence FROM outbox AS following
                WHERE following.is_parked = 0 AND (following.receiver, following.dataflow) > (lane.receiver, lane.dataflow)
                ORDER BY following.receiver, following.dataflow, following.sequence LIMIT 1)
            FROM head CROSS JOIN outbox AS lane ON lane.sequence = head.sequence
        )
        SELECT \(outboxColumns) FROM head CROSS JOIN outbox ON outbox.sequence = head.sequence
        WHERE next_attempt_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)
        ORDER BY head.sequence LIMIT ?
        """

    func enqueue(_ item: OutboxItem) throws {
        let open = try rows("SELECT coalesce(sum(count), 0) FROM tally WHERE name IN ('outbox/0', 'outbox/1')") { try $0[0] as Int }.first ?? 0
        guard open < limits.outboxItemsMax else {
            throw StoreError(.busy, detail: "the outbox holds \(limits.outboxItemsMax) packages (outboxItemsMax); deliver or remove those that are parked")
        }
        try execute(
            """
            INSERT INTO outbox (exchange_id, receiver, dataflow, attempts, next_attempt_at, waiting_since, claimed_until, is_parked, last_error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                item.exchangeID, item.receiver, item.dataflow, item.attempts, item.nextAttemptAt.milliseconds, item.waitingSince.milliseconds,
                item.claimedUntil?.milliseconds, item.isParked, item.lastError,
            ], conflict: "exchange \(item.exchangeID) is in the outbox already")
    }

    func claimOutbox(now: Instant, until: Instant, limit: Int) throws -> [OutboxItem] {
        var items = try rows(Self.claimable, [now.milliseconds, now.milliseconds, max(0, limit)], outboxItem)
        for index in items.indices {
            items[index].claimedUntil = until
            try execute("UPDATE outbox SET claimed_until = ? WHERE sequence = ?", [until.milliseconds, items[index].sequence])
        }
        return items
    }

    func update(_ item: OutboxItem) throws {
        let touched = try execute(
            """
            UPDATE outbox SET attempts = ?, next_attempt_at = ?, waiting_since = ?, claimed_until = ?, is_parked = ?, last_error = ? WHERE exchange_id = ?
            """,
            [
                item.attempts, item.nextAttemptAt.milliseconds, item.waitingSince.milliseconds, item.claimedUntil?.milliseconds, item.isParked,
                item.lastError, item.exchangeID,
            ])
        guard touched > 0 else { throw StoreError(.notFound, detail: "exchange \(item.exchangeID) is not in the outbox") }
    }

    func removeOutboxItem(exchangeID: String) throws {
        try execute("DELETE FROM outbox WHERE exchange_id = ?", [exchangeID])
    }
}
