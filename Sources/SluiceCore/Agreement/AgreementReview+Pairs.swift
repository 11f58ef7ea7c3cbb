import SluiceKit

/// What is found of two agreements together.
extension AgreementReview {
    private static func isSameName(_ one: Agreement, _ other: Agreement) -> Bool { one.id == other.id && one.version == other.version }

    /// The days on which both are in force; nil where there are none.
    private static func commonDays(_ one: Agreement, _ other: Agreement) -> ClosedRange<CalendarDate>? {
        let (from, until) = (max(one.from, other.from), min(one.until, other.until))
        return from <= until ? from...until : nil
    }

    static func conflicts(_ one: Agreement, _ other: Agreement) -> [Remark] {
        if isSameName(one, other) {
            let isSameText = one.canonicalBytes == other.canonicalBytes
            let words = isSameText ? "it is given twice; keep one" : "two texts have this id and version, and differ; a changed term is a new version"
            return [Remark(severity: isSameText ? .warning : .error, code: .versionRepeated, rule: one.name, words: words)]
        }
        guard one.isPermit, other.isPermit, let days = commonDays(one, other), one.giver == other.giver,
            !Set(one.receivers).isDisjoint(with: other.receivers), one.dataflow.accepts(other.dataflow) || other.dataflow.accepts(one.dataflow),
            !one.directions.isDisjoint(with: other.directions), !Set(one.purposes).isDisjoint(with: other.purposes),
            !(one.channels ?? other.channels ?? [""]).isDisjoint(with: other.channels ?? one.channels ?? [""])
        else { return [] }
        var remarks: [Remark] = []
        if one.id == other.id {
            remarks.append(
                Remark(
                    severity: .warning, code: .versionsOverlap, rule: other.name,
                    words:
                        "version \(one.version) is in force as well, from \(days.lowerBound) to \(days.upperBound), and each term counts at its stricter; let the older version end before the newer begins"
                ))
        }
        let terms = [one, other].map(UnboundTerms.init)
        for conflict in ObligationMerge(terms).conflicts {
            remarks.append(Remark(severity: .error, code: .contradictory, rule: conflict.rule, words: conflict.words))
        }
        for id in Set(one.dimensions.keys).union(other.dimensions.keys).sorted() {
            let rule = "\(one.name) + \(other.name) grant.dimensions.\(id)"
            switch (one.dimensions[id], other.dimensions[id]) {
            case (let left?, let right?):
                guard let codes = left.codes, let others = right.codes, codes.isDisjoint(with: others) else { continue }
                remarks.append(
                    Remark(
                        severity: .error, code: .contradictory, rule: rule,
                        words:
                            "the agreements grant no code of \(id) in common: nothing can travel while both are in force; bring them into line or let one of them end"
                    ))
            case (nil, _?), (_?, nil):
                let silent = one.dimensions[id] == nil ? one : other
                remarks.append(
                    Remark(
                        severity: .error, code: .contradictory, rule: rule,
                        words:
                            "\(silent.name) does not say what is granted of \(id): everything is refused while both are in force; name the dimension, or let one of them end"
                    ))
            case (nil, nil): continue
            }
        }
        return remarks
    }

    /// Whether `other` applies wherever `one` does, no term of it is wider, and both can be kept.
    static func decides(_ other: Agreement, all one: Agreement) -> Bool {
        guard !isSameName(one, other), one.effect == other.effect, applies(other, wherever: one) else { return false }
        guard one.isPermit else { return true }
        let isNarrower = AgreementDifference.changes(from: one, to: other).allSatisfy { change in
            change.effect == .narrower || !["grant", "limits", "protect", "obligations"].contains { change.term.hasPrefix($0) }
        }
        return isNarrower && ObligationMerge([one, other].map(UnboundTerms.init)).conflicts.isEmpty
    }

    /// Whether the scope of `other` holds that of `one`.
    static func applies(_ other: Agreement, wherever one: Agreement) -> Bool {
        one.giver == other.giver && holds(other.receivers, one.receivers)
            && (other.dataflow == one.dataflow || (other.dataflow.version == nil && other.dataflow.accepts(one.dataflow)))
            && one.directions.isSubset(of: other.directions) && holds(other.purposes, one.purposes) && other.from <= one.from && one.until <= other.until
            && (other.channels.map { all in one.channels?.isSubset(of: all) ?? false } ?? true)
    }

    private static func holds(_ all: [String], _ some: [String]) -> Bool { all == [Agreement.all] || Set(some).isSubset(of: all) }

    /// What two versions of one agreement say of which follows which.
    static func succession(_ one: Agreement, _ other: Agreement) -> [Remark] {
        guard one.id == other.id, one.version != other.version else { return [] }
        let both = "\(one.name) + \(other.name) supersedes"
        if one.supersedes == other.version, other.supersedes == one.version {
            return [Remark(severity: .error, code: .contradictory, rule: both, words: "each says that it follows the other; the newer one alone says so")]
        }
        if let former = one.supersedes, former == other.supersedes {
            return [
                Remark(
                    severity: .error, code: .contradictory, rule: both,
                    words: "both say that they follow version \(former), and one version has one successor; let the later one follow the other")
            ]
        }
        let (older, newer) = one.supersedes == other.version ? (other, one) : (one, other)
        guard newer.supersedes == older.version else { return [] }
        let wider = AgreementDifference.changes(from: older, to: newer).filter { $0.effect == .wider }
        guard !wider.isEmpty else { return [] }
        return [
            Remark(
                severity: .warning, code: .widening, rule: newer.name,
                words:
                    "it lets more travel than version \(older.version), which it follows: \(wider.map { "\($0.term) (\($0.words))" }.joined(separator: "; ")); sign it knowing that"
            )
        ]
    }
}
