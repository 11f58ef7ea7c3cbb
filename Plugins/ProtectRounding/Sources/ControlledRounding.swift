import SluiceKit

/// Controlled rounding: every count to a multiple of the base beside it, every published sum still holds, and the total change is least.
struct ControlledRounding: Protection {
    static let method = "controlled-rounding"
    let limits: RoundingLimits
    var method: String { Self.method }

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        let base = try self.base(obligations)
        let counts = try self.counts(table, obligations)
        let sums = try TableSums(table, values: counts.values, totals: obligations.totals, limits: limits)
        var rounding = TableRounding(sums, base: base, limits: limits)
        try rounding.run()
        var cells: [ReleasedCell] = counts.values.map { $0.map(ReleasedCell.shown) ?? .missing }
        for (cell, multiple) in zip(sums.cells, rounding.multiples) where cell.row >= 0 {
            cells[Int(cell.row)] = .shown(Int64(multiple * base))
        }
        let writer = try ReleasedTable(table, counts, under: obligations)
        let result = try writer.table(cells)
        let audit = try check(result, table, counts, sums, base, writer)
        return (result, report(counts, cells, rounding, audit, base))
    }

    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        let base = try self.base(obligations)
        let counts = try self.counts(original, obligations)
        let sums = try TableSums(original, values: counts.values, totals: obligations.totals, limits: limits)
        return try check(released, original, counts, sums, base, try ReleasedTable(original, counts, under: obligations))
    }

    private func base(_ obligations: ProtectionObligations) throws(ProtectionError) -> Int {
        let base = try Terms.base(obligations, method: method, limits: limits)
        if let minimum = obligations.rules.minimumCell, base < minimum {
            throw ProtectionError(
                .unsupported,
                detail:
                    "the rounding base \(base) is less than minimumCell \(minimum), so counts below the minimum would be shown; agree on a base of at least \(minimum)"
            )
        }
        return base
    }

    /// - Throws: `unsupported` where the source marked a count confidential: every sum holds, so that it could be subtracted from them.
    private func counts(_ table: Table, _ obligations: ProtectionObligations) throws(ProtectionError) -> Counts {
        let counts = try Counts(table, under: obligations, limits: limits)
        let marked = counts.values.indices.reduce(0) { $0 + (counts.declared[$1] && counts.values[$1] != nil ? 1 : 0) }
        guard marked == 0 else {
            throw ProtectionError(
                .unsupported,
                detail:
                    "the source marked \(marked) counts confidential (CONF_STATUS), and where every sum holds they could be had by subtraction though they were withheld; agree on `method: suppression`, or take the mark from counts that may be shown rounded"
            )
        }
        return counts
    }

    /// The gate: every value a multiple of the base within reach of the original, every sum exact, nothing else said.
    private func check(_ released: Table, _ original: Table, _ counts: Counts, _ sums: TableSums, _ base: Int, _ writer: ReleasedTable) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        let comparison = try ReleaseComparison(released, original, counts)
        let step = Int64(base)
        var cells: [ReleasedCell] = []
        for (row, value) in counts.values.enumerated() {
            guard let value else {
                cells.append(.missing)
                continue
            }
            guard let shown = comparison.shown[row] else { throw ReleaseComparison.failure("a value is missing") }
            let floor = value / step * step
            let ceiling = value % step == 0 ? floor : floor + step
            guard shown % step == 0, shown >= max(0, floor - step), shown <= ceiling + step, value > 0 || shown == 0 else {
                throw ReleaseComparison.failure("a value is not a multiple of \(base) beside the original")
            }
            cells.append(.shown(shown))
        }
        try comparison.check(cells, writer, counts)
        let checked = try SumsCheck(sums, shown: comparison.shown)
        return ProtectionReport.Audit(
            cells: cells.count, equations: checked.count, unreportedCells: sums.cells.reduce(0) { $0 + ($1.row < 0 ? 1 : 0) })
    }

    private func report(_ counts: Counts, _ cells: [ReleasedCell], _ rounding: TableRounding, _ audit: ProtectionReport.Audit, _ base: Int) -> ProtectionReport
    {
        var report = ReleaseChange(counts, cells).report(method, base: base)
        report.audit = audit
        report.figures += [
            JSONMember("parts", .integer(Int64(rounding.partCount))), JSONMember("widenedParts", .integer(Int64(rounding.widenedParts))),
            JSONMember("aboveLeastAtMost", .integer(Int64(rounding.gap))),
        ]
        report.words.append("every count is a multiple of \(base), and every published sum still holds exactly")
        report.words.append(
            rounding.gap == 0
                ? "no other rounding of this kind changes less in all"
                : "the search for less change ended at its limit: another rounding may change less, by \(rounding.gap) at most in all")
        if rounding.widenedParts > 0 {
            report.words.append(
                "\(rounding.widenedParts) connected parts of the table have no such rounding, or none was found within the limit; there counts may lie one base further from the original"
            )
        }
        report.words.append(
            "a reader who knows the method can take the true count to lie less than \(rounding.widenedParts > 0 ? 2 * base : base) away, and more likely within half of \(base)"
        )
        return report
    }
}
