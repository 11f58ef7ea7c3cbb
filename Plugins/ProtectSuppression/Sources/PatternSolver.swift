import SluiceKit

/// Another table that fits everything published and moves one cell by its protection level: the proof that the cell is safe on that side.
struct Witness: Sendable {
    /// Cells that differ, with the difference; sorted by cell.
    var cells: [Int32]
    var differences: [Double]
}

/// Finds the cheapest set of cells to withhold so that one cell can move by its level, as a linear program min Σ cost·|z|.
///
/// Bounded dual simplex. Nothing withheld is dual feasible from the start, the violated equations drive the pivots, and each
/// brings in the cheapest cell that repairs one; so a program takes a few pivots and touches a small corner of the table.
/// Every cell has two linear pieces, below and above its true value.
final class PatternSolver {
    private let system: SparseSystem
    private let kernel: Kernel
    private let budget: WorkBudget
    private let z: UnsafeMutablePointer<Double>
    /// Σ of each equation, with the sign turned: the value of its logical.
    private let logical: UnsafeMutablePointer<Double>
    /// Slope that the equations' prices give each cell.
    private let slope: UnsafeMutablePointer<Double>
    /// Of a cell outside the basis: 0 at its true value, −1 at zero. Of a cell inside: +1 above, −1 below.
    private var piece: [Int8]
    private var target = -1

    init(_ system: SparseSystem, budget: WorkBudget) {
        self.system = system
        self.budget = budget
        kernel = Kernel(system)
        let columns = max(1, system.columnCount)
        let rows = max(1, system.rowCount)
        z = .allocate(capacity: columns)
        z.initialize(repeating: 0, count: columns)
        logical = .allocate(capacity: rows)
        logical.initialize(repeating: 0, count: rows)
        slope = .allocate(capacity: columns)
        slope.initialize(repeating: 0, count: columns)
        piece = Array(repeating: 0, count: system.columnCount)
    }

    deinit {
        z.deallocate()
        logical.deallocate()
        slope.deallocate()
    }

    /// - Parameters:
    ///   - difference: how far the target moves, with its sign.
    ///   - cost: per cell and unit; infinite for a cell that has to stay as it is.
    /// - Returns: nil when no table moves the target so far.
    func witness(moving target: Int, by difference: Double, cost: [Double]) throws(ProtectionError) -> Witness? {
        kernel.removeAll()
        z.update(repeating: 0, count: system.columnCount)
        logical.update(repeating: 0, count: max(1, system.rowCount))
        slope.update(repeating: 0, count: system.columnCount)
        for column in piece.indices { piece[column] = 0 }
        self.target = target
        guard difference >= -system.x[target] else { return nil }
        move(target, by: difference)

        let tolerance = 1e-9 * max(1, abs(difference))
        let roundsMax = 60 + 4 * (system.rowCount + 16)
        var rounds = 0
        while let leaving = chooseLeaving(tolerance) {
            try budget.spend()
            rounds += 1
            // Cycling, which perturbed costs make unlikely: the caller tries another cell rather than wait.
            guard rounds < roundsMax else { return nil }
            if leaving.position < 0 { kernel.loadTableauRow(ofLogical: leaving.equation) } else { kernel.loadTableauRow(position: leaving.position) }
            guard let (entering, price) = chooseEntering(leaving, cost) else { return nil }
            applyPrice(price * leaving.sign, leaving)
            guard entering >= 0 else {
                piece[kernel.columns[leaving.position]] = -piece[kernel.columns[leaving.position]]
                continue
            }
            pivot(leaving, entering)
        }
        guard system.admits(z) else { return nil }
        var witness = Witness(cells: [], differences: [])
        for column in 0..<system.columnCount where abs(z[column]) > tolerance {
            witness.cells.append(Int32(column))
            witness.differences.append(z[column])
        }
        return witness
    }

    private struct Leaving {
        /// In the kernel, or −1 for a logical.
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
        for position in 0..<kernel.count {
            let column = kernel.columns[position]
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
        for equation in 0..<system.rowCount where abs(logical[equation]) > worst && kernel.positionOfRow[equation] < 0 {
            worst = abs(logical[equation])
            found = Leaving(position: -1, equation: equation, bound: 0, value: logical[equation], sign: logical[equation] < 0 ? 1 : -1)
        }
        return found
    }

    /// The cell that stops the price first; −1 when the leaving cell itself turns over to its other piece first.
    private func chooseEntering(_ leaving: Leaving, _ cost: [Double]) -> (column: Int, price: Double)? {
        var best = -2
        var bestPrice = Double.infinity
        var bestSize = 0.0
        if leaving.position >= 0 {
            let column = kernel.columns[leaving.position]
            if leaving.bound == 0, system.x[column] > 0 || leaving.sign < 0 {
                best = -1
                bestPrice = 2 * cost[column]
                bestSize = 1
            }
        }
        for column in 0..<system.columnCount {
            let alpha = kernel.alpha[column] * leaving.sign
            guard abs(alpha) > 1e-9, kernel.positionOfColumn[column] < 0, column != target else { continue }
            let own = cost[column]
            guard own < .infinity else { continue }
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
        return best == -2 ? nil : (best, bestPrice)
    }

    private func applyPrice(_ price: Double, _ leaving: Leaving) {
        guard price != 0 else { return }
        for column in 0..<system.columnCount where kernel.positionOfColumn[column] < 0 { slope[column] += price * kernel.alpha[column] }
        if leaving.position >= 0 { slope[kernel.columns[leaving.position]] += price }
    }

    private func pivot(_ leaving: Leaving, _ entering: Int) {
        let pivot = kernel.alpha[entering]
        kernel.loadTableauColumn(entering)
        let step = (leaving.value - leaving.bound) / pivot
        let wasAtZero = piece[entering] == 0
        move(entering, by: step)
        for position in 0..<kernel.count where kernel.weight[position] != 0 { move(kernel.columns[position], by: -kernel.weight[position] * step) }
        piece[entering] = wasAtZero ? (step > 0 ? 1 : -1) : -1
        if leaving.position >= 0 {
            let column = kernel.columns[leaving.position]
            move(column, by: leaving.bound - z[column])
            piece[column] = leaving.bound == 0 ? 0 : -1
            kernel.replace(position: leaving.position, by: entering)
        } else {
            kernel.append(equation: leaving.equation, column: entering, pivot: pivot)
        }
    }

    private func move(_ column: Int, by step: Double) {
        z[column] += step
        for at in system.terms(ofColumn: column) { logical[Int(system.columnRow[at])] -= system.columnSign[at] * step }
    }
}
