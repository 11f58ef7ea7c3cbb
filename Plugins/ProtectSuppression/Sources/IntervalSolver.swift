import SluiceKit

/// What an attacker can say of a cell: the least and the greatest value that fits everything published.
struct Interval: Hashable, Sendable {
    var low: Double
    var high: Double
}

/// Finds intervals by a bounded primal simplex over one connected part of the withheld cells.
///
/// The true table is feasible, so there is no first phase; each program starts from the last one's basis. What it reports is
/// attained by a table it holds and has checked against the equations (`SparseSystem.admits`), so a programming fault or rounding
/// can make an interval too narrow, and a release refused, but never too wide.
final class IntervalSolver {
    private let system: SparseSystem
    private let kernel: Kernel
    private let budget: WorkBudget
    /// Deviation of every cell from its true value.
    private let z: UnsafeMutablePointer<Double>
    private let room: Double

    init(_ system: SparseSystem, budget: WorkBudget) throws(ProtectionError) {
        self.system = system
        self.budget = budget
        kernel = Kernel(system)
        z = .allocate(capacity: max(1, system.columnCount))
        z.initialize(repeating: 0, count: max(1, system.columnCount))
        room = 1e-9 * max(1, system.x.max() ?? 1)
        try fillBasis()
    }

    deinit { z.deallocate() }

    /// Brings a cell into the basis for every equation that is not a consequence of the others; all stay at their true value.
    private func fillBasis() throws(ProtectionError) {
        for equation in 0..<system.rowCount {
            guard kernel.count < kernel.capacity else { return }
            kernel.loadTableauRow(ofLogical: equation)
            var best = -1
            for at in 0..<system.columnCount where kernel.positionOfColumn[at] < 0 && abs(kernel.alpha[at]) > 1e-7 {
                // A pivot near one keeps the numbers small; among those the roomiest cell, which blocks the least.
                if best < 0 || score(at) > score(best) { best = at }
            }
            guard best >= 0 else { continue }
            try budget.spend()
            let pivot = kernel.alpha[best]
            kernel.loadTableauColumn(best)
            kernel.append(equation: equation, column: best, pivot: pivot)
        }
    }

    private func score(_ column: Int) -> Double {
        let size = abs(kernel.alpha[column])
        return (size > 0.4 && size < 2.5 ? 1e30 : 0) + system.x[column]
    }

    /// The interval of a cell, true values included.
    func interval(of column: Int) throws(ProtectionError) -> Interval {
        let high = try extreme(of: column, direction: 1)
        let low = try extreme(of: column, direction: -1)
        return Interval(low: max(0, system.x[column] + low), high: system.x[column] + high)
    }

    private func extreme(of target: Int, direction: Double) throws(ProtectionError) -> Double {
        var stalled = 0
        while true {
            try budget.spend()
            if kernel.updatesSinceRebuild > 400 { try rebuild() }
            guard let (entering, sign) = chooseEntering(target, direction, careful: stalled > 60) else { break }
            kernel.loadTableauColumn(entering)
            // The longest step that keeps every cell at or above zero, and the cell that ends it.
            var step = sign < 0 ? max(0, z[entering] + system.x[entering]) : Double.infinity
            var leaving = -1
            for position in 0..<kernel.count {
                let rate = kernel.weight[position] * sign
                guard rate > 1e-8 else { continue }
                let column = kernel.columns[position]
                let limit = max(0, z[column] + system.x[column]) / rate
                let isNearer = step == .infinity || limit < step - 1e-12 * max(1, step)
                let isSaferTie = leaving >= 0 && limit <= step && abs(kernel.weight[position]) > abs(kernel.weight[leaving])
                if isNearer || isSaferTie {
                    step = min(step, limit)
                    leaving = position
                }
            }
            if step == .infinity { return .infinity }
            stalled = step <= room ? stalled + 1 : 0
            guard stalled < 20_000 else {
                throw ProtectionError(.auditNotClean, detail: "the audit of one cell did not end; coarsen a dimension or split the table")
            }
            z[entering] += sign * step
            for position in 0..<kernel.count where kernel.weight[position] != 0 { z[kernel.columns[position]] -= kernel.weight[position] * sign * step }
            if leaving >= 0 {
                let column = kernel.columns[leaving]
                z[column] = -system.x[column]
                kernel.replace(position: leaving, by: entering)
            }
        }
        guard system.admits(z) else {
            // Drift: start over from the true table. A second failure is the end.
            kernel.removeAll()
            z.update(repeating: 0, count: system.columnCount)
            try fillBasis()
            guard !hasRestarted else {
                throw ProtectionError(
                    .auditNotClean,
                    detail: "the audit lost its precision; the figures differ by too many orders of magnitude. Express them in a larger unit or split the table"
                )
            }
            hasRestarted = true
            defer { hasRestarted = false }
            return try extreme(of: target, direction: direction)
        }
        return z[target]
    }
    private var hasRestarted = false

    private func rebuild() throws(ProtectionError) {
        if !kernel.rebuild() {
            kernel.removeAll()
            z.update(repeating: 0, count: system.columnCount)
            try fillBasis()
        }
    }

    /// The cell whose change moves the target furthest per unit, or, when steps have been stalling, the first one that moves it at all (Bland).
    private func chooseEntering(_ target: Int, _ direction: Double, careful: Bool) -> (column: Int, sign: Double)? {
        let position = Int(kernel.positionOfColumn[target])
        guard position >= 0 else {
            return direction > 0 || z[target] > -system.x[target] + room ? (target, direction) : nil
        }
        kernel.loadTableauRow(position: position)
        var best = -1
        var bestGain = 1e-7
        for column in 0..<system.columnCount where kernel.positionOfColumn[column] < 0 {
            let gain = -kernel.alpha[column] * direction
            let size = abs(gain)
            guard size > bestGain, gain > 0 || z[column] > -system.x[column] + room else { continue }
            best = column
            bestGain = size
            if careful { break }
        }
        guard best >= 0 else { return nil }
        return (best, kernel.alpha[best] * direction < 0 ? 1 : -1)
    }
}
