import SluiceKit

extension AgreementDifference {
    static func compareRecords(_ old: RecordRules?, _ new: RecordRules?, _ list: inout ChangeList) {
        guard old != new else { return }
        guard let old, let new else { return list.note(.other, "protect.records", "protects records otherwise") }
        list.compareSets("protect.identifiers", Set(old.identifiers), Set(new.identifiers), added: .narrower)
        list.compareSets("protect.pseudonyms", Set(old.pseudonyms), Set(new.pseudonyms), added: .narrower)
        list.compareSets("protect.quasiIdentifiers", Set(old.quasiIdentifiers), Set(new.quasiIdentifiers), added: .narrower)
        list.compareSets("protect.sensitive", Set(old.sensitive), Set(new.sensitive), added: .narrower)
        list.compareOrder("protect.kAnonymity", old.k, new.k, lowerIs: .wider)
        if old.diversity != new.diversity {
            // The stricter of both is one of them, or neither.
            let both = ObligationMerge.stricter(old.diversity, new.diversity)
            let effect: Effect = both == new.diversity ? .narrower : both == old.diversity ? .wider : .other
            list.compare("protect.lDiversity", old.diversity?.words ?? "none", new.diversity?.words ?? "none", effect)
        }
        if old.closenessPercent != new.closenessPercent {
            func named(_ percent: Int?) -> String { percent.map { "\($0) %" } ?? "none" }
            let isWider = (new.closenessPercent ?? .max) > (old.closenessPercent ?? .max)
            list.compare("protect.tCloseness", named(old.closenessPercent), named(new.closenessPercent), isWider ? .wider : .narrower)
        }
        for id in Set(old.generalisation.keys).union(new.generalisation.keys).sorted() where old.generalisation[id] != new.generalisation[id] {
            list.note(
                .other, "protect.generalise.\(id)",
                "\(new.generalisation[id]?.words ?? "not made coarser"), and was \(old.generalisation[id]?.words ?? "not made coarser")")
        }
        for id in Set(old.bounds.keys).union(new.bounds.keys).sorted() where old.bounds[id] != new.bounds[id] {
            let (before, after) = (old.bounds[id] ?? .init(), new.bounds[id] ?? .init())
            let isNarrower = (after.bottom ?? .min) >= (before.bottom ?? .min) && (after.top ?? .max) <= (before.top ?? .max)
            let isWider = (after.bottom ?? .min) <= (before.bottom ?? .min) && (after.top ?? .max) >= (before.top ?? .max)
            list.compare("protect.bounds.\(id)", before.words, after.words, isNarrower ? .narrower : isWider ? .wider : .other)
        }
        // More that may be withheld lets through what was refused.
        list.compareOrder("protect.suppressedMax", old.suppressedPercentMax, new.suppressedPercentMax, lowerIs: .narrower)
    }
}

extension RecordRules.Diversity {
    var words: String {
        switch self {
        case .distinct(let l): "\(l) different values"
        case .entropy(let l): "entropy of log \(l)"
        }
    }
}

extension RecordRules.Generalisation {
    var words: String {
        switch self {
        case .hierarchy(let level): "along the code list up to level \(level)"
        case .bands(let widths): "in bands of \(widths.map { "\($0)" }.joined(separator: ", "))"
        }
    }
}

extension RecordRules.Bounds {
    var words: String {
        [bottom.map { "at least \($0)" }, top.map { "at most \($0)" }].compactMap(\.self).joined(separator: ", ").nonEmpty ?? "without bounds"
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
