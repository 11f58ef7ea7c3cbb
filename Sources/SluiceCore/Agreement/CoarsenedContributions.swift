import SluiceKit

/// What is known of contributors while cells are summed.
///
/// Contributors of two cells are taken to be different people: the count of a sum is then an upper bound, and its largest contribution a lower one. Where one
/// person can be in both (a traveller in two months), that is not on the safe side; records are therefore tabulated at the agreed depth, where everybody is
/// counted once, and only tables whose contributors nobody can tell apart any more are summed so.
struct CoarsenedContributions {
    let contributions: CellContributions
    /// Columns that say how many contribute, and the largest contributions: in a sum they say it of the sum.
    let frequencyColumn: Int?
    let largestColumns: [Int]

    /// Those that the table brings, else those that stand in its components. nil where neither says anything.
    /// - Throws: `measureNotNumeric` where a component does not say it.
    init?(_ table: Table, _ protection: ProtectionObligations?) throws(CoarsenError) {
        let schema = table.batch.schema
        frequencyColumn = protection?.frequencyComponent.flatMap(schema.index(of:))
        largestColumns = (protection?.largestComponents ?? []).compactMap(schema.index(of:))
        if let known = table.contributions {
            contributions = known
            return
        }
        guard frequencyColumn != nil || !largestColumns.isEmpty else { return nil }
        let batch = table.batch
        var read = CellContributions(depth: largestColumns.count)
        for row in 0..<batch.rowCount {
            let isMissing = schema.measures.allSatisfy { batch.isAbsent($0, row) }
            // Without a frequency component the measure itself is the count.
            let count = try Self.number(frequencyColumn ?? schema.measures.lowerBound, row, batch, absentIsZero: isMissing)
            guard let whole = count.coefficient(atScale: 0), let narrow = Int64(exactly: whole) else {
                throw Self.error(frequencyColumn ?? schema.measures.lowerBound, row, batch)
            }
            var largest: [ExactDecimal] = []
            for column in largestColumns { largest.append(try Self.number(column, row, batch, absentIsZero: true)) }
            read.append(count: narrow, largest: largest)
        }
        contributions = read
    }

    private static func number(_ column: Int, _ row: Int, _ batch: Batch, absentIsZero: Bool) throws(CoarsenError) -> ExactDecimal {
        guard let bytes = batch.cell(column, row), !bytes.isEmpty else {
            guard absentIsZero else { throw error(column, row, batch) }
            return .zero
        }
        guard let number = ExactDecimal(bytes) else { throw error(column, row, batch) }
        return number
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
