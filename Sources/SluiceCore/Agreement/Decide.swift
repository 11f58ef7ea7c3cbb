import SluiceKit

/// The step that asks the agreements about a dataset. Deny by default; pure, total and deterministic.
///
/// Any agreement that forbids wins. Of several that permit each term counts at its most protective, so adding one never lets more through than before.
package enum Decide {
    /// - Parameter records: what is known of records; nil where these agreements are all there are.
    package static func run(_ request: AgreementRequest, under agreements: [Agreement], records: RecordStructures? = nil) -> Decision {
        // Agreements of others or about other flows have no say where one is about the request; where none is, they are named as near misses.
        let request = marked(request, records ?? RecordStructures(agreements))
        let decision = judge(request, concerned(agreements, request)).decision
        if case .refuse(let reasons) = decision, reasons.first?.code == .agreementNone { return judge(request, agreements).decision }
        return decision
    }

    private static func marked(_ request: AgreementRequest, _ records: RecordStructures) -> AgreementRequest {
        var request = request
        request.isRecordLevel = request.isRecordLevel || records.contains(request.summary.schema.structure)
        return request
    }

    /// Most nodes hold many agreements, and few of them are about any one message: those are looked at where they lie, for a copy of each costs more.
    private static func concerned(_ agreements: [Agreement], _ request: AgreementRequest) -> [Agreement] {
        agreements.withUnsafeBufferPointer { all in all.indices.filter { ScopeJudge.concerns(all[$0], request) }.map { all[$0] } }
    }

    /// - Returns: the decision with everything that was looked at, in order of agreement.
    package static func evaluate(
        _ request: AgreementRequest, _ agreements: [Agreement], records: RecordStructures
    ) -> (decision: Decision, judgements: [Judgement]) {
        judge(marked(request, records), agreements)
    }

    private static func judge(_ request: AgreementRequest, _ agreements: [Agreement]) -> (decision: Decision, judgements: [Judgement]) {
        let ordered = agreements.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
        var judgements = ordered.filter { !$0.isPermit }.map { ScopeJudge.judgeForbidding($0, request) }
        let forbidden = judgements.compactMap(\.failure)
        var terms: [TermJudge] = []
        var nearMisses: [(failures: [Decision.Reason], agreement: Agreement)] = []
        for agreement in ordered where agreement.isPermit {
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
