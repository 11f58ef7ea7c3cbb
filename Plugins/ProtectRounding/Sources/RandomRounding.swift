import SluiceKit

/// Random rounding: a count with residue m to base b goes up with probability m/b, else down, drawn from the node's key and the cell's identity.
///
/// Unbiased, and the same cell always rounds the same. Each cell is rounded by itself, so sums no longer add up exactly.
struct RandomRounding: Protection {
    static let method = "random-rounding"
    let limits: RoundingLimits
    var method: String { Self.method }
    /// The name of its use of the node's key.
    static let use = "rounding"

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        let counts = try Counts(table, under: obligations, limits: limits)
        let cells = try released(table, counts, obligations, context)
        let writer = try ReleasedTable(table, counts, under: obligations)
        let result = try writer.table(cells)
        try ReleaseComparison(result, table, counts).check(cells, writer, counts)
        return (result, try report(table, counts, cells, obligations))
    }

    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        let counts = try Counts(original, under: obligations, limits: limits)
        let cells = try self.released(original, counts, obligations, context)
        try ReleaseComparison(released, original, counts).check(cells, try ReleasedTable(original, counts, under: obligations), counts)
        return ProtectionReport.Audit(cells: cells.count)
    }

    private func released(_ table: Table, _ counts: Counts, _ obligations: ProtectionObligations, _ context: ProtectionContext) throws(ProtectionError)
        -> [ReleasedCell]
    {
        let base = Int64(try Terms.base(obligations, method: method, limits: limits))
        guard let codes = context.codes else {
            throw ProtectionError(
                .keyMissing,
                detail:
                    "random rounding draws from the node's protection key, and there is none here; name one (keys: protectionKey in the configuration, --protection-key with `sluice protect`)"
            )
        }
        let identity = CellIdentity(table)
        return counts.values.indices.map { row in
            guard let value = counts.values[row] else { return .missing }
            if counts.declared[row] { return .withheld(.declared) }
            let residue = value % base
            guard residue > 0 else { return Terms.shown(value, of: value, obligations) }
            let isUp = Self.goesUp(codes.code(identity.message(ofRow: row), for: Self.use), residue: residue, base: base)
            return Terms.shown(value - residue + (isUp ? base : 0), of: value, obligations)
        }
    }

    /// The first 64 bits as a fraction of base: uniform from 0 to base − 1, to within base / 2^64.
    static func goesUp(_ code: SHA256Digest, residue: Int64, base: Int64) -> Bool {
        let word = code.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
        return word.multipliedFullWidth(by: UInt64(base)).high < UInt64(residue)
    }

    private func report(_ table: Table, _ counts: Counts, _ cells: [ReleasedCell], _ obligations: ProtectionObligations) throws(ProtectionError)
        -> ProtectionReport
    {
        let base = obligations.rounding?.base ?? 0
        let change = ReleaseChange(counts, cells)
        var report = change.report(method, base: base)
        // Where code lists are missing nobody can write down a sum of theirs either.
        var partsMax = 0
        for column in table.batch.schema.dimensions {
            let component = table.batch.schema.components[column]
            guard let breakdowns = try? Breakdowns(component, dictionary: table.batch.dictionary(column), declared: obligations.totals[component.id]) else {
                continue
            }
            partsMax = max(partsMax, breakdowns.all.map(\.parts.count).max() ?? 0)
        }
        let most = (partsMax + 1) * (base - 1)
        report.figures.append(JSONMember("sumsDifferAtMost", .integer(Int64(partsMax == 0 ? 0 : most))))
        report.words.append("every count is a multiple of \(base), the one below or the one above, drawn so that the expected value is the true one")
        report.words.append(
            partsMax == 0
                ? "each cell is rounded by itself: a sum over n cells can differ from its total by up to (n + 1) × \(base - 1)"
                : "each cell is rounded by itself: parts no longer add up to their totals; the longest sum here has \(partsMax) parts and can be out by up to \(most)"
        )
        report.words.append("readers should take each figure as published, and not compute one from others")
        return report
    }
}
