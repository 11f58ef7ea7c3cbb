import SluiceKit

extension AgreementReader {
    /// Most rules of one kind in an agreement.
    static let rulesOfKindMax = 16
    /// Most contributors that a rule looks at, or lets put their knowledge together.
    static let contributorsMax = 10

    /// When a cell is unsafe by itself, from the terms of `protect`.
    static func readRules(_ reader: TermReader) throws(AgreementError) -> PrimaryRules {
        var rules = PrimaryRules()
        if reader.has("minimumCell") { rules.minimumCell = try reader.integer("minimumCell", in: 2...1_000_000) }
        if reader.has("safety") {
            guard rules.minimumCell != nil else {
                throw reader.invalid("safety", "says how far cells below minimumCell stay uncertain, and there is no minimumCell")
            }
            rules.safetyPercent = try reader.integer("safety", in: 0...1_000)
        }
        if reader.has("dominance") {
            rules.dominance = try rulesOf(reader, "dominance", terms: AgreementTerms.dominance) { rule throws(AgreementError) in
                PrimaryRules.Dominance(n: try rule.integer("n", in: 1...contributorsMax), k: try rule.integer("k", in: 1...100))
            }
        }
        if reader.has("pPercent") {
            rules.percent = try rulesOf(reader, "pPercent", terms: AgreementTerms.percent) { rule throws(AgreementError) in
                PrimaryRules.PercentRule(p: try rule.integer("p", in: 1...1_000), n: try contributors(rule))
            }
        }
        if reader.has("priorPosterior") {
            rules.priorPosterior = try rulesOf(reader, "priorPosterior", terms: AgreementTerms.priorPosterior) { rule throws(AgreementError) in
                let (p, q) = (try rule.integer("p", in: 1...1_000), try rule.integer("q", in: 2...1_000))
                guard q > p else { throw rule.invalid("q", "has to be more than p: a release never tells less than was known before") }
                return PrimaryRules.PriorPosterior(p: p, q: q, n: try contributors(rule))
            }
        }
        if reader.has("zeroRule") { rules.zeroRange = try reader.integer("zeroRule", in: 1...1_000_000) }
        if reader.has("groupDisclosure") { rules.groupDisclosure = try reader.boolean("groupDisclosure") }
        return rules
    }

    private static func contributors(_ rule: TermReader) throws(AgreementError) -> Int {
        rule.has("n") ? try rule.integer("n", in: 1...contributorsMax) : 1
    }

    private static func rulesOf<Rule: Hashable>(
        _ reader: TermReader, _ key: String, terms: [AgreementTerm], _ read: (TermReader) throws(AgreementError) -> Rule
    ) throws(AgreementError) -> [Rule] {
        var rules: [Rule] = []
        for (document, path) in try reader.mappings(key, atMost: rulesOfKindMax) {
            let rule = try read(try TermReader(document, path: path, terms: terms, file: reader.file))
            guard !rules.contains(rule) else { throw reader.invalid(key, "says the same rule twice") }
            rules.append(rule)
        }
        return rules
    }
}
