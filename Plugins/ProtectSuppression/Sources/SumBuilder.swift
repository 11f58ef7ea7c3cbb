import SluiceKit

/// Writes down the sums of a table, and finds the cells that an attacker adds to them.
///
/// What counts is what a well-informed attacker believes. Where the published parts make up their total exactly, absent parts are
/// taken for zero, since the attacker may know that no row means no case. Where they do not, the rest is an unknown of its own:
/// at least zero, which makes the equation an inequality. Where they exceed the total, the table does not add up and is refused.
struct SumBuilder {
    let keys: KeySpace
    let limits: SuppressionLimits
    /// Of each dimension; nil where it does not add up.
    var breakdowns: [Breakdowns?] = []
    private(set) var equations = Equations()
    private(set) var hasSilentParts: [Bool] = []
    private var cellOfKey: [UInt128: Int32] = [:]
    private var rowKeys: [UInt128] = []
    private static let withoutValue: Int32 = -1

    init(keys: KeySpace, limits: SuppressionLimits) {
        self.keys = keys
        self.limits = limits
        cellOfKey.reserveCapacity(keys.batch.rowCount)
    }

    /// False when the key is there already.
    mutating func insertRow(_ key: UInt128) -> Bool {
        rowKeys.append(key)
        return cellOfKey.updateValue(Self.withoutValue, forKey: key) == nil
    }

    mutating func setValue(_ key: UInt128, cell: Int32) { cellOfKey[key] = cell }

    private func value(_ key: UInt128) -> Int32? { cellOfKey[key].flatMap { $0 == Self.withoutValue ? nil : $0 } }

    mutating func sum(_ cells: inout [CellSystem.Cell]) throws(ProtectionError) {
        let publishedKeys = rowKeys.filter { value($0) != nil }
        let derived = try addUnpublishedTotals(&cells, from: publishedKeys)
        for key in publishedKeys {
            for dimension in breakdowns.indices {
                guard let own = breakdowns[dimension] else { continue }
                let code = keys.code(key, dimension)
                for index in own.asTotal[code] ?? [] { try addSum(key, dimension, code, own.all[index], isDerivedTotal: false, &cells) }
            }
        }
        for key in derived {
            for dimension in breakdowns.indices {
                guard let own = breakdowns[dimension] else { continue }
                let code = keys.code(key, dimension)
                for index in own.asTotal[code] ?? [] { try addSum(key, dimension, code, own.all[index], isDerivedTotal: true, &cells) }
            }
        }
    }

    /// Margins that no row has, but that can be summed from below: lower ones first, so that higher ones find them.
    private mutating func addUnpublishedTotals(_ cells: inout [CellSystem.Cell], from published: [UInt128]) throws(ProtectionError) -> [UInt128] {
        var waiting: [Int: Set<UInt128>] = [:]
        func offerTotals(above key: UInt128, into waiting: inout [Int: Set<UInt128>]) {
            for dimension in breakdowns.indices {
                guard let own = breakdowns[dimension] else { continue }
                let code = keys.code(key, dimension)
                for index in own.asPart[code] ?? [] {
                    let total = keys.replacing(key, dimension, code, with: own.all[index].total)
                    if value(total) == nil { waiting[height(of: total), default: []].insert(total) }
                }
            }
        }
        for key in published { offerTotals(above: key, into: &waiting) }
        var derived: [UInt128] = []
        while let lowest = waiting.keys.min(), let batch = waiting.removeValue(forKey: lowest) {
            for key in batch.sorted() where value(key) == nil {
                var greatest: Int64 = 0
                for dimension in breakdowns.indices {
                    guard let own = breakdowns[dimension] else { continue }
                    let code = keys.code(key, dimension)
                    for index in own.asTotal[code] ?? [] { greatest = max(greatest, try sumOfParts(key, dimension, code, own.all[index], cells).sum) }
                }
                guard cells.count < limits.cellsMax * 2 else {
                    throw ProtectionError(
                        .tooLarge,
                        detail:
                            "the table leaves out so many totals that the sums an attacker could make exceed \(limits.cellsMax * 2) cells; publish the totals or split the table"
                    )
                }
                cellOfKey[key] = Int32(cells.count)
                cells.append(CellSystem.Cell(row: -1, value: greatest))
                derived.append(key)
                offerTotals(above: key, into: &waiting)
            }
        }
        return derived
    }

