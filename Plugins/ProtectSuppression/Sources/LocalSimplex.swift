import SluiceKit

/// Moves one cell of a table and finds the cheapest way for the others to follow, as a linear program min Σ cost·|z|.
///
/// Bounded dual simplex. The table as it stands is dual feasible from the start, the violated sums drive the pivots, and each brings in the
/// cheapest cell that repairs one. So a program takes a few pivots, and costs what the corner of the table costs that it touches. Every cell
/// has two linear pieces, below and above its true value.
final class LocalSimplex {
    enum Goal {
        /// By just so much.
        case exactly
        /// By so much or, where no table moves the cell so far, as far as it goes.
        case furthest
    }
    let system: SparseSystem
    private let basis: LocalBasis
    private let budget: WorkBudget
    /// Of each cell and unit where it is not open; infinite for a cell that has to stay as it is.
    let cost: UnsafeMutablePointer<Double>
    /// Of its cost, what an open cell costs.
    var openShare = 1.0
    /// Cells that may move even where only these may.
    let isOpen: UnsafeMutablePointer<Bool>
    var onlyOpen = false
    /// Whether the last program ended because no table moves the target so far.
    private(set) var isInfeasible = false
    /// Pivots of one program.
    var roundsMax = 4_000
    /// Their effort (`WorkBudget.effort`), which grows with the square of the basis.
    var effortMax = Int.max
    private let z: UnsafeMutablePointer<Double>
    /// Σ of each equation, with the sign turned: the value of its logical.
    private let logical: UnsafeMutablePointer<Double>
    /// Slope that the equations' prices give each cell.
    private let slope: UnsafeMutablePointer<Double>
    /// Of a cell outside the basis: 0 at its true value, −1 at zero. Of a cell inside: +1 above, −1 below.
    private let piece: UnsafeMutablePointer<Int8>
    private let isColumnTouched: UnsafeMutablePointer<Bool>
    private let isRowTouched: UnsafeMutablePointer<Bool>
    private var touchedColumns: [Int32] = []
    private var touchedRows: [Int32] = []
    private var target = -1

    /// - Parameters:
    ///   - costs: of each cell and unit.
    ///   - equationsMax: most sums that one program may take into its basis.
    init(_ system: SparseSystem, costs: [Double], equationsMax: Int, budget: WorkBudget) {
        self.system = system
        self.budget = budget
        basis = LocalBasis(system, countMax: max(64, equationsMax))
        let columns = max(1, system.columnCount)
        let rows = max(1, system.rowCount)
        cost = .allocate(capacity: columns)
        cost.initialize(repeating: 0, count: columns)
        for (column, value) in costs.enumerated() { cost[column] = value }
        isOpen = .allocate(capacity: columns)
        isOpen.initialize(repeating: true, count: columns)
        z = .allocate(capacity: columns)
        z.initialize(repeating: 0, count: columns)
        slope = .allocate(capacity: columns)
        slope.initialize(repeating: 0, count: columns)
        piece = .allocate(capacity: columns)
        piece.initialize(repeating: 0, count: columns)
        isColumnTouched = .allocate(capacity: columns)
        isColumnTouched.initialize(repeating: false, count: columns)
        logical = .allocate(capacity: rows)
        logical.initialize(repeating: 0, count: rows)
        isRowTouched = .allocate(capacity: rows)
        isRowTouched.initialize(repeating: false, count: rows)
    }

    deinit {
        cost.deallocate()
        isOpen.deallocate()
        z.deallocate()
        slope.deallocate()
        piece.deallocate()
        isColumnTouched.deallocate()
        logical.deallocate()
        isRowTouched.deallocate()
    }

    private func reset() {
        basis.removeAll()
        for column in touchedColumns {
            let column = Int(column)
            z[column] = 0
            slope[column] = 0
            piece[column] = 0
            isColumnTouched[column] = false
        }
        for row in touchedRows {
            logical[Int(row)] = 0
            isRowTouched[Int(row)] = false
        }
        touchedColumns.removeAll(keepingCapacity: true)
        touchedRows.removeAll(keepingCapacity: true)
    }

