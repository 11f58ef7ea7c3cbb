package import SluiceKit

/// An agreement as it stands at this node now.
package struct StandingAgreement: Hashable, Sendable {
    package var agreement: Agreement
    package var state: AgreementRecord.State
    /// Why, as far as somebody said so.
    package var reason: String
    /// Who signed it; empty of one that a plain file has in force.
    package var signers: [String]

    package init(_ agreement: Agreement, _ state: AgreementRecord.State, reason: String = "", signers: [String] = []) {
        self.agreement = agreement
        self.state = state
        self.reason = reason
        self.signers = signers
    }
}

/// The agreements of a node as they stood at one moment. A trip takes them once, so that a change in between counts whole or not at all.
package struct StandingAgreements: Sendable {
    package let all: [StandingAgreement]
    /// Those that let data travel.
    package let active: [Agreement]
    /// Those that do not: drafts, suspended and ended ones.
    package let others: [StandingAgreement]
    /// By what all of them say, in force or not: data stay records when the agreement is stopped or over that says so.
    package let records: RecordStructures
    /// Those that hold releases against earlier ones: in force, or stopped, for what leaves meanwhile counts when they hold again.
    package let differencing: [Agreement]
    private struct Subject: Hashable {
        var giver: String
        var dataflow: String
    }
    private let activeOfSubject: [Subject: [Agreement]]
    /// Something was said of agreements that nobody can tell any more, one that forbids perhaps: nothing travels.
    package let isInDoubt: Bool

    /// - Parameter structures: those of the node; nil where they are looked through at each question.
    package init(_ all: [StandingAgreement], structures: StructureSet? = nil, isInDoubt: Bool = false) {
        self.isInDoubt = isInDoubt
        self.all = all
        active = all.filter { $0.state == .active }.map(\.agreement)
        activeOfSubject = Dictionary(grouping: active) { Subject(giver: $0.giver, dataflow: $0.dataflow.id) }
        others = all.filter { $0.state != .active }
        differencing = all.filter { ($0.state == .active || $0.state == .suspended) && $0.agreement.protection?.differencing != nil }.map(\.agreement)
        records = RecordStructures(all.map(\.agreement), among: structures)
    }
}

extension StandingAgreements {
    /// Those in force about one giver's dataflow of this id: most nodes hold many agreements, and few of them are about any one message.
    func active(of giver: String, _ dataflow: ArtefactReference) -> [Agreement] { activeOfSubject[Subject(giver: giver, dataflow: dataflow.id)] ?? [] }

    /// Agreements by themselves, all in force.
    package init(inForce agreements: [Agreement]) { self.init(agreements.map { StandingAgreement($0, .active) }) }

    /// What refuses whatever is asked; nil where the agreements can be told.
    private var doubt: Decision? {
        guard isInDoubt else { return nil }
        let words =
            "what was said of an agreement of this node cannot be told any more, so nothing travels until its record is restored; the node's log says what is missing"
        return .refuse([Decision.Reason(.agreementUnknown, rule: "", words: words)])
    }

    /// What stands against a request before its terms are looked at: a doubt, or a stop.
    private func stop(_ request: AgreementRequest) -> Decision? { doubt ?? AgreementBook.suspension(request, among: others) }

    /// What becomes of a request.
    /// - Parameter evaluated: what those in force say of it.
    func decision(_ request: AgreementRequest, _ evaluated: @autoclosure () -> Decision) -> Decision {
        stop(request) ?? AgreementBook.explained(evaluated(), request, among: others)
    }

    /// What refuses a request whatever permits it: a doubt, what was stopped, and what forbids. The data themselves have no part in it.
    func objections(to request: AgreementRequest) -> [Decision.Reason] {
        stop(request)?.reasons ?? active.filter { !$0.isPermit }.compactMap { ScopeJudge.judgeForbidding($0, request).failure }
    }

    /// Those that permit and are about a request.
    func permitting(_ request: AgreementRequest) -> [Agreement] {
        active.filter { $0.isPermit && AgreementBook.isAbout($0, request) }.sorted { $0.name < $1.name }
    }
}
