import SluiceKit

/// Rounds all cells of a table, one connected part after the other: no sum leads from one part to another.
struct TableRounding {
    private let sums: TableSums
    private let base: Int
    private let limits: RoundingLimits
    private let budget: WorkBudget
    /// Of each cell: how many times the base it is rounded to.
    private(set) var multiples: [Int]
    private(set) var partCount = 0
    /// Parts in which cells may have moved one base further.
    private(set) var widenedParts = 0
    /// By how much the total change may exceed the least.
    private(set) var gap = 0

    init(_ sums: TableSums, base: Int, limits: RoundingLimits) {
        self.sums = sums
        self.base = base
        self.limits = limits
        budget = WorkBudget(limits)
        multiples = sums.cells.map { Int($0.value) / base }
    }

    /// - Throws: `auditNotClean` when a part has no additive rounding, `tooLarge`, `deadline`.
    mutating func run() throws(ProtectionError) {
        for part in Self.parts(sums) {
            partCount += 1
            guard part.equations.count <= limits.equationsOfPartMax else {
                throw ProtectionError(
                    .tooLarge,
                    detail:
                        "cells are linked by more than \(limits.equationsOfPartMax) sums; split the table by period or region, or coarsen a dimension"
                )
            }
            if try round(part, isWidened: false) { continue }
            guard try round(part, isWidened: true) else {
                throw ProtectionError(
                    .auditNotClean,
                    detail:
                        "\(part.cells.count) cells that are linked by sums cannot all be rounded to base \(base) with the sums kept, nor was a rounding found that goes one base further; agree on another base, drop totals, or agree on random rounding"
                )
            }
            widenedParts += 1
        }
    }

    private mutating func round(_ part: Part, isWidened: Bool) throws(ProtectionError) -> Bool {
        let program = program(part, isWidened: isWidened)
        let outcome = try RoundingSearch(limits: limits, budget: budget).run(program)
        guard case .found(let found) = outcome else { return false }
        for (column, value) in zip(program.columns, found.values) { multiples[column.cell] += value }
        gap += found.gap
        return true
    }

    /// Columns: for each cell one from floor to ceiling; widened, one more step to either side at the price of a whole base.
    func program(_ part: Part, isWidened: Bool) -> IntegerProgram {
        var program = IntegerProgram()
        var terms: [Int: [(row: Int32, sign: Int8)]] = [:]
        var lengths: [Int: Int] = [:]
        func moves(_ cell: Int) -> Bool {
            let own = sums.cells[cell]
            return own.row < 0 || Int(own.value) % base != 0 || (isWidened && own.value > 0)
        }
        // A sum of cells that all stay as they are holds by itself.
        for equation in part.equations where sums.equations[equation].contains(where: { moves(Int($0.cell)) }) {
            let row = Int32(program.right.count)
            var right = 0
            for term in sums.equations[equation] {
                let cell = Int(term.cell)
                right -= Int(term.sign) * (Int(sums.cells[cell].value) / base)
                terms[cell, default: []].append((row, term.sign))
                lengths[cell] = max(lengths[cell] ?? 0, sums.equations[equation].count)
            }
            program.right.append(right)
        }
        for cell in part.cells {
            let value = Int(sums.cells[cell].value)
            let (quotient, residue) = (value / base, value % base)
            let own = terms[cell] ?? []
            func add(_ lower: Int, _ upper: Int, cost: Int) {
                program.columns.append(IntegerProgram.Column(cell: cell, lower: lower, upper: upper, cost: cost, terms: own))
            }
            guard sums.cells[cell].row >= 0 else {
                // Nobody sees it, so it may be any multiple that keeps it from falling below zero.
                let reach = (lengths[cell] ?? 0) + 1
                add(-min(quotient, reach), reach, cost: 0)
                continue
            }
            // Zero stays zero.
            guard value > 0 else { continue }
            if residue > 0 { add(0, 1, cost: base - 2 * residue) }
            guard isWidened else { continue }
            add(0, 1, cost: base)
            if quotient > 0 { add(-1, 0, cost: -base) }
        }
        return program
    }

    struct Part {
        var cells: [Int] = []
        var equations: [Int] = []
    }

    /// Cells that sums connect; ascending.
    static func parts(_ sums: TableSums) -> [Part] {
        var parent = Array(sums.cells.indices)
        func root(_ cell: Int) -> Int {
            var cell = cell
            while parent[cell] != cell {
                parent[cell] = parent[parent[cell]]
                cell = parent[cell]
            }
            return cell
        }
        for equation in sums.equations {
            guard var first = equation.first.map({ root(Int($0.cell)) }) else { continue }
            for term in equation.dropFirst() {
                let other = root(Int(term.cell))
                parent[max(first, other)] = min(first, other)
                first = min(first, other)
            }
        }
        var partOfRoot: [Int: Int] = [:]
        var parts: [Part] = []
        for cell in sums.cells.indices {
            let top = root(cell)
            let index = partOfRoot[top] ?? parts.count
            if index == parts.count {
                partOfRoot[top] = index
                parts.append(Part())
            }
            parts[index].cells.append(cell)
        }
        for (index, equation) in sums.equations.enumerated() {
            guard let first = equation.first, let part = partOfRoot[root(Int(first.cell))] else { continue }
            parts[part].equations.append(index)
        }
        return parts
    }
}
