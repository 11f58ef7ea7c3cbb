package import SluiceKit

/// A table as the register of releases keeps it: which cells it shows, which it withholds, and what its codes contain.
package struct Figures {
    private let shown: Batch
    private let original: Batch?
    private let contributions: CellContributions?
    private let obligations: Obligations
    private let protection: ProtectionObligations?

    /// Largest value in units of the last digit: what binary fractions hold exactly, with room for sums.
    private static let valueMax = Int64(1) << 50
    /// Status of a withheld value.
    private static let withheldStatus = "Q"

    /// - Parameter original: the table before cells were withheld; nil for a file of which only what it shows is known.
    package init(_ released: Table, original: Table?, obligations: Obligations) {
        shown = released.batch
        self.original = original?.batch
        contributions = original?.contributions
        self.obligations = obligations
        protection = obligations.protection
    }

    /// - Throws: `tooLarge` when a value has too many digits.
    package func make(exchangeID: String, releasedAt: Instant, population: String, dataflow: ArtefactReference, receiver: String) throws(ProtectionError)
        -> ReleasedFigures
    {
        let schema = shown.schema
        let partitions = schema.dimensions.map { PartitionReader(schema.components[$0], declared: protection?.totals[schema.components[$0].id]) }
        let summed = schema.dimensions.filter { column in
            let component = schema.components[column]
            guard component.role != .timeDimension else { return false }
            return !partitions[column - schema.dimensions.lowerBound].isLabel && !(component.id == "FREQ" && schema.timeDimension != nil)
        }
        let labels = schema.dimensions.filter { partitions[$0 - schema.dimensions.lowerBound].isLabel && schema.components[$0].role != .timeDimension }
        let dimensions = summed.map { column in partitions[column - schema.dimensions.lowerBound].dimension(shown.dictionary(column)) }
        let frequency = protection?.frequencyComponent.flatMap { id in original?.schema.index(of: id) }
        let possible = schema.measures.filter { schema.components[$0].id != protection?.frequencyComponent }
        let measures = possible.isEmpty ? Array(schema.measures) : possible
        let rules = protection?.rules ?? PrimaryRules()
        let isFlagged = protection?.mode == .flagged
        let keepsIntervals =
            !rules.dominance.isEmpty || !rules.percent.isEmpty || !rules.priorPosterior.isEmpty || rules.zeroRange != nil || rules.groupDisclosure

        // Slices: the period and the codes that do not add up.
        var slices: [ReleasedFigures.Slice] = []
        var sliceNumbers: [[UInt32]: Int] = [:]
        func slice(_ row: Int, _ measure: Int) -> Int {
            var key = labels.map { shown.codes($0)[row] } + [UInt32(measure)]
            if let time = schema.timeDimension { key.append(shown.codes(time)[row]) }
            if let known = sliceNumbers[key] { return known }
            let text = schema.timeDimension.flatMap { shown.string($0, row) } ?? ""
            var names = labels.map { "\(schema.components[$0].id)=\(shown.string($0, row) ?? "")" }
            if measures.count > 1 { names.append("measure=\(schema.components[measure].id)") }
            sliceNumbers[key] = slices.count
            slices.append(ReleasedFigures.Slice(period: Self.period(text), labels: names, periodText: text))
            return slices.count - 1
        }

        struct Row {
            var slice: Int
            var codes: [UInt32]
            var shown: ExactDecimal?
            var value: ExactDecimal?
            var count: Int64?
            var isDeclared: Bool
        }
        let rowOfKey = originalRows()
        let marks = ConfidentialityMarks(shown)
        let sourceMarks = original.map(ConfidentialityMarks.init)
        var rows: [Row] = []
        var scale = 0
        var isExact = protection.map { $0.method == "suppression" || $0.method == "coarsening" } ?? true
        for row in 0..<shown.rowCount where !schema.dimensions.contains(where: { PartialKey.isOpen(shown.cell($0, row)) }) {
            for measure in measures {
                let visible = shown.cell(measure, row).flatMap { ExactDecimal($0) }
                let source = rowOfKey.map { $0[schema.dimensions.map { shown.codes($0)[row] }] } ?? nil
                let value = visible ?? source.flatMap { original?.cell(measure, $0) }.flatMap { ExactDecimal($0) }
                let isDeclaredBySource = source.flatMap { sourceMarks?.isDeclared[$0] } ?? false
                let isMarked =
                    marks.isDeclared[row] || isDeclaredBySource || schema.index(of: "OBS_STATUS").flatMap { shown.string($0, row) } == Self.withheldStatus
                // Neither a figure nor one that was withheld: not reported.
                guard visible != nil || value != nil || (original == nil && isMarked) else { continue }
                if value?.isNegative ?? false { isExact = false }
                scale = max(scale, visible?.scale ?? 0, value?.scale ?? 0)
                let count = source.flatMap { at in
                    frequency.flatMap { original?.cell($0, at) }.flatMap { ExactDecimal($0) }.flatMap { $0.coefficient(atScale: 0) }.map { Int64(clamping: $0) }
                        ?? contributions?.counts[at]
                }
                rows.append(
                    Row(
                        slice: slice(row, measure), codes: summed.map { shown.codes($0)[row] }, shown: visible, value: value, count: count,
                        isDeclared: isDeclaredBySource))
            }
        }
        var figures = ReleasedFigures(
            exchangeID: exchangeID, releasedAt: releasedAt, population: population, dataflow: dataflow.description, holders: holders(receiver),
            isPublic: obligations.handling.onwardTransfer == .public, scope: protection?.differencing?.scope,
            minimumCell: isFlagged ? 0 : rules.minimumCell ?? 0, safetyPercent: rules.safetyPercent, keepsIntervals: keepsIntervals, isExact: isExact,
            dimensions: dimensions, slices: slices, scale: scale)
        var hidden: [Int64?] = []
        var counts: [Int64?] = []
        var countsThemselves = true
        for row in rows {
            let visible = try Self.scaled(row.shown, scale)
            let value = try Self.scaled(row.value, scale)
            let people = row.count ?? (scale == 0 ? value : nil)
            let isSmall = people.map { $0 > 0 && $0 < Int64(rules.minimumCell ?? 0) } ?? true
            figures.append(slice: row.slice, codes: row.codes, shown: visible, isUnsafe: visible == nil && (isSmall || row.isDeclared || keepsIntervals))
            hidden.append(visible == nil || !isExact ? value : nil)
            counts.append(row.count)
            if let count = row.count, scale > 0 || count != value { countsThemselves = false }
        }
        if original != nil { figures.truth = ReleasedFigures.Truth(values: hidden, contributors: countsThemselves ? [] : counts) }
        return figures
    }

    private func holders(_ receiver: String) -> [String] {
        if case .to(let others) = obligations.handling.onwardTransfer { return [receiver] + others.filter { $0 != receiver } }
        return [receiver]
    }

    /// Rows of the original by the codes that the released table gives their dimensions; nil without an original.
    private func originalRows() -> [[UInt32]: Int]? {
        guard let original else { return nil }
        let columns = Array(shown.schema.dimensions)
        let translated = columns.map { column in
            let (from, to) = (original.dictionary(column), shown.dictionary(column))
            return (0..<UInt32(from.count)).map { to.known(from.bytes($0)) }
        }
        var rows: [[UInt32]: Int] = [:]
        rows.reserveCapacity(original.rowCount)
        for row in 0..<original.rowCount {
            var key: [UInt32] = []
            for (at, column) in columns.enumerated() {
                let code = original.codes(column)[row]
                key.append(code == ValueDictionary.absent ? code : translated[at][Int(code)])
            }
            rows[key] = row
        }
        return rows
    }

    private static func scaled(_ value: ExactDecimal?, _ scale: Int) throws(ProtectionError) -> Int64? {
        guard let value else { return nil }
        guard let exact = value.coefficient(atScale: scale), exact.magnitude <= valueMax.magnitude else {
            throw ProtectionError(
                .tooLarge, detail: "a value has too many digits to be held against earlier releases (about 15 in all); express the measure in a larger unit")
        }
        return Int64(exact)
    }

    /// A period by its days, so that `2026-01` and `2026-M01` are one.
    static func period(_ text: String) -> String {
        if text.isEmpty { return "-" }
        guard let period = TimePeriod(text) else { return text.split(separator: " ").joined(separator: "_") }
        return "\(period.startDay)..\(period.endDay)"
    }
}
