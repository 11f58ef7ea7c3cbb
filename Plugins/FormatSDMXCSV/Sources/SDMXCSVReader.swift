import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Reads SDMX-CSV row by row; a row with another structure or action than the one before begins a new dataset.
final class SDMXCSVReader: DatasetReader {
    /// Plans kept for messages that go to and fro between structures.
    private static let plansMax = 64

    private enum Advance { case row, changed, ended }

    let header = MessageHeader()
    private let scanner: CSVScanner
    private let version: SDMXCSVFormat.Version
    private let context: ReadContext
    private var row: HeaderRow?
    private var plans: [String: ColumnPlan] = [:]
    private var plan: ColumnPlan?
    private var cells: CellReader?
    /// The cells that decide to which dataset a row belongs, and their bytes for the current dataset.
    private var controlCells: [Int] = []
    private var controlBytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var columnCount = 0
    /// The scanner stands on a row that no batch has taken.
    private var isPending = false
    private var hasEnded = false
    private var datasetOrdinal = 0
    private var rowOrdinal = 0
    private var unknownColumns = UnknownColumns()
    private var hasReportedEmptyCells = false

    init(_ source: any ByteSource, version: SDMXCSVFormat.Version, context: ReadContext) {
        scanner = CSVScanner(source, limits: context.limits)
        self.version = version
        self.context = context
    }

    deinit { controlBytes.deallocate() }

    func nextDataset() throws(ReadError) -> DatasetDescription? {
        if row == nil {
            row = try RowControl.header(scanner, version)
            columnCount = scanner.cellCount
            isPending = try advance() != .ended
        } else if plan != nil {
            while try advance() == .row {}
            endDataset()
        }
        guard isPending, let row else { return nil }
        datasetOrdinal += 1
        rowOrdinal = 0
        return try beginDataset(row)
    }

    func read(into batch: Batch) throws(ReadError) -> Int {
        guard let plan, let cells else { return 0 }
        cells.use(batch)
        var added = 0
        while !batch.isFull {
            guard try advance() == .row else {
                endDataset()
                break
            }
            let index = batch.appendRow(line: UInt64(truncatingIfNeeded: scanner.line))
            rowOrdinal += 1
            try cells.fill(batch, index, from: scanner)
            if !plan.unknownCells.isEmpty { unknownColumns.count(scanner, plan.unknownCells) }
            added += 1
        }
        return added
    }

    /// The scanner stands on the next dataset's first row, or at the end.
    private func endDataset() {
        plan = nil
        isPending = !hasEnded
    }

    // MARK: Rows

    private var position: Position { Position(line: scanner.line, row: rowOrdinal, dataset: datasetOrdinal) }

    /// Moves to the next usable row and says whether it still belongs to the current dataset.
    private func advance() throws(ReadError) -> Advance {
        if hasEnded { return .ended }
        if isPending, plan != nil {
            isPending = false
            return .row
        }
        while try scanner.nextRow() {
            if scanner.cellCount == columnCount || hasOnlyEmptyCellsMore { return continuesDataset ? .row : .changed }
            if !scanner.isBlank { reportCellCount() }
        }
        hasEnded = true
        if let row { unknownColumns.report(row, to: context.findings) }
        return .ended
    }

    /// True for a row with more cells than the header, all of them empty: the field guides' own example 18 ends its lines with a comma too many.
    private var hasOnlyEmptyCellsMore: Bool {
        guard scanner.cellCount > columnCount, (columnCount..<scanner.cellCount).allSatisfy({ scanner.cell($0).isEmpty }) else { return false }
        if !hasReportedEmptyCells {
            hasReportedEmptyCells = true
            context.findings.add(
                Finding(
                    .rowTooManyCells, severity: .warning, at: Position(line: scanner.line, dataset: datasetOrdinal),
                    message: "The row has \(scanner.cellCount) cells, the header has \(columnCount); what is too much is empty, so the row is read.",
                    advice: "Remove the separators at the end of the line; this is said once per file."))
        }
        return true
    }

