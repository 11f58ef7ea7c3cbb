/// How often, how long and at which distance a delivery is tried; every limit has a name.
package struct DeliveryPolicy: Hashable, Sendable {
    /// Most failed attempts; the one that makes it this many parks the item.
    package var attemptsMax: Int
    /// Distance to the second attempt; it doubles from there.
    package var firstDelayMilliseconds: Int64
    /// Longest distance between two attempts that doubling leads to.
    package var delayMillisecondsMax: Int64
    /// How long an item is tried at all, counted from when it began to wait. Also what ends a receiver that says "busy" for ever.
    package var retryWindowMilliseconds: Int64
    /// Distance after "busy" without a time of the receiver's own.
    package var busyDelayMilliseconds: Int64
    /// Longest wait that a receiver's Retry-After can impose on us.
    package var busyDelayMillisecondsMax: Int64

    /// How long a package that the transport took over (a drop folder) may go without its receipt before it is handed over again.
    package var replyMillisecondsMax: Int64
    /// How long after its recording an exchange may be delivered at all; then it expires. At most the receiver's `ClockTolerance.packageAgeMillisecondsMax`,
    /// or the receiver refuses as stale what we still send.
    package var validityMilliseconds: Int64
    /// Packages of this length and more ask the receiver first how much of them it has.
    package var resumeBytesMin: Int
    /// What a broken attempt must have added at the receiver, not to count as a failed one.
    package var progressBytesMin: Int
    /// Longest time a worker may hold an item; a claim that reaches further ahead was made before the clock was set back.
    package var claimMillisecondsMax: Int64

    package init(
        attemptsMax: Int, firstDelayMilliseconds: Int64, delayMillisecondsMax: Int64, retryWindowMilliseconds: Int64, busyDelayMilliseconds: Int64,
        busyDelayMillisecondsMax: Int64, replyMillisecondsMax: Int64 = 86_400_000, validityMilliseconds: Int64 = 30 * 86_400_000,
        resumeBytesMin: Int = 8 << 20, progressBytesMin: Int = 1 << 20, claimMillisecondsMax: Int64 = 2 * 3_600_000
    ) {
        self.attemptsMax = attemptsMax
        self.firstDelayMilliseconds = firstDelayMilliseconds
        self.delayMillisecondsMax = delayMillisecondsMax
        self.retryWindowMilliseconds = retryWindowMilliseconds
        self.busyDelayMilliseconds = busyDelayMilliseconds
        self.busyDelayMillisecondsMax = busyDelayMillisecondsMax
        self.replyMillisecondsMax = replyMillisecondsMax
        self.validityMilliseconds = validityMilliseconds
        self.resumeBytesMin = resumeBytesMin
        self.progressBytesMin = progressBytesMin
        self.claimMillisecondsMax = claimMillisecondsMax
    }

    /// To another participant: over a weekend, so that a partner without an operator on Saturday still gets everything on Monday.
    /// Pauses of half an hour, the shortest that chance makes of the longest, fill the window with fewer attempts than these.
    package static let remote = DeliveryPolicy(
        attemptsMax: 160, firstDelayMilliseconds: 1_000, delayMillisecondsMax: 3_600_000, retryWindowMilliseconds: 3 * 86_400_000,
        busyDelayMilliseconds: 30_000, busyDelayMillisecondsMax: 6 * 3_600_000)

    /// Into a drop folder: the receipt comes when somebody carried the files, so tries are few and far apart.
    package static let folder = DeliveryPolicy(
        attemptsMax: 5, firstDelayMilliseconds: 60_000, delayMillisecondsMax: 3_600_000, retryWindowMilliseconds: 21 * 86_400_000,
        busyDelayMilliseconds: 60_000, busyDelayMillisecondsMax: 6 * 3_600_000, replyMillisecondsMax: 3 * 86_400_000)

    /// To a subscriber inside the node: it is either there or has a fault, and waiting long helps neither.
    package static let bus = DeliveryPolicy(
        attemptsMax: 8, firstDelayMilliseconds: 200, delayMillisecondsMax: 60_000, retryWindowMilliseconds: 86_400_000,
        busyDelayMilliseconds: 1_000, busyDelayMillisecondsMax: 300_000)

    /// The distance to the next attempt after so many failed ones: doubling, then between half of that and all of it by chance,
    /// so that senders who failed together do not come back together.
    package func delayMilliseconds(afterAttempts attempts: Int, random: UInt64) -> Int64 {
        let longest = max(1, delayMillisecondsMax)
        let doublings = min(max(attempts, 1) - 1, 62)
        let first = max(1, min(firstDelayMilliseconds, longest))
        let full = first > longest >> Int64(doublings) ? longest : first << Int64(doublings)
        return full - Int64(random % UInt64(full / 2 + 1))
    }

    /// The distance after "busy": the receiver's own word within our limits, and a little later by chance for the same reason.
    package func busyDelayMilliseconds(retryAfterSeconds: Int?, random: UInt64) -> Int64 {
        let longest = max(1, busyDelayMillisecondsMax)
        let (asked, isOver) = retryAfterSeconds.map { Int64($0).multipliedReportingOverflow(by: 1_000) } ?? (busyDelayMilliseconds, false)
        // Never at once: "Retry-After: 0" from a receiver in trouble would make us spin.
        let base = isOver ? longest : min(max(asked, firstDelayMilliseconds, 1), longest)
        return base + min(longest - base, Int64(random % UInt64(base / 4 + 1)))
    }
}
