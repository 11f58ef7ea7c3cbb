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
    private let subfieldSeparator: UInt8
    private let findings: any FindingSink
    private var batch: Batch?
    /// Columns of which a finding has said that other languages are not kept.
    private var reportedLanguages: Set<Int> = []

    init(_ plan: ColumnPlan, _ opening: Opening, findings: any FindingSink) {
        self.plan = plan
        self.findings = findings
        subfieldSeparator = opening.subfieldSeparator ?? UInt8(ascii: ";")
        let isPlain = { (step: ColumnPlan.Step) in if case .plain = step.treatment { true } else { false } }
        special = plan.steps.filter { !isPlain($0) }
        let steps = plan.steps.filter(isPlain).map { PlainStep(cell: $0.cell, column: $0.column, isCoded: $0.isCoded, cache: CellCache()) }
        plain = .allocate(capacity: steps.count)
        _ = plain.initialize(from: steps)
    }

    deinit {
        for step in plain { step.cache.deallocate() }
        plain.deallocate()
    }

    /// Codes belong to one batch's dictionaries; another batch begins anew.
    func use(_ batch: Batch) {
        guard self.batch !== batch else { return }
        for step in plain { step.cache.removeAll() }
        self.batch = batch
    }

    @inline(__always)
    func fill(_ batch: Batch, _ row: Int, from scanner: CSVScanner, position: @autoclosure () -> Position) throws(ReadError) {
        for step in plain {
            let cell = scanner.cell(step.cell)
            if cell.isEmpty { continue }
            if step.isCoded {
                do { batch.codes(step.column)[row] = try step.cache.code(cell, batch, step.column) } catch {
                    throw located(error, scanner, step.cell, step.column)
                }
            } else {
                batch.spans(step.column)[row] = batch.store(cell)
            }
        }
        for step in special {
            let cell = scanner.cell(step.cell)
            if cell.isEmpty { continue }
            if let value = value(of: cell, step, position()) {
                do { try batch.set(step.column, row, value) } catch { throw located(error, scanner, step.cell, step.column) }
            }
        }
    }

    private func located(_ error: ReadError, _ scanner: CSVScanner, _ cell: Int, _ column: Int) -> ReadError {
        var error = error
        error.line = scanner.line(ofCell: cell)
        error.column = cell + 1
        error.detail = "\(plan.schema.components[column].id): \(error.detail)"
        return error
    }

    // MARK: Cells that are more than their value

    private func value(of cell: UnsafeRawBufferPointer, _ step: ColumnPlan.Step, _ position: Position) -> UnsafeRawBufferPointer? {
        let component = plan.schema.components[step.column]
        var position = position
        position.column = step.cell + 1
        switch step.treatment {
        case .plain: return cell
        case .labelled: return Self.withoutLabel(cell, component)
        case .multiple:
            guard cell.contains(subfieldSeparator) else { return cell }
            findings.add(
                Finding(
                    .valueMultiple, at: position, component: component.id, offendingText: String(decoding: cell, as: UTF8.self),
                    message: "\(component.id) holds several values; one is kept per component, so the cell is left out.",
                    advice: "Give one value per observation."))
            return nil
        case .languages(let languages):
            let best = bestText(cell, languages)
            if best.count + 3 < cell.count, reportedLanguages.insert(step.column).inserted {
                findings.add(
                    Finding(
                        .textLanguagesNotKept, severity: .warning, at: position, component: component.id, offendingText: String(decoding: cell, as: UTF8.self),
                        message: "\(component.id) holds texts in several languages; one of them is kept (English where there is one).",
                        advice: "Send one file per language if the others are needed."))
            }
            return best
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

    /// `en:Value;fr:Valeur` gives `Value` (SDMX-CSV 2.0, "Non-coded multi-lingual components").
    private func bestText(_ cell: UnsafeRawBufferPointer, _ languages: [String]) -> UnsafeRawBufferPointer {
        var first: Range<Int>?
        var english: Range<Int>?
        var begin = 0
        while begin < cell.count {
            guard
                let language = languages.first(where: {
                    cell[begin...].starts(with: $0.utf8) && cell[begin...].dropFirst($0.utf8.count).first == UInt8(ascii: ":")
                })
            else { return cell }
            let start = begin + language.utf8.count + 1
            var end = start
            // The separator ends a text only where another language begins: the text itself may hold it.
            while end < cell.count, !(cell[end] == subfieldSeparator && languages.contains { cell[(end + 1)...].starts(with: ($0 + ":").utf8) }) { end += 1 }
            if first == nil { first = start..<end }
            if language == "en" { english = start..<end }
            begin = end + 1
        }
        return (english ?? first).map { UnsafeRawBufferPointer(rebasing: cell[$0]) } ?? cell
    }
}
