import SluiceKit

/// The cells of a table and every sum between them that a reader can write down.
///
/// Beside the published counts there may be cells that nobody publishes: a margin that can be summed in two ways, and the rest of a total
/// whose parts are not all published. Sums that lead over them hold after rounding like the others.
struct TableSums {
    struct Cell {
        /// The row in the table, −1 for a cell that no row has.
        var row: Int32
        var value: Int64
    }
    /// Published cells first, in the order of their keys, so that the order of the source says nothing.
    private(set) var cells: [Cell] = []
    private(set) var equations: [[(cell: Int32, sign: Int8)]] = []

    private let keys: KeySpace
    private let limits: RoundingLimits
    /// Of each dimension; nil where it does not add up.
    private var breakdowns: [Breakdowns?] = []
    private var cellOfKey: [UInt128: Int32] = [:]
    private var restOfKey: [UInt128: Int32] = [:]
    private var termCount = 0

    /// - Parameter values: of each row; nil where it reports none.
    /// - Throws: `additivityUnknown` when a code list is missing or the counts do not add up, `tooLarge`.
    init(_ table: Table, values: [Int64?], totals: [String: ProtectionObligations.Totals], limits: RoundingLimits) throws(ProtectionError) {
        let batch = table.batch
        guard batch.rowCount <= limits.sumCellsMax else {
            throw ProtectionError(
                .tooLarge, detail: "the table has more than \(limits.sumCellsMax) observations; split it by period or region")
        }
        for name in totals.keys.sorted() where batch.schema.index(of: name).map({ !batch.schema.components[$0].isDimension }) ?? true {
            throw ProtectionError(
                .additivityUnknown, detail: "the agreement gives totals for \(name), which is not a dimension of \(batch.schema.structure.reference)")
        }
        keys = try KeySpace(batch)
        self.limits = limits
        breakdowns = try Self.breakdowns(batch, totals)
        var published: [UInt128] = []
        for row in KeySpace.rowsByKey(batch) {
            guard let value = values[row] else { continue }
            let key = keys.key(ofRow: row)
            cellOfKey[key] = Int32(cells.count)
            cells.append(Cell(row: Int32(row), value: value))
            published.append(key)
        }
        let derived = try addUnpublishedTotals(above: published)
        for key in published { try addSums(of: key, isDerived: false) }
        for key in derived { try addSums(of: key, isDerived: true) }
        removeIdleTotals()
        restOfKey = [:]
    }

    /// How each dimension adds up. Time does only where the agreement says so: most series are stocks.
    static func breakdowns(_ batch: Batch, _ totals: [String: ProtectionObligations.Totals]) throws(ProtectionError) -> [Breakdowns?] {
        var all: [Breakdowns?] = []
        for column in batch.schema.dimensions {
            let component = batch.schema.components[column]
            if component.role == .timeDimension, totals[component.id] == nil {
                all.append(nil)
            } else {
                all.append(try Breakdowns(component, dictionary: batch.dictionary(column), declared: totals[component.id]))
            }
        }
        return all
    }

    /// The sums of which a key is the total: dimension, its code there, how that is made up.
    private func sums(of key: UInt128) -> [(dimension: Int, code: UInt32, breakdown: Breakdowns.Breakdown)] {
        var found: [(dimension: Int, code: UInt32, breakdown: Breakdowns.Breakdown)] = []
        for dimension in breakdowns.indices {
            guard let own = breakdowns[dimension] else { continue }
            let code = keys.code(key, dimension)
            for index in own.asTotal[code] ?? [] { found.append((dimension, code, own.all[index])) }
        }
        return found
    }

    /// Margins that no row has, but that can be summed from below: lower ones first, so that higher ones find them.
    private mutating func addUnpublishedTotals(above published: [UInt128]) throws(ProtectionError) -> [UInt128] {
        var waiting: [Int: Set<UInt128>] = [:]
        func offer(above key: UInt128) {
            for dimension in breakdowns.indices {
                guard let own = breakdowns[dimension] else { continue }
                let code = keys.code(key, dimension)
                for index in own.asPart[code] ?? [] {
                    let total = keys.replacing(key, dimension, code, with: own.all[index].total)
                    if cellOfKey[total] == nil { waiting[height(of: total), default: []].insert(total) }
                }
            }
        }
        for key in published { offer(above: key) }
        var derived: [UInt128] = []
        while let lowest = waiting.keys.min(), let level = waiting.removeValue(forKey: lowest) {
            for key in level.sorted() where cellOfKey[key] == nil {
                var greatest: Int64 = 0
                for sum in sums(of: key) { greatest = max(greatest, try parts(of: key, sum.dimension, sum.code, sum.breakdown).sum) }
                guard cells.count < limits.sumCellsMax * 2 else {
                    throw ProtectionError(
                        .tooLarge,
                        detail:
                            "the table leaves out so many totals that there are more than \(limits.sumCellsMax * 2) cells with those that can be summed; publish the totals or split the table"
                    )
                }
                cellOfKey[key] = Int32(cells.count)
                cells.append(Cell(row: -1, value: greatest))
                derived.append(key)
                offer(above: key)
            }
        }
        return derived
    }

