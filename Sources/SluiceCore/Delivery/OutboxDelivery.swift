package import SluiceKit

/// The delivery of an outbox item to its receiver, in terms of what the store has to do next.
package struct OutboxDelivery: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// The receiver's receipt is there: remove the item and settle the exchange as accepted or refused.
        case settle(isAccepted: Bool)
        /// Store this: due again later, and free for the next worker.
        case retry(OutboxItem)
        /// Store this, and the exchange as parked with the reason's code.
        case park(OutboxItem, Delivery.ParkReason)
    }

    package private(set) var delivery: Delivery
    private var item: OutboxItem

    package init(_ item: OutboxItem, policy: DeliveryPolicy = .remote) {
        self.item = item
        delivery = Delivery(
            policy: policy, attempts: item.attempts, waitingSince: item.waitingSince,
            // The outbox keeps the words only; the code is in the exchange record, and all reasons behave alike from here on.
            parkedFor: item.isParked ? Delivery.ParkReason(code: .cannotSucceed, detail: item.lastError) : nil)
    }

    /// - Parameter random: any value, from the caller's generator; spreads the retries.
    package mutating func handle(_ event: Delivery.Event, at now: Instant, random: UInt64) -> Action {
        apply(delivery.handle(event, at: now, random: random))
    }

    /// A person wants a parked item tried again.
    package mutating func replay(at now: Instant) -> Action { apply(delivery.replay(at: now)) }

    private mutating func apply(_ action: Delivery.Action) -> Action {
        item.attempts = delivery.attempts
        item.waitingSince = delivery.waitingSince
        item.claimedUntil = nil
        switch action {
        case .settle(let isAccepted): return .settle(isAccepted: isAccepted)
        case .retry(let instant, let because):
            item.isParked = false
            item.nextAttemptAt = instant
            item.lastError = because
            return .retry(item)
        case .park(let reason):
            item.isParked = true
            item.lastError = reason.detail
            return .park(item, reason)
        }
    }
}
