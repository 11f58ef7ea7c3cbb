internal import SluiceKit

/// One component as a column feeds it, with what each distinct text becomes.
final class TargetPlan {
    enum Outcome {
        case value(UInt32)
        case nothing
        case unmapped
    }
    let source: SourceColumn
    let column: Int
    let component: Component
    /// Whether the column's labels belong to one of several components, and this is not the first of them.
    var isAlternative = false
    private let table: LabelTable?
    private let number: DecimalText?
    private let scratch: UnsafeMutableRawBufferPointer
    /// Per text of the source: the code in the batch's dictionary (coded components), or the position in `replacements`.
    private var outcomes: [Outcome] = []
    private var replacements: [[UInt8]] = []
    private var advices: [UInt32: (message: String, advice: String)] = [:]
    /// Distinct labels whose wording is kept; past it it is made anew.
    private static let advicesMax = 1_000

    init(_ target: CSVMapping.Target, source: SourceColumn, column: Int, component: Component, mapping: CSVMapping) {
        self.source = source
        self.column = column
        self.component = component
        table = target.labels.map { LabelTable($0, codelist: component.codelist, ignoresCase: mapping.ignoresCase) }
        number = Self.isNumeric(component) || target.shift != 0 ? DecimalText(decimal: mapping.decimal, grouping: mapping.grouping, shift: target.shift) : nil
        scratch = .allocate(byteCount: DecimalText.bytesMax + CSVMapping.shiftMax + 16, alignment: 1)
        if component.storage == .coded || table != nil { source.isNumbered = true }
    }

    deinit { scratch.deallocate() }

    private static func isNumeric(_ component: Component) -> Bool {
        guard component.codelistReference == nil else { return false }
        switch component.textFormat?.type {
        case .double, .float, .decimal, .integer, .bigInteger, .long, .short, .count, .numeric, .incremental, .inclusiveValueRange, .exclusiveValueRange:
            return true
        case nil: return component.role == .measure
        default: return false
        }
    }

    /// Forgets the codes of another batch's dictionary.
    func forgetOutcomes() {
        outcomes.removeAll(keepingCapacity: true)
        replacements.removeAll(keepingCapacity: true)
    }

    /// What the current text becomes, for components with codes or labels.
    func outcome(_ batch: Batch) throws(ReadError) -> Outcome {
        if source.isEmpty || !source.isNumbered || (table == nil && component.storage == .text) { return .nothing }
        while outcomes.count <= Int(source.code) {
            outcomes.append(try resolve(source.text(UInt32(truncatingIfNeeded: outcomes.count)), batch))
        }
        return outcomes[Int(source.code)]
    }

    private func resolve(_ text: String, _ batch: Batch) throws(ReadError) -> Outcome {
        var code = LabelTable.trimmed(text)
        if let table {
            switch table.answer(to: text) {
            case .code(let mapped): code = mapped
            case .nothing: return .nothing
            case .ambiguous, .unknown: return .unmapped
            }
        } else if let number {
            code = rewritten(code, number)
        }
        if code.isEmpty { return .nothing }
        if component.storage == .coded { return .value(try batch.dictionary(column).intern(code)) }
        replacements.append(Array(code.utf8))
        return .value(UInt32(truncatingIfNeeded: replacements.count - 1))
    }

    private func rewritten(_ text: String, _ number: DecimalText) -> String {
        var text = text
        return text.withUTF8 { bytes in
            number.rewrite(UnsafeRawBufferPointer(bytes), into: scratch).map { String(decoding: scratch[..<$0], as: UTF8.self) }
        } ?? text
    }

    /// Writes the component into the row.
    func write(_ batch: Batch, _ row: Int) throws(ReadError) {
        if source.isEmpty { return }
        guard table != nil || component.storage == .coded else {
            if let number, let count = number.rewrite(source.bytes, into: scratch) {
                batch.spans(column)[row] = batch.store(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            } else {
                batch.spans(column)[row] = batch.store(source.bytes)
            }
            return
        }
        guard case .value(let value) = try outcome(batch) else { return }
        if component.storage == .coded {
            batch.codes(column)[row] = value
        } else {
            batch.spans(column)[row] = replacements[Int(value)].withUnsafeBytes { batch.store($0) }
        }
    }

    /// Why the current text has no code, for a finding.
    func wording() -> (message: String, advice: String) {
        if let known = advices[source.code] { return known }
        let text = source.text
        let shown = text.utf8.count <= Finding.textBytesMax ? text : String(text.prefix(Finding.textBytesMax / 4)) + "…"
        var words = (
            message: "The label \"\(shown)\" in the column \"\(source.name)\" has no code for \(component.id) in the mapping; the row is left out.",
            advice: table?.advice(for: text) ?? ""
        )
        if case .ambiguous(let codes) = table?.answer(to: text) {
            words = (
                "The label \"\(shown)\" in the column \"\(source.name)\" is the name of several codes of \(component.id): \(codes.prefix(5).joined(separator: ", ")); the row is left out.",
                "Say in the mapping which one is meant."
            )
        }
        if advices.count < Self.advicesMax { advices[source.code] = words }
        return words
    }
}
