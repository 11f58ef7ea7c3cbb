import SluiceKit

/// The step that asks the agreements about a dataset. Deny by default; pure, total and deterministic.
///
/// Any agreement that forbids wins. Of several that permit each term counts at its most protective, so adding one never lets more through than before.
package enum Decide {
    /// - Parameter records: what is known of records; nil where these agreements are all there are.
    package static func run(_ request: AgreementRequest, under agreements: [Agreement], records: RecordStructures? = nil) -> Decision {
        decide(marked(request, records ?? RecordStructures(agreements)), among: agreements, of: agreements)
    }

    /// What those in force say of a request.
    package static func run(_ request: AgreementRequest, under standing: StandingAgreements) -> Decision {
        decide(marked(request, standing.records), among: standing.active(of: request.giver, request.dataflow), of: standing.active)
    }

    /// Agreements of others or about other flows have no say where one is about the request; where none is, they are named as near misses.
    private static func decide(_ request: AgreementRequest, among some: [Agreement], of all: [Agreement]) -> Decision {
        let concerned = some.withUnsafeBufferPointer { some in
            // Looked at where they lie: a copy of each costs more.
            some.indices.filter { ScopeJudge.concerns(some[$0], request) }.map { some[$0] }
        }
        let decision = judge(request, concerned, isExplained: false).decision
        if case .refuse(let reasons) = decision, reasons.first?.code == .agreementNone { return judge(request, all, isExplained: false).decision }
        return decision
    }

    private static func marked(_ request: AgreementRequest, _ records: RecordStructures) -> AgreementRequest {
        var request = request
        request.isRecordLevel = request.isRecordLevel || records.contains(request.summary.schema.structure)
        return request
    }

    /// - Returns: the decision with everything that was looked at, in order of agreement.
    package static func evaluate(
        _ request: AgreementRequest, _ agreements: [Agreement], records: RecordStructures
    ) -> (decision: Decision, judgements: [Judgement]) {
        judge(marked(request, records), agreements, isExplained: true)
    }

    /// - Parameter isExplained: also names what holds; what fails is named always.
    private static func judge(
        _ request: AgreementRequest, _ agreements: [Agreement], isExplained: Bool
    ) -> (decision: Decision, judgements: [Judgement]) {
        let ordered = agreements.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
        var judgements = ordered.filter { !$0.isPermit }.map { ScopeJudge.judgeForbidding($0, request) }
        let forbidden = judgements.compactMap(\.failure)
        var terms: [TermJudge] = []
        var nearMisses: [(failures: [Decision.Reason], agreement: Agreement)] = []
        for agreement in ordered where agreement.isPermit {
            let scope = ScopeJudge.judge(agreement, request, isExplained: isExplained)
            judgements += scope
            let failures = scope.compactMap(\.failure)
            if failures.isEmpty {
                let judge = TermJudge(agreement, request, isExplained: isExplained)
                judgements += judge.judgements
                terms.append(judge)
            } else {
                nearMisses.append((failures, agreement))
            }
        }
        guard forbidden.isEmpty else { return (.refuse(forbidden), judgements) }
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
