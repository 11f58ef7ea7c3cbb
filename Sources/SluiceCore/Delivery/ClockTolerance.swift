package import SluiceKit

/// How far a package's time may lie from the receiver's clock.
package struct ClockTolerance: Hashable, Sendable {
    /// How far the two clocks may differ.
    package var skewMilliseconds: Int64
    /// How old a package may be when it arrives. The sender's `DeliveryPolicy.validityMilliseconds` is at most this.
    package var packageAgeMillisecondsMax: Int64

    /// `sealedAt` lies further ahead than clocks may differ. Refused for now: the sender tries again.
    package static let aheadCode = "verify.clock"
    /// `sealedAt` lies further back than packages may be old.
    package static let staleCode = "verify.stale"

    package static let standard = ClockTolerance(skewMilliseconds: 300_000, packageAgeMillisecondsMax: 30 * 86_400_000)

    package init(skewMilliseconds: Int64, packageAgeMillisecondsMax: Int64) {
        self.skewMilliseconds = max(0, skewMilliseconds)
        self.packageAgeMillisecondsMax = max(0, packageAgeMillisecondsMax)
    }

    /// How long an answered id has to be remembered, its erased ones too: a repeat that comes later is refused as stale by its own sealed time.
    package var memoryMilliseconds: Int64 {
        let (sum, isOver) = packageAgeMillisecondsMax.addingReportingOverflow(skewMilliseconds)
        let (whole, isOverAgain) = sum.addingReportingOverflow(skewMilliseconds)
        return isOver || isOverAgain ? .max : whole
    }

    /// Why a package sealed then cannot be taken now; nil when it can.
    package func refusal(sealedAt: Instant, at now: Instant) -> Refusal? {
        if sealedAt > now.adding(skewMilliseconds) {
            return Refusal(
                Self.aheadCode,
                "the package was sealed at \(sealedAt.rfc3339), and by this node's clock it is \(now.rfc3339): more than \(skewMilliseconds / 1_000) s apart. "
                    + "Set the clocks right; the same package is then taken")
        }
        let end = sealedAt.adding(packageAgeMillisecondsMax).adding(skewMilliseconds)
        guard end < now else { return nil }
        return Refusal(
            Self.staleCode,
            "the package was sealed at \(sealedAt.rfc3339), and this node takes packages up to \(packageAgeMillisecondsMax / 3_600_000) hours old. Send the data anew"
        )
    }
}
