import SluiceKit

/// The step that asks the agreements about a dataset. Deny by default; pure, total and deterministic.
///
/// Of several agreements that apply each term counts at its most protective, so adding one never lets more through than before.
package enum Decide {
    package static func run(_ request: AgreementRequest, under agreements: [Agreement]) -> Decision {
        // Agreements of others or about other flows have no say where one is about the request; where none is, they are named as near misses.
        let concerned = agreements.filter { ScopeJudge.concerns($0, request) }
        let decision = evaluate(request, concerned).decision
        if case .refuse(let reasons) = decision, reasons.first?.code == .agreementNone { return evaluate(request, agreements).decision }
        return decision
    }

    /// - Returns: the decision with everything that was looked at, in order of agreement.
    package static func evaluate(_ request: AgreementRequest, _ agreements: [Agreement]) -> (decision: Decision, judgements: [Judgement]) {
        let ordered = agreements.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
        var judgements: [Judgement] = []
        var terms: [TermJudge] = []
        var nearMisses: [(failures: [Decision.Reason], agreement: Agreement)] = []
        for agreement in ordered {
            let scope = ScopeJudge.judge(agreement, request)
            judgements += scope
            let failures = scope.compactMap(\.failure)
            if failures.isEmpty {
                let judge = TermJudge(agreement, request)
                judgements += judge.judgements
                terms.append(judge)
            } else {
                nearMisses.append((failures, agreement))
            }
        }
        guard !terms.isEmpty else { return (.refuse(noAgreement(request, nearMisses)), judgements) }
        var reasons = terms.flatMap { $0.judgements.compactMap(\.failure) }
        let merged = ObligationMerge(terms)
        reasons += merged.conflicts
        if terms.count > 1, reasons.isEmpty { reasons += merged.failures(request) }
        return (reasons.isEmpty ? .permit(merged.obligations) : .refuse(reasons), judgements)
    }

    /// Names what stood in the way of the agreements that came closest, so that the steward sees what to mend.
    private static func noAgreement(_ request: AgreementRequest, _ misses: [(failures: [Decision.Reason], agreement: Agreement)]) -> [Decision.Reason] {
        let none = Decision.Reason(
            .agreementNone, rule: "",
            words:
                "no agreement lets \(request.giver) give \(request.dataflow) to \(request.receiver) for \(request.purpose) on \(request.today); what is not agreed does not travel"
        )
        guard let fewest = misses.map(\.failures.count).min() else { return [none] }
        return [none] + misses.filter { $0.failures.count == fewest }.flatMap(\.failures)
    }
}

/// Several agreements' terms as one set of obligations, each at its most protective.
struct ObligationMerge {
    private(set) var obligations: Obligations
    private(set) var conflicts: [Decision.Reason] = []

    init(_ terms: [any GrantedTerms]) {
        obligations = Obligations(agreements: terms.map(\.agreement.name))
        obligations.cube.outside = terms.allSatisfy { $0.agreement.outside == .drop } ? .drop : .refuse
        for term in terms {
            for (dimension, codes) in term.granted {
                obligations.cube.granted[dimension] = obligations.cube.granted[dimension].map { $0.intersection(codes) } ?? codes
            }
            obligations.cube.dropped.formUnion(term.agreement.dropped)
        }
        mergeCoarsening(terms)
        keepBack(terms)
        // An agreement without protection adds nothing to one that has it, and takes nothing away.
        for term in terms { if let protection = term.agreement.protection { merge(protection, of: term.agreement) } }
        obligations.handling = terms.dropFirst().reduce(terms.first?.agreement.handling ?? HandlingObligations()) { Self.stricter($0, $1.agreement.handling) }
    }

    private mutating func conflict(_ term: String, _ words: String) {
        conflicts.append(Decision.Reason(.termsConflict, rule: "\(obligations.agreements.joined(separator: " + ")) \(term)", words: words))
    }

    private mutating func mergeCoarsening(_ terms: [any GrantedTerms]) {
        for term in terms {
            for (dimension, map) in term.coarsening.sorted(by: { $0.key < $1.key }) {
                guard let other = obligations.cube.coarsening[dimension] else {
                    obligations.cube.coarsening[dimension] = map
                    continue
                }
                // One may contain the other; two different sums of the same code cannot both be sent.
                let isCompatible = map.allSatisfy { other[$0.key] == nil || other[$0.key] == $0.value } && !Self.chains(map, other)
                if isCompatible {
                    obligations.cube.coarsening[dimension] = map.merging(other) { first, _ in first }
                } else {
                    conflict(
                        "grant.dimensions.\(dimension).coarsen",
                        "the agreements sum the codes of \(dimension) differently; bring them into line or let one of them end")
                }
            }
        }
    }

