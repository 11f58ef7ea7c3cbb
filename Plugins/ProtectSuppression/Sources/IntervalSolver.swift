import SluiceKit

/// What an attacker can say of a cell: the least and the greatest value that fits everything published.
struct Interval: Hashable, Sendable {
    var low: Double
    var high: Double
}

/// Finds intervals: each end is attained by a table that was checked against every sum (`SparseSystem.admits`), so a programming fault or
/// rounding can make an interval too narrow, and a release refused, but never too wide. A high beyond four times all values together is infinite.
final class IntervalSolver {
    private let system: SparseSystem
    private let bounds: Bounds
    private let simplex: LocalSimplex
    private let farthest: Double
    /// Effort of one end (`WorkBudget.effort`); past it the interval is not known.
    var effortMax = Int.max

    convenience init(_ system: SparseSystem, budget: WorkBudget) throws(ProtectionError) {
        self.init(system, bounds: Bounds(system), equationsMax: SuppressionLimits().equationsOfPartMax, budget: budget)
    }

    init(_ system: SparseSystem, bounds: Bounds, equationsMax: Int, budget: WorkBudget) {
        self.system = system
        self.bounds = bounds
        farthest = 4 * system.x.reduce(1, +)
        var perturbation = SplitMix(state: 0x1ea5)
        simplex = LocalSimplex(
            system, costs: (0..<system.columnCount).map { _ in 1 + perturbation.fraction() }, equationsMax: equationsMax, budget: budget)
        simplex.roundsMax = 200_000
    }

    /// The interval of a cell, true values included.
    /// - Throws: `auditNotClean` where an end could not be found: within `effortMax`, or in the precision at hand.
    func interval(of column: Int) throws(ProtectionError) -> Interval {
        let high = try extreme(of: column, from: bounds.high[column])
        let low = try extreme(of: column, from: bounds.low[column])
        return Interval(low: max(0, system.x[column] + low), high: system.x[column] + high)
    }

    private func extreme(of target: Int, from bound: Double) throws(ProtectionError) -> Double {
        guard abs(bound) > 1e-9 else { return 0 }
        simplex.effortMax = effortMax
        guard let witness = try simplex.witness(moving: target, by: min(bound, farthest), .furthest) else {
            throw ProtectionError(
                .auditNotClean,
                detail: "the audit lost its precision; the figures differ by too many orders of magnitude. Express them in a larger unit or split the table")
        }
        let reached = witness.difference(of: target)
        return reached >= farthest * (1 - 1e-9) ? .infinity : reached
    }
}
