package import SluiceKit

/// A durable subscription's work on one message: the same machine as for a remote receiver, with the words of a local one.
package struct BusDelivery: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        case handled
        /// The subscriber has no room; tried again without counting as an attempt.
        case busy(detail: String)
        case failed(Delivery.Failure)
    }

    package enum Action: Hashable, Sendable {
        /// Done: `complete` it.
        case complete
        /// Store this: due again later, or parked.
        case store(SubscriptionDelivery)
    }

    package private(set) var delivery: Delivery
    private var stored: SubscriptionDelivery

    package init(_ stored: SubscriptionDelivery, policy: DeliveryPolicy = .bus) {
        delivery = Delivery(
            policy: policy, attempts: stored.attempts, waitingSince: stored.waitingSince,
            parkedFor: stored.isParked ? Delivery.ParkReason(code: .cannotSucceed, detail: stored.lastError) : nil)
        self.stored = stored
    }

    package mutating func handle(_ event: Event, at now: Instant, random: UInt64) -> Action {
        switch event {
        case .handled: apply(delivery.handle(.receipt(isAccepted: true), at: now, random: random))
        case .busy(let detail): apply(delivery.handle(.busy(retryAfterSeconds: nil, detail: detail), at: now, random: random))
        case .failed(let failure): apply(delivery.handle(.failed(failure), at: now, random: random))
        }
    }

    /// A person wants a parked message handled again.
    package mutating func replay(at now: Instant) -> Action { apply(delivery.replay(at: now)) }

    private mutating func apply(_ action: Delivery.Action) -> Action {
        stored.attempts = delivery.attempts
        stored.waitingSince = delivery.waitingSince
        switch action {
        case .settle: return .complete
        case .retry(let instant, let because):
            stored.nextAttemptAt = instant
            stored.lastError = because
            stored.isParked = false
        case .park(let reason):
            stored.lastError = reason.detail
            stored.isParked = true
        }
        return .store(stored)
    }
}
