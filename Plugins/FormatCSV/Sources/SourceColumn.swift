internal import SluiceKit

/// One column of the table as the current row has it. A column whose labels matter numbers its distinct texts, so that each is judged once.
final class SourceColumn {
    let name: String
    /// Its position in the table; below zero for what `unpivot` makes up.
    let position: Int
    /// Whether anything asks for the text's number.
    var isNumbered = false
    private let texts: ValueDictionary
    private var isMissing: [Bool] = []
    private let missing: Set<String>
    private let ignoresCase: Bool
    /// Whether a mark for a missing value begins with a digit (`9999`), so that numbers have to be looked up too.
    private let marksAreDigits: Bool

    /// Longer texts are not looked up among the marks.
    private static let markBytesMax = 64

    /// The number of the current text; `absent` when the cell is empty.
    private(set) var code = ValueDictionary.absent
    private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    var isEmpty: Bool { bytes.isEmpty }

    init(_ name: String, position: Int, missing: [String], ignoresCase: Bool, limits: ReadLimits) {
        self.name = name
        self.position = position
        self.missing = Set(missing.map { LabelTable.fold($0, ignoresCase: ignoresCase) })
        self.ignoresCase = ignoresCase
        marksAreDigits = missing.contains { LabelTable.trimmed($0).utf8.first.map { $0 &- 48 < 10 } ?? false }
        texts = ValueDictionary(limits: limits)
    }

    /// Takes the current row's cell. Blanks around it, and texts that mean "no value", are dropped.
    func load(_ cell: UnsafeRawBufferPointer) throws(ReadError) {
        bytes = Self.trimmed(cell)
        code = ValueDictionary.absent
        if bytes.isEmpty { return }
        if isNumbered {
            code = try texts.intern(bytes)
            if Int(code) == isMissing.count { isMissing.append(saysMissing()) }
            if isMissing[Int(code)] { clear() }
        } else if !missing.isEmpty, marksAreDigits || bytes[0] &- 48 >= 10, bytes.count <= Self.markBytesMax, saysMissing() {
            clear()
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    func text(_ code: UInt32) -> String { texts.string(code) }

    private func saysMissing() -> Bool {
        let folded = LabelTable.fold(text, ignoresCase: ignoresCase)
        return folded.isEmpty || missing.contains(folded)
    }

    private func clear() {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        code = ValueDictionary.absent
    }

    private static func trimmed(_ cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, cell.count)
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        while start < end, isBlank(cell[start]) { start += 1 }
        while end > start, isBlank(cell[end - 1]) { end -= 1 }
        // A no-break space (C2 A0) as well: spreadsheets leave them.
        while end - start >= 2, cell[start] == 0xC2, cell[start + 1] == 0xA0 { start += 2 }
        while end - start >= 2, cell[end - 2] == 0xC2, cell[end - 1] == 0xA0 { end -= 2 }
        return UnsafeRawBufferPointer(rebasing: cell[start..<end])
    }
}

/// A condition against a source column, answered once per distinct text.
final class ConditionPlan {
    let source: SourceColumn
    private let labels: Set<String>
    private let acceptsEmpty: Bool
    private let isNegated: Bool
    private let ignoresCase: Bool
    private var answers: [Bool] = []

    init(_ condition: CSVMapping.Condition, source: SourceColumn, ignoresCase: Bool) {
        self.source = source
        self.ignoresCase = ignoresCase
        isNegated = condition.isNegated
        acceptsEmpty = condition.labels.contains { LabelTable.trimmed($0).isEmpty }
        labels = Set(condition.labels.map { LabelTable.fold($0, ignoresCase: ignoresCase) }.filter { !$0.isEmpty })
        if !labels.isEmpty { source.isNumbered = true }
    }

    var holds: Bool {
        if source.isEmpty { return acceptsEmpty != isNegated }
        if labels.isEmpty { return isNegated }
        while answers.count <= Int(source.code) {
            answers.append(labels.contains(LabelTable.fold(source.text(UInt32(truncatingIfNeeded: answers.count)), ignoresCase: ignoresCase)))
        }
        return answers[Int(source.code)] != isNegated
    }
}
