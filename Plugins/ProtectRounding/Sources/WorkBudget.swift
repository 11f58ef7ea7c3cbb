import SluiceKit

/// Counts the steps of all linear programs of one table and watches the clock. Not shared between tasks.
///
/// Where a search may end early it does so by steps and never by the clock, so that the same table always gives the same result.
final class WorkBudget {
    private(set) var pivots = 0
    private let pivotsMax: Int
    private let end: ContinuousClock.Instant
    private let limits: RoundingLimits

    init(_ limits: RoundingLimits) {
        self.limits = limits
        pivotsMax = limits.pivotsMax
        end = ContinuousClock.now.advanced(by: limits.deadline)
    }

    /// - Throws: `tooLarge` past the pivots allowed, `deadline` past the time.
    func spend() throws(ProtectionError) {
        pivots += 1
        guard pivots <= pivotsMax else {
            throw ProtectionError(
                .tooLarge,
                detail: "the table needs more than \(pivotsMax) steps to be rounded; split it by period or region, or coarsen a dimension")
        }
        if pivots & 15 == 0, ContinuousClock.now >= end {
            throw ProtectionError(
                .deadline,
                detail:
                    "the table could not be rounded within \(limits.deadline); split it by period or region, or coarsen a dimension"
            )
        }
    }
}
