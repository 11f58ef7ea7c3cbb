import SluiceKit

/// Counts what stands in columns that are no component, to report each of them once when the message has ended.
struct UnknownColumns {
    private var rowsByCell: [Int: Int] = [:]
    private var knownCells: Set<Int> = []

    /// Takes note of the columns that one more structure does not know.
    mutating func add(_ plan: ColumnPlan, of row: HeaderRow) {
        for cell in plan.unknownCells where rowsByCell[cell] == nil { rowsByCell[cell] = 0 }
        knownCells.formUnion(plan.steps.map(\.cell))
    }

    mutating func count(_ scanner: CSVScanner, _ cells: [Int]) {
        for cell in cells where !scanner.cell(cell).isEmpty { rowsByCell[cell, default: 0] += 1 }
    }

    /// A column of another structure of the same message is unknown only where its cells are filled.
    func report(_ row: HeaderRow, to findings: any FindingSink) {
        for (cell, rows) in rowsByCell.sorted(by: { $0.key < $1.key }) where rows > 0 || !knownCells.contains(cell) {
            let text = row.columns[cell].text
            findings.add(
                Finding(
                    .componentUnknown, severity: .warning, at: Position(line: 1, column: cell + 1), component: row.columns[cell].id, offendingText: text,
                    message: "“\(text.prefix(64))” is no component of the data structure; \(rows) of its cells are filled and are not kept.",
                    advice: "Correct the column's name if it is meant to be a component; leave it if it is an addition of your own.", observations: rows))
        }
    }
}
