import SluiceKit

/// The gate: attacks a table that is about to leave, knowing the original only to judge what the attack found.
///
/// It reads both tables anew and shares no state with the search for a pattern. Unknown is what the released table does not show
/// (or, in flagged mode, flags).
struct ReleaseAudit {
    struct Breach: Hashable {
        var cell: Int
        /// A further cell that can be computed exactly: it may as well be published.
        var isIdle: Bool
    }
    private(set) var audit = ProtectionReport.Audit()
    private(set) var breaches: [Breach] = []
    /// Of each row of the original; nil where it was not hidden.
    private(set) var intervals: [Interval?] = []

    /// - Throws: `auditNotClean` when the released table is not the original with cells hidden and marked.
    init(_ released: Table, against original: Table, under obligations: ProtectionObligations, limits: SuppressionLimits, budget: WorkBudget)
        throws(ProtectionError)
    {
        let observations = try Observations(original, under: obligations)
        let system = try CellSystem(
            original, values: observations.values, totals: obligations.totals, minimumCell: obligations.rules.minimumCell ?? 0, limits: limits)
        let demands = try Demands(system, under: obligations, frequency: observations.frequency, declared: observations.declared)
        let isHidden = try ReleaseComparison(released, original, observations, obligations).isHidden
        intervals = Array(repeating: nil, count: original.batch.rowCount)

        var isUnknown = Array(repeating: false, count: system.cells.count)
        for (index, cell) in system.cells.enumerated() {
            isUnknown[index] = cell.row < 0 || isHidden[Int(cell.row)]
            if !isUnknown[index], demands.unsafe[index] != nil { breaches.append(Breach(cell: index, isIdle: false)) }
        }
        for part in Part.split(system, where: isUnknown) {
            let matters = part.cells.contains { system.cells[$0].row >= 0 || demands.unsafe[$0] != nil }
            guard matters else { continue }
            guard part.system.rowCount <= limits.equationsOfPartMax else {
                throw ProtectionError(
                    .tooLarge,
                    detail:
                        "withheld cells are linked by more than \(limits.equationsOfPartMax) sums; split the table by period or region, coarsen a dimension, or raise equationsOfPartMax"
                )
            }
            audit.equations += part.system.rowCount
            let solver = try IntervalSolver(part.system, budget: budget)
            for (column, cell) in part.cells.enumerated() where system.cells[cell].row >= 0 || demands.unsafe[cell] != nil {
                judge(cell, try solver.interval(of: column), system, demands)
            }
        }
        audit.unreportedCells = system.unreportedCells
    }

    private mutating func judge(_ cell: Int, _ interval: Interval, _ system: CellSystem, _ demands: Demands) {
        let row = Int(system.cells[cell].row)
        if row >= 0 {
            intervals[row] = interval
            audit.cells += 1
        }
        let value = system.double(cell)
        let tolerance = 1e-6 * max(1, value)
        guard let unsafe = demands.unsafe[cell] else {
            if interval.high - interval.low <= tolerance { breaches.append(Breach(cell: cell, isIdle: true)) }
            return
        }
        if interval.high - value < unsafe.upper - tolerance || value - interval.low < unsafe.lower - tolerance {
            breaches.append(Breach(cell: cell, isIdle: false))
        }
        let width = interval.high - interval.low
        guard row >= 0, width < .infinity else { return }
        audit.narrowestWidth = min(audit.narrowestWidth ?? .infinity, width)
        if value > 0 { audit.narrowestRelativeWidth = min(audit.narrowestRelativeWidth ?? .infinity, width / value) }
    }
}
