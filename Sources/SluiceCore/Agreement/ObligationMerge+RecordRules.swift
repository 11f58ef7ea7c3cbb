import SluiceKit

extension ObligationMerge {
    /// What another agreement asks of records: each parameter at its most protective, and a conflict where no one value keeps both.
    mutating func mergeRecords(_ merged: inout ProtectionObligations, _ protection: ProtectionObligations) {
        guard merged.records != protection.records else { return }
        // Of two methods, which is a conflict already.
        guard var rules = merged.records, let other = protection.records else { return }
        rules.k = max(rules.k, other.k)
        rules.diversity = Self.stricter(rules.diversity, other.diversity)
        rules.closenessPercent = [rules.closenessPercent, other.closenessPercent].compactMap(\.self).min()
        rules.suppressedPercentMax = min(rules.suppressedPercentMax, other.suppressedPercentMax)
        mergeComponents(&rules, other)
        for (id, generalisation) in other.generalisation.sorted(by: { $0.key < $1.key }) {
            if let own = rules.generalisation[id], own != generalisation {
                conflict("protect.generalise.\(id)", "the agreements make \(id) coarser in different ways; bring them into line or let one of them end")
            }
            rules.generalisation[id] = generalisation
        }
        for (id, bounds) in other.bounds.sorted(by: { $0.key < $1.key }) {
            let own = rules.bounds[id]
            let tighter = RecordRules.Bounds(
                bottom: [own?.bottom, bounds.bottom].compactMap(\.self).max(), top: [own?.top, bounds.top].compactMap(\.self).min())
            if let bottom = tighter.bottom, let top = tighter.top, bottom > top {
                conflict("protect.bounds.\(id)", "the agreements leave no number of \(id) between their bounds; bring them into line or let one of them end")
            }
            rules.bounds[id] = tighter
        }
        // What does not travel needs neither.
        rules.generalisation = rules.generalisation.filter { rules.quasiIdentifiers.contains($0.key) }
        rules.bounds = rules.bounds.filter { rules.quasiIdentifiers.contains($0.key) || rules.sensitive.contains($0.key) }
        merged.records = rules
    }

    /// Entropy of log l needs l different values at least, so it covers both.
    static func stricter(_ one: RecordRules.Diversity?, _ other: RecordRules.Diversity?) -> RecordRules.Diversity? {
        switch (one, other) {
        case (nil, let only), (let only, nil): only
        case (.distinct(let left)?, .distinct(let right)?): .distinct(max(left, right))
        case (.distinct(let left)?, .entropy(let right)?), (.entropy(let left)?, .distinct(let right)?), (.entropy(let left)?, .entropy(let right)?):
            .entropy(max(left, right))
        }
    }

    /// An identifier of one agreement is one, whatever another one makes of it; else a component cannot be two things.
    private mutating func mergeComponents(_ rules: inout RecordRules, _ other: RecordRules) {
        func union(_ left: [String], _ right: [String], without gone: [String]) -> [String] {
            (left + right.filter { !left.contains($0) }).filter { !gone.contains($0) }
        }
        rules.identifiers = union(rules.identifiers, other.identifiers, without: [])
        rules.pseudonyms = union(rules.pseudonyms, other.pseudonyms, without: rules.identifiers)
        rules.quasiIdentifiers = union(rules.quasiIdentifiers, other.quasiIdentifiers, without: rules.identifiers)
        rules.sensitive = union(rules.sensitive, other.sensitive, without: rules.identifiers)
        let all = rules.pseudonyms + rules.quasiIdentifiers + rules.sensitive
        for id in Set(all).sorted() where all.count(where: { $0 == id }) > 1 {
            conflict("protect.\(id)", "the agreements take \(id) for different things (pseudonyms, quasiIdentifiers, sensitive); bring them into line")
        }
    }
}
