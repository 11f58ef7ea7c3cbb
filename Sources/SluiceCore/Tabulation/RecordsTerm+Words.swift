import SluiceKit

extension RecordsTerm {
    /// The term in lines for people.
    var explanation: [String] {
        guard let tabulation else {
            return ["  records      of \(structure) travel themselves, protected by the method \(RecordRules.method)"]
        }
        var lines = ["  records      of \(structure) never travel; inside the giver's node a table is made of them:"]
        switch tabulation.measure {
        case .count: lines.append("    value: the number of records")
        case .sum(let of, let weight): lines.append("    value: the sum of \(of)\(weight.map { ", each times \($0)" } ?? "")")
        }
        lines.append("    contributors: \(tabulation.contributor.map { "the distinct \($0)" } ?? "each record is one")")
        for (id, source) in tabulation.dimensions.sorted(by: { $0.key < $1.key }) { lines.append("    \(id): \(source.words)") }
        for (id, text) in tabulation.attributes.sorted(by: { $0.key < $1.key }) { lines.append("    \(id): \(text) in every cell") }
        lines.append("    cells that nobody has: \(tabulation.zeros ? "zero" : "absent")")
        return lines
    }

    /// What changes from one term to another, and whether more may be known by it.
    static func change(from old: RecordsTerm?, to new: RecordsTerm?) -> (effect: AgreementDifference.Effect, words: String)? {
        guard old != new else { return nil }
        guard let old else { return (.wider, "record-level data was refused, and is \(new?.release == .pseudonymised ? "let through" : "tabulated")") }
        guard let new else { return (.narrower, "record-level data is refused, and was not") }
        if old.release != new.release { return (new.release == .pseudonymised ? .wider : .narrower, "release \(new.release), and was \(old.release)") }
        if old.structure != new.structure { return (.other, "records of \(new.structure), and were of \(old.structure)") }
        return tabulationChange(old.tabulation, new.tabulation)
    }

    private static func tabulationChange(_ old: Tabulation?, _ new: Tabulation?) -> (effect: AgreementDifference.Effect, words: String) {
        let general = (AgreementDifference.Effect.other, "the table is made of the records in another way")
        guard let old, new != nil, var aligned = new else { return general }
        var effects: Set<AgreementDifference.Effect> = []
        var words: [String] = []
        for (id, source) in aligned.dimensions.sorted(by: { $0.key < $1.key }) {
            guard case .component(let after) = source, case .component(var before)? = old.dimensions[id], after != before else { continue }
            let classes = before.classes
            before.classes = after.classes
            guard after == before, !classes.isEmpty else { return general }
            let effect: AgreementDifference.Effect = isFiner(after.classes, classes) ? .wider : isFiner(classes, after.classes) ? .narrower : .other
            effects.insert(effect)
            words.append("classes of \(id) \(effect == .wider ? "finer" : effect == .narrower ? "broader" : "cut otherwise")")
            aligned.dimensions[id] = old.dimensions[id]
        }
        guard aligned == old, !words.isEmpty else { return general }
        return (effects.count == 1 ? effects.first ?? .other : effects.contains(.wider) ? .wider : .other, words.joined(separator: ", "))
    }

    /// Whether every class lies within one of the other ones.
    private static func isFiner(_ classes: [Tabulation.Class], _ others: [Tabulation.Class]) -> Bool {
        classes.allSatisfy { one in
            others.contains { ($0.lower ?? .min) <= (one.lower ?? .min) && (one.upper ?? .max) <= ($0.upper ?? .max) }
        }
    }
}

extension Tabulation.Source {
    fileprivate var words: String {
        switch self {
        case .constant(let code): return "always \(code)"
        case .component(let reading):
            var words = "from \(reading.component)"
            if !reading.classes.isEmpty { words += " in classes \(reading.classes.map { "\($0.code) \($0.range)" }.joined(separator: ", "))" }
            if let other = reading.other { words += ", other numbers \(other)" }
            if let period = reading.period { words += ", the \(period.rawValue)" }
            if !reading.codes.isEmpty {
                words += ", renamed \(reading.codes.sorted { $0.key < $1.key }.map { "\($0.key) to \($0.value)" }.joined(separator: ", "))"
            }
            if reading.rollUp { words += ", and all ancestors in the code list" }
            if let total = reading.total { words += ", and the total \(total)" }
            return words + (reading.missing.map { ", \($0) where there is no value" } ?? "")
        }
    }
}
