package import SluiceKit

/// Looks through agreements for what their parties would not want, before any message asks: terms that can never be met, that change nothing, or that
/// contradict one another.
package enum AgreementReview {
    package struct Remark: Hashable, Sendable, CustomStringConvertible {
        package enum Code: String, Hashable, Sendable, CaseIterable {
            /// The agreement's last day is over.
            case ended
            /// Two texts have the same id and version.
            case versionRepeated = "version-repeated"
            /// Two versions are in force on the same day.
            case versionsOverlap = "versions-overlap"
            /// A grant that no observation can make use of.
            case unreachable
            /// Another agreement decides everything that this one would.
            case shadowed
            /// Two agreements apply to the same messages, and no message can keep both.
            case contradictory
            /// A term names what the structure does not have, or leaves a dimension of it out.
            case unbound
        }
        package var severity: Finding.Severity
        package var code: Code
        /// `ID VERSION` and, where it is one term's, its path.
        package var rule: String
        package var words: String

        package var description: String { "\(severity.rawValue) \(code.rawValue) \(rule): \(words)" }
    }

    /// - Parameters:
    ///   - agreements: of one node, in any order.
    ///   - structures: what the terms are bound to; dataflows that are not among them are left out of that.
    /// - Returns: what is found, agreement by agreement in order of id and version.
    package static func remarks(on agreements: [Agreement], today: CalendarDate, structures: StructureSet = StructureSet()) -> [Remark] {
        let ordered = agreements.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
        var remarks: [Remark] = []
        var shadowed: Set<Int> = []
        for (place, agreement) in ordered.enumerated() {
            remarks += self.remarks(on: agreement, today)
            remarks += unbound(agreement, structures)
            for other in ordered[(place + 1)...] { remarks += conflicts(agreement, other) }
            // Of two that say the same, one is enough to name.
            let above = ordered.indices.first { $0 != place && !shadowed.contains($0) && decides(ordered[$0], all: agreement) }
            guard let above else { continue }
            shadowed.insert(place)
            remarks.append(
                Remark(
                    severity: .warning, code: .shadowed, rule: agreement.name,
                    words:
                        "\(ordered[above].name) applies wherever this one does, and none of its terms is wider: this one changes nothing; end it, or say what it is to allow"
                ))
        }
        return remarks
    }

    // MARK: One agreement

    private static func remarks(on agreement: Agreement, _ today: CalendarDate) -> [Remark] {
        var remarks: [Remark] = []
        if agreement.until < today {
            remarks.append(
                Remark(
                    severity: .warning, code: .ended, rule: "\(agreement.name) validity.until",
                    words: "it ended on \(agreement.until): nothing travels by it; renew it as a new version, or take it out"))
        }
        for (id, grant) in agreement.dimensions.sorted(by: { $0.key < $1.key }) {
            guard let codes = grant.codes else { continue }
            func note(_ words: String) {
                remarks.append(Remark(severity: .warning, code: .unreachable, rule: "\(agreement.name) grant.dimensions.\(id)", words: words))
            }
            let lost = grant.coarsening.filter { !codes.contains($0.value) }
            if !lost.isEmpty {
                note(
                    "\(TermJudge.named(lost.keys)) are summed to \(TermJudge.named(Set(lost.values))), which is not granted: they never travel; grant the sum, or do not sum"
                )
            }
            let summed = codes.filter { code in grant.coarsening[code].map { $0 != code } ?? false }
            if !summed.isEmpty {
                note("\(TermJudge.named(summed)) are granted, but summed first: the grant of them has no effect; take them out of codes, or do not sum them")
            }
        }
        return remarks
    }

    /// Holds the terms against the structure of the dataflow, as if for a message without observations.
    private static func unbound(_ agreement: Agreement, _ structures: StructureSet) -> [Remark] {
        guard let structure = structures.dataStructure(ofFlow: agreement.dataflow) else { return [] }
        let summary = DatasetSummary(DatasetSchema(structure, in: structures, flow: agreement.dataflow))
        let request = AgreementRequest(
            direction: .send, giver: agreement.giver, receiver: agreement.receivers.first ?? "", dataflow: agreement.dataflow,
            purpose: agreement.purposes.first ?? "", today: agreement.from, summary: summary)
        return TermJudge(agreement, request).judgements.compactMap(\.failure).map {
            Remark(severity: .error, code: .unbound, rule: $0.rule, words: $0.words)
        }
    }

    // MARK: Two agreements

    private static func isSameName(_ one: Agreement, _ other: Agreement) -> Bool { one.id == other.id && one.version == other.version }

    /// The days on which both are in force; nil where there are none.
    private static func commonDays(_ one: Agreement, _ other: Agreement) -> ClosedRange<CalendarDate>? {
        let (from, until) = (max(one.from, other.from), min(one.until, other.until))
        return from <= until ? from...until : nil
    }

    private static func conflicts(_ one: Agreement, _ other: Agreement) -> [Remark] {
        if isSameName(one, other) {
            let isSameText = one.canonicalBytes == other.canonicalBytes
            let words = isSameText ? "it is given twice; keep one" : "two texts have this id and version, and differ; a changed term is a new version"
            return [Remark(severity: isSameText ? .warning : .error, code: .versionRepeated, rule: one.name, words: words)]
        }
        guard let days = commonDays(one, other), one.giver == other.giver, !Set(one.receivers).isDisjoint(with: other.receivers),
            one.dataflow.accepts(other.dataflow) || other.dataflow.accepts(one.dataflow), !one.directions.isDisjoint(with: other.directions),
            !Set(one.purposes).isDisjoint(with: other.purposes)
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

    /// Whether `other` applies wherever `one` does, and no term of it is wider.
    private static func decides(_ other: Agreement, all one: Agreement) -> Bool {
        guard !isSameName(one, other), one.giver == other.giver, Set(one.receivers).isSubset(of: other.receivers),
            other.dataflow == one.dataflow || (other.dataflow.version == nil && other.dataflow.accepts(one.dataflow)),
            one.directions.isSubset(of: other.directions), Set(one.purposes).isSubset(of: other.purposes), other.from <= one.from, one.until <= other.until
        else { return false }
        return AgreementDifference.changes(from: one, to: other).allSatisfy { change in
            change.effect == .narrower || !["grant", "protect", "obligations"].contains { change.term.hasPrefix($0) }
        }
    }
}
