import SluiceKit

extension AgreementDifference {
    /// Terms about single observations.
    static func compareCells(_ old: Agreement, _ new: Agreement, _ list: inout ChangeList) {
        compareLag(old.timeLag, new.timeLag, &list)
        func uncovered(_ combinations: Set<[String: Set<String>]>, by others: Set<[String: Set<String>]>) -> [String] {
            combinations.filter { one in !others.contains { Self.covers($0, one) } }.map { TermJudge.named($0) }.sorted()
        }
        let (added, gone) = (uncovered(new.forbidden, by: old.forbidden), uncovered(old.forbidden, by: new.forbidden))
        if !added.isEmpty { list.note(.narrower, "grant.forbidden", "\(added.joined(separator: "; ")) added") }
        if !gone.isEmpty { list.note(.wider, "grant.forbidden", "\(gone.joined(separator: "; ")) taken away") }
    }

    /// Whether every observation of `other` is one of `combination` too: it names no more dimensions, and all codes of each.
    private static func covers(_ combination: [String: Set<String>], _ other: [String: Set<String>]) -> Bool {
        combination.allSatisfy { dimension, codes in other[dimension]?.isSubset(of: codes) ?? false }
    }

    private static func compareLag(_ old: RetentionPeriod?, _ new: RetentionPeriod?, _ list: inout ChangeList) {
        guard old != new else { return }
        let effect: Effect
        switch (old, new) {
        case (let old?, let new?): effect = new.isAtLeast(old) ? .narrower : old.isAtLeast(new) ? .wider : .other
        case (nil, _): effect = .narrower
        case (_, nil): effect = .wider
        }
        list.compare("grant.timeLag", old?.text ?? "none", new?.text ?? "none", effect)
    }
}
