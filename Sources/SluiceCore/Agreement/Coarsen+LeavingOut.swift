import SluiceKit

extension CellGrouping {
    /// Keeps back the observations that are not granted, or refuses for them. A sum of which one part may not travel stays behind whole: the rest of it would stand under the
    /// name of the whole.
    mutating func leaveOut(_ cube: CubeObligations) throws(CoarsenError) {
        var outside: [String: Set<String>] = [:]
        var kept: [CellGroup] = []
        var gate = CellGate(cube, batch)
        for group in groups {
            var isGranted = true
            for column in batch.schema.dimensions {
                let id = batch.schema.components[column].id
                guard let granted = cube.granted[id], !granted.contains(group.key[column] ?? "") else { continue }
                isGranted = false
                outside[id, default: []].insert(group.key[column] ?? "(none)")
            }
            if let reason = gate.reason(group, in: batch) {
                guard cube.outside == .drop else { throw reason }
                isGranted = false
            }
            if isGranted { kept.append(group) } else { report.leftOut += group.rows.count }
        }
        if cube.outside == .refuse, let (id, codes) = outside.min(by: { $0.key < $1.key }) {
            throw CoarsenError(
                .codeNotGranted,
                detail: "\(id) has \(TermJudge.named(codes)), which the agreement does not grant; leave those observations out, or amend the agreement")
        }
        groups = kept
    }
}

/// What an observation may not be, beside the codes of single dimensions: a forbidden combination, or of a period too young.
struct CellGate {
    private let cube: CubeObligations
    private let schema: DatasetSchema
    private let timeColumn: Int?
    private let periods: PeriodJudge?
    /// Periods that were looked at: whether they ended early enough.
    private var hasEnded: [String: Bool] = [:]

    init(_ cube: CubeObligations, _ batch: Batch) {
        self.cube = cube
        schema = batch.schema
        timeColumn = schema.dimensions.first { batch.schema.components[$0].role == .timeDimension }
        let start = schema.index(of: PeriodJudge.reportingYearStart)
        let hasReportingYear = start.map { column in (0..<batch.rowCount).contains { !batch.isAbsent(column, $0) } } ?? false
        periods = cube.endedBy.map { PeriodJudge(endedBy: $0, hasReportingYear: hasReportingYear) }
    }

    /// Why an observation may not travel; nil where it may. Its parts are looked at as well.
    mutating func reason(_ group: CellGroup, in batch: Batch) -> CoarsenError? {
        if let periods, let timeColumn {
            for period in [group.key[timeColumn]] + group.rows.map({ batch.string(timeColumn, $0) }) {
                let text = period ?? ""
                let ended = hasEnded[text] ?? (periods.verdict(text) == .ended)
                hasEnded[text] = ended
                guard !ended else { continue }
                return CoarsenError(
                    .periodTooRecent, detail: "\(period ?? "an observation without a period") is too recent to travel today; leave it out, or wait")
            }
        }
        for combination in cube.forbidden {
            let isForbidden =
                stands(combination.codes) { group.key[$0] }
                || group.rows.contains { row in stands(combination.sources) { batch.string($0, row) } }
            guard isForbidden else { continue }
            return CoarsenError(
                .combinationForbidden,
                detail: "\(CellGrouping.name(group.key)) has codes that may not travel together; leave such observations out, or amend the agreement")
        }
        return nil
    }

    private func stands(_ combination: [String: Set<String>], _ code: (Int) -> String?) -> Bool {
        combination.allSatisfy { dimension, codes in schema.index(of: dimension).flatMap(code).map(codes.contains) ?? false }
    }
}
