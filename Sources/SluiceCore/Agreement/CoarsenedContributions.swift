import SluiceKit

/// What is known of contributors while cells are summed.
///
/// Contributors of two cells are taken to be different people: the count of a sum is then an upper bound, and its largest contribution a lower one. Where one
/// person can be in both (a traveller in two months), that is not on the safe side; records are therefore tabulated at the agreed depth, where everybody is
/// counted once, and only tables whose contributors nobody can tell apart any more are summed so.
struct CoarsenedContributions {
    let contributions: CellContributions
    /// Columns that say how many contribute, the largest contributions, and the cell's key: in a sum they say it of the sum.
    let frequencyColumn: Int?
    let largestColumns: [Int]
    let keyColumn: Int?

    /// Those that the table brings, else those that stand in its components. nil where neither says anything.
    /// - Throws: `measureNotNumeric` where a component does not say it.
    init?(_ table: Table, _ protection: ProtectionObligations?) throws(CoarsenError) {
        let schema = table.batch.schema
        frequencyColumn = protection?.frequencyComponent.flatMap(schema.index(of:))
        let largestColumns = (protection?.largestComponents ?? []).compactMap(schema.index(of:))
        self.largestColumns = largestColumns
        let keyColumn = protection?.cellKey?.component.flatMap(schema.index(of:))
        self.keyColumn = keyColumn
        if let known = table.contributions {
            contributions = known
            return
        }
        guard frequencyColumn != nil || !largestColumns.isEmpty || keyColumn != nil else { return nil }
        let batch = table.batch
        var read = CellContributions(depth: largestColumns.count)
        // Without a frequency component the measure itself is the count.
        let countColumn = frequencyColumn ?? schema.measures.first { $0 != keyColumn && !largestColumns.contains($0) } ?? schema.measures.lowerBound
        for row in 0..<batch.rowCount {
            let isMissing = schema.measures.allSatisfy { $0 == keyColumn || Self.isMissing(batch.cell($0, row)) }
            let count = try Self.number(countColumn, row, batch, absentIsZero: isMissing)
            guard let whole = count.coefficient(atScale: 0), let narrow = Int64(exactly: whole) else { throw Self.error(countColumn, row, batch) }
            var largest: [ExactDecimal] = []
            for column in largestColumns { largest.append(try Self.number(column, row, batch, absentIsZero: true)) }
            var key: UInt8?
            if let keyColumn { key = try Self.key(keyColumn, row, batch, absentIsZero: narrow == 0) }
            read.append(count: narrow, largest: largest, cellKey: key)
        }
        contributions = read
    }

    /// SDMX-ML 2.1 writes a missing numeric value as NaN.
    private static func isMissing(_ cell: UnsafeRawBufferPointer?) -> Bool { cell.map { $0.isEmpty || $0.elementsEqual("NaN".utf8) } ?? true }

    private static func number(_ column: Int, _ row: Int, _ batch: Batch, absentIsZero: Bool) throws(CoarsenError) -> ExactDecimal {
        guard let bytes = batch.cell(column, row), !isMissing(bytes) else {
            guard absentIsZero else { throw error(column, row, batch) }
            return .zero
        }
        guard let number = ExactDecimal(bytes) else { throw error(column, row, batch) }
        return number
    }

    /// - Parameter absentIsZero: whether nobody is counted there, so that there is no key to give.
    private static func key(_ column: Int, _ row: Int, _ batch: Batch, absentIsZero: Bool) throws(CoarsenError) -> UInt8 {
        let cell = batch.cell(column, row)
        if isMissing(cell), absentIsZero { return 0 }
        guard let whole = cell.flatMap(ExactDecimal.init)?.coefficient(atScale: 0), let key = UInt8(exactly: whole) else {
            throw CoarsenError(
                .measureNotNumeric,
                detail:
                    "\(batch.schema.components[column].id) of \(batch.seriesKey(row)) is no cell key, so the key of a sum cannot be told; give each observation the sum of its record keys mod 256, 0 to 255"
            )
        }
        return key
    }

    private static func error(_ column: Int, _ row: Int, _ batch: Batch) -> CoarsenError {
        CoarsenError(
            .measureNotNumeric,
            detail:
                "\(batch.schema.components[column].id) of \(batch.seriesKey(row)) does not say how many contribute, or how much, so the contributors to a sum cannot be told; give it for every observation"
        )
    }

    /// What the component of a sum says; nil for other components.
    func text(_ column: Int, _ rows: [Int]) -> String? {
        if column == frequencyColumn { return String(contributions.merged(rows).count) }
        // Where nothing is known of keys the sum has none, and the method refuses: never that of one part.
        if column == keyColumn { return contributions.merged(rows).cellKey.map { String($0) } ?? "" }
        guard let place = largestColumns.firstIndex(of: column) else { return nil }
        let largest = contributions.merged(rows).largest
        return place < largest.count && !largest[place].isZero ? largest[place].description : "0"
    }

    /// Of the groups, in their order.
    func merged(_ groups: [CellGroup]) -> CellContributions {
        var result = CellContributions(depth: contributions.depth)
        for group in groups {
            let merged = contributions.merged(group.rows)
            result.append(count: merged.count, largest: merged.largest, cellKey: merged.cellKey)
        }
        return result
    }
}