    /// True when the cells that name structure and action read as in the row before.
    private var continuesDataset: Bool {
        var offset = 0
        for cell in controlCells {
            let bytes = scanner.cell(cell)
            guard offset + bytes.count < controlBytes.count, let kept = controlBytes.baseAddress, let base = bytes.baseAddress,
                memcmp(kept + offset, base, bytes.count) == 0
            else { return false }
            offset += bytes.count
            guard controlBytes[offset] == 0 else { return false }
            offset += 1
        }
        return offset == controlBytes.count && offset > 0
    }

    /// Keeps the cells that name structure and action, each followed by the NUL that no cell can hold.
    private func keepControlCells() {
        var bytes: [UInt8] = []
        for cell in controlCells { bytes += Array(scanner.cell(cell)) + [0] }
        controlBytes.deallocate()
        controlBytes = .allocate(byteCount: bytes.count, alignment: 1)
        controlBytes.copyBytes(from: bytes)
    }

    private func reportCellCount() {
        let isShort = scanner.cellCount < columnCount
        context.findings.add(
            Finding(
                isShort ? .rowTooFewCells : .rowTooManyCells, at: Position(line: scanner.line, row: 0, dataset: datasetOrdinal),
                offendingText: String(decoding: scanner.cell(0), as: UTF8.self),
                message: "The row has \(scanner.cellCount) cells, the header has \(columnCount); the row is left out.",
                advice: isShort
                    ? "Add the missing cells (empty ones where nothing is reported)." : "Quote cells that hold the separator, or remove what is too much."))
    }

    // MARK: Datasets

    private func beginDataset(_ row: HeaderRow) throws(ReadError) -> DatasetDescription {
        controlCells = RowControl.cells(row)
        keepControlCells()
        let reference = try RowControl.reference(scanner, row)
        let action = action(row)
        let planKey = "\(reference.artefactClass.rawValue) \(reference)"
        var plan = plans[planKey]
        if plan == nil {
            let made = ColumnPlan(row, schema: try context.schema(for: reference, at: position))
            if plans.count < Self.plansMax { plans[planKey] = made }
            reportColumns(made, row, action)
            plan = made
        }
        guard let plan else { return DatasetDescription(schema: try context.schema(for: reference), reference: reference, action: action) }
        self.plan = plan
        cells = CellReader(plan)
        scanner.repeatableCells = max(plan.leadingCells, 0)
        return DatasetDescription(schema: plan.schema, reference: reference, action: action)
    }

    private func action(_ row: HeaderRow) -> DatasetAction {
        if let action = RowControl.action(scanner, row, version) { return action }
        let cell = row.action ?? 0
        let other = String(decoding: scanner.cell(cell), as: UTF8.self)
        context.findings.add(
            Finding(
                .actionUnknown, at: Position(line: scanner.line, column: cell + 1, dataset: datasetOrdinal), component: "ACTION", offendingText: other,
                message: "“\(other.prefix(64))” is no action; the rows are read as information.", advice: "Write I, A, R, D, or (in 2.1) M."))
        return .information
    }

    private func reportColumns(_ plan: ColumnPlan, _ row: HeaderRow, _ action: DatasetAction) {
        unknownColumns.add(plan, of: row)
        for cell in plan.repeatedCells {
            context.findings.add(
                Finding(
                    .memberDuplicate, at: Position(line: 1, column: cell + 1, dataset: datasetOrdinal), component: row.columns[cell].id,
                    offendingText: row.columns[cell].text,
                    message: "The header names \(row.columns[cell].id) twice; the first column is read.", advice: "Remove one of the two columns."))
        }
        // SDMX-CSV 2.x: a Delete leaves out the dimensions over which it runs.
        guard action != .delete else { return }
        for id in plan.missingDimensions {
            context.findings.add(
                Finding(
                    .dimensionMissing, at: Position(line: 1, dataset: datasetOrdinal), component: id, message: "The file has no column for dimension \(id).",
                    advice: "Add a column named \(id), or check its spelling in the header."))
        }
    }
}
