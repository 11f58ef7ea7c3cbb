import SluiceKit

/// What becomes of one observation.
enum ReleasedCell: Hashable {
    /// Nothing was reported, and nothing is.
    case missing
    case shown(Int64)
    case withheld(ProtectionReport.Reason)

    var isWithheld: Bool { if case .withheld = self { true } else { false } }
}

/// Writes the table that leaves: a copy in fresh storage, rows in the order of their keys, because a source sorted by value tells about values.
///
/// Each row loses what could say more than its new count: components that count contributors or hold keys, free texts, a status that speaks of
/// the size of the original. What is kept is the same in every row, or a code that the structure demands.
struct ReleasedTable {
    static let suppressedStatus = "Q"
    static let normalStatus = "A"
    /// `N`, not a real zero, and `U`, low reliability: both say that the true count is small (CL_OBS_STATUS 2.2).
    static let tellingStatuses: Set<String> = ["N", "U"]

    private let original: Table
    private let counts: Counts
    private let obligations: ProtectionObligations
    private let observationStatus: Int?
    private let canSuppress: (status: Bool, confidentiality: Bool)
    /// Observation attributes that leave as they are, statuses aside.
    private let kept: Set<Int>

    /// - Throws: `attributeReveals` where a mandatory attribute would have to tell something.
    init(_ original: Table, _ counts: Counts, under obligations: ProtectionObligations) throws(ProtectionError) {
        self.original = original
        self.counts = counts
        self.obligations = obligations
        let batch = original.batch
        let schema = batch.schema
        func status(_ id: String) -> Int? {
            guard let column = schema.index(of: id), Self.isOfObservation(schema.components[column]), !counts.cleared.contains(column) else { return nil }
            return column
        }
        func has(_ column: Int?, _ code: String) -> Bool {
            guard let column else { return false }
            return schema.components[column].codelist.map { $0.isPartial || $0.contains(code) } ?? true
        }
        observationStatus = status("OBS_STATUS")
        let confidentialityStatus = status(ConfidentialityMarks.component)
        canSuppress = (has(observationStatus, Self.suppressedStatus), has(confidentialityStatus, ConfidentialityMarks.neutralCode))
        if let column = observationStatus, schema.components[column].isMandatory, !has(column, Self.normalStatus),
            (0..<batch.rowCount).contains(where: { batch.string(column, $0).map(Self.tellingStatuses.contains) ?? false })
        {
            throw ProtectionError(
                .attributeReveals,
                detail:
                    "OBS_STATUS says N or U of some observations, which tells that their counts are small, and has no code A to take its place; add A to its code list"
            )
        }
        var kept: Set<Int> = []
        for column in schema.attributes {
            let component = schema.components[column]
            if counts.cleared.contains(column) {
                guard !component.isMandatory else {
                    throw ProtectionError(
                        .attributeReveals,
                        detail: "\(component.id) tells of those behind a count and does not travel, but is mandatory; make it conditional in the structure")
                }
                continue
            }
            guard Self.isOfObservation(component), column != observationStatus, column != confidentialityStatus else { continue }
            if Self.isConstant(batch, column) || (component.isMandatory && component.codelist != nil) {
                kept.insert(column)
            } else if component.isMandatory {
                throw ProtectionError(
                    .attributeReveals,
                    detail:
                        "\(component.id) is mandatory on each observation, has no code list and differs between them, so it could tell of the original counts; make it conditional in the structure"
                )
            }
        }
        self.kept = kept
    }

    private static func isOfObservation(_ component: Component) -> Bool { if case .attribute(.observation) = component.role { true } else { false } }

    static func isConstant(_ batch: Batch, _ column: Int) -> Bool {
        guard batch.rowCount > 0 else { return true }
        let first = batch.cell(column, 0)
        return (1..<max(1, batch.rowCount)).allSatisfy { row in
            guard let cell = batch.cell(column, row), let first else { return batch.isAbsent(column, row) && first == nil }
            return cell.elementsEqual(first)
        }
    }

    /// What a column says of a row.
    enum Text: Hashable {
        case absent
        /// What the original says, byte for byte.
        case original
        case text(String)
    }

    func text(_ column: Int, _ row: Int, _ cell: ReleasedCell) -> Text {
        let batch = original.batch
        let component = batch.schema.components[column]
        if component.isDimension { return .original }
        if counts.cleared.contains(column) { return .absent }
        if column == counts.measure {
            switch cell {
            case .missing: return .original
            case .shown(let value): return .text(String(value))
            case .withheld: return .absent
            }
        }
        let isWithheld = cell.isWithheld
        if column == observationStatus {
            if isWithheld, canSuppress.status { return .text(Self.suppressedStatus) }
            guard let own = batch.string(column, row), Self.tellingStatuses.contains(own), cell != .missing else { return .original }
            return component.isMandatory || component.codelist.map({ $0.contains(Self.normalStatus) }) ?? true ? .text(Self.normalStatus) : .absent
        }
        if column == counts.marks.column {
            // The source's code is the reason, also where it gave no value and where it marked a whole series.
            if counts.declared[row] { return counts.marks.neutralText.map(Text.text) ?? .absent }
            return isWithheld && canSuppress.confidentiality ? .text(ConfidentialityMarks.neutralCode) : .original
        }
        guard Self.isOfObservation(component) else { return .original }
        return kept.contains(column) ? .original : .absent
    }

    /// - Parameter cells: of each row of the original.
    /// - Throws: `markingImpossible` when a withheld value could not be told from a missing one, or a marked one would have to say why.
    func table(_ cells: [ReleasedCell]) throws(ProtectionError) -> Table {
        try counts.marks.requireNeutral()
        guard canSuppress.status || canSuppress.confidentiality || !cells.contains(where: \.isWithheld) else {
            throw ProtectionError(
                .markingImpossible,
                detail:
                    "\(original.batch.schema.structure.reference) has no OBS_STATUS with code Q and no CONF_STATUS with code C on observations, so a withheld value could not be told from a missing one; add OBS_STATUS to the structure"
            )
        }
        let source = original.batch
        let schema = source.schema
        let result = Batch(schema: schema, capacity: max(1, source.rowCount))
        for row in KeySpace.rowsByKey(source) {
            let target = result.appendRow()
            for column in schema.components.indices {
                let text = text(column, row, cells[row])
                do throws(ReadError) {
                    switch text {
                    case .absent: break
                    case .original: if let bytes = source.cell(column, row) { try result.set(column, target, bytes) }
                    case .text(var text): try Self.set(&text, column, target, in: result)
                    }
                } catch {
                    throw ProtectionError(.tooLarge, detail: error.detail)
                }
            }
        }
        return Table(description: original.description, batch: result)
    }

    private static func set(_ text: inout String, _ column: Int, _ row: Int, in batch: Batch) throws(ReadError) {
        if batch.isCoded[column] {
            batch.codes(column)[row] = try batch.dictionary(column).intern(text)
        } else {
            batch.spans(column)[row] = text.withUTF8 { batch.store(UnsafeRawBufferPointer($0)) }
        }
    }
}
