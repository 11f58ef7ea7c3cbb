import SluiceKit

/// Linear programs over what the released table does not show.
final class Attack {
    /// Cells of the table, ascending; the position is the column of `system`.
    let cells: [Int]
    let system: SparseSystem
    let intervals: IntervalSolver
    private let table: CellSystem
    private let columnOfCell: [Int32]
    private let bounds: Bounds
    private let simplex: LocalSimplex
    private let budget: WorkBudget
    /// `Witness.negligible` where the largest cell moves wholly.
    private let negligible: Double
    /// Of each column: furthest proven deviation to either side.
    private var reachedLow: [Double]
    private var reachedHigh: [Double]
    /// Whether a proof moves it by whole numbers only.
    private var movesWhole: [Bool]

    init(_ table: CellSystem, isUnknown: [Bool], limits: SuppressionLimits, budget: WorkBudget) {
        self.table = table
        self.budget = budget
        cells = table.cells.indices.filter { isUnknown[$0] }
        var columns = Array(repeating: Int32(-1), count: table.cells.count)
        for (column, cell) in cells.enumerated() { columns[cell] = Int32(column) }
        columnOfCell = columns
        var equations = Equations()
        for equation in 0..<table.equations.count {
            let open = table.equations[equation].filter { isUnknown[SparseSystem.index($0)] }
            guard !open.isEmpty else { continue }
            equations.append(open.map { $0 >= 0 ? columns[Int($0)] : ~columns[Int(~$0)] })
        }
        system = SparseSystem(equations, x: cells.map(table.double))
        bounds = Bounds(system)
        negligible = max(1e-6, 1e-10 * (system.x.prefix(cells.count).max() ?? 0))
        var perturbation = SplitMix(state: 0xa77ac)
        simplex = LocalSimplex(
            system, costs: cells.map { _ in 1 + perturbation.fraction() }, equationsMax: limits.equationsOfPartMax, budget: budget)
        simplex.roundsMax = limits.programPivotsMax
        intervals = IntervalSolver(system, bounds: bounds, equationsMax: limits.equationsOfPartMax, budget: budget)
        intervals.effortMax = limits.intervalPivotsMax
        reachedLow = Array(repeating: 0, count: cells.count)
        reachedHigh = Array(repeating: 0, count: cells.count)
        movesWhole = Array(repeating: false, count: cells.count)
    }

    /// - Parameter isWhole: everybody knows that figures are whole numbers.
    func run(_ demands: Demands, isWhole: Bool) throws(ProtectionError) -> [ReleaseAudit.Breach] {
        var breaches: [ReleaseAudit.Breach] = []
        for (column, cell) in cells.enumerated() {
            guard let unsafe = demands.unsafe[cell] else { continue }
            var isSafe = try reaches(column, -unsafe.lower, demands, cell)
            if isSafe { isSafe = try reaches(column, unsafe.upper, demands, cell) }
            if !isSafe { breaches.append(.init(cell: cell, isIdle: false)) }
        }
        for (column, cell) in cells.enumerated() where demands.unsafe[cell] == nil && table.cells[cell].row >= 0 {
            if try !moves(column, isWhole: isWhole) { breaches.append(.init(cell: cell, isIdle: true)) }
        }
        return breaches
    }

    private func tolerance(_ column: Int) -> Double { 1e-6 * max(1, system.x[column]) }

    /// What may be missing from a level: less than it by far, however large the cell is.
    private func tolerance(_ column: Int, level: Double) -> Double { min(tolerance(column), 1e-3 * abs(level)) }

    /// Takes differences of the whole table's cells for proofs where they move only what the released table hides and fit all of it.
    func learn(hints: [Witness]) {
        for hint in hints {
            guard hint.cells.allSatisfy({ columnOfCell.indices.contains(Int($0)) && columnOfCell[Int($0)] >= 0 }) else { continue }
            let witness = Witness(cells: hint.cells.map { columnOfCell[Int($0)] }, differences: hint.differences)
            guard system.admits(witness) else { continue }
            learn(witness)
            if let opposite = witness.opposite(in: system) { learn(opposite) }
        }
    }

    private func learn(_ witness: Witness) {
        let isWhole = witness.differences.allSatisfy { abs($0 - $0.rounded()) < 1e-9 }
        let negligible = witness.negligible
        for (cell, difference) in zip(witness.cells, witness.differences) where abs(difference) > negligible {
            let column = Int(cell)
            reachedLow[column] = min(reachedLow[column], difference)
            reachedHigh[column] = max(reachedHigh[column], difference)
            if isWhole, abs(difference) > 0.5 { movesWhole[column] = true }
        }
    }

