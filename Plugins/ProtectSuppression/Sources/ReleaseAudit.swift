import SluiceKit

/// The gate: attacks a table that is about to leave, knowing the original only to judge what the attack found.
///
/// It reads both tables anew and shares no state with the search for a pattern. Unknown is what the released table does not show
/// (or, in flagged mode, flags). Safe is a cell for which the attack holds two other tables that fit everything released, one on each side and
/// as far away as the cell's level, each checked against every sum; a cell without such tables is not safe, for whatever reason.
struct ReleaseAudit {
    struct Breach: Hashable {
        var cell: Int
        /// A further cell that can be computed exactly: it may as well be published.
        var isIdle: Bool
    }
    private(set) var audit = ProtectionReport.Audit()
    private(set) var breaches: [Breach] = []
    /// Whether every interval of an unsafe cell was computed, so that the narrowest is one; otherwise it is at least so wide.
    private(set) var isNarrowestExact = true
    private let problem: Problem
    private let attack: Attack

    /// - Parameter hints: differences of tables, by cell, that may prove something; each counts only once the attack has checked it.
    /// - Throws: `auditNotClean` when the released table is not the original with cells hidden and marked.
    init(
        _ released: Table, against original: Table, under obligations: ProtectionObligations, hints: [Witness] = [], limits: SuppressionLimits,
        budget: WorkBudget
    ) throws(ProtectionError) {
        problem = try Problem(original, under: obligations, limits: limits)
        let isHidden = try ReleaseComparison(released, original, problem.observations, obligations).isHidden
        let system = problem.system
        var isUnknown = Array(repeating: false, count: system.cells.count)
        for (index, cell) in system.cells.enumerated() {
            isUnknown[index] = cell.row < 0 || isHidden[Int(cell.row)]
            if isUnknown[index], cell.row >= 0 { audit.cells += 1 }
            if !isUnknown[index], problem.demands.unsafe[index] != nil { breaches.append(Breach(cell: index, isIdle: false)) }
        }
        audit.unreportedCells = system.unreportedCells
        attack = Attack(system, isUnknown: isUnknown, limits: limits, budget: budget)
        audit.equations = attack.system.rowCount
        attack.learn(hints: hints)
        breaches += try attack.run(problem.demands, isWhole: problem.isWhole).sorted { $0.cell < $1.cell }
        guard breaches.isEmpty else { return }
        (audit.narrowestWidth, audit.narrowestRelativeWidth, isNarrowestExact) = try attack.narrowest(problem.demands, effort: limits.intervalPivotsMax)
    }

    /// What the attack can say of each row of the original; nil where it was not hidden.
    func intervals() throws(ProtectionError) -> [Interval?] {
        var found: [Interval?] = Array(repeating: nil, count: problem.system.cellOfRow.count)
        for (column, cell) in attack.cells.enumerated() {
            let row = Int(problem.system.cells[cell].row)
            if row >= 0 { found[row] = try attack.intervals.interval(of: column) }
        }
        return found
    }
}

extension Problem {
    /// Whether the measure counts: everybody knows then that a withheld figure is a whole number.
    fileprivate var isWhole: Bool { system.scale == 0 && !observations.contributors.hasCounts && observations.contributors.depth == 0 }
}
