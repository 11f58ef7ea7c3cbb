internal import SluiceKit

/// Finds the components that a table's columns feed, from their names and their labels.
///
/// The order is that of certainty: period, measure, columns whose name says what they are, columns whose labels do. A component takes one column.
final class TablePlacer {
    /// A component with what may name it.
    struct Entry {
        let component: Component
        let meaning: String?
        let index: CodeIndex
        let names: [(text: LabelText, language: String)]
        let id: LabelText
        var isCoded: Bool { component.codelistReference != nil }
    }

    let schema: DatasetSchema
    let options: SuggestionOptions
    let entries: [Entry]
    private let given: Set<String>
    private var known: [String: [CodeGuess]] = [:]
    /// Answers that are kept: labels come back from table to table.
    private static let knownMax = 200_000

    init(_ schema: DatasetSchema, options: SuggestionOptions) {
        self.schema = schema
        self.options = options
        given = Set(options.constants.map(\.component))
        entries = schema.components.map { component in
            let meaning = Synonyms.known.meanings[component.id]
            return Entry(
                component: component, meaning: meaning, index: CodeIndex(component, meaning: meaning),
                names: component.names.entries.map { (LabelText($0.text), $0.language) }, id: LabelText(component.id))
        }
    }

    /// The entry that means `meaning` and may still take a column.
    func entry(_ meaning: String) -> Int? { entries.firstIndex { $0.meaning == meaning && !given.contains($0.component.id) } }
    var timeEntry: Int? { schema.timeDimension.flatMap { given.contains(schema.components[$0].id) ? nil : $0 } }
    var measureEntry: Int? { schema.measures.isEmpty ? nil : schema.measures.lowerBound }

    func isGiven(_ entry: Int) -> Bool { given.contains(entries[entry].component.id) }

    // MARK: Names of columns

    struct HeaderMatch {
        var entry: Int
        var confidence: Int
        var method: PlacementMethod
        var detail: String
        var isWeak: Bool
    }

    /// What a column's name says it is.
    func headers(_ name: String) -> [HeaderMatch] {
        let text = LabelText(name)
        guard !text.isEmpty else { return [] }
        var matches: [HeaderMatch] = []
        func add(_ entry: Int, _ confidence: Int, _ method: PlacementMethod, _ detail: String = "", isWeak: Bool = false) {
            guard !isGiven(entry), !matches.contains(where: { $0.entry == entry }) else { return }
            matches.append(HeaderMatch(entry: entry, confidence: confidence, method: method, detail: detail, isWeak: isWeak))
        }
        for (index, entry) in entries.enumerated() where entry.id.key == text.key { add(index, 100, .componentID) }
        for (index, entry) in entries.enumerated() {
            if let name = entry.names.first(where: { $0.text.key == text.key }) { add(index, 98, .componentName, name.language) }
        }
        for (meaning, isWeak) in Synonyms.known.headers[text.key] ?? [] {
            if let index = entry(meaning) { add(index, isWeak ? 60 : 95, .knownHeader, isWeak ? "if its labels agree" : "", isWeak: isWeak) }
        }
        guard matches.isEmpty else { return matches }
        for (index, entry) in entries.enumerated() where entry.names.contains(where: { !$0.text.wordKey.isEmpty && $0.text.wordKey == text.wordKey }) {
            add(index, 88, .words)
        }
        for (index, entry) in entries.enumerated() {
            for name in entry.names.map(\.text) + [entry.id] where SpellingDistance.between(text.tokens, name.tokens) != nil {
                add(index, 82, .editDistance, name.key)
            }
        }
        return matches
    }

    // MARK: Labels

    /// The codes of a component that a label may stand for.
    func guesses(_ entry: Int, _ text: String, mark: String?) -> [CodeGuess] {
        let entry = entries[entry]
        let key = "\(entry.component.id)\u{1}\(entry.index.codesByMark.isEmpty ? "" : mark ?? "")\u{1}\(text)"
        if let found = known[key] { return found }
        let label = LabelText(text)
        var found = entry.meaning == "UNIT_MEASURE" ? UnitReading(text, label, entry.index).guesses : entry.index.guesses(for: text, label, mark: mark)
        if (found.first?.confidence ?? 0) < 80, let (bare, breakdown) = withoutBreakdown(text),
            var guess = entry.index.guesses(for: bare, LabelText(bare), mark: mark).first, guess.confidence >= 88
        {
            (guess.confidence, guess.method, guess.detail) = (min(guess.confidence, 90), .nameWithoutBreakdown, breakdown)
            found = [guess] + found.filter { $0.code != guess.code }.prefix(CodeIndex.candidatesMax - 1)
        }
        if known.count < Self.knownMax { known[key] = found }
        return found
    }

    /// "…, by sex and type of occupation": what follows the last "by", where it names components of the structure, is no part of the series.
    private func withoutBreakdown(_ text: String) -> (bare: String, breakdown: String)? {
        guard text.utf8.count <= LabelText.lengthMax, let by = text.lowercased().ranges(of: " by ").last, text.lowercased().utf8.count == text.utf8.count else {
            return nil
        }
        let offset = text.lowercased().utf8.distance(from: text.lowercased().startIndex, to: by.lowerBound)
        let cut = text.utf8.index(text.startIndex, offsetBy: offset)
        let breakdown = LabelTable.trimmed(String(text[cut...])).dropFirst(3)
        let parts = breakdown.replacing(" and ", with: ",").split(separator: ",").map { LabelTable.trimmed(String($0)) }.filter { !$0.isEmpty }
        let bare = LabelTable.trimmed(String(text[..<cut]))
        guard !parts.isEmpty, LabelText(bare).tokens.count >= 3, parts.allSatisfy({ part in headers(part).contains { !$0.isWeak && $0.confidence >= 88 } })
        else { return nil }
        return (bare, String(breakdown))
    }

    func placements(_ entry: Int, _ column: TableProfile.Column, mark: String?) -> [LabelPlacement] {
        column.labels.map { label, count in
            let found = guesses(entry, label, mark: mark)
            let power = entries[entry].meaning == "UNIT_MEASURE" ? UnitReading(label, LabelText(label), entries[entry].index).power : nil
            return LabelPlacement(label: label, rowCount: count, component: entries[entry].component.id, guesses: found, power: power)
        }
    }

    func placedCount(_ labels: [LabelPlacement]) -> Int {
        labels.count { ($0.guesses.first?.confidence ?? 0) >= max(options.confidenceMin, SuggestionOptions.confidenceMinDefault) }
    }
}