    private func reaches(_ column: Int, _ difference: Double, _ demands: Demands, _ cell: Int) throws(ProtectionError) -> Bool {
        guard difference != 0 else { return true }
        let room = tolerance(column, level: difference)
        let isMet = difference < 0 ? reachedLow[column] <= difference + room : reachedHigh[column] >= difference - room
        if isMet, demands.insiders.isEmpty { return true }
        guard let witness = try simplex.witness(moving: column, by: difference), abs(difference) > witness.negligible else {
            // Levels have a tolerance: what is missing may be less.
            let bound = difference < 0 ? bounds.low[column] : bounds.high[column]
            guard abs(bound) >= abs(difference) - room else { return false }
            guard abs(difference) > negligible, let interval = try proven(column) else { return false }
            let isEnough = difference < 0 ? system.x[column] - interval.low >= -difference - room : interval.high - system.x[column] >= difference - room
            return isEnough && demands.insiders.isEmpty
        }
        learn(witness)
        if let opposite = witness.opposite(in: system) { learn(opposite) }
        return try withstandsInsiders(column, difference, witness, demands, cell)
    }

    /// Every contributor who is alone in a cell knows it: the attack again, with its own cells fixed. One whose cells the witness leaves alone has met it already.
    private func withstandsInsiders(_ column: Int, _ difference: Double, _ witness: Witness, _ demands: Demands, _ cell: Int) throws(ProtectionError) -> Bool {
        guard !demands.insiders.isEmpty else { return true }
        let groups = Set(witness.cells.compactMap { demands.insiderOfCell[cells[Int($0)]] })
        for group in groups.sorted() where group != demands.insiderOfCell[cell] {
            let own = demands.insiders[group].map { Int(columnOfCell[$0]) }.filter { $0 >= 0 }
            let costs = own.map { simplex.cost[$0] }
            for known in own { simplex.cost[known] = .infinity }
            defer { for (known, cost) in zip(own, costs) { simplex.cost[known] = cost } }
            guard let other = try simplex.witness(moving: column, by: difference), abs(difference) > other.negligible else { return false }
        }
        return true
    }

    /// nil where figures of too many orders of magnitude leave no interval that can be checked: nothing is proven then.
    private func proven(_ column: Int) throws(ProtectionError) -> Interval? {
        do throws(ProtectionError) { return try intervals.interval(of: column) } catch {
            guard error.code == .auditNotClean else { throw error }
            return nil
        }
    }

    /// Whether a further cell has any other value.
    private func moves(_ column: Int, isWhole: Bool) throws(ProtectionError) -> Bool {
        let room = tolerance(column)
        if isWhole ? movesWhole[column] : (reachedHigh[column] > room || reachedLow[column] < -room) { return true }
        for step in isWhole ? [1.0, -1] : [1e-3 * max(1, system.x[column]), -1e-3 * max(1, system.x[column])] where step > 0 || system.x[column] >= -step {
            guard let witness = try simplex.witness(moving: column, by: step) else { continue }
            learn(witness)
            if isWhole, !movesWhole[column] { continue }
            return true
        }
        // Not found: nobody is known to compute it, and publishing it could cost another cell its protection.
        guard let interval = try proven(column) else { return true }
        // Between whole numbers that cannot be told apart from here, a further cell counts as computed only when its interval holds a single one.
        return isWhole ? (interval.high + 1e-6).rounded(.down) > (interval.low - 1e-6).rounded(.up) : interval.high - interval.low > room
    }

    /// Narrowest interval of an unsafe cell that a row has, absolute and relative, and whether all were computed.
    func narrowest(_ demands: Demands, effort: Int) throws(ProtectionError) -> (width: Double?, relative: Double?, isExact: Bool) {
        var width: Double?
        var relative: Double?
        var isExact = true
        let end = budget.effort + effort
        intervals.effortMax = effort / 20
        // Those first that look narrow from one sum alone.
        let order = cells.indices.filter { demands.unsafe[cells[$0]]?.reason != nil }.map { ($0, bounds.high[$0] - bounds.low[$0]) }.sorted { $0.1 < $1.1 }
        for (at, (column, _)) in order.enumerated() {
            // What is proven to be wide enough needs no program.
            let proven = reachedHigh[column] - reachedLow[column]
            if let width, proven >= width, system.x[column] == 0 || proven / system.x[column] >= relative ?? .infinity { continue }
            guard budget.effort < end else {
                for (column, _) in order[at...] {
                    let proven = reachedHigh[column] - reachedLow[column]
                    width = min(width ?? .infinity, proven)
                    if system.x[column] > 0 { relative = min(relative ?? .infinity, proven / system.x[column]) }
                }
                return (width, relative, false)
            }
            guard let interval = try self.proven(column) else {
                isExact = false
                width = min(width ?? .infinity, proven)
                if system.x[column] > 0 { relative = min(relative ?? .infinity, proven / system.x[column]) }
                continue
            }
            let found = interval.high - interval.low
            guard found < .infinity else { continue }
            width = min(width ?? .infinity, found)
            if system.x[column] > 0 { relative = min(relative ?? .infinity, found / system.x[column]) }
        }
        return (width, relative, isExact)
    }
}