    /// What one agreement lets stay behind does not travel because another one sums it to something that both grant; nor does the rest of that sum,
    /// which would stand under the name of the whole.
    private mutating func keepBack(_ terms: [any GrantedTerms]) {
        for (dimension, map) in obligations.cube.coarsening {
            let back = map.filter { code, _ in terms.contains { $0.target(of: code, in: dimension) == nil } }
            let broken = Set(back.values)
            for (code, target) in map where back[code] != nil || (broken.contains(target) && code != target) {
                obligations.cube.coarsening[dimension]?[code] = nil
                obligations.cube.granted[dimension]?.remove(code)
            }
            if obligations.cube.coarsening[dimension]?.isEmpty ?? false { obligations.cube.coarsening[dimension] = nil }
        }
    }

    private static func chains(_ one: [String: String], _ other: [String: String]) -> Bool {
        one.contains { $0.key != $0.value && other[$0.value].map { target in target != one[target] ?? target } ?? false }
            || other.contains { $0.key != $0.value && one[$0.value].map { target in target != other[target] ?? target } ?? false }
    }

    private mutating func merge(_ protection: ProtectionObligations, of agreement: Agreement) {
        guard var merged = obligations.protection else {
            obligations.protection = protection
            return
        }
        if merged.method != protection.method { conflict("protect.method", "one agreement asks for \(merged.method), another for \(protection.method)") }
        if merged.frequencyComponent != protection.frequencyComponent {
            conflict("protect.frequencyComponent", "the agreements count contributors by different components")
        }
        merged.rules.minimumCell = [merged.rules.minimumCell, protection.rules.minimumCell].compactMap(\.self).max()
        merged.rules.safetyPercent = max(merged.rules.safetyPercent, protection.rules.safetyPercent)
        if protection.mode == .withheld { merged.mode = .withheld }
        merged.neutralStatus = merged.neutralStatus || protection.neutralStatus
        if merged.cost != protection.cost { merged.cost = .value }
        let differencing = ProtectionObligations.Differencing.merged(merged.differencing, protection.differencing)
        if differencing.isConflict { conflict("protect.differencing.population", "the agreements count the data to different populations") }
        merged.differencing = differencing.term
        for (dimension, totals) in protection.totals.sorted(by: { $0.key < $1.key }) {
            if merged.totals[dimension] != totals { conflictOfTotals(dimension) }
        }
        // What one agreement says and the other leaves to the code list is a difference too: `none` takes sums out of the audit.
        for dimension in merged.totals.keys.sorted() where protection.totals[dimension] == nil { conflictOfTotals(dimension) }
        obligations.protection = merged
    }

    private mutating func conflictOfTotals(_ dimension: String) {
        conflict("protect.totals.\(dimension)", "the agreements say differently how \(dimension) adds up; bring them into line or let one of them end")
    }

    /// Codes that every single agreement would let through in its own way, but not all of them together.
    func failures(_ request: AgreementRequest) -> [Decision.Reason] {
        guard request.direction == .accept || obligations.cube.outside == .refuse else { return [] }
        var reasons: [Decision.Reason] = []
        for (dimension, granted) in obligations.cube.granted.sorted(by: { $0.key < $1.key }) {
            let map = request.direction == .send ? obligations.cube.coarsening[dimension] ?? [:] : [:]
            let outside = Set(request.summary.codes(of: dimension).map { map[$0] ?? $0 }).subtracting(granted)
            guard !outside.isEmpty else { continue }
            reasons.append(
                Decision.Reason(
                    .codeNotGranted, rule: "\(obligations.agreements.joined(separator: " + ")) grant.dimensions.\(dimension)",
                    words: "\(dimension) has \(TermJudge.named(outside)), which not all of the agreements grant"))
        }
        return reasons
    }

    private static func stricter(_ one: HandlingObligations, _ other: HandlingObligations) -> HandlingObligations {
        var result = one
        result.retention = [one.retention, other.retention].compactMap { $0 }.min {
            (RetentionPeriod($0)?.approximateDays ?? 0, $0) < (RetentionPeriod($1)?.approximateDays ?? 0, $1)
        }
        switch (one.onwardTransfer, other.onwardTransfer) {
        case (.none, _), (_, .none): result.onwardTransfer = .none
        case (.public, let narrower), (let narrower, .public): result.onwardTransfer = narrower
        case (.to(let left), .to(let right)):
            let both = left.filter(right.contains)
            result.onwardTransfer = both.isEmpty ? .none : .to(both)
        }
        result.embargo = [one.embargo, other.embargo].compactMap { $0 }.max()
        if let citation = other.citation, citation != one.citation { result.citation = one.citation.map { "\($0); \(citation)" } ?? citation }
        result.fourEyes = one.fourEyes || other.fourEyes
        return result
    }
}
