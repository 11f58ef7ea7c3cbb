import SluiceKit

/// Counts the steps of all linear programs of one table and watches the clock. Not shared between tasks.
final class WorkBudget {
    private(set) var pivots = 0
    private let pivotsMax: Int
    private let deadline: ContinuousClock.Instant
    private let limits: SuppressionLimits

    init(_ limits: SuppressionLimits) {
        self.limits = limits
        pivotsMax = limits.pivotsMax
        deadline = ContinuousClock.now.advanced(by: limits.deadline)
    }

    /// - Throws: `tooLarge` past the pivots allowed, `deadline` past the time.
    func spend() throws(ProtectionError) {
        pivots += 1
        guard pivots <= pivotsMax else {
            throw ProtectionError(
                .tooLarge,
                detail: "the table needs more than \(pivotsMax) steps to be protected; split it by period or region, coarsen a dimension, or raise pivotsMax")
        }
        if pivots & 63 == 0 { try checkClock() }
    }

    /// - Throws: `deadline` past the time.
    func checkClock() throws(ProtectionError) {
        guard ContinuousClock.now < deadline else {
            throw ProtectionError(
                .deadline,
                detail:
                    "the table could not be protected within \(limits.deadline); split it by period or region, coarsen a dimension, or raise deadlineSeconds")
        }
    }
}
