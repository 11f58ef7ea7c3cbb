internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// Finds the code that a label stands for, in one component's code list. Built once; each label costs its own length, not that of the code list.
final class CodeIndex {
    private struct Name {
        let code: Int
        let text: LabelText
        let stems: [String]
        /// What its words weigh together; set once all names are known.
        var weight = 0.0
    }

    /// Candidates named for a label without a place.
    static let candidatesMax = 3
    /// Names that share a word with the label and are compared with it.
    private static let comparedMax = 400

    let component: Component
    /// What the component means, for the synonyms.
    let meaning: String?
    private let codes: [Code]
    private var names: [Name] = []
    private var byName: [String: [(code: Int, language: String)]] = [:]
    private var byNameWithoutBracket: [String: Set<Int>] = [:]
    private var bySquashedName: [String: Set<Int>] = [:]
    private var byWords: [String: Set<Int>] = [:]
    private var byID: [String: Int] = [:]
    private var byExactID: [String: Int] = [:]
    private var byPartOfID: [String: Set<Int>] = [:]
    private var byAge: [AgeRange: Set<Int>] = [:]
    /// Stem to the names that have it.
    private var postings: [String: [Int]] = [:]
    /// First letter to the names of one word.
    private var singles: [Unicode.Scalar: [Int]] = [:]
    /// What stands in a bracket at the end of a name ("1.5.2"), to the codes that have it.
    private(set) var codesByMark: [String: [Int]] = [:]
    private var marks: [Int: Set<String>] = [:]

    init(_ component: Component, meaning: String?) {
        self.component = component
        self.meaning = meaning
        codes = component.codelist?.codes ?? []
        for (index, code) in codes.enumerated() { add(code, index) }
        for index in names.indices { names[index].weight = Set(names[index].stems).reduce(0) { $0 + weight($1) } }
    }

    /// A rare word says more than a common one.
    private func weight(_ stem: String) -> Double { log2(Double(max(names.count, 2)) / Double(postings[stem]?.count ?? 1) + 1) }

    var isEmpty: Bool { codes.isEmpty }
    func contains(_ id: String) -> Bool { byExactID[id] != nil }
    func code(_ index: Int) -> (id: String, name: String) { (codes[index].id, codes[index].names.text() ?? codes[index].id) }
    func name(of id: String) -> String? { byExactID[id].map { code($0).name } }
    /// The code for "no breakdown" that SDMX recommends, where the list has it.
    var total: String? { byExactID["_T"] != nil ? "_T" : nil }
    var firstCodes: [(id: String, name: String)] { codes.indices.prefix(8).map(code) }
    var count: Int { codes.count }

    private func add(_ code: Code, _ index: Int) {
        byExactID[code.id] = index
        let id = LabelText(code.id)
        byID[id.key] = index
        if let cut = code.id.firstIndex(of: "_"), cut > code.id.startIndex {
            byPartOfID[LabelText(String(code.id[code.id.index(after: cut)...])).key, default: []].insert(index)
        }
        for entry in code.names.entries {
            let text = LabelText(entry.text)
            guard !text.isEmpty else { continue }
            let (bare, mark) = Self.withoutBrackets(entry.text)
            for part in mark { note(part, index) }
            // A mark such as [1.5.2] is no part of the wording.
            let unmarked = mark.isEmpty ? text : LabelText(String(entry.text.lastIndex(of: "[").map { entry.text[..<$0] } ?? entry.text[...]))
            let compared = unmarked.isEmpty ? text : unmarked
            for spelling in Set([text, compared]) {
                byName[spelling.key, default: []].append((index, entry.language))
                bySquashedName[spelling.squashed, default: []].insert(index)
                if !spelling.wordKey.isEmpty { byWords[spelling.wordKey, default: []].insert(index) }
            }
            if let bare, case let key = LabelText(bare).key, !key.isEmpty, key != compared.key { byNameWithoutBracket[key, default: []].insert(index) }
            if meaning == "AGE", let age = AgeRange(text) { byAge[age, default: []].insert(index) }
            let stems = compared.stems
            let number = names.count
            names.append(Name(code: index, text: compared, stems: stems))
            for stem in Set(stems) { postings[stem, default: []].append(number) }
            if compared.tokens.count == 1, let first = compared.tokens[0].unicodeScalars.first { singles[first, default: []].append(number) }
        }
    }

    private func note(_ mark: String, _ index: Int) {
        guard marks[index, default: []].insert(mark).inserted else { return }
        codesByMark[mark, default: []].append(index)
    }

    func hasMark(_ mark: String, _ id: String) -> Bool { byExactID[id].map { marks[$0]?.contains(mark) == true } ?? false }

