import SluiceKit

/// Writes grouped observations as a table of their own.
struct SummedTable {
    private let source: Table
    private let groups: [CellGroup]
    private let droppedColumns: Set<Int>

    /// Attributes that say in what a value is counted: sums across them mean nothing.
    static let unitAttributes: Set<String> = ["UNIT_MEASURE", "UNIT_MULT", "UNIT", "CURRENCY", "BASE_PER"]
    /// What a sum says when its parts differ, the weakest first (CL_OBS_STATUS).
    static let observationStatuses = ["U", "E", "I", "F", "P", "V", "D", "G", "B", "A"]
    /// The most restrictive first (CL_CONF_STATUS).
    static let confidentialityStatuses = ["N", "C", "A", "O", "T", "G", "M", "D", "S", "E", "F"]
    static let missing = "O"

    private let isSummed: Bool
    private let contributions: CoarsenedContributions?

    /// - Parameters:
    ///   - isSummed: whether a dimension was coarsened, so that observations may have come into another series.
    ///   - contributions: what components that speak of contributors say of a sum; they are not added up like others.
    init(_ source: Table, _ groups: [CellGroup], dropped: Set<String>, isSummed: Bool, contributions: CoarsenedContributions? = nil) {
        self.isSummed = isSummed
        self.contributions = contributions
        self.source = source
        self.groups = groups
        droppedColumns = Set(dropped.compactMap(source.batch.schema.index(of:)))
    }

    func write() throws(CoarsenError) -> Table {
        let schema = source.batch.schema
        let result = Batch(schema: schema, capacity: max(1, groups.count))
        do throws(ReadError) {
            for group in groups {
                let line = group.rows.count == 1 ? source.batch.lines[group.rows[0]] : 0
                let row = result.appendRow(line: line)
                for column in schema.dimensions { if let code = group.key[column] { try result.set(column, row, code) } }
            }
        } catch {
            throw CoarsenError(.tooLarge, detail: error.detail)
        }
        for (row, group) in groups.enumerated() {
            let isMissing = try writeMeasures(group, row, result)
            for column in schema.attributes where !droppedColumns.contains(column) { try writeAttribute(column, group, row, result, isMissing: isMissing) }
        }
        if isSummed { for column in schema.attributes where !droppedColumns.contains(column) { try settleShared(column, result) } }
        return Table(description: source.description, batch: result)
    }

    private func put(_ bytes: UnsafeRawBufferPointer, _ column: Int, _ row: Int, _ result: Batch) throws(CoarsenError) {
        do throws(ReadError) { try result.set(column, row, bytes) } catch { throw CoarsenError(.tooLarge, detail: error.detail) }
    }

    private func put(_ text: String, _ column: Int, _ row: Int, _ result: Batch) throws(CoarsenError) {
        do throws(ReadError) { try result.set(column, row, text) } catch { throw CoarsenError(.tooLarge, detail: error.detail) }
    }

    /// - Returns: whether a part had no value, so that the sum has none.
    private func writeMeasures(_ group: CellGroup, _ row: Int, _ result: Batch) throws(CoarsenError) -> Bool {
        let batch = source.batch
        var isMissing = false
        for column in batch.schema.measures {
            if group.rows.count == 1 {
                if let bytes = batch.cell(column, group.rows[0]) { try put(bytes, column, row, result) }
                continue
            }
            if let text = contributions?.text(column, group.rows) {
                try put(text, column, row, result)
                continue
            }
            var sum: ExactDecimal? = .zero
            for part in group.rows {
                guard let bytes = batch.cell(column, part), !bytes.isEmpty, !bytes.elementsEqual("NaN".utf8) else {
                    sum = nil
                    break
                }
                guard let value = ExactDecimal(bytes) else {
                    throw CoarsenError(
                        .measureNotNumeric,
                        detail:
                            "\(batch.schema.components[column].id) of \(batch.seriesKey(part)) is not a decimal number, so it cannot be summed to \(CellGrouping.name(group.key))"
                    )
                }
                guard let next = sum?.adding(value) else {
                    throw CoarsenError(
                        .tooLarge, detail: "the sum for \(CellGrouping.name(group.key)) has too many digits; express the measure in a larger unit")
                }
                sum = next
            }
            if let sum { try put(sum.description, column, row, result) } else { isMissing = true }
        }
        return isMissing
    }

    private func writeAttribute(_ column: Int, _ group: CellGroup, _ row: Int, _ result: Batch, isMissing: Bool) throws(CoarsenError) {
        let batch = source.batch
        let component = batch.schema.components[column]
        if group.rows.count > 1, let text = contributions?.text(column, group.rows) { return try put(text, column, row, result) }
        let texts = group.rows.map { batch.string(column, $0) }
        let distinct = Set(texts)
        if isMissing, component.id == "OBS_STATUS", group.rows.count > 1 {
            // The statuses of the parts that have no value; their common one, else "missing".
            let ofMissing = Set(group.rows.filter { part in batch.schema.measures.contains { batch.isAbsent($0, part) } }.map { batch.string(column, $0) })
            if ofMissing.count == 1, let status = ofMissing.first ?? nil {
                try put(status, column, row, result)
            } else {
                try put(Self.missing, column, row, result)
            }
        } else if distinct.count == 1 {
            if let text = texts[0] { try put(text, column, row, result) }
        } else if component.id == "OBS_STATUS" || component.id == "CONF_STATUS" {
            let ranking = component.id == "OBS_STATUS" ? Self.observationStatuses : Self.confidentialityStatuses
            if let status = ranking.first(where: { distinct.contains($0) }) { try put(status, column, row, result) }
        } else if Self.unitAttributes.contains(component.id) {
            throw CoarsenError(
                .unitsDiffer,
                detail:
                    "\(component.id) differs between the observations that would be summed to \(CellGrouping.name(group.key)); convert them to one unit first")
        } else if component.isMandatory {
            throw CoarsenError(
                .attributeDiffers,
                detail:
                    "\(component.id) is mandatory and differs between the observations that would be summed to \(CellGrouping.name(group.key)); make it conditional, or give them one value"
            )
        }
    }

    /// An attribute of a series or group has one value there; where sums have made it differ, it goes.
    private func settleShared(_ column: Int, _ result: Batch) throws(CoarsenError) {
        let schema = result.schema
        let ids: [String]
        switch schema.components[column].role {
        case .attribute(.dimensions(let dimensions)): ids = dimensions
        case .attribute(.group): ids = schema.groupDimensions(of: column) ?? []
        case .attribute(.dataset): ids = []
        default: return
        }
        let columns = ids.compactMap(schema.index(of:))
        var rowsOfKey: [[UInt32]: [Int]] = [:]
        for row in 0..<result.rowCount { rowsOfKey[columns.map { result.codes($0)[row] }, default: []].append(row) }
        for rows in rowsOfKey.values where Set(rows.map { result.string(column, $0) }).count > 1 {
            guard !Self.unitAttributes.contains(schema.components[column].id), !schema.components[column].isMandatory else {
                throw CoarsenError(
                    .attributeDiffers,
                    detail:
                        "\(schema.components[column].id) differs between observations that come into one series by summing (\(result.seriesKey(rows[0]))); give them one value"
                )
            }
            for row in rows { result.clear(column, row) }
        }
    }
}

extension Batch {
    fileprivate func set(_ column: Int, _ row: Int, _ text: String) throws(ReadError) {
        if isCoded[column] {
            codes(column)[row] = try dictionary(column).intern(text)
        } else {
            var copy = text
            spans(column)[row] = copy.withUTF8 { store(UnsafeRawBufferPointer($0)) }
        }
    }
}
