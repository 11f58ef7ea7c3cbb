import SluiceKit

extension AgreementDifference {
    static func compareProtection(_ old: ProtectionObligations?, _ new: ProtectionObligations?, _ list: inout ChangeList) {
        guard old != new else { return }
        guard let old else { return list.note(.narrower, "protect", "there was none, and there is") }
        guard let new else { return list.note(.wider, "protect", "there was one, and there is none") }
        compareRules(old.rules, new.rules, &list)
        list.compare("protect.method", old.method, new.method)
        list.compare("protect.mode", old.mode.rawValue, new.mode.rawValue, new.mode == .flagged ? .wider : .narrower)
        list.compare("protect.frequencyComponent", old.frequencyComponent ?? "the measure", new.frequencyComponent ?? "the measure")
        list.compare("protect.largestComponents", named(old.largestComponents), named(new.largestComponents))
        for id in Set(old.totals.keys).union(new.totals.keys).sorted() where old.totals[id] != new.totals[id] {
            list.note(.other, "protect.totals.\(id)", "adds up otherwise")
        }
        list.compare("protect.neutralStatus", "\(old.neutralStatus)", "\(new.neutralStatus)", new.neutralStatus ? .narrower : .wider)
        list.compare("protect.cost", old.cost.rawValue, new.cost.rawValue)
        list.compare("protect.insiders", "\(old.insiders)", "\(new.insiders)", new.insiders ? .narrower : .wider)
        compareMethods(old, new, &list)
    }

    private static func compareRules(_ old: PrimaryRules, _ new: PrimaryRules, _ list: inout ChangeList) {
        list.compareThreshold("protect.minimumCell", old.minimumCell, new.minimumCell)
        list.compareOrder("protect.safety", old.safetyPercent, new.safetyPercent, lowerIs: .wider)
        list.compareRules("protect.dominance", old.dominance, new.dominance)
        list.compareRules("protect.pPercent", old.percent, new.percent)
        list.compareRules("protect.priorPosterior", old.priorPosterior, new.priorPosterior)
        list.compareThreshold("protect.zeroRule", old.zeroRange, new.zeroRange)
        list.compare(
            "protect.groupDisclosure", "\(old.groupDisclosure)", "\(new.groupDisclosure)", new.groupDisclosure ? .narrower : .wider)
    }

    /// Parameters of single methods: which of two is wider, a method's own comparison says, or nobody.
    private static func compareMethods(_ old: ProtectionObligations, _ new: ProtectionObligations, _ list: inout ChangeList) {
        if let before = old.rounding?.base, let after = new.rounding?.base {
            // The receiver knows each figure within a base.
            list.compareOrder("protect.rounding.base", before, after, lowerIs: .wider)
        } else if old.rounding != new.rounding {
            list.note(.other, "protect.rounding", "rounds otherwise")
        }
        if old.cellKey != new.cellKey { list.note(.other, "protect.cellKey", "perturbs otherwise") }
        compareRecords(old.records, new.records, &list)
        compareDifferencing(old.differencing, new.differencing, &list)
    }

    private static func compareDifferencing(
        _ old: ProtectionObligations.Differencing?, _ new: ProtectionObligations.Differencing?, _ list: inout ChangeList
    ) {
        guard old != new else { return }
        let term = "protect.differencing"
        guard let old else { return list.note(.narrower, term, "is held against earlier releases, and was not") }
        guard let new else { return list.note(.wider, term, "is held against earlier releases no more") }
        let words = "is held against \(new.words), and was against \(old.words)"
        let merged = ProtectionObligations.Differencing.merged(old, new)
        guard !merged.isConflict, let both = merged.term else { return list.note(.other, term, words) }
        list.note(both == new ? .narrower : both == old ? .wider : .other, term, words)
    }

    private static func named(_ components: [String]) -> String { components.isEmpty ? "none" : components.joined(separator: ", ") }
}
