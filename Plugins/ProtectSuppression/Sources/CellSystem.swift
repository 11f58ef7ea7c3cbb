import SluiceKit

/// The cells of a table and every sum that can be written between them.
///
/// Beside the observations there may be cells that no row has, but that an attacker reckons with: a margin that is not published and
/// can be summed in two ways, and the rest of a total whose parts are not all published. They are never published, so they are unknowns,
/// and a small one is protected like any other.
struct CellSystem {
    struct Cell {
        /// The row in the table, −1 for a cell that no row has.
        var row: Int32
        /// In units of ten to the power of −scale.
        var value: Int64
    }
    private(set) var cells: [Cell] = []
    /// The total of each sum comes first and is turned over, what it is the sum of follows.
    private(set) var equations = Equations()
    /// Sums whose total has further parts that no row reports and that are zero by its value.
    private(set) var hasSilentParts: [Bool] = []
    /// Digits after the point of all values.
    private(set) var scale = 0
    /// Cell of each row; −1 where the row has no value.
    private(set) var cellOfRow: [Int32] = []

    /// 10^scale: one unit of the measure.
    var unit: Int64 { (0..<scale).reduce(Int64(1)) { product, _ in product * 10 } }
    func double(_ cell: Int) -> Double { Double(cells[cell].value) / Double(unit) }
    var unreportedCells: Int { cells.reduce(0) { $0 + ($1.row < 0 ? 1 : 0) } }

    /// Largest value in units of the last digit: what binary fractions hold exactly, with room for sums.
    private static let valueMax = Int64(1) << 50
    /// Most digits after the point: with one before it, what binary fractions hold.
    static let scaleMax = 15

    /// - Parameter values: of each row; nil where it reports none.
    init(_ table: Table, values: [ExactDecimal?], totals: [String: ProtectionObligations.Totals], limits: SuppressionLimits)
        throws(ProtectionError)
    {
        let batch = table.batch
        guard batch.rowCount <= limits.cellsMax else {
            throw ProtectionError(.tooLarge, detail: "the table has more than \(limits.cellsMax) observations; split it by period or region")
        }
        for name in totals.keys.sorted() where batch.schema.index(of: name).map({ !batch.schema.components[$0].isDimension }) ?? true {
            throw ProtectionError(
                .additivityUnknown, detail: "the agreement gives totals for \(name), which is not a dimension of \(batch.schema.structure.reference)")
        }
        try KeySpace.refusePartialKeys(batch)
        let keys = try KeySpace(batch)
        var builder = SumBuilder(keys: keys, limits: limits)
        builder.breakdowns = []
        for column in batch.schema.dimensions {
            let component = batch.schema.components[column]
            let declared = totals[component.id]
            // Time adds up only where the agreement says so: most series are stocks.
            if component.role == .timeDimension, declared == nil {
                builder.breakdowns.append(nil)
            } else {
                let dictionary = batch.dictionary(column)
                let breakdowns = try Breakdowns(component, dictionary: dictionary, declared: declared)
                guard breakdowns.isEstablished else { throw Self.unestablished(component.id, dictionary) }
                builder.breakdowns.append(breakdowns)
            }
        }
        scale = values.reduce(0) { max($0, $1?.scale ?? 0) }
        guard scale <= Self.scaleMax else {
            throw ProtectionError(.tooLarge, detail: "a value has more than \(Self.scaleMax) digits after the point, too many to be audited exactly; round it")
        }
        cellOfRow = Array(repeating: -1, count: batch.rowCount)
        // In the order of the keys: how the source sorts its rows must not decide between equal patterns.
        for row in KeySpace.rowsByKey(batch) {
            let key = keys.key(ofRow: row)
            guard builder.insertRow(key) else {
                throw ProtectionError(
                    .keyDuplicate,
                    detail:
                        "two observations have the key \(batch.seriesKey(row))\(batch.schema.timeDimension.map { " " + (batch.string($0, row) ?? "") } ?? ""); remove one"
                )
            }
            guard let value = values[row] else { continue }
            guard let exact = value.coefficient(atScale: scale), exact.magnitude <= Self.valueMax.magnitude else {
                throw ProtectionError(
                    .tooLarge, detail: "a value has more digits than can be audited exactly (about 15 in all); express the measure in a larger unit")
            }
            cellOfRow[row] = Int32(cells.count)
            builder.setValue(key, cell: Int32(cells.count))
            cells.append(Cell(row: Int32(row), value: Int64(exact)))
        }
        try builder.sum(&cells)
        equations = builder.equations
        hasSilentParts = builder.hasSilentParts
    }

    /// One of the codes may be the sum of the others: a part withheld beside it could be computed.
    private static func unestablished(_ id: String, _ dictionary: ValueDictionary) -> ProtectionError {
        let shown = (0..<UInt32(min(dictionary.count, 3))).map(dictionary.string).joined(separator: ", ")
        return ProtectionError(
            .additivityUnknown,
            detail:
                "it is not known whether a code of \(id) (\(shown)\(dictionary.count > 3 ? " …" : "")) is the sum of others: several have no parent in its code list, and none in it is \(Breakdowns.totalCodes.joined(separator: ", ")); say in the agreement which code is the total (`protect: totals: {\(id): CODE}`), or that no code is a sum (`{\(id): none}`)"
        )
    }

    /// A margin that no row has and that only its own sum mentions tells nothing, unless it is itself unsafe.
    mutating func removeIdleTotals(where isSafe: (Int) -> Bool) {
        guard unreportedCells > 0 else { return }
        var mentions: [Int32: [Int32]] = [:]
        for equation in 0..<equations.count {
            for term in equations[equation] where cells[SparseSystem.index(term)].row < 0 {
                mentions[Int32(SparseSystem.index(term)), default: []].append(Int32(equation))
            }
        }
        var counts = mentions.mapValues(\.count)
        var isRemoved = Array(repeating: false, count: equations.count)
        var waiting = counts.keys.filter { counts[$0] == 1 }.sorted()
        while let cell = waiting.popLast() {
            guard counts[cell] == 1, isSafe(Int(cell)) else { continue }
            guard let index = mentions[cell]?.first(where: { !isRemoved[Int($0)] }).map({ Int($0) }) else { continue }
            guard equations[index].first == ~cell else { continue }
            isRemoved[index] = true
            for term in equations[index] where cells[SparseSystem.index(term)].row < 0 {
                let other = Int32(SparseSystem.index(term))
                counts[other, default: 0] -= 1
                if counts[other] == 1 { waiting.append(other) }
            }
        }
        guard isRemoved.contains(true) else { return }
        var kept = Equations()
        var silent: [Bool] = []
        for equation in isRemoved.indices where !isRemoved[equation] {
            kept.append(equations[equation])
            silent.append(hasSilentParts[equation])
        }
        equations = kept
        hasSilentParts = silent
    }
}
