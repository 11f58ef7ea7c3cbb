import SluiceKit

/// Reads a table that is about to leave, as it was read back from its bytes, and holds it against the original, observation by observation.
struct ReleaseComparison {
    /// What the released table shows of each row of the original: nil where it shows no value.
    private(set) var shown: [Int64?]
    private let released: Table
    private let original: Table
    private let rowOfOriginal: [Int]

    /// - Throws: `auditNotClean` when an observation was added or taken out, or a value is no count.
    init(_ released: Table, _ original: Table, _ counts: Counts) throws(ProtectionError) {
        self.released = released
        self.original = original
        let old = original.batch
        let new = released.batch
        guard new.rowCount == old.rowCount, new.schema.components.map(\.id) == old.schema.components.map(\.id) else {
            throw Self.failure("it has \(new.rowCount) observations where the original has \(old.rowCount), or other components")
        }
        shown = Array(repeating: nil, count: old.rowCount)
        var rowOfOriginal = Array(repeating: 0, count: old.rowCount)
        for (oldRow, newRow) in zip(KeySpace.rowsByKey(old), KeySpace.rowsByKey(new)) {
            for column in old.schema.dimensions where !Self.isSame(old.cell(column, oldRow), new.cell(column, newRow)) {
                throw Self.failure("an observation has a key that the original does not have")
            }
            rowOfOriginal[oldRow] = newRow
            let cell = new.cell(counts.measure, newRow)
            guard let cell, !Counts.isMissing(cell) else { continue }
            guard let whole = ExactDecimal(cell)?.coefficient(atScale: 0), (0...Int128(Int64.max)).contains(whole) else {
                throw Self.failure("a value is not a count")
            }
            shown[oldRow] = Int64(whole)
        }
        self.rowOfOriginal = rowOfOriginal
    }

    /// - Throws: `auditNotClean` unless every observation says what the method makes of it, and nothing besides.
    func check(_ cells: [ReleasedCell], _ writer: ReleasedTable, _ counts: Counts) throws(ProtectionError) {
        let schema = original.batch.schema
        for (row, cell) in cells.enumerated() {
            switch cell {
            case .missing: guard shown[row] == nil else { throw Self.failure("an observation has a value that the original does not have") }
            case .withheld: guard shown[row] == nil else { throw Self.failure("a value that has to be withheld is shown") }
            case .shown(let value): guard shown[row] == value else { throw Self.failure("a value is not what the method makes of the original") }
            }
            let newRow = rowOfOriginal[row]
            var isMarked = false
            for column in schema.attributes {
                isMarked = try checkAttribute(column, newRow, writer.text(column, row, cell)) || isMarked
            }
            if cell.isWithheld, !isMarked { throw Self.failure("a withheld observation is not marked as such") }
            for column in counts.cleared where !column.isAbsent(in: released.batch, newRow) {
                throw Self.failure("\(schema.components[column].id) still tells of those behind the counts")
            }
        }
    }

    /// Whether the attribute says something that it would not say by itself. What leaves unchanged is not held against the original: formats normalise it.
    private func checkAttribute(_ column: Int, _ newRow: Int, _ wanted: ReleasedTable.Text) throws(ProtectionError) -> Bool {
        let id = original.batch.schema.components[column].id
        guard let cell = released.batch.cell(column, newRow), !cell.isEmpty else { return false }
        switch wanted {
        case .original: return false
        case .absent: throw Self.failure("an observation still says its \(id)")
        case .text(let text):
            guard cell.elementsEqual(text.utf8) else { throw Self.failure("\(id) is not what it has to be") }
            return true
        }
    }

    static func failure(_ what: String) -> ProtectionError {
        ProtectionError(.auditNotClean, detail: "the table to be released did not pass the gate: \(what). Nothing was released")
    }

    private static func isSame(_ left: UnsafeRawBufferPointer?, _ right: UnsafeRawBufferPointer?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.elementsEqual(right)
    }
}

extension Int {
    /// Of a column: whether it says nothing of a row.
    fileprivate func isAbsent(in batch: Batch, _ row: Int) -> Bool { Counts.isMissing(batch.cell(self, row)) }
}
