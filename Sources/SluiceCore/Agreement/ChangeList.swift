import SluiceKit

/// Changes as they are found.
struct ChangeList {
    private(set) var changes: [AgreementDifference.Change] = []

    /// Turns wider and narrower round: the scope of what is forbidden.
    var isForbidding = false

    mutating func note(_ effect: AgreementDifference.Effect, _ term: String, _ words: String) {
        let effect = !isForbidding || effect == .other ? effect : effect == .wider ? .narrower : .wider
        changes.append(AgreementDifference.Change(effect: effect, term: term, words: words))
    }

    mutating func compare(_ term: String, _ old: String, _ new: String, _ effect: AgreementDifference.Effect = .other) {
        if old != new { note(effect, term, "\(new), and was \(old)") }
    }

    mutating func compareOrder<Value: Comparable>(_ term: String, _ old: Value, _ new: Value, lowerIs effect: AgreementDifference.Effect) {
        guard old != new else { return }
        compare(term, "\(old)", "\(new)", new < old ? effect : effect == .wider ? .narrower : .wider)
    }

    /// Names, or `all`.
    mutating func compareNamed(_ term: String, _ old: [String], _ new: [String]) {
        func set(_ names: [String]) -> Set<String>? { names == [Agreement.all] ? nil : Set(names) }
        compareOptionalSets(term, set(old), set(new))
    }

    /// nil is everything.
    mutating func compareOptionalSets(_ term: String, _ old: Set<String>?, _ new: Set<String>?) {
        switch (old, new) {
        case (let old?, let new?): compareSets(term, old, new)
        case (nil, let new?): note(.narrower, term, "\(TermJudge.named(new)) only, and was any")
        case (let old?, nil): note(.wider, term, "any, and was \(TermJudge.named(old)) only")
        case (nil, nil): return
        }
    }

    /// A maximum that may be absent: then there is none.
    mutating func compareMaximum(_ term: String, _ old: Int?, _ new: Int?) {
        func named(_ value: Int?) -> String { value.map { "\($0)" } ?? "any number" }
        compare(term, named(old), named(new), (new ?? .max) > (old ?? .max) ? .wider : .narrower)
    }

    /// A threshold that may be absent: then nothing is unsafe by it.
    mutating func compareThreshold(_ term: String, _ old: Int?, _ new: Int?) {
        func named(_ value: Int?) -> String { value.map { "\($0)" } ?? "none" }
        compare(term, named(old), named(new), (new ?? 0) < (old ?? 0) ? .wider : .narrower)
    }

    /// What was added and what was taken away are two changes.
    mutating func compareSets(_ term: String, _ old: Set<String>, _ new: Set<String>, added: AgreementDifference.Effect = .wider) {
        if !new.isSubset(of: old) { note(added, term, "\(TermJudge.named(new.subtracting(old))) added") }
        if !old.isSubset(of: new) { note(added == .wider ? .narrower : .wider, term, "\(TermJudge.named(old.subtracting(new))) taken away") }
    }

    /// Rules of one kind: one that no rule of the other version covers was added, or taken away.
    mutating func compareRules<Rule: ComparableRule>(_ term: String, _ old: [Rule], _ new: [Rule]) {
        func uncovered(_ rules: [Rule], by others: [Rule]) -> [String] { rules.filter { rule in !others.contains { $0.covers(rule) } }.map(\.words) }
        let (added, gone) = (uncovered(new, by: old), uncovered(old, by: new))
        if !added.isEmpty { note(.narrower, term, "\(added.joined(separator: "; ")) added") }
        if !gone.isEmpty { note(.wider, term, "\(gone.joined(separator: "; ")) taken away") }
    }
}
