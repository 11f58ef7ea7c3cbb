import SluiceKit

/// A rule that can be held against another one of its kind.
protocol ComparableRule: Hashable {
    /// Whether every cell that `other` finds unsafe is unsafe by this one too, and protected as far.
    func covers(_ other: Self) -> Bool
    /// As the reader's terms say it, for people.
    var words: String { get }
}

extension PrimaryRules.Dominance: ComparableRule {
    // The sum of more contributions is larger, and so is one percent of fewer.
    func covers(_ other: Self) -> Bool { n >= other.n && k <= other.k }
    var words: String { "n = \(n), k = \(k)" }
}

extension PrimaryRules.PercentRule: ComparableRule {
    // More who put their knowledge together leave less unknown.
    func covers(_ other: Self) -> Bool { n >= other.n && p >= other.p }
    var words: String { "p = \(p)\(n == 1 ? "" : ", n = \(n)")" }
}

extension PrimaryRules.PriorPosterior: ComparableRule {
    func covers(_ other: Self) -> Bool { n >= other.n && p >= other.p && q <= other.q }
    var words: String { "p = \(p), q = \(q)\(n == 1 ? "" : ", n = \(n)")" }
}

extension Array where Element: ComparableRule {
    /// Rules of both lists without those that another one covers, in a fixed order.
    func strictest(with others: [Element]) -> [Element] {
        let all = Array(Set(self + others)).sorted { $0.words < $1.words }
        return all.filter { rule in !all.contains { $0 != rule && $0.covers(rule) } }
    }
}

extension PrimaryRules {
    /// Both sets of rules at once: a cell that either finds unsafe is unsafe.
    func merged(with other: PrimaryRules) -> PrimaryRules {
        func larger(_ one: Int?, _ other: Int?) -> Int? { [one, other].compactMap(\.self).max() }
        return PrimaryRules(
            minimumCell: larger(minimumCell, other.minimumCell), safetyPercent: max(safetyPercent, other.safetyPercent),
            dominance: dominance.strictest(with: other.dominance), percent: percent.strictest(with: other.percent),
            priorPosterior: priorPosterior.strictest(with: other.priorPosterior), zeroRange: larger(zeroRange, other.zeroRange),
            groupDisclosure: groupDisclosure || other.groupDisclosure)
    }

    /// Every rule with its term and what it calls unsafe, in the order of the terms.
    var words: [(term: String, words: String)] {
        var words: [(String, String)] = []
        if let minimumCell {
            words.append(
                ("minimumCell", "cells of 1 to \(minimumCell - 1) are unsafe, protected to \(safetyPercent) % of their value, at least 1, to either side"))
        }
        for rule in dominance {
            let who = rule.n == 1 ? "the largest contributor makes" : "the \(rule.n) largest contributors make"
            words.append(("dominance", "cells of which \(who) up more than \(rule.k) % are unsafe"))
        }
        for rule in percent {
            words.append(("pPercent", "cells whose largest contribution \(Self.knowers(rule.n)) could estimate within \(rule.p) % are unsafe"))
        }
        for rule in priorPosterior {
            words.append(
                (
                    "priorPosterior",
                    "cells whose largest contribution \(Self.knowers(rule.n)) could estimate within \(rule.p) %, knowing all within \(rule.q) % before, are unsafe"
                ))
        }
        if let zeroRange {
            words.append(("zeroRule", "cells that are zero although somebody contributes are unsafe; they have to be able to reach \(zeroRange)"))
        }
        if groupDisclosure { words.append(("groupDisclosure", "sums of which one part has all are unsafe: they tell of every member of the group")) }
        return words
    }

    private static func knowers(_ n: Int) -> String {
        switch n {
        case 1: "the second largest contributor"
        case 2: "the second largest contributor and another one together"
        default: "the second largest contributor and \(n - 1) others together"
        }
    }
}