    private func height(of key: UInt128) -> Int {
        var sum = 0
        for dimension in breakdowns.indices { sum += breakdowns[dimension]?.height[keys.code(key, dimension)] ?? 0 }
        return sum
    }

    private func sumOfParts(_ key: UInt128, _ dimension: Int, _ code: UInt32, _ breakdown: Breakdowns.Breakdown, _ cells: [CellSystem.Cell])
        throws(ProtectionError) -> (
            sum: Int64, cells: [Int32], absent: Int, lastAbsent: UInt128, hasDerived: Bool
        )
    {
        var sum: Int64 = 0
        var found: [Int32] = []
        var absent = breakdown.hasFurtherParts ? 2 : 0
        var lastAbsent: UInt128 = 0
        var hasDerived = false
        for part in breakdown.parts {
            let partKey = keys.replacing(key, dimension, code, with: part)
            if let cell = value(partKey) {
                let (next, overflow) = sum.addingReportingOverflow(cells[Int(cell)].value)
                guard !overflow else {
                    throw ProtectionError(.tooLarge, detail: "the values are too large to be summed exactly; express the measure in a larger unit")
                }
                sum = next
                hasDerived = hasDerived || cells[Int(cell)].row < 0
                found.append(cell)
            } else {
                absent += 1
                lastAbsent = partKey
            }
        }
        return (sum, found, absent, lastAbsent, hasDerived)
    }

    private mutating func addSum(
        _ key: UInt128, _ dimension: Int, _ code: UInt32, _ breakdown: Breakdowns.Breakdown, isDerivedTotal: Bool, _ cells: inout [CellSystem.Cell]
    ) throws(ProtectionError) {
        guard let total = value(key) else { return }
        let parts = try sumOfParts(key, dimension, code, breakdown, cells)
        guard !parts.cells.isEmpty else { return }
        let rest = cells[Int(total)].value - parts.sum
        var terms: [Int32] = [~total]
        terms += parts.cells
        if rest != 0 {
            // A margin that was derived has no value of its own; only the sums that reach it say anything.
            if isDerivedTotal { return }
            guard rest > 0, parts.absent > 0 || parts.hasDerived else { throw notAdditive(key, dimension, breakdown, tooSmall: rest < 0) }
            if parts.absent == 1, !parts.hasDerived, let known = restOfKey[parts.lastAbsent] {
                guard cells[Int(known)].value == rest else { throw notAdditive(key, dimension, breakdown, tooSmall: false) }
                terms.append(known)
            } else {
                let cell = Int32(cells.count)
                cells.append(CellSystem.Cell(row: -1, value: rest))
                // The one absent part is the same cell in every dimension's sum.
                if parts.absent == 1, !parts.hasDerived { restOfKey[parts.lastAbsent] = cell }
                terms.append(cell)
            }
        }
        guard equations.terms.count + terms.count <= limits.termsMax else {
            throw ProtectionError(
                .tooLarge, detail: "the sums of the table have more than \(limits.termsMax) terms; split it by period or region")
        }
        equations.append(terms)
        hasSilentParts.append(parts.absent > 0 && rest == 0)
    }
    private var restOfKey: [UInt128: Int32] = [:]

    private func notAdditive(_ key: UInt128, _ dimension: Int, _ breakdown: Breakdowns.Breakdown, tooSmall: Bool) -> ProtectionError {
        let column = keys.dimensions.lowerBound + dimension
        let id = keys.batch.schema.components[column].id
        let place = keys.dimensions.enumerated().map { at, column in
            let code = keys.code(key, at)
            return code < UInt32(keys.batch.dictionary(column).count) ? keys.batch.dictionary(column).string(code) : ""
        }.joined(separator: ".")
        return ProtectionError(
            .additivityUnknown,
            detail:
                "\(keys.batch.dictionary(column).string(breakdown.total)) of \(id) at \(place) is \(tooSmall ? "less" : "more") than its parts together; correct the figures, or say in the agreement how \(id) adds up (`protect: totals`, `none` for codes that do not)"
        )
    }
}