    /// A name without the brackets at its end, and what stands in the square one, cut at commas.
    static func withoutBrackets(_ text: String) -> (bare: String?, mark: [String]) {
        var rest = Substring(LabelTable.trimmed(text))
        var mark: [String] = []
        var isCut = false
        while let last = rest.last, last == "]" || last == ")", let open = rest.lastIndex(of: last == "]" ? "[" : "("), open > rest.startIndex {
            if last == "]" {
                mark += rest[rest.index(after: open)...].dropLast().split(whereSeparator: { $0 == "," || $0 == ";" }).map {
                    LabelTable.trimmed(String($0)).lowercased()
                }
            }
            rest = Substring(LabelTable.trimmed(String(rest[..<open])))
            isCut = true
        }
        return (isCut ? String(rest) : nil, mark)
    }

    // MARK: Matching

    /// The codes a label may stand for, the best first. Only the first may be certain; the confidence of one that is not alone is below any threshold.
    /// - Parameter mark: what the file's name says of the table ("1.5.2"): it settles between codes, it makes none.
    func guesses(for text: String, _ label: LabelText, mark: String? = nil) -> [CodeGuess] {
        guard !label.isEmpty, !codes.isEmpty else { return [] }
        if let sure = exact(text, label) { return [sure] }
        var guesses: [CodeGuess] = ambiguous(label)
        if let age = meaning == "AGE" ? AgeRange(label) : nil {
            // An age is this range or another; words that look alike say nothing.
            return nearAges(age)
        }
        if guesses.isEmpty, let guess = bySpelling(label, mark) { guesses = [guess] }
        if guesses.first.map({ $0.confidence < 80 }) ?? true { guesses += byWords(label, mark) }
        var seen = Set<String>()
        return Array(guesses.filter { seen.insert($0.code).inserted }.sorted { $0.confidence > $1.confidence }.prefix(Self.candidatesMax))
    }

    private func guess(_ index: Int, _ confidence: Int, _ method: PlacementMethod, _ detail: String = "") -> CodeGuess {
        CodeGuess(code: codes[index].id, name: codes[index].names.text() ?? "", confidence: confidence, method: method, detail: detail)
    }

    private func exact(_ text: String, _ label: LabelText) -> CodeGuess? {
        let named = byName[label.key] ?? []
        if Set(named.map(\.code)).count == 1 { return guess(named[0].code, 100, .codeName, named[0].language) }
        if let meaning, let list = Synonyms.known.codes(meaning, label), let id = list.first(where: { byExactID[$0] != nil }), let index = byExactID[id] {
            return guess(index, 95, .synonym)
        }
        guard named.isEmpty else { return nil }
        if let index = byExactID[text] ?? byID[label.key] { return guess(index, text.utf8.count < 3 ? 85 : 97, .codeID) }
        if let age = meaning == "AGE" ? AgeRange(label) : nil, let found = byAge[age], found.count == 1, let index = found.first {
            return guess(index, 95, .reading, age.description)
        }
        if let found = one(byNameWithoutBracket[label.key]) { return guess(found, 95, .nameWithoutBracket) }
        if let found = one(bySquashedName[label.squashed]) { return guess(found, 93, .spacing) }
        if let meaning, let list = squashedSynonym(meaning, label), let id = list.first(where: { byExactID[$0] != nil }), let index = byExactID[id] {
            return guess(index, 92, .synonym, "but for blanks")
        }
        // "…, by recipient countries (percentage of GNI) DC_ODA_POVLG": no other word looks like this.
        for word in text.split(separator: " ") where word.utf8.count >= 6 && word.contains("_") {
            if let index = byExactID[String(word)] { return guess(index, 95, .namedID) }
        }
        if let bare = Self.withoutBrackets(text).bare {
            let bare = LabelText(bare)
            if bare.tokens.count >= 3, let found = one(Set((byName[bare.key] ?? []).map(\.code)).union(byNameWithoutBracket[bare.key] ?? [])) {
                return guess(found, 90, .nameWithoutBracket)
            }
        }
        if meaning != "AGE", label.stems.count > 1, let found = one(byWords[label.wordKey]) { return guess(found, 88, .words) }
        return nil
    }

    private func one(_ found: Set<Int>?) -> Int? { found?.count == 1 ? found?.first : nil }

    private func squashedSynonym(_ meaning: String, _ label: LabelText) -> [String]? {
        label.tokens.count > 3 ? nil : Synonyms.known.squashed[meaning]?[label.squashed]
    }

    /// A name that several codes share: each is named, none is chosen.
    private func ambiguous(_ label: LabelText) -> [CodeGuess] {
        let found = Set((byName[label.key] ?? []).map(\.code)).sorted()
        return found.count > 1 ? found.prefix(Self.candidatesMax).map { guess($0, 50, .codeName, "\(found.count) codes have it") } : []
    }

