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
            /// A newer version lets more travel than the one it follows.
            case widening
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
            for other in ordered[(place + 1)...] { remarks += conflicts(agreement, other) + succession(agreement, other) }
            if let ban = ordered.first(where: { !$0.isPermit && agreement.isPermit && applies($0, wherever: agreement) }) {
                remarks.append(
                    Remark(
                        severity: .warning, code: .unreachable, rule: agreement.name,
                        words: "\(ban.name) forbids all that it permits: nothing travels by it; end one of the two"))
            }
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
        remarks += neverTogether(agreement)
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

    /// Combinations of which a code never travels anyway. Of levels only the code list knows.
    private static func neverTogether(_ agreement: Agreement) -> [Remark] {
        let terms = UnboundTerms(agreement)
        return agreement.forbidden.sorted { TermJudge.named($0) < TermJudge.named($1) }.compactMap { combination in
            let absent = combination.first { id, codes in
                agreement.dimensions[id]?.deepestLevel == nil && codes.allSatisfy { terms.target(of: $0, in: id) != $0 }
            }
            return absent.map {
                Remark(
                    severity: .warning, code: .unreachable, rule: "\(agreement.name) grant.forbidden",
                    words:
                        "\(TermJudge.named(combination)): \($0.key) never travels as \(TermJudge.named($0.value)), so that nothing is forbidden; name what it travels as"
                )
            }
        }
    }

    /// Holds the terms against the structure of the dataflow, as if for a message without observations.
    private static func unbound(_ agreement: Agreement, _ structures: StructureSet) -> [Remark] {
        // One that forbids has no terms that a structure could bind.
        guard agreement.isPermit, let structure = structures.dataStructure(ofFlow: agreement.dataflow) else { return [] }
        let summary = DatasetSummary(DatasetSchema(structure, in: structures, flow: agreement.dataflow))
        let request = AgreementRequest(
            direction: .send, giver: agreement.giver, receiver: agreement.receivers.first ?? "", dataflow: agreement.dataflow,
            purpose: agreement.purposes.first ?? "", today: agreement.from, summary: summary)
        return TermJudge(agreement, request, isExplained: false).judgements.compactMap(\.failure).map {
            Remark(severity: .error, code: .unbound, rule: $0.rule, words: $0.words)
        } + unboundTabulation(agreement, summary.schema, structures)
    }

    /// Holds the tabulation against both structures, as if for no records.
    private static func unboundTabulation(_ agreement: Agreement, _ cells: DatasetSchema, _ structures: StructureSet) -> [Remark] {
        guard let records = agreement.records, let tabulation = records.tabulation, let structure = structures.dataStructure(records.structure) else {
            return []
        }
        do throws(TabulationError) {
            _ = try Tabulate(tabulation, records: DatasetSchema(structure, in: structures, ofRecords: true), cells: cells).finish()
            return []
        } catch {
            return [Remark(severity: .error, code: .unbound, rule: "\(agreement.name) records.tabulate", words: error.detail)]
        }
    }
}
