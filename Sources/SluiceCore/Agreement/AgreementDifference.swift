import SluiceKit

/// What changes between two versions of an agreement, term by term, and whether more may travel by it.
///
/// Of the terms alone, without data or code lists: what only those could tell is `other`. Where no change is `wider` or `other`, the newer version permits
/// nothing that the older one refused.
package enum AgreementDifference {
    package enum Effect: String, Hashable, Sendable, CaseIterable {
        /// More may travel, in more detail, to more receivers, or with less protection.
        case wider
        /// Less may.
        case narrower
        /// Neither, or it cannot be told from the terms.
        case other
    }

    package struct Change: Hashable, Sendable, CustomStringConvertible {
        package var effect: Effect
        /// The term as the agreement spells it, `protect.minimumCell`.
        package var term: String
        /// What it was and what it is, in words.
        package var words: String

        package var description: String { "\(effect.rawValue)  \(term): \(words)" }

        /// Whether the cells are protected otherwise and the terms do not say that it is by as much: another method, other sums, another table. What is
        /// withheld first, of two sets that protect as much, is no such change.
        package var leavesProtectionOpen: Bool { effect == .other && term.hasPrefix("protect.") && term != "protect.cost" }
    }

    /// The changes in the order of the agreement's terms; empty where both say the same.
    package static func changes(from old: Agreement, to new: Agreement) -> [Change] {
        var list = ChangeList()
        list.compare("agreement", old.id, new.id)
        list.compare("title", old.title, new.title)
        list.compare("effect", old.effect.rawValue, new.effect.rawValue, new.isPermit ? .wider : .narrower)
        // What one permits and the other forbids has no other terms in common.
        guard old.effect == new.effect else { return list.changes }
        // To forbid more is to let less travel.
        list.isForbidding = !new.isPermit
        list.compare("giver", old.giver, new.giver)
        list.compareNamed("receivers", old.receivers, new.receivers)
        compareDataflow(old.dataflow, new.dataflow, &list)
        list.compareOptionalSets("channel", old.channels, new.channels)
        list.compareSets("direction", Set(old.directions.map(\.rawValue)), Set(new.directions.map(\.rawValue)))
        list.compareNamed("purpose", old.purposes, new.purposes)
        list.compare("legalBasis", old.legalBasis, new.legalBasis)
        list.compareOrder("validity.from", old.from, new.from, lowerIs: .wider)
        list.compareOrder("validity.until", old.until, new.until, lowerIs: .narrower)
        guard new.isPermit else { return list.changes }
        let terms = (old: UnboundTerms(old), new: UnboundTerms(new))
        for id in Set(old.dimensions.keys).union(new.dimensions.keys).sorted() { compareDimension(id, terms.old, terms.new, &list) }
        compareCells(old, new, &list)
        list.compareSets("grant.drop", old.dropped, new.dropped, added: .narrower)
        list.compare("grant.outside", old.outside.rawValue, new.outside.rawValue, new.outside == .drop ? .wider : .narrower)
        if let change = RecordsTerm.change(from: old.records, to: new.records) { list.note(change.effect, "records", change.words) }
        list.compareMaximum("limits.observationsMax", old.observationsMax, new.observationsMax)
        compareProtection(old.protection, new.protection, &list)
        compareHandling(old.handling, new.handling, &list)
        return list.changes.map { settled($0, old, new) }
    }

    /// Where the older version refuses for too many observations, leaving out or summing more of them can let the rest through.
    private static func settled(_ change: Change, _ old: Agreement, _ new: Agreement) -> Change {
        let makesFewer = new.outside == .drop || new.dimensions.values.contains { !$0.coarsening.isEmpty || $0.deepestLevel != nil }
        guard old.observationsMax != nil, makesFewer, change.effect == .narrower, change.term.hasPrefix("grant.") else { return change }
        var change = change
        change.effect = .other
        change.words += " (fewer observations may be few enough)"
        return change
    }

    private static func compareDataflow(_ old: ArtefactReference, _ new: ArtefactReference, _ list: inout ChangeList) {
        guard old != new else { return }
        var unversioned = (old: old, new: new)
        unversioned.old.version = nil
        unversioned.new.version = nil
        let isSameFlow = unversioned.old == unversioned.new
        let effect: Effect = !isSameFlow ? .other : new.version == nil ? .wider : old.version == nil ? .narrower : .other
        list.compare("dataflow", "\(old)", "\(new)", effect)
    }

    /// Follows each code that either version names, and one that neither does, through summing and grant.
    private static func compareDimension(_ id: String, _ oldTerms: UnboundTerms, _ newTerms: UnboundTerms, _ list: inout ChangeList) {
        let term = "grant.dimensions.\(id)"
        let (old, new) = (oldTerms.agreement.dimensions[id], newTerms.agreement.dimensions[id])
        guard old != new else { return }
        guard let old else { return list.note(.wider, term, "was not granted, and is") }
        guard let new else { return list.note(.narrower, term, "was granted, and is not") }
        // What is summed otherwise may no longer be what is forbidden, or too recent.
        let isBound = oldTerms.agreement.timeLag != nil || oldTerms.agreement.forbidden.contains { $0[id] != nil }
        if isBound, old.deepestLevel != new.deepestLevel || old.coarsening != new.coarsening {
            list.note(.other, term, "\(old.words); now \(new.words)")
            return
        }
        if old.deepestLevel != new.deepestLevel || (old.deepestLevel != nil && old.codes != new.codes && (old.codes == nil || new.codes == nil)) {
            // Which codes a level stands for, only the code list says; where all codes are granted it does not matter.
            let isPlain = old.codes == nil && new.codes == nil && old.coarsening.isEmpty && new.coarsening.isEmpty
            let isDeeper = (new.deepestLevel ?? .max) > (old.deepestLevel ?? .max)
            list.note(
                isPlain ? (isDeeper ? .wider : .narrower) : .other, term,
                "\(old.words); now \(new.words)\(isPlain ? "" : " (which of them is wider depends on the code list)")")
            return
        }
        var moves: [Effect: [String]] = [:]
        let named = [old, new].flatMap { Array($0.codes ?? []) + Array($0.coarsening.keys) + Array($0.coarsening.values) }
        // The empty code stands for one that neither names.
        for code in [""] + Set(named).sorted() {
            let (before, after) = (oldTerms.target(of: code, in: id), newTerms.target(of: code, in: id))
            guard before != after else { continue }
            let (effect, words): (Effect, String) =
                switch (before, after) {
                case (_, nil): (.narrower, "may travel no more")
                case (nil, code): (.wider, "may travel")
                case (nil, let target?): (.wider, "may travel as \(target)")
                case (let target?, code): (.wider, "travels by itself, not as \(target)")
                case (code, let target?): (.narrower, "travels as \(target)")
                case (let former?, let target?): (.other, "travels as \(target), not as \(former)")
                }
            moves[effect, default: []].append("\(code.isEmpty ? "any other code" : code) \(words)")
        }
        for effect in Effect.allCases {
            guard let words = moves[effect] else { continue }
            let more = words.count > TermJudge.codesNamedMax ? "; and \(words.count - TermJudge.codesNamedMax) more codes" : ""
            list.note(effect, term, words.prefix(TermJudge.codesNamedMax).joined(separator: "; ") + more)
        }
    }
}