    private func nearAges(_ age: AgeRange) -> [CodeGuess] {
        let near = byAge.filter { $0.key.isMonths == age.isMonths && ($0.key.first == age.first || $0.key.last == age.last) && $0.value.count == 1 }
        let sorted = near.sorted { left, right in
            let (one, two) = (Self.distance(left.key, age), Self.distance(right.key, age))
            return one != two ? one < two : (left.value.first ?? 0) < (right.value.first ?? 0)
        }
        return sorted.prefix(Self.candidatesMax).compactMap { entry in entry.value.first.map { guess($0, 20, .reading, entry.key.description) } }
    }

    private static func distance(_ left: AgeRange, _ right: AgeRange) -> Int { abs(left.first - right.first) + abs((left.last ?? 150) - (right.last ?? 150)) }

    /// A letter or two off a name, and nothing that could make another meaning of it.
    private func bySpelling(_ label: LabelText, _ mark: String?) -> CodeGuess? {
        var best: [(index: Int, distance: Int)] = []
        for number in comparable(label) {
            guard let distance = SpellingDistance.between(label.tokens, names[number].text.tokens), distance > 0 else { continue }
            if best.isEmpty || distance < best[0].distance {
                best = [(names[number].code, distance)]
            } else if distance == best[0].distance {
                best.append((names[number].code, distance))
            }
        }
        guard let first = best.first else { return nil }
        let found = Set(best.map(\.index))
        guard found.count == 1 else { return guess(first.index, 50, .editDistance, "\(found.count) codes are as near") }
        return guess(first.index, first.distance == 1 ? 86 : 82, .editDistance, first.distance == 1 ? "1 letter" : "\(first.distance) letters")
    }

    /// Names that share the label's rarest known word, or of one word with its first letter.
    private func comparable(_ label: LabelText) -> [Int] {
        if label.tokens.count == 1 { return Array((label.tokens[0].unicodeScalars.first.flatMap { singles[$0] } ?? []).prefix(Self.comparedMax)) }
        let lists = Set(label.stems).compactMap { postings[$0] }.sorted { $0.count < $1.count }
        return Array(Set(lists.prefix(2).flatMap { $0.prefix(Self.comparedMax) })).sorted()
    }

    private func byWords(_ label: LabelText, _ mark: String?) -> [CodeGuess] {
        var guesses: [CodeGuess] = []
        let within = partOfName(label)
        if let index = one(within) {
            let agrees = mark.map { marks[index]?.contains($0) == true } ?? false
            guesses.append(guess(index, agrees ? 85 : 75, .partOfName, agrees ? "of \(mark ?? "")" : ""))
        } else {
            guesses += within.sorted().prefix(Self.candidatesMax).map { guess($0, 45, .partOfName, "one of \(within.count)") }
        }
        if let index = one(byPartOfID[label.key]), label.key.utf8.count >= 3 { guesses.append(guess(index, 70, .partOfID)) }
        let stems = Array(Set(label.stems))
        guard !stems.isEmpty else { return guesses }
        var shared: [Int: Double] = [:]
        for stem in stems {
            guard let list = postings[stem], list.count <= Self.comparedMax || stems.count == 1 else { continue }
            for number in list.prefix(Self.comparedMax) { shared[number, default: 0] += weight(stem) }
        }
        let own = stems.reduce(0) { $0 + weight($1) }
        var best: [Int: Double] = [:]
        for (number, common) in shared {
            let share = common / max(own + names[number].weight - common, 0.001)
            if share > best[names[number].code] ?? 0.2 { best[names[number].code] = share }
        }
        let ranked = best.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(Self.candidatesMax)
        for (index, share) in ranked { guesses.append(guess(index, min(69, Int(share * 70)), .sharedWords)) }
        return guesses
    }

    /// Codes in whose name the label stands word by word; only for labels long enough to say something.
    private func partOfName(_ label: LabelText) -> Set<Int> {
        guard label.tokens.count >= 4, let rarest = Set(label.stems).min(by: { (postings[$0]?.count ?? 0, $0) < (postings[$1]?.count ?? 0, $1) }),
            let list = postings[rarest], list.count <= Self.comparedMax
        else { return [] }
        var found = Set<Int>()
        for number in list {
            let tokens = names[number].text.tokens
            guard tokens.count > label.tokens.count else { continue }
            if (0...(tokens.count - label.tokens.count)).contains(where: { tokens[$0..<($0 + label.tokens.count)].elementsEqual(label.tokens) }) {
                found.insert(names[number].code)
            }
        }
        return found
    }
}
