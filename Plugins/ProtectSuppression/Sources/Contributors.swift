import SluiceKit

/// What is known of those who contribute to each row: how many they are, and the largest contributions.
///
/// The table's own side-car comes first, then the components that the agreement names. Where nobody gives the number, the measure is
/// taken for the count itself.
struct Contributors {
    /// Columns of the table that tell something of contributors: they never travel.
    private(set) var columns: [Int] = []
    /// Column that counts contributors, where it is not the measure.
    private(set) var frequencyColumn: Int?
    private(set) var largestColumns: [Int] = []
    private let sideCar: CellContributions?
    private var counts: [ExactDecimal?] = []
    private var largest: [[ExactDecimal?]] = []

    /// How many of the largest contributions are known of each row.
    let depth: Int
    /// Whether the number of contributors is given apart from the measure.
    var hasCounts: Bool { sideCar != nil || frequencyColumn != nil }

    /// - Throws: `unsupported` when a component is not there, a side-car is of another table, or a rule looks at contributions that nobody gives.
    init(_ table: Table, under obligations: ProtectionObligations) throws(ProtectionError) {
        let schema = table.batch.schema
        if let id = obligations.frequencyComponent { frequencyColumn = try Self.column(id, "frequencyComponent", schema) }
        for id in obligations.largestComponents {
            let column = try Self.column(id, "largestComponents", schema)
            guard !largestColumns.contains(column), column != frequencyColumn else {
                throw ProtectionError(.unsupported, detail: "the agreement names \(id) twice among frequencyComponent and largestComponents")
            }
            largestColumns.append(column)
        }
        sideCar = table.contributions
        if let sideCar, sideCar.rowCount != table.batch.rowCount {
            throw ProtectionError(
                .unsupported,
                detail: "the contributions at hand are of \(sideCar.rowCount) cells, and the table has \(table.batch.rowCount); tabulate it anew")
        }
        depth = sideCar.map { max($0.depth, 0) } ?? largestColumns.count
        let rules = obligations.rules
        guard rules.largestNeeded <= depth else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "the agreement's rules look at the \(rules.largestNeeded) largest contributions to a cell, and \(depth) are given; name the components that hold them (largestComponents), or tabulate from records"
            )
        }
    }

    /// Before it is known which one is the measure.
    var allColumns: [Int] { largestColumns + [frequencyColumn].compactMap { $0 } }

    /// The measure itself may be named as the count.
    mutating func setMeasure(_ measure: Int) {
        if frequencyColumn == measure { frequencyColumn = nil }
        columns = largestColumns
        if let frequencyColumn { columns.append(frequencyColumn) }
    }

    /// - Throws: `unsupported` when a rule needs counts that nobody gives.
    func checkCounts(_ rules: PrimaryRules, insiders: Bool) throws(ProtectionError) {
        guard hasCounts || depth == 0 || (rules.minimumCell == nil && !insiders) else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "minimumCell and insiders need the number of contributors, and only their contributions are given; name a frequencyComponent, or tabulate from records"
            )
        }
        guard rules.zeroRange == nil || hasCounts else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "the zero rule needs the number of contributors beside the value, since a count of zero has none; name a frequencyComponent, tabulate from records, or leave zeroRule out"
            )
        }
    }

    private static func column(_ id: String, _ term: String, _ schema: DatasetSchema) throws(ProtectionError) -> Int {
        guard let column = schema.index(of: id), !schema.components[column].isDimension else {
            throw ProtectionError(.unsupported, detail: "the agreement's \(term) \(id) is not a measure or attribute of \(schema.structure.reference)")
        }
        return column
    }

    /// - Throws: `measureNotNumeric`, `negativeValue`; and where they contradict the values (`contributionsContradict`).
    mutating func read(_ batch: Batch, values: [ExactDecimal?]) throws(ProtectionError) {
        if sideCar == nil {
            if let frequencyColumn {
                counts = try Observations.numbers(batch, frequencyColumn)
                for row in values.indices where values[row] != nil && counts[row] == nil {
                    throw ProtectionError(
                        .measureNotNumeric,
                        detail:
                            "observation \(row + 1) (\(batch.seriesKey(row))) has a value but no \(batch.schema.components[frequencyColumn].id), so it cannot be told whether it is safe; give the number of contributors"
                    )
                }
            }
            for column in largestColumns { largest.append(try Observations.numbers(batch, column)) }
        }
        guard hasCounts || depth > 0 else { return }
        for row in values.indices {
            guard let value = values[row] else { continue }
            try check(row, value, batch)
        }
    }

    /// Contributors of a row; nil where nobody counts them.
    func count(_ row: Int) -> ExactDecimal? {
        if let sideCar { return ExactDecimal(coefficient: Int128(sideCar.counts[row]), scale: 0) }
        return counts.isEmpty ? nil : counts[row]
    }

    /// The largest contributions to a row, the largest first, without zeros.
    func largest(_ row: Int) -> [ExactDecimal] {
        if let sideCar { return Array(sideCar.largest(row)) }
        return largest.compactMap { $0[row] }.filter { !$0.isZero }
    }

    private func check(_ row: Int, _ value: ExactDecimal, _ batch: Batch) throws(ProtectionError) {
        func contradiction(_ what: String) -> ProtectionError {
            ProtectionError(
                .contributionsContradict,
                detail: "what is said of the contributors of observation \(row + 1) (\(batch.seriesKey(row))) contradicts its value: \(what); correct either")
        }
        let known = largest(row)
        let count = count(row)
        if let count {
            guard !count.isNegative else { throw contradiction("their number is negative") }
            guard !count.isZero || value.isZero else { throw contradiction("it has a value and no contributors") }
            guard count >= ExactDecimal(coefficient: Int128(known.count), scale: 0) else {
                throw contradiction("more contributions are given than there are contributors")
            }
        }
        var sum = ExactDecimal.zero
        for (at, one) in known.enumerated() {
            guard !one.isNegative else { throw contradiction("a contribution is negative") }
            guard at == 0 || one <= known[at - 1] else { throw contradiction("the largest contributions are not in order of size") }
            guard let next = sum.adding(one) else { throw contradiction("the contributions have too many digits") }
            sum = next
        }
        guard sum <= value else { throw contradiction("the largest contributions are greater than it") }
        if let count, depth > 0, count <= ExactDecimal(coefficient: Int128(depth), scale: 0), sum != value {
            throw contradiction("all contributors are given and do not make it up")
        }
    }
}