    private func height(of key: UInt128) -> Int {
        breakdowns.indices.reduce(0) { $0 + (breakdowns[$1]?.height[keys.code(key, $1)] ?? 0) }
    }

    private struct Parts {
        var sum: Int64 = 0
        var cells: [Int32] = []
        var absent: Int
        var lastAbsent: UInt128 = 0
        var hasDerived = false
    }

    private func parts(of key: UInt128, _ dimension: Int, _ code: UInt32, _ breakdown: Breakdowns.Breakdown) throws(ProtectionError) -> Parts {
        var parts = Parts(absent: breakdown.hasFurtherParts ? 2 : 0)
        for part in breakdown.parts {
            let partKey = keys.replacing(key, dimension, code, with: part)
            guard let cell = cellOfKey[partKey] else {
                parts.absent += 1
                parts.lastAbsent = partKey
                continue
            }
            let (next, overflow) = parts.sum.addingReportingOverflow(cells[Int(cell)].value)
            guard !overflow else { throw ProtectionError(.tooLarge, detail: "the counts are too large to be summed exactly") }
            parts.sum = next
            parts.hasDerived = parts.hasDerived || cells[Int(cell)].row < 0
            parts.cells.append(cell)
        }
        return parts
    }

    private mutating func addSums(of key: UInt128, isDerived: Bool) throws(ProtectionError) {
        guard let total = cellOfKey[key] else { return }
        for sum in sums(of: key) {
            let parts = try parts(of: key, sum.dimension, sum.code, sum.breakdown)
            guard !parts.cells.isEmpty else { continue }
            let rest = cells[Int(total)].value - parts.sum
            var terms: [(cell: Int32, sign: Int8)] = [(total, -1)]
            terms += parts.cells.map { ($0, 1) }
            if rest != 0 {
                // A margin that was derived has no value of its own; only the sums that reach it say anything.
                if isDerived { continue }
                guard rest > 0, parts.absent > 0 || parts.hasDerived else { throw notAdditive(key, sum.dimension, sum.breakdown, tooSmall: rest < 0) }
                let isOneCell = parts.absent == 1 && !parts.hasDerived
                if isOneCell, let known = restOfKey[parts.lastAbsent] {
                    guard cells[Int(known)].value == rest else { throw notAdditive(key, sum.dimension, sum.breakdown, tooSmall: false) }
                    terms.append((known, 1))
                } else {
                    let cell = Int32(cells.count)
                    cells.append(Cell(row: -1, value: rest))
                    // The one absent part is the same cell in every dimension's sum.
                    if isOneCell { restOfKey[parts.lastAbsent] = cell }
                    terms.append((cell, 1))
                }
            }
            termCount += terms.count
            guard termCount <= limits.termsMax else {
                throw ProtectionError(
                    .tooLarge, detail: "the sums of the table have more than \(limits.termsMax) terms; split it by period or region")
            }
            equations.append(terms)
        }
    }

    /// A margin that nobody publishes and that one sum alone mentions says nothing.
    private mutating func removeIdleTotals() {
        var mentions: [[Int32]] = Array(repeating: [], count: cells.count)
        for (index, equation) in equations.enumerated() {
            for term in equation where cells[Int(term.cell)].row < 0 { mentions[Int(term.cell)].append(Int32(index)) }
        }
        var counts = mentions.map(\.count)
        var isRemoved = Array(repeating: false, count: equations.count)
        var waiting = cells.indices.filter { cells[$0].row < 0 && counts[$0] == 1 }
        while let cell = waiting.popLast() {
            guard counts[cell] == 1, let index = mentions[cell].first(where: { !isRemoved[Int($0)] }).map({ Int($0) }) else { continue }
            // A rest bounds its total: parts may not come to exceed it. A total that is not published bounds nothing.
            guard equations[index].contains(where: { $0.cell == Int32(cell) && $0.sign < 0 }) else { continue }
            isRemoved[index] = true
            for term in equations[index] where cells[Int(term.cell)].row < 0 {
                counts[Int(term.cell)] -= 1
                if counts[Int(term.cell)] == 1 { waiting.append(Int(term.cell)) }
            }
        }
        equations = equations.indices.filter { !isRemoved[$0] }.map { equations[$0] }
    }

    private func notAdditive(_ key: UInt128, _ dimension: Int, _ breakdown: Breakdowns.Breakdown, tooSmall: Bool) -> ProtectionError {
        let column = keys.dimensions.lowerBound + dimension
        let id = keys.batch.schema.components[column].id
        return ProtectionError(
            .additivityUnknown,
            detail:
                "\(keys.batch.dictionary(column).string(breakdown.total)) of \(id) at \(keys.text(key)) is \(tooSmall ? "less" : "more") than its parts together; correct the counts, or say in the agreement how \(id) adds up (`protect: totals`, `none` for codes that do not)"
        )
    }
}
