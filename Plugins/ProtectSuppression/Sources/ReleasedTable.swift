import SluiceKit

/// Writes the table that leaves: a copy in fresh storage with hidden cells marked.
///
/// Rows come out in the order of their keys, because a source sorted by value would tell where a hidden value lies. Other attributes of
/// a hidden observation are cleared: a comment, an upper bound or a previous value speaks of the cell.
struct ReleasedTable {
    static let suppressedStatus = "Q"

    private let original: Table
    private let observations: Observations
    private let obligations: ProtectionObligations
    private let observationStatus: Int?
    private let confidentialityStatus: Int?
    /// Observation attributes that a hidden row keeps: statuses, and what is the same in every row.
    private let kept: Set<Int>

    init(_ original: Table, _ observations: Observations, under obligations: ProtectionObligations) throws(ProtectionError) {
        self.original = original
        self.observations = observations
        self.obligations = obligations
        let schema = original.batch.schema
        if obligations.neutralStatus { try observations.marks.requireNeutral() }
        func statusColumn(_ id: String, code: String) -> Int? {
            guard let column = schema.index(of: id), case .attribute(.observation) = schema.components[column].role else { return nil }
            if let codelist = schema.components[column].codelist, !codelist.isPartial, !codelist.contains(code) { return nil }
            return column
        }
        observationStatus = statusColumn("OBS_STATUS", code: Self.suppressedStatus)
        confidentialityStatus = statusColumn(ConfidentialityMarks.component, code: ConfidentialityMarks.neutralCode)
        switch obligations.mode {
        case .withheld:
            guard observationStatus != nil || confidentialityStatus != nil else {
                throw ProtectionError(
                    .markingImpossible,
                    detail:
                        "\(schema.structure.reference) has no OBS_STATUS with code Q and no CONF_STATUS with code C on observations, so a withheld value could not be told from a missing one; add OBS_STATUS to the structure"
                )
            }
        case .flagged:
            guard confidentialityStatus != nil else {
                throw ProtectionError(
                    .markingImpossible,
                    detail:
                        "\(schema.structure.reference) has no CONF_STATUS on observations, which `mode: flagged` needs; add it, or agree on `mode: withheld`")
            }
        }
        var kept: Set<Int> = []
        for column in schema.attributes {
            guard case .attribute(.observation) = schema.components[column].role else { continue }
            if column == observationStatus || column == confidentialityStatus { continue }
            guard schema.components[column].isMandatory else { continue }
            guard !observations.contributors.columns.contains(column), Self.isConstant(original.batch, column) else {
                if obligations.mode == .flagged, !observations.contributors.largestColumns.contains(column) { continue }
                throw ProtectionError(
                    .attributeReveals,
                    detail:
                        "\(schema.components[column].id) is mandatory on each observation and differs between them, so a withheld observation would have to tell it; make it conditional in the structure"
                )
            }
            kept.insert(column)
        }
        self.kept = kept
    }

    static func isConstant(_ batch: Batch, _ column: Int) -> Bool {
        guard batch.rowCount > 0 else { return true }
        let first = batch.cell(column, 0).map(Array.init)
        return (1..<max(1, batch.rowCount)).allSatisfy { row in
            guard let cell = batch.cell(column, row), let first else { return batch.isAbsent(column, row) && first == nil }
            return cell.elementsEqual(first)
        }
    }

    /// The largest contributions never travel; the number of contributors goes to nobody but a receiver who gets the values too.
    private func isAboutContributors(_ column: Int) -> Bool {
        observations.contributors.largestColumns.contains(column) || (obligations.mode == .withheld && column == observations.contributors.frequencyColumn)
    }

    /// Why a row is hidden.
    struct Mark {
        var reason: ProtectionReport.Reason
        /// What CONF_STATUS says of it where reasons are told; nil for what the source said.
        var code: String?

        static let secondary = Mark(reason: .secondary, code: "D")
    }

    /// - Parameter marks: of each row of the original; nil for those that are published.
    func table(hiding marks: [Mark?]) throws(ProtectionError) -> Table {
        let source = original.batch
        let schema = source.schema
        let result = Batch(schema: schema, capacity: max(1, source.rowCount))
        do throws(ReadError) {
            for row in KeySpace.rowsByKey(source) {
                let target = result.appendRow()
                let reason = marks[row]
                for column in schema.components.indices {
                    // The source's code is the reason, also where it gave no value and where it marked a whole series.
                    if obligations.neutralStatus, column == observations.marks.column, observations.declared[row] {
                        if let text = observations.marks.neutralText { try set(text, column, target, in: result) }
                        continue
                    }
                    if let reason, try mark(column, target, row, reason, in: result) { continue }
                    if isAboutContributors(column) { continue }
                    if let bytes = source.cell(column, row) { try result.set(column, target, bytes) }
                }
            }
        } catch {
            throw ProtectionError(.tooLarge, detail: error.detail)
        }
        return Table(description: original.description, batch: result)
    }

    /// Writes what a hidden row says in this column; false when it says what the original says.
    private func mark(_ column: Int, _ target: Int, _ row: Int, _ mark: Mark, in result: Batch) throws(ReadError) -> Bool {
        let schema = result.schema
        if column == confidentialityStatus {
            let own = original.batch.string(column, row)
            let code: String
            let neutral = ConfidentialityMarks.neutralCode
            if obligations.neutralStatus { code = neutral } else { code = mark.code ?? own ?? neutral }
            let isKnown = schema.components[column].codelist.map { $0.isPartial || $0.contains(code) } ?? true
            try set(isKnown ? code : neutral, column, target, in: result)
            return true
        }
        guard obligations.mode == .withheld else { return false }
        if column == observationStatus {
            try set(Self.suppressedStatus, column, target, in: result)
            return true
        }
        if schema.measures.contains(column) { return true }
        if case .attribute(.observation) = schema.components[column].role { return !kept.contains(column) }
        return false
    }

    private func set(_ text: String, _ column: Int, _ row: Int, in result: Batch) throws(ReadError) {
        try result.set(column, row, text: text)
    }
}

extension Batch {
    func set(_ column: Int, _ row: Int, text: String) throws(ReadError) {
        if isCoded[column] {
            codes(column)[row] = try dictionary(column).intern(text)
        } else {
            var copy = text
            spans(column)[row] = copy.withUTF8 { store(UnsafeRawBufferPointer($0)) }
        }
    }
}
