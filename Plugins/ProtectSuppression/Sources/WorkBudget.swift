import SluiceKit

/// Counts the steps of all linear programs of one table and watches the clock. Not shared between tasks.
final class WorkBudget {
    private(set) var pivots = 0
    /// Pivots weighted by what they cost: one in a small basis counts once, one in a basis of 640 sums a hundred times.
    private(set) var effort = 0
    private let pivotsMax: Int
    private let deadline: ContinuousClock.Instant
    private let early: ContinuousClock.Instant
    private let limits: SuppressionLimits

    init(_ limits: SuppressionLimits) {
        self.limits = limits
        pivotsMax = limits.pivotsMax
        let now = ContinuousClock.now
        deadline = now.advanced(by: limits.deadline)
        early = now.advanced(by: limits.deadline / 8)
    }

    static func effort(ofBasis count: Int) -> Int { 1 + (count * count) >> 12 }

    /// Whether seven eighths of steps and time are left.
    var isHardlyUsed: Bool { pivots < pivotsMax / 8 && ContinuousClock.now < early }

    /// - Parameter effort: of the pivot.
    /// - Throws: `tooLarge` past the pivots allowed, `deadline` past the time.
    func spend(_ effort: Int = 1) throws(ProtectionError) {
        pivots += 1
        self.effort += effort
        guard pivots <= pivotsMax else {
            throw ProtectionError(
                .tooLarge,
                detail: "the table needs more than \(pivotsMax) steps to be protected; split it by period or region, or coarsen a dimension")
        }
        if pivots & 63 == 0 || effort > 1_000 { try checkClock() }
    }

    /// - Throws: `deadline` past the time.
    func checkClock() throws(ProtectionError) {
        guard ContinuousClock.now < deadline else {
            throw ProtectionError(
                .deadline,
                detail:
                    "the table could not be protected within \(limits.deadline); split it by period or region, or coarsen a dimension")
        }
    }
}