    @inline(__always) private func price(_ column: Int) -> Double { isOpen[column] ? cost[column] * openShare : cost[column] }

    @inline(__always) private func touch(_ column: Int) {
        guard !isColumnTouched[column] else { return }
        isColumnTouched[column] = true
        touchedColumns.append(Int32(column))
    }

    /// Another table that fits everything published, checked.
    /// - Parameter difference: how far the target moves, with its sign.
    /// - Returns: nil when no table moves the target so far (`isInfeasible`), or none was found within `roundsMax` and `effortMax`.
    /// - Throws: `tooLarge` past the steps of the budget or the sums of one program, `deadline`.
    func witness(moving target: Int, by difference: Double, _ goal: Goal = .exactly) throws(ProtectionError) -> Witness? {
        reset()
        self.target = target
        isInfeasible = false
        guard difference >= -system.x[target] - 1e-9 else {
            isInfeasible = true
            return nil
        }
        move(target, by: max(difference, -system.x[target]))
        var rounds = 0
        var effort = 0
        // What counts as repaired follows how far the target still is from its true value.
        while let leaving = chooseLeaving(max(1e-9, 4e-15 * abs(z[target]))) {
            let cost = WorkBudget.effort(ofBasis: basis.count)
            try budget.spend(cost)
            rounds += 1
            effort += cost
            guard rounds < roundsMax, effort < effortMax else { return nil }
            if leaving.position < 0 { basis.loadTableauRow(ofLogical: leaving.equation) } else { basis.loadTableauRow(position: leaving.position) }
            guard let (entering, price) = chooseEntering(leaving) else {
                guard goal == .furthest, retreat(leaving, difference) else {
                    isInfeasible = true
                    return nil
                }
                continue
            }
            applyPrice(price * leaving.sign, leaving)
            guard entering >= 0 else {
                let column = Int(basis.columns[leaving.position])
                piece[column] = -piece[column]
                continue
            }
            try pivot(leaving, entering)
            // A rebuild takes the cube of the basis: the larger that is, the seldomer.
            if basis.updatesSinceRebuild > 500 + 4 * basis.count, !basis.rebuild() { return nil }
        }
        return found(max(1e-9, 4e-15 * abs(z[target])))
    }

    private func found(_ tolerance: Double) -> Witness? {
        var witness = Witness(cells: [], differences: [])
        for column in touchedColumns.sorted() where abs(z[Int(column)]) > tolerance || Int(column) == target {
            witness.cells.append(column)
            witness.differences.append(max(z[Int(column)], -system.x[Int(column)]))
        }
        return system.admits(witness) ? witness : nil
    }

    private struct Leaving {
        /// In the basis, or −1 for a logical.
        var position: Int
        var equation: Int
        /// Where it leaves to.
        var bound: Double
        var value: Double
        /// +1 when it has to grow.
        var sign: Double
    }

    private func chooseLeaving(_ tolerance: Double) -> Leaving? {
        var found: Leaving?
        var worst = tolerance
        basis.columns.withUnsafeBufferPointer { columns in
            for position in columns.indices {
                let column = Int(columns[position])
                let value = z[column]
                let low = piece[column] > 0 ? 0 : -system.x[column]
                if low - value > worst {
                    worst = low - value
                    found = Leaving(position: position, equation: -1, bound: low, value: value, sign: 1)
                } else if piece[column] < 0, value > worst {
                    worst = value
                    found = Leaving(position: position, equation: -1, bound: 0, value: value, sign: -1)
                }
            }
        }
        touchedRows.withUnsafeBufferPointer { rows in
            for row in rows {
                let equation = Int(row)
                let value = logical[equation]
                guard abs(value) > worst, basis.positionOfRow[equation] < 0 else { continue }
                worst = abs(value)
                found = Leaving(position: -1, equation: equation, bound: 0, value: value, sign: value < 0 ? 1 : -1)
            }
        }
        return found
    }

