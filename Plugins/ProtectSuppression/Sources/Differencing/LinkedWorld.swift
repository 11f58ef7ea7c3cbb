import SluiceKit

/// What somebody can say who holds some of the releases: values that follow by sums alone, and intervals of the others by linear programs.
///
/// Not shared between tasks.
final class LinkedWorld {
    private let cells: LinkedCells
    private let budget: WorkBudget
    private let limits: DifferencingLimits
    private let unit: Double
    let values: LinkedValues
    /// Of each cell, its connected part of unknown cells; −1 where it is known.
    private var partOfCell: [Int32] = []
    /// Cells and sums of each part.
    private(set) var parts: [(cells: [Int32], sums: [Int32])] = []
    private var solvers: [Int: (solver: IntervalSolver, column: [Int32: Int])] = [:]
    private(set) var intervalCount = 0
    /// Sums that could not be met together with the others.
    private(set) var unmetCount = 0

    init(_ cells: LinkedCells, known: [Int64?], unit: Double, limits: DifferencingLimits, budget: WorkBudget) {
        self.cells = cells
        self.limits = limits
        self.budget = budget
        self.unit = unit
        values = LinkedValues(cells, known: known)
        split()
    }

    var contradictionCount: Int { values.contradictions.count + unmetCount }

    private func split() {
        var parent = (0..<Int32(cells.count)).map { $0 }
        func root(_ cell: Int32) -> Int32 {
            var cell = cell
            while parent[Int(cell)] != cell {
                parent[Int(cell)] = parent[Int(parent[Int(cell)])]
                cell = parent[Int(cell)]
            }
            return cell
        }
        func isOpen(_ cell: Int32) -> Bool { values.values[Int(cell)] == nil }
        var firstOfSum: [Int32] = Array(repeating: -1, count: cells.sums.count)
        for (index, sum) in cells.sums.enumerated() where !values.contradictions.contains(index) {
            for (cell, _) in LinkedValues.terms(sum) where isOpen(cell) {
                if firstOfSum[index] < 0 { firstOfSum[index] = cell; continue }
                let one = root(firstOfSum[index])
                let other = root(cell)
                parent[Int(max(one, other))] = min(one, other)
            }
        }
        var numberOfRoot: [Int32: Int32] = [:]
        partOfCell = Array(repeating: -1, count: cells.count)
        for cell in 0..<Int32(cells.count) where isOpen(cell) {
            let top = root(cell)
            let number = numberOfRoot[top] ?? Int32(parts.count)
            if Int(number) == parts.count {
                numberOfRoot[top] = number
                parts.append(([], []))
            }
            partOfCell[Int(cell)] = number
            parts[Int(number)].cells.append(cell)
        }
        for (index, first) in firstOfSum.enumerated() where first >= 0 { parts[Int(partOfCell[Int(first)])].sums.append(Int32(index)) }
    }

    func part(of cell: Int32) -> Int? { partOfCell[Int(cell)] < 0 ? nil : Int(partOfCell[Int(cell)]) }

    /// The interval of a cell; nil where its part is too large to be attacked.
    func interval(of cell: Int32) throws(ProtectionError) -> Interval? {
        if let value = values.values[Int(cell)] { return Interval(low: Double(value) / unit, high: Double(value) / unit) }
        guard let part = part(of: cell) else { return nil }
        if solvers[part] == nil {
            guard parts[part].sums.count <= limits.sumsOfPartMax, parts[part].cells.count <= limits.cellsOfPartMax else { return nil }
            solvers[part] = try solver(of: part)
        }
        guard let (solver, column) = solvers[part], let at = column[cell] else { return nil }
        intervalCount += 1
        return try solver.interval(of: at)
    }

    private func solver(of part: Int) throws(ProtectionError) -> (IntervalSolver, [Int32: Int]) {
        let own = parts[part]
        let column = Dictionary(uniqueKeysWithValues: own.cells.enumerated().map { ($1, $0) })
        var rows: [(terms: [(column: Int, sign: Double)], right: Double)] = []
        for index in own.sums {
            var terms: [(column: Int, sign: Double)] = []
            var right: Int64 = 0
            for (cell, sign) in LinkedValues.terms(cells.sums[Int(index)]) {
                if let at = column[cell] { terms.append((at, Double(sign))) } else { right -= sign * (values.values[Int(cell)] ?? 0) }
            }
            rows.append((terms, Double(right) / unit))
        }
        let point = try FeasiblePoint(rows: rows, columnCount: own.cells.count, budget: budget)
        unmetCount += point.violated.count
        let unmet = Set(point.violated)
        let system = SparseSystem(
            rows: rows.indices.filter { !unmet.contains($0) }.map { rows[$0].terms.map { (column: Int32($0.column), sign: $0.sign) } }, x: point.x)
        return (try IntervalSolver(system, budget: budget), column)
    }
}
