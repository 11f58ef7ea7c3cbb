internal import SluiceKit

/// Codes against the time in which they are valid: of their code list (`validTo` of its version), and of a constraint's own values
/// (`validFrom`, `validTo` of a cube region's selection or value, SDMX 3.0).
///
/// Of a code list only the end is judged: an older period under a newer list is how back series are made, while a list that was given up before the period
/// began is mostly the wrong version. A period that a validity covers in part fits it.
struct ValidityRule {
    private struct Span {
        /// First second and the one behind the last.
        var intervals: [(start: Int64, end: Int64)]
        var words: String
        var advice: String
    }
    private struct Column {
        let column: Int
        var ofList: Int?
        var ofCode: [String: Int]
        /// Per code: its span, or -1.
        var spans: ContiguousArray<Int> = []
    }
    private var spans: [Span] = []
    private var columns: [Column] = []
    let timeColumn: Int
    /// Per time code: first second and the one behind the last; nobody misses a span with what is no period.
    private var periods: ContiguousArray<(start: Int64, end: Int64)> = []
    /// False while no code seen so far has a validity.
    private(set) var restricts = false

    /// Nil where nothing has a validity, or there is no time.
    init?(_ schema: DatasetSchema) {
        guard let time = schema.timeDimension else { return nil }
        timeColumn = time
        for (column, component) in schema.components.enumerated() where component.storage == .coded && column != time {
            var ofList: Int?
            if let codelist = component.codelist, let text = codelist.identity.validTo, let end = TimePeriod(text) {
                ofList = spans.count
                spans.append(
                    Span(
                        intervals: [(.min, end.end)], words: "which is of \(codelist.reference), a list that was valid until \(text)",
                        advice: "Ask the maintainer for the version of the list, or of the structure, that is valid now."))
            }
            let ofCode = addSpans(of: component.id, schema.constraints)
            if ofList != nil || !ofCode.isEmpty { columns.append(Column(column: column, ofList: ofList, ofCode: ofCode)) }
        }
        if columns.isEmpty { return nil }
    }

    private mutating func addSpans(of component: String, _ constraints: [DataConstraint]) -> [String: Int] {
        var ofCode: [String: Int] = [:]
        for constraint in constraints {
            var found: [String: [(start: Int64, end: Int64, words: String)]] = [:]
            for selection in constraint.cubeRegions.filter(\.isIncluded).flatMap(\.selections) where selection.component == component && selection.isIncluded {
                for value in selection.values {
                    let (from, to) = (value.validFrom ?? selection.validFrom, value.validTo ?? selection.validTo)
                    let words = [from.map { "from \($0)" }, to.map { "to \($0)" }].compactMap(\.self).joined(separator: " ")
                    found[value.id, default: []].append(
                        (from.flatMap { TimePeriod($0) }?.start ?? .min, to.flatMap { TimePeriod($0) }?.end ?? .max, words))
                }
            }
            for (code, intervals) in found where !intervals.contains(where: { $0.start == .min && $0.end == .max }) {
                ofCode[code] = spans.count
                spans.append(
                    Span(
                        intervals: intervals.map { ($0.start, $0.end) },
                        words: "which constraint \(constraint.reference) allows \(intervals.map(\.words).joined(separator: " and ")) only",
                        advice: "Use the code that is valid in that period, or leave the row out."))
            }
        }
        return ofCode
    }

    mutating func extend(_ batch: Batch) {
        let times = batch.dictionary(timeColumn)
        while periods.count < times.count {
            let period = TimePeriod(times.bytes(UInt32(truncatingIfNeeded: periods.count)), strictReportingYear: false)
            // What is no period overlaps everything.
            periods.append(period.map { ($0.start, $0.end) } ?? (.min + 1, .max))
        }
        for position in columns.indices {
            let dictionary = batch.dictionary(columns[position].column)
            while columns[position].spans.count < dictionary.count {
                let text = dictionary.string(UInt32(truncatingIfNeeded: columns[position].spans.count))
                let span = columns[position].ofCode[text] ?? columns[position].ofList
                if span != nil { restricts = true }
                columns[position].spans.append(span ?? -1)
            }
        }
    }

    func fits(_ batch: Batch, _ row: Int) -> Bool {
        let time = batch.codes(timeColumn)[row]
        guard time != ValueDictionary.absent else { return true }
        let period = periods[Int(time)]
        for column in columns where !fits(column, batch.codes(column.column)[row], period) { return false }
        return true
    }

    private func fits(_ column: Column, _ code: UInt32, _ period: (start: Int64, end: Int64)) -> Bool {
        guard code != ValueDictionary.absent, column.spans[Int(code)] >= 0 else { return true }
        return spans[column.spans[Int(code)]].intervals.contains { period.start < $0.end && $0.start < period.end }
    }

    /// What is wrong in a row that does not fit.
    func faults(_ batch: Batch, _ row: Int) -> [(column: Int, fault: ValueFault)] {
        let time = batch.codes(timeColumn)[row]
        guard time != ValueDictionary.absent else { return [] }
        return columns.filter { !fits($0, batch.codes($0.column)[row], periods[Int(time)]) }.map { column in
            let code = batch.codes(column.column)[row]
            let span = spans[column.spans[Int(code)]]
            let id = batch.schema.components[column.column].id
            return (
                column.column,
                ValueFault(
                    .codeExpired, severity: .warning,
                    message: "\(id) is \(quoted(batch.dictionary(column.column).bytes(code))), \(span.words), and the period is another.", advice: span.advice)
            )
        }
    }
}
