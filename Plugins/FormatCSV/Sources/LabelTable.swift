internal import SluiceKit

/// Labels and the codes they stand for. Labels are compared as people read them: whatever their Unicode form, without blanks around them.
struct LabelTable {
    enum Answer: Hashable {
        case code(String)
        /// The label means that there is no value.
        case nothing
        /// Two codes have this name.
        case ambiguous([String])
        case unknown
    }
    private var answers: [String: Answer] = [:]
    private var labels: [String] = []
    private let ignoresCase: Bool
    private let keepsUnmapped: Bool

    init(_ labels: CSVMapping.Labels, codelist: Codelist?, ignoresCase: Bool) {
        self.ignoresCase = ignoresCase
        keepsUnmapped = labels.keepsUnmapped
        if let languages = labels.codelistLanguages, let codelist {
            for code in codelist.codes {
                for name in code.names.entries where languages.isEmpty || languages.contains(name.language) {
                    let key = Self.fold(name.text, ignoresCase: ignoresCase)
                    switch answers[key] {
                    case .code(let other) where other != code.id: answers[key] = .ambiguous([other, code.id])
                    case .ambiguous(let others) where !others.contains(code.id): answers[key] = .ambiguous(others + [code.id])
                    case nil:
                        answers[key] = .code(code.id)
                        self.labels.append(name.text)
                    default: break
                    }
                }
            }
        }
        // What the mapping says itself goes before the names of the code list.
        for (label, code) in labels.codes {
            let key = Self.fold(label, ignoresCase: ignoresCase)
            if answers[key] == nil { self.labels.append(label) }
            answers[key] = code.map { .code($0) } ?? .nothing
        }
    }

    func answer(to text: String) -> Answer {
        // Swift compares strings by canonical equivalence, which is what comparing their NFC forms would do.
        if let known = answers[Self.fold(text, ignoresCase: ignoresCase)] { return known }
        return keepsUnmapped ? .code(Self.trimmed(text)) : .unknown
    }

    func advice(for text: String) -> String {
        let folded = Self.fold(text, ignoresCase: true)
        if let same = labels.first(where: { Self.fold($0, ignoresCase: true) == folded }) {
            return "The mapping knows \"\(same)\"; set ignoreCase: true, or add this spelling to its labels."
        }
        if let near = Nearest.text(to: Self.trimmed(text), among: labels) {
            return "If \"\(near)\" was meant, correct the table; else add the label to the mapping."
        }
        let some = labels.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
        return "Add the label and its code to the mapping\(some.isEmpty ? "" : "; it knows \(some)\(labels.count > 5 ? " and \(labels.count - 5) more" : "")")."
    }

    static func fold(_ text: String, ignoresCase: Bool) -> String { ignoresCase ? trimmed(text).lowercased() : trimmed(text) }

    static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
