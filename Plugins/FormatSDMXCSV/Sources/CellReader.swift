import SluiceKit

/// Puts the cells of a row into a batch.
///
/// An empty cell, quoted or not, means "not reported" (SDMX-CSV 2.0, "Column content") and stays absent. All other text is kept as it stands.
final class CellReader {
    /// A cell that is its value; nothing in it is counted, so that the loop over a row touches no reference.
    private struct PlainStep {
        let cell: Int
        let column: Int
        let isCoded: Bool
        let cache: CellCache
    }

    private let plan: ColumnPlan
    private let plain: UnsafeMutableBufferPointer<PlainStep>
    private let special: [ColumnPlan.Step]
    private var batch: Batch?
    /// The coded columns of the leading cells, and where the steps of the others begin; nil where leading cells are more than their values.
    private let leadingColumns: UnsafeMutableBufferPointer<Int>?
    /// The row of the batch that was filled last, and which row of the file it was.
    private var filled = (row: -1, number: -1)

    init(_ plan: ColumnPlan) {
        self.plan = plan
        let isPlain = { (step: ColumnPlan.Step) in if case .plain = step.treatment { true } else { false } }
        special = plan.steps.filter { !isPlain($0) }
        let steps = plan.steps.filter(isPlain).map { PlainStep(cell: $0.cell, column: $0.column, isCoded: $0.isCoded, cache: CellCache()) }
        plain = .allocate(capacity: steps.count)
        _ = plain.initialize(from: steps)
        // In the order of cells, so that the leading ones come first.
        let leading = steps.prefix { $0.cell < plan.leadingCells }
        if leading.count == plan.steps.count(where: { $0.cell < plan.leadingCells }), leading.allSatisfy(\.isCoded) {
            let columns = UnsafeMutableBufferPointer<Int>.allocate(capacity: leading.count)
            _ = columns.initialize(from: leading.map(\.column))
            leadingColumns = columns
        } else {
            leadingColumns = nil
        }
    }

    deinit {
        for step in plain { step.cache.deallocate() }
        plain.deallocate()
        leadingColumns?.deallocate()
    }

    /// Codes belong to one batch's dictionaries; another batch begins anew.
    func use(_ batch: Batch) {
        guard self.batch !== batch else { return }
        for step in plain { step.cache.removeAll() }
        self.batch = batch
        filled = (-1, -1)
    }

    @inline(__always)
    func fill(_ batch: Batch, _ row: Int, from scanner: CSVScanner) throws(ReadError) {
        var firstStep = 0
        if scanner.hasRepeated, let columns = leadingColumns, row > 0, filled.row == row - 1, filled.number == scanner.rowCount - 1 {
            for column in columns { batch.codes(column)[row] = batch.codes(column)[row - 1] }
            firstStep = columns.count
        }
        filled = (row, scanner.rowCount)
        for index in stride(from: firstStep, to: plain.count, by: 1) {
            let step = plain[index]
            let cell = scanner.cell(step.cell)
            if cell.isEmpty { continue }
            if step.isCoded {
                do { batch.codes(step.column)[row] = try step.cache.code(cell, batch, step.column) } catch {
                    throw located(error, scanner, step.cell, step.column)
                }
            } else {
                if CellMarks.isFound(inScanned: cell) { throw notPlain(scanner, step.cell, step.column) }
                batch.spans(step.column)[row] = batch.store(cell)
            }
        }
        for step in special {
            let cell = scanner.cell(step.cell)
            if cell.isEmpty { continue }
            if CellMarks.isFound(inScanned: cell) { throw notPlain(scanner, step.cell, step.column) }
            do { try set(step, batch, row, cell) } catch { throw located(error, scanner, step.cell, step.column) }
        }
    }

    private func notPlain(_ scanner: CSVScanner, _ cell: Int, _ column: Int) -> ReadError {
        located(CellValues.notPlain(plan.schema.components[column].id, line: nil), scanner, cell, column)
    }

    private func located(_ error: ReadError, _ scanner: CSVScanner, _ cell: Int, _ column: Int) -> ReadError {
        var error = error
        error.line = scanner.line(ofCell: cell)
        error.column = cell + 1
        error.detail = "\(plan.schema.components[column].id): \(error.detail)"
        return error
    }

    // MARK: Cells that are more than their value

    private func set(_ step: ColumnPlan.Step, _ batch: Batch, _ row: Int, _ cell: UnsafeRawBufferPointer) throws(ReadError) {
        let component = plan.schema.components[step.column]
        switch step.treatment {
        case .plain: try batch.set(step.column, row, cell)
        case .labelled: try batch.set(step.column, row, Self.withoutLabel(cell, component))
        case .subfields(let subfields):
            let value = subfields.cell(cell) { plan.hasLabels ? Self.withoutLabel($0, component) : $0 }
            var failure: ReadError?
            value.withUnsafeBytes { bytes in do throws(ReadError) { try batch.set(step.column, row, bytes) } catch { failure = error } }
            if let failure { throw failure }
        }
    }

    /// `ID: Name` gives `ID`, where that cannot be wrong: the whole cell is no code of the list, and what stands before the first `: ` is one.
    private static func withoutLabel(_ cell: UnsafeRawBufferPointer, _ component: Component) -> UnsafeRawBufferPointer {
        var end = 0
        while end + 1 < cell.count, !(cell[end] == UInt8(ascii: ":") && cell[end + 1] == UInt8(ascii: " ")) { end += 1 }
        guard end + 1 < cell.count else { return cell }
        let id = UnsafeRawBufferPointer(rebasing: cell[..<end])
        if let codelist = component.codelist {
            let isCode = codelist.contains(String(decoding: cell, as: UTF8.self))
            return !isCode && (codelist.isPartial || codelist.contains(String(decoding: id, as: UTF8.self))) ? id : cell
        }
        // Without the list: keys and codes hold no blank; of other text only the doubling `X: X` is certain to be a label.
        if component.codelistReference != nil || component.isDimension { return id }
        return id.elementsEqual(cell[(end + 2)...]) && component.role == .measure ? id : cell
    }
}
