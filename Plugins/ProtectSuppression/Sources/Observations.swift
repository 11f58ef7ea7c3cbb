import SluiceKit

/// What suppression reads from a table: values, contributors and the source's own confidentiality marks.
struct Observations {
    let measure: Int
    let values: [ExactDecimal?]
    let contributors: Contributors
    /// What the source marked confidential.
    let marks: ConfidentialityMarks
    var declared: [Bool] { marks.isDeclared }

    init(_ table: Table, under obligations: ProtectionObligations) throws(ProtectionError) {
        let batch = table.batch
        let schema = batch.schema
        var contributors = try Contributors(table, under: obligations)
        let measures = schema.measures.filter { $0 != contributors.frequencyColumn && !contributors.largestColumns.contains($0) }
        // A count that is its own frequency may be named too.
        let candidates = measures.isEmpty ? schema.measures.filter { !contributors.largestColumns.contains($0) } : measures
        guard let measure = candidates.first, candidates.count == 1 else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "suppression takes one measure, and \(schema.structure.reference) has \(schema.measures.count); send each measure under a dataflow of its own"
            )
        }
        self.measure = measure
        contributors.setMeasure(measure)
        try contributors.checkCounts(obligations.rules, insiders: obligations.insiders)
        if let column = schema.index(of: "UNIT_MULT"), !contributors.hasCounts {
            for row in 0..<batch.rowCount {
                guard let text = batch.string(column, row), text != "0" else { continue }
                throw ProtectionError(
                    .unsupported,
                    detail:
                        "UNIT_MULT is \(text): whether a count in thousands or more is small cannot be told. Express counts in units (UNIT_MULT 0), or name a frequencyComponent in the agreement"
                )
            }
        }
        let values = try Self.numbers(batch, measure)
        self.values = values
        try contributors.read(batch, values: values)
        self.contributors = contributors
        marks = ConfidentialityMarks(batch)
    }

    static func numbers(_ batch: Batch, _ column: Int) throws(ProtectionError) -> [ExactDecimal?] {
        let id = batch.schema.components[column].id
        var numbers: [ExactDecimal?] = []
        numbers.reserveCapacity(batch.rowCount)
        for row in 0..<batch.rowCount {
            guard let bytes = batch.cell(column, row), !bytes.isEmpty else {
                numbers.append(nil)
                continue
            }
            guard let number = ExactDecimal(bytes) else {
                // SDMX-ML 2.1 writes a missing numeric value as NaN.
                guard bytes.elementsEqual("NaN".utf8) else {
                    throw ProtectionError(
                        .measureNotNumeric,
                        detail:
                            "\(id) of observation \(row + 1) (\(batch.seriesKey(row))) is not a decimal number of at most \(ExactDecimal.digitsMax) digits; correct it, or leave it empty when it is missing"
                    )
                }
                numbers.append(nil)
                continue
            }
            guard !number.isNegative else {
                throw ProtectionError(
                    .negativeValue,
                    detail:
                        "\(id) of observation \(row + 1) (\(batch.seriesKey(row))) is negative; suppression protects counts and amounts of at least zero, so send net figures as two flows"
                )
            }
            numbers.append(number)
        }
        return numbers
    }
}