    /// The cell that stops the price first; −1 when the leaving cell itself turns over to its other piece first.
    private func chooseEntering(_ leaving: Leaving) -> (column: Int, price: Double)? {
        var best = -2
        var bestPrice = Double.infinity
        var bestSize = 0.0
        if leaving.position >= 0 {
            let column = Int(basis.columns[leaving.position])
            if leaving.bound == 0, system.x[column] > 0 || leaving.sign < 0 {
                best = -1
                bestPrice = 2 * price(column)
                bestSize = 1
            }
        }
        basis.alphaColumns.withUnsafeBufferPointer { columns in
            for index in columns {
                let column = Int(index)
                let own = self.price(column)
                guard own < .infinity, !onlyOpen || isOpen[column] else { continue }
                let alpha = basis.alpha[column] * leaving.sign
                guard abs(alpha) > 1e-9, basis.positionOfColumn[column] < 0, column != target else { continue }
                let price: Double
                if piece[column] == 0 {
                    if alpha > 0 {
                        guard system.x[column] > 0 else { continue }
                        price = max(0, own - slope[column]) / alpha
                    } else {
                        price = max(0, own + slope[column]) / -alpha
                    }
                } else {
                    guard alpha < 0 else { continue }
                    price = max(0, slope[column] - own) / -alpha
                }
                if price < bestPrice - 1e-13 || (price <= bestPrice + 1e-13 && abs(alpha) > bestSize) {
                    best = column
                    bestPrice = price
                    bestSize = abs(alpha)
                }
            }
        }
        return best == -2 ? nil : (best, bestPrice)
    }

    private func applyPrice(_ price: Double, _ leaving: Leaving) {
        guard price != 0 else { return }
        basis.alphaColumns.withUnsafeBufferPointer { columns in
            for index in columns {
                let column = Int(index)
                guard cost[column] < .infinity, !onlyOpen || isOpen[column], basis.positionOfColumn[column] < 0 else { continue }
                touch(column)
                slope[column] += price * basis.alpha[column]
            }
        }
        if leaving.position >= 0 {
            let column = Int(basis.columns[leaving.position])
            touch(column)
            slope[column] += price
        }
    }

    private func pivot(_ leaving: Leaving, _ entering: Int) throws(ProtectionError) {
        let pivot = basis.alpha[entering]
        basis.loadTableauColumn(entering)
        let step = (leaving.value - leaving.bound) / pivot
        let wasAtZero = piece[entering] == 0
        follow(entering, by: step)
        piece[entering] = wasAtZero ? (step > 0 ? 1 : -1) : -1
        if leaving.position >= 0 {
            let column = Int(basis.columns[leaving.position])
            move(column, by: leaving.bound - z[column])
            piece[column] = leaving.bound == 0 ? 0 : -1
            basis.replace(position: leaving.position, by: entering)
        } else if !basis.append(equation: leaving.equation, column: entering, pivot: pivot) {
            throw ProtectionError(
                .tooLarge,
                detail:
                    "withheld cells are linked by more sums than one program may take (equationsOfPartMax); split the table by period or region, or coarsen a dimension"
            )
        }
    }

    /// No cell can repair a sum: what it says limits the target, which steps back so far. False where that says nothing.
    private func retreat(_ leaving: Leaving, _ difference: Double) -> Bool {
        let rate = basis.alpha[target]
        guard abs(rate) > 1e-9 else { return false }
        let direction = difference < 0 ? -1.0 : 1.0
        var step = (leaving.value - leaving.bound) / rate
        guard step * direction < 0 else { return false }
        // The true table is never excluded.
        if (z[target] + step) * direction < 0 { step = -z[target] }
        guard step != 0 else { return false }
        basis.loadTableauColumn(target)
        follow(target, by: step)
        return true
    }

    /// Moves a cell outside the basis, and those inside with it.
    private func follow(_ column: Int, by step: Double) {
        move(column, by: step)
        for position in 0..<basis.count where basis.weight[position] != 0 { move(Int(basis.columns[position]), by: -basis.weight[position] * step) }
    }

    private func move(_ column: Int, by step: Double) {
        touch(column)
        z[column] += step
        for at in system.terms(ofColumn: column) {
            let term = system.columnTerm[at]
            let row = SparseSystem.index(term)
            if !isRowTouched[row] {
                isRowTouched[row] = true
                touchedRows.append(Int32(row))
            }
            logical[row] -= term >= 0 ? step : -step
        }
    }
}
