/// Reads the keys of one mapping of an agreement, and knows which of them nobody asked for.
struct TermReader {
    let file: String
    /// Where in the agreement, for messages: `protect.totals`.
    let path: String
    let line: Int
    private let entries: [AgreementDocument.Entry]

    /// - Throws: `keyUnknown`, with the nearest known key, when the mapping has another key than `known`.
    init(_ document: AgreementDocument, path: String, known: [String]?, file: String) throws(AgreementError) {
        guard case .map(let entries, let line) = document else {
            throw AgreementError(
                .valueInvalid, file: file, line: document.line, detail: "\(path.isEmpty ? "an agreement" : path) has to be a mapping (key: value)")
        }
        self.file = file
        self.path = path
        self.line = line
        self.entries = entries
        guard let known else { return }
        for entry in entries where !known.contains(entry.key) {
            let nearest = Self.nearest(entry.key, among: known)
            throw AgreementError(
                .keyUnknown, file: file, line: entry.line,
                detail:
                    "\(full(entry.key)) is not a term of agreements\(nearest.map { "; did you mean \($0)?" } ?? "; known here: \(known.joined(separator: ", "))")"
            )
        }
    }

    /// - Throws: `keyUnknown` when the mapping has a key that the description of the terms does not have.
    init(_ document: AgreementDocument, path: String, terms: [AgreementTerm], file: String) throws(AgreementError) {
        try self.init(document, path: path, known: terms.map(\.key), file: file)
    }

    var keys: [String] { entries.map(\.key) }
    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    func document(_ key: String) throws(AgreementError) -> AgreementDocument {
        guard let entry = entries.first(where: { $0.key == key }) else {
            throw AgreementError(.keyMissing, file: file, line: line, detail: "\(full(key)) is missing; an agreement has to say it")
        }
        return entry.value
    }

    func invalid(_ key: String, _ what: String) -> AgreementError {
        AgreementError(.valueInvalid, file: file, line: entries.first { $0.key == key }?.line ?? line, detail: "\(full(key)) \(what)")
    }

    func text(_ key: String) throws(AgreementError) -> String {
        guard case .text(let text, _) = try document(key), !text.isEmpty else { throw invalid(key, "has to be a text") }
        return text
    }

    func optionalText(_ key: String) throws(AgreementError) -> String? { has(key) ? try text(key) : nil }

    /// A list of texts, or one text.
    func texts(_ key: String) throws(AgreementError) -> [String] {
        switch try document(key) {
        case .text(let text, _) where !text.isEmpty:
            return [text]
        case .list(let items, _) where !items.isEmpty:
            var texts: [String] = []
            for item in items {
                guard case .text(let text, _) = item, !text.isEmpty else { throw invalid(key, "has to be a list of texts") }
                guard !texts.contains(text) else { throw invalid(key, "names \(text) twice") }
                texts.append(text)
            }
            return texts
        default:
            throw invalid(key, "has to be a text or a list of texts")
        }
    }

    /// One mapping, or a list of them, each with the path that messages name it by.
    func mappings(_ key: String, atMost countMax: Int) throws(AgreementError) -> [(document: AgreementDocument, path: String)] {
        switch try document(key) {
        case .map(let entries, let line): return [(.map(entries, line: line), full(key))]
        case .list(let items, _) where !items.isEmpty:
            guard items.count <= countMax else { throw invalid(key, "has more than \(countMax) entries") }
            return items.enumerated().map { ($1, "\(full(key))[\($0 + 1)]") }
        default: throw invalid(key, "has to be a mapping (key: value) or a list of them")
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(AgreementError) -> Int {
        guard let number = Int(try text(key)), range.contains(number) else {
            throw invalid(key, "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func boolean(_ key: String) throws(AgreementError) -> Bool {
        switch try text(key) {
        case "true": return true
        case "false": return false
        default: throw invalid(key, "has to be true or false")
        }
    }

    func date(_ key: String) throws(AgreementError) -> CalendarDate {
        guard let date = CalendarDate(try text(key)) else { throw invalid(key, "has to be a day such as 2026-12-31") }
        return date
    }

    func oneOf<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws(AgreementError) -> Choice where Choice.RawValue == String {
        let text = try text(key)
        guard let choice = Choice(rawValue: text) else {
            throw invalid(key, "is \(text), which is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// The known word with the fewest edits, when there are few.
    static func nearest(_ word: String, among known: [String]) -> String? {
        let best = known.map { ($0, distance(Array(word.lowercased().utf8.prefix(64)), Array($0.lowercased().utf8))) }.min { $0.1 < $1.1 }
        return best.flatMap { $0.1 <= max(2, $0.0.count / 3) ? $0.0 : nil }
    }

    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (at, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = at + 1
            for (column, otherByte) in other.enumerated() {
                let above = row[column + 1]
                row[column + 1] = byte == otherByte ? diagonal : 1 + min(diagonal, above, row[column])
                diagonal = above
            }
        }
        return row[other.count]
    }
}
