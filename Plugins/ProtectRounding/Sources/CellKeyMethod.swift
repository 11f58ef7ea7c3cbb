import SluiceKit

/// The cell key method of the ONS and the ABS: a change looked up by the count and by the sum of its records' keys, then a minimum.
///
/// The same records always make the same cell, whatever table it stands in. A cell without records stays zero.
struct CellKeyMethod: Protection {
    static let method = "cell-key"
    let limits: RoundingLimits
    var method: String { Self.method }

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        let counts = try Counts(table, under: obligations, limits: limits)
        let (cells, changes) = try released(table, counts, obligations, context)
        let writer = try ReleasedTable(table, counts, under: obligations)
        let result = try writer.table(cells)
        try ReleaseComparison(result, table, counts).check(cells, writer, counts)
        var report = ReleaseChange(counts, cells).report(method, base: nil)
        report.figures.append(JSONMember("tableGreatestChange", .integer(Int64(changes.greatest))))
        report.words.append(
            "each count was changed by its row and cell key in the perturbation table \(obligations.cellKey?.table ?? ""); the same records give the same figure in every table"
        )
        report.words.append(
            "each cell is changed by itself: parts no longer add up to their totals; a sum of n parts can be out by up to (n + 1) × \(changes.greatest), where nothing is withheld"
        )
        return (result, report)
    }

    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        let counts = try Counts(original, under: obligations, limits: limits)
        let (cells, _) = try self.released(original, counts, obligations, context)
        try ReleaseComparison(released, original, counts).check(cells, try ReleasedTable(original, counts, under: obligations), counts)
        return ProtectionReport.Audit(cells: cells.count)
    }

    private func released(_ table: Table, _ counts: Counts, _ obligations: ProtectionObligations, _ context: ProtectionContext) throws(ProtectionError)
        -> (cells: [ReleasedCell], changes: PerturbationTable)
    {
        try Terms.check(obligations, method: method)
        guard let terms = obligations.cellKey else {
            throw ProtectionError(
                .unsupported, detail: "the cell key method needs a perturbation table; give `protect: cellKey: {table: NAME}` in the agreement")
        }
        guard obligations.rounding == nil else {
            throw ProtectionError(.unsupported, detail: "the agreement gives rounding, which the cell key method does not use; take it out: its table rounds")
        }
        guard let content = context.resources[terms.table] else {
            throw ProtectionError(
                .keyMissing,
                detail:
                    "there is no perturbation table \(terms.table) here; name its file (protection: tables in the configuration, --table with `sluice protect`)"
            )
        }
        let changes = try PerturbationTable(content, name: terms.table, limits: limits)
        let keys = try Self.keys(table, counts)
        var cells: [ReleasedCell] = []
        cells.reserveCapacity(counts.values.count)
        for row in counts.values.indices {
            guard let value = counts.values[row] else {
                cells.append(.missing)
                continue
            }
            if counts.declared[row] {
                cells.append(.withheld(.declared))
            } else if value == 0 {
                cells.append(.shown(0))
            } else {
                guard let key = keys[row] else { throw Self.noKey(table, counts, row) }
                cells.append(Terms.shown(value + changes.change(value, key: key), of: value, obligations))
            }
        }
        return (cells, changes)
    }

    /// Of each row; nil where it has none.
    private static func keys(_ table: Table, _ counts: Counts) throws(ProtectionError) -> [UInt8?] {
        let batch = table.batch
        // Where cells were summed before, the table brings the keys of the sums, also of a component that has been dropped since.
        if let contributions = table.contributions, contributions.cellKeys.count == batch.rowCount { return contributions.cellKeys }
        guard let column = counts.keyColumn else {
            throw ProtectionError(
                .keyMissing,
                detail:
                    "the table brings no cell keys: name the component that holds them (`protect: cellKey: component`), or tabulate records that have record keys"
            )
        }
        var keys: [UInt8?] = []
        for row in 0..<batch.rowCount {
            guard let cell = batch.cell(column, row), !Counts.isMissing(cell) else {
                keys.append(nil)
                continue
            }
            guard let whole = ExactDecimal(cell)?.coefficient(atScale: 0), let key = UInt8(exactly: whole) else {
                throw ProtectionError(
                    .measureNotNumeric,
                    detail:
                        "\(batch.schema.components[column].id) of observation \(row + 1) (\(batch.seriesKey(row))) is no cell key: a whole number from 0 to 255, the sum of the record keys mod 256"
                )
            }
            keys.append(key)
        }
        return keys
    }

    private static func noKey(_ table: Table, _ counts: Counts, _ row: Int) -> ProtectionError {
        let id = counts.keyColumn.map { table.batch.schema.components[$0].id } ?? "its cell key"
        return ProtectionError(
            .keyMissing,
            detail: "observation \(row + 1) (\(table.batch.seriesKey(row))) has a count but no \(id); give the sum of its records' keys mod 256")
    }
}
