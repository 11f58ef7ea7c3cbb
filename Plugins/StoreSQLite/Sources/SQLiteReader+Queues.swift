import GRDB
import SluiceKit

extension SQLiteReading {
    static var outboxColumns: String {
        "exchange_id, receiver, dataflow, outbox.sequence, attempts, next_attempt_at, waiting_since, claimed_until, is_parked, last_error"
    }

    static var deliveryColumns: String {
        """
        subscription, message.sequence, topic, message.order_key, body, published_at,
        attempts, next_attempt_at, waiting_since, is_parked, last_error
        """
    }

    func outboxItem(exchangeID: String) throws -> OutboxItem? {
        try rows("SELECT \(Self.outboxColumns) FROM outbox WHERE exchange_id = ?", [exchangeID], outboxItem).first
    }

    func outboxItems(after sequence: Int64, limit: Int) throws -> [OutboxItem] {
        try rows("SELECT \(Self.outboxColumns) FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?", [sequence, max(0, limit)], outboxItem)
    }

    func outboxCounts() throws -> (waiting: Int, parked: Int) {
        (waiting: try count("outbox/0"), parked: try count("outbox/1"))
    }

    func parkedDeliveries(limit: Int) throws -> [SubscriptionDelivery] {
        try rows(
            """
            SELECT \(Self.deliveryColumns) FROM delivery CROSS JOIN message ON message.sequence = delivery.sequence
            WHERE is_parked = 1 ORDER BY delivery.sequence, subscription LIMIT ?
            """, [max(0, limit)], delivery)
    }

    func outboxItem(_ row: Columns) throws -> OutboxItem {
        var item = try OutboxItem(exchangeID: row[0], receiver: row[1], dataflow: row[2], sequence: row[3], nextAttemptAt: Instant(milliseconds: row[5]))
        item.attempts = try row[4]
        item.waitingSince = try Instant(milliseconds: row[6])
        item.claimedUntil = try (row[7] as Int64?).map(Instant.init(milliseconds:))
        item.isParked = try row[8]
        item.lastError = try row[9]
        return item
    }

    func delivery(_ row: Columns) throws -> SubscriptionDelivery {
        try SubscriptionDelivery(
            subscription: row[0],
            message: BusMessage(sequence: row[1], topic: row[2], orderKey: row[3], body: row[4], publishedAt: Instant(milliseconds: row[5])),
            attempts: row[6], nextAttemptAt: Instant(milliseconds: row[7]), waitingSince: Instant(milliseconds: row[8]), isParked: row[9], lastError: row[10])
    }
}
