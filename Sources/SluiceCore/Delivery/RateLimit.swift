package import SluiceKit

/// How much a participant may hand in per minute: two token buckets, for exchanges and for bytes.
///
/// Whole numbers only: a level is kept in sixty-thousandths, so that a millisecond adds the rate itself and nothing is ever rounded.
package struct RateLimit: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        package var exchangesPerMinute: Int
        package var bytesPerMinute: Int
        /// How many minutes' worth a participant that was quiet may hand in at once.
        package var burstMinutes: Int

        package init(exchangesPerMinute: Int = 120, bytesPerMinute: Int = 4 << 30, burstMinutes: Int = 5) {
            self.exchangesPerMinute = exchangesPerMinute
            self.bytesPerMinute = bytesPerMinute
            self.burstMinutes = burstMinutes
        }
    }

    package enum Admission: Hashable, Sendable {
        case allowed
        /// 429, with this as `Retry-After`; at least 1.
        case refused(retryAfterSeconds: Int)
    }

    /// Largest rate of either kind; keeps every product below overflow.
    package static let perMinuteMax: Int64 = 1 << 40
    package static let burstMinutesMax: Int64 = 60

    package let limits: Limits
    private var exchanges: Bucket
    private var bytes: Bucket
    private var updatedAt: Instant

    package init(_ limits: Limits, at now: Instant) {
        self.limits = limits
        exchanges = Bucket(perMinute: limits.exchangesPerMinute, burstMinutes: limits.burstMinutes)
        bytes = Bucket(perMinute: limits.bytesPerMinute, burstMinutes: limits.burstMinutes)
        updatedAt = now
    }

    /// Asks for one exchange of so many bytes; takes them when allowed, nothing when refused.
    ///
    /// A package longer than the bucket is deep is allowed when the bucket is full, and the debt is waited off by the next.
    package mutating func admit(at now: Instant, bytes count: Int) -> Admission {
        refill(at: now)
        let cost = Int64(clamping: count)
        let wait = max(exchanges.waitMilliseconds(for: 1), bytes.waitMilliseconds(for: cost))
        guard wait == 0 else { return .refused(retryAfterSeconds: Int(clamping: (wait + 999) / 1_000)) }
        exchanges.take(1)
        bytes.take(cost)
        return .allowed
    }

    /// Whether nothing is owed any more: a new one would say the same.
    package func isFull(at now: Instant) -> Bool {
        var copy = self
        copy.refill(at: now)
        return copy.exchanges.isFull && copy.bytes.isFull
    }

    private mutating func refill(at now: Instant) {
        // A clock that was set back adds nothing and is believed from here on; one set ahead fills the buckets, no more.
        let (difference, isOver) = now.milliseconds.subtractingReportingOverflow(updatedAt.milliseconds)
        let elapsed = isOver ? 0 : max(0, difference)
        updatedAt = now
        exchanges.refill(elapsed)
        bytes.refill(elapsed)
    }

    private struct Bucket: Hashable, Sendable {
        static let scale: Int64 = 60_000
        let perMinute: Int64
        let capacity: Int64
        /// In sixty-thousandths; below zero after a package longer than the bucket is deep.
        var level: Int64

        init(perMinute: Int, burstMinutes: Int) {
            self.perMinute = min(max(Int64(clamping: perMinute), 1), RateLimit.perMinuteMax)
            // 2^40 × 60 × 60,000 is below 2^62.
            capacity = self.perMinute * min(max(Int64(clamping: burstMinutes), 1), RateLimit.burstMinutesMax) * Self.scale
            level = capacity
        }

        var isFull: Bool { level == capacity }

        mutating func refill(_ milliseconds: Int64) {
            let (gain, isOver) = milliseconds.multipliedReportingOverflow(by: perMinute)
            let (sum, isSumOver) = level.addingReportingOverflow(gain)
            level = isOver || isSumOver ? capacity : min(capacity, sum)
        }

        private func scaled(_ cost: Int64) -> Int64 { min(max(0, cost), RateLimit.perMinuteMax) * Self.scale }

        func waitMilliseconds(for cost: Int64) -> Int64 {
            let missing = min(scaled(cost), capacity) - level
            return missing <= 0 ? 0 : (missing - 1) / perMinute + 1
        }

        mutating func take(_ cost: Int64) { level -= scaled(cost) }
    }
}

/// The rate limits of all participants.
package struct RateLimits: Hashable, Sendable {
    /// Most participants remembered; those who owe nothing are forgotten first, and a stranger beyond it waits.
    package static let participantsMax = 1_024

    private var limits: [ParticipantID: RateLimit] = [:]

    package init() {}

    package var count: Int { limits.count }

    package mutating func admit(_ participant: ParticipantID, _ own: RateLimit.Limits, at now: Instant, bytes: Int) -> RateLimit.Admission {
        if limits[participant] == nil, limits.count >= Self.participantsMax {
            limits = limits.filter { !$0.value.isFull(at: now) }
            guard limits.count < Self.participantsMax else { return .refused(retryAfterSeconds: 60) }
        }
        // What was agreed anew holds from here on.
        if let known = limits[participant], known.limits != own { limits[participant] = nil }
        return limits[participant, default: RateLimit(own, at: now)].admit(at: now, bytes: bytes)
    }
}
