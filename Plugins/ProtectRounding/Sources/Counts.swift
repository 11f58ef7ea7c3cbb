import SluiceKit

/// What the methods read from a table: one count for each row, and which rows the source had marked confidential.
struct Counts {
    let measure: Int
    /// Of each row; nil where it reports none.
    let values: [Int64?]
    /// What the source marked confidential.
    let marks: ConfidentialityMarks
    var declared: [Bool] { marks.isDeclared }
    /// Columns that leave empty in every row, because they tell of contributors or of cell keys.
    let cleared: Set<Int>
    /// The column that holds cell keys, where the agreement names one.
    let keyColumn: Int?

    /// Largest count, so that sums stay exact in binary fractions too.
    static let countMax = Int64(1) << 50

    /// - Throws: `unsupported` when there is not one measure, or it is in thousands; `measureNotNumeric`, `negativeValue`, `keyPartial`, `keyDuplicate`, `tooLarge`.
    init(_ table: Table, under obligations: ProtectionObligations, limits: RoundingLimits) throws(ProtectionError) {
        let batch = table.batch
        let schema = batch.schema
        guard batch.rowCount <= limits.cellsMax else {
            throw ProtectionError(.tooLarge, detail: "the table has more than \(limits.cellsMax) observations; split it by period or region")
        }
        var cleared: Set<Int> = []
        func besides(_ id: String, _ term: String) throws(ProtectionError) -> Int {
            guard let column = schema.index(of: id), !schema.components[column].isDimension else {
                throw ProtectionError(.unsupported, detail: "the agreement's \(term) \(id) is not a measure or attribute of \(schema.structure.reference)")
            }
            cleared.insert(column)
            return column
        }
        keyColumn = if let id = obligations.cellKey?.component { try besides(id, "cellKey component") } else { nil }
        if let id = obligations.frequencyComponent { _ = try besides(id, "frequencyComponent") }
        for id in obligations.largestComponents { _ = try besides(id, "largestComponents") }
        // A count that is its own frequency may be named too.
        var measures = schema.measures.filter { !cleared.contains($0) }
        if measures.isEmpty, schema.measures.count == 1, let only = schema.measures.first, only != keyColumn {
            measures = [only]
            cleared.remove(only)
        }
        guard let measure = measures.first, measures.count == 1 else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "\(obligations.method) takes one count, and \(schema.structure.reference) has \(measures.count) measures; send each under a dataflow of its own"
            )
        }
        self.measure = measure
        self.cleared = cleared
        try Self.refuseMultiples(batch)
        try KeySpace.refusePartialKeys(batch)
        try Self.refuseDuplicates(batch)
        values = try Self.counts(batch, measure)
        marks = ConfidentialityMarks(batch)
    }

    private static func refuseMultiples(_ batch: Batch) throws(ProtectionError) {
        guard let column = batch.schema.index(of: "UNIT_MULT") else { return }
        for row in 0..<batch.rowCount {
            guard let text = batch.string(column, row), !text.isEmpty, text != "0" else { continue }
            throw ProtectionError(
                .unsupported,
                detail: "UNIT_MULT is \(text): a count in thousands or more cannot be rounded as a count. Express counts in units (UNIT_MULT 0)")
        }
    }

    private static func refuseDuplicates(_ batch: Batch) throws(ProtectionError) {
        let keys = try KeySpace(batch)
        var seen: Set<UInt128> = []
        seen.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount where !seen.insert(keys.key(ofRow: row)).inserted {
            let time = batch.schema.timeDimension.map { " " + (batch.string($0, row) ?? "") } ?? ""
            throw ProtectionError(.keyDuplicate, detail: "two observations have the key \(batch.seriesKey(row))\(time); remove one")
        }
    }

    /// Whether a cell has a value: SDMX-ML 2.1 writes a missing numeric value as NaN.
    static func isMissing(_ cell: UnsafeRawBufferPointer?) -> Bool { cell.map { $0.isEmpty || $0.elementsEqual("NaN".utf8) } ?? true }

    private static func counts(_ batch: Batch, _ column: Int) throws(ProtectionError) -> [Int64?] {
        let id = batch.schema.components[column].id
        var counts: [Int64?] = []
        counts.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount {
            let cell = batch.cell(column, row)
            guard let cell, !isMissing(cell) else {
                counts.append(nil)
                continue
            }
            func fault(_ code: ProtectionError.Code, _ what: String) -> ProtectionError {
                ProtectionError(code, detail: "\(id) of observation \(row + 1) (\(batch.seriesKey(row))) \(what)")
            }
            guard let number = ExactDecimal(cell) else {
                throw fault(.measureNotNumeric, "is not a number; correct it, or leave it empty when it is missing")
            }
            guard !number.isNegative else { throw fault(.negativeValue, "is negative; counts begin at zero") }
            guard let whole = number.coefficient(atScale: 0) else {
                throw fault(.measureNotNumeric, "is not a whole number; rounding and perturbation are for counts. For amounts agree on `method: suppression`")
            }
            guard whole <= Int128(countMax) else { throw fault(.tooLarge, "is greater than \(countMax)") }
            counts.append(Int64(whole))
        }
        return counts
    }
}
