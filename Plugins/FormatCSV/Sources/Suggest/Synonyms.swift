/// The known spellings of `SynonymText.swift`, read once.
struct Synonyms: Sendable {
    static let known = Synonyms(text)

    /// Component and concept ids to what they mean.
    private(set) var meanings: [String: String] = [:]
    /// What a column name says it is, and whether that settles it.
    private(set) var headers: [String: [(meaning: String, isWeak: Bool)]] = [:]
    /// Meanings whose labels need no column name.
    private(set) var evident = Set<String>()
    /// Meaning, then label, to the codes that may stand for it, the first that a code list has.
    private(set) var codes: [String: [String: [String]]] = [:]
    /// The same by the label without its blanks, where that is no other label's.
    private(set) var squashed: [String: [String: [String]]] = [:]
    /// Words before a unit to a power of ten.
    private(set) var scales: [String: Int] = [:]
    /// What a word (or words) of an age says.
    private(set) var ageWords: [String: String] = [:]
    private(set) var months: [String: Int] = [:]
    /// As written: they are compared with cells, not with labels.
    private(set) var missing: [String] = []
    private(set) var stopWords = Set<String>()
    /// Meaning to the code it is taken to be, with the name its code list has to give it.
    private(set) var assumptions: [String: (code: String, name: String)] = [:]
    /// Meaning to the code of an empty measure.
    private(set) var emptyMeasures: [String: (code: String, name: String)] = [:]
    /// Lines that say nothing; a test holds that there are none.
    private(set) var problems: [String] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let line = LabelTable.trimmed(String(line))
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let colon = line.firstIndex(of: ":") else {
                problems.append(line)
                continue
            }
            let head = line[..<colon].split(separator: " ").map(String.init)
            let spellings = line[line.index(after: colon)...].split(separator: "|").map { LabelTable.trimmed(String($0)) }.filter { !$0.isEmpty }
            if spellings.isEmpty || !take(head, spellings) { problems.append(line) }
        }
    }

    private mutating func take(_ head: [String], _ spellings: [String]) -> Bool {
        // Comparing words needs the stop words, which are not read yet: keys are whole labels.
        let keys = spellings.map { LabelText($0.replacing("#", with: Self.yearMark)).key }
        switch (head.first, head.count) {
        case ("component", 2): for id in spellings { meanings[id] = head[1] }
        case ("header", 2), ("weak", 2): for key in keys { headers[key, default: []].append((head[1], head[0] == "weak")) }
        case ("evident", 1): evident.formUnion(spellings)
        case ("code", 3):
            let list = head[2].split(separator: ",").map(String.init)
            for key in keys {
                codes[head[1], default: [:]][key] = list
                squashed[head[1], default: [:]][LabelText(key).squashed] = list
            }
        case ("scale", 2):
            guard let power = Int(head[1]) else { return false }
            for key in keys { scales[key] = power }
        case ("age", 2): for key in keys { ageWords[key] = head[1] }
        case ("month", 2):
            guard let month = Int(head[1]) else { return false }
            for key in keys { months[key] = month }
        case ("missing", 1): missing += spellings
        case ("stop", 1): stopWords.formUnion(spellings)
        case ("assume", 3): assumptions[head[1]] = (head[2], keys[0])
        case ("empty", 3): emptyMeasures[head[1]] = (head[2], keys[0])
        default: return false
        }
        return true
    }

    /// Stands for any year within a key.
    static let yearMark = "anyyear"

    /// The codes for a label, which may name a year.
    func codes(_ meaning: String, _ label: LabelText) -> [String]? {
        guard let known = codes[meaning] else { return nil }
        if let exact = known[label.key] { return exact }
        guard label.tokens.contains(where: Self.isYear) else { return nil }
        return known[LabelText(tokens: label.tokens.map { Self.isYear($0) ? Self.yearMark : $0 }).key]
    }

    static func isYear(_ token: String) -> Bool {
        token.utf8.count == 4 && (token.hasPrefix("19") || token.hasPrefix("20")) && token.utf8.allSatisfy { $0 &- 48 < 10 }
    }
}
