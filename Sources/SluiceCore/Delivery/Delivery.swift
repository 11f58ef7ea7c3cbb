package import SluiceKit

/// The delivery of one item: what happened goes in, what to do next comes out. No clock, no socket, no store.
package struct Delivery: Hashable, Sendable {
    /// What became of an attempt.
    package enum Event: Hashable, Sendable {
        /// The receiver's verified receipt; `isAccepted` is what it says.
        case receipt(isAccepted: Bool)
        /// The receiver is there but cannot take it now. Not counted as an attempt: it is the receiver's right to slow us down.
        case busy(retryAfterSeconds: Int?, detail: String)
        case failed(Failure)
        /// It failed, but the receiver keeps more of a large package than before. Not counted either: a bad line may break a long upload often.
        case progressed(Failure)
    }

    /// Why an attempt brought no receipt.
    package struct Failure: Hashable, Sendable {
        /// Stable, for programs.
        package var code: String
        package var detail: String
        /// Whether another attempt can help without a person's doing.
        package var isTransient: Bool

        package init(code: String, detail: String, isTransient: Bool) {
            self.code = code
            self.detail = detail
            self.isTransient = isTransient
        }

        package init(_ error: TransportError) {
            self.init(code: error.code.rawValue, detail: error.detail, isTransient: error.isTransient)
        }
    }

    /// Why a delivery was given up for now.
    package struct ParkReason: Hashable, Sendable {
        package enum Code: String, Hashable, Sendable {
            /// The policy's `attemptsMax` is reached.
            case attemptsEnded = "delivery.attempts-ended"
            /// The policy's `retryWindowMilliseconds` is over.
            case windowOver = "delivery.window-over"
            /// Another attempt would end the same way.
            case cannotSucceed = "delivery.cannot-succeed"
            /// A person took it out of the queue.
            case byHand = "delivery.by-hand"
        }
        package var code: Code
        /// For the operator: what to look at before replaying it.
        package var detail: String

        package init(code: Code, detail: String) {
            self.code = code
            self.detail = detail
        }
    }

    package enum Action: Hashable, Sendable {
        case retry(at: Instant, because: String)
        case park(ParkReason)
        case settle(isAccepted: Bool)
    }

    package enum State: Hashable, Sendable {
        case waiting
        case parked(ParkReason)
        case settled(isAccepted: Bool)
    }

    package let policy: DeliveryPolicy
    /// Failed attempts since it began to wait.
    package private(set) var attempts: Int
    package private(set) var waitingSince: Instant
    package private(set) var state: State

    /// - Parameters:
    ///   - attempts: failed ones so far, as the store kept them.
    ///   - waitingSince: from when the retry window counts.
    ///   - reason: why it was parked, where it was.
    package init(policy: DeliveryPolicy, attempts: Int = 0, waitingSince: Instant, parkedFor reason: ParkReason? = nil) {
        self.policy = policy
        self.attempts = max(0, attempts)
        self.waitingSince = waitingSince
        state = reason.map(State.parked) ?? .waiting
    }

    /// - Parameter random: any value, from the caller's generator; spreads the retries.
    package mutating func handle(_ event: Event, at now: Instant, random: UInt64) -> Action {
        // Settled is for ever: a second receipt is a repeat of the first, and a late failure is of an attempt that no longer matters.
        if case .settled(let isAccepted) = state { return .settle(isAccepted: isAccepted) }
        switch event {
        case .receipt(let isAccepted):
            // Also when parked: an attempt that we had given up on came through after all.
            state = .settled(isAccepted: isAccepted)
            return .settle(isAccepted: isAccepted)
        case .busy(let retryAfterSeconds, let detail):
            if case .parked(let reason) = state { return .park(reason) }
            let next = now.adding(policy.busyDelayMilliseconds(retryAfterSeconds: retryAfterSeconds, random: random))
            return isPastWindow(next) ? park(.windowOver, "the receiver was busy to the end: \(detail)") : .retry(at: next, because: "busy: \(detail)")
        case .failed(let failure):
            if case .parked(let reason) = state { return .park(reason) }
            attempts += attempts < .max ? 1 : 0
            let words = "\(failure.detail) [\(failure.code)]"
            guard failure.isTransient else { return park(.cannotSucceed, words) }
            guard attempts < policy.attemptsMax else { return park(.attemptsEnded, "\(attempts) attempts failed, the last one: \(words)") }
            let next = now.adding(policy.delayMilliseconds(afterAttempts: attempts, random: random))
            return isPastWindow(next) ? park(.windowOver, "tried since \(waitingSince.rfc3339), the last time: \(words)") : .retry(at: next, because: words)
        case .progressed(let failure):
            if case .parked(let reason) = state { return .park(reason) }
            let words = "broken off, to be resumed: \(failure.detail) [\(failure.code)]"
            let next = now.adding(policy.delayMilliseconds(afterAttempts: 1, random: random))
            return isPastWindow(next) ? park(.windowOver, "tried since \(waitingSince.rfc3339), the last time: \(words)") : .retry(at: next, because: words)
        }
    }

    /// A person wants it tried again: attempts and window start anew. Nothing to replay once it is settled.
    package mutating func replay(at now: Instant) -> Action {
        if case .settled(let isAccepted) = state { return .settle(isAccepted: isAccepted) }
        state = .waiting
        attempts = 0
        waitingSince = now
        return .retry(at: now, because: "")
    }

    private mutating func park(_ code: ParkReason.Code, _ detail: String) -> Action {
        let reason = ParkReason(code: code, detail: detail)
        state = .parked(reason)
        return .park(reason)
    }

    private func isPastWindow(_ instant: Instant) -> Bool { instant > waitingSince.adding(max(0, policy.retryWindowMilliseconds)) }
}

extension Instant {
    /// Stays at the end of time instead of going over it: stored times are input too.
    package func adding(_ count: Int64) -> Instant {
        let (sum, isOver) = milliseconds.addingReportingOverflow(count)
        return Instant(milliseconds: isOver ? .max : sum)
    }
}
