import GRDB
import SluiceKit

extension SQLiteWriter {
    /// As in the outbox: one step per order key, not per waiting message.
    static let due = """
        WITH RECURSIVE head (order_key, sequence) AS (
            SELECT * FROM (SELECT order_key, sequence FROM delivery WHERE is_parked = 0 AND subscription = ?1 ORDER BY order_key, sequence LIMIT 1)
            UNION ALL
            SELECT following.order_key, following.sequence FROM head CROSS JOIN delivery AS following
            ON following.is_parked = 0 AND following.subscription = ?1 AND following.sequence = (
                SELECT sequence FROM delivery AS candidate
                WHERE candidate.is_parked = 0 AND candidate.subscription = ?1 AND candidate.order_key > head.order_key
                ORDER BY candidate.order_key, candidate.sequence LIMIT 1)
        )
        SELECT \(deliveryColumns) FROM head
        CROSS JOIN delivery ON delivery.subscription = ?1 AND delivery.sequence = head.sequence
        CROSS JOIN message ON message.sequence = head.sequence
        WHERE next_attempt_at <= ?2 ORDER BY head.sequence LIMIT ?3
        """

    private static let matches = "(subscription.topic = ?1 OR (is_prefix = 1 AND substr(?1, 1, length(subscription.topic)) = subscription.topic))"

    @discardableResult
    func publish(_ message: BusMessage) throws -> Int64? {
        let subscriptions = try rows(
            """
            SELECT subscription.name, coalesce((SELECT count FROM tally WHERE tally.name = 'delivery/' || subscription.name), 0)
            FROM subscription WHERE \(Self.matches)
            """, [message.topic]
        ) { try (name: $0[0] as String, open: $0[1] as Int) }
        if subscriptions.isEmpty { return nil }
        if let (name, _) = subscriptions.first(where: { $0.open >= limits.subscriptionDeliveriesMax }) {
            throw StoreError(
                .busy,
                detail: "subscription '\(name)' has \(limits.subscriptionDeliveriesMax) deliveries open (subscriptionDeliveriesMax); see to its parked ones")
        }
        try execute(
            "INSERT INTO message (topic, order_key, body, published_at) VALUES (?, ?, ?, ?)",
            [message.topic, message.orderKey, message.body, message.publishedAt.milliseconds])
        let sequence = database.lastInsertedRowID
        try execute(
            """
            INSERT INTO delivery (subscription, sequence, order_key, attempts, next_attempt_at, waiting_since, is_parked, last_error)
            SELECT name, ?2, ?3, 0, ?4, ?4, 0, '' FROM subscription WHERE \(Self.matches)
            """, [message.topic, sequence, message.orderKey, message.publishedAt.milliseconds])
        return sequence
    }

    func subscribe(_ subscription: String, pattern: String) throws {
        let isPrefix = pattern.hasSuffix("*")
        let topic = isPrefix ? String(pattern.dropLast()) : pattern
        guard !subscription.isEmpty, !pattern.isEmpty, !topic.contains("*") else {
            throw StoreError(
                .failed, detail: "subscription '\(subscription)' to '\(pattern)': give it a name, and a topic or the beginning of one followed by '*'")
        }
        try execute(
            """
            INSERT INTO subscription (name, topic, is_prefix) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET topic = excluded.topic, is_prefix = excluded.is_prefix
            """, [subscription, topic, isPrefix])
    }

    func dueDeliveries(subscription: String, now: Instant, limit: Int) throws -> [SubscriptionDelivery] {
        try rows(Self.due, [subscription, now.milliseconds, max(0, limit)], delivery)
    }

    func update(_ delivery: SubscriptionDelivery) throws {
        let touched = try execute(
            """
            UPDATE delivery SET attempts = ?, next_attempt_at = ?, waiting_since = ?, is_parked = ?, last_error = ?
            WHERE subscription = ? AND sequence = ?
            """,
            [
                delivery.attempts, delivery.nextAttemptAt.milliseconds, delivery.waitingSince.milliseconds, delivery.isParked, delivery.lastError,
                delivery.subscription, delivery.message.sequence,
            ])
        guard touched > 0 else {
            throw StoreError(.notFound, detail: "subscription '\(delivery.subscription)' has no open delivery of message \(delivery.message.sequence)")
        }
    }

    func complete(_ delivery: SubscriptionDelivery) throws {
        try execute("DELETE FROM delivery WHERE subscription = ? AND sequence = ?", [delivery.subscription, delivery.message.sequence])
    }
}
