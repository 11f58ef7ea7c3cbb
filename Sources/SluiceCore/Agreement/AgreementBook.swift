package import SluiceKit
internal import Synchronization

/// The agreements of a running node: read at each decision, replaced when people change how they stand.
package final class AgreementBook: Sendable {
    /// What stands in it for now; a trip takes it once.
    private let page: Mutex<StandingAgreements>
    private let structures: StructureSet?

    /// - Parameter structures: those of the node; nil where they are looked through at each question.
    package init(_ all: [StandingAgreement], structures: StructureSet? = nil) {
        self.structures = structures
        page = Mutex(StandingAgreements(all, structures: structures))
    }

    package var now: StandingAgreements { page.withLock { $0 } }
    package var all: [StandingAgreement] { now.all }
    package var active: [Agreement] { now.active }
    package var others: [StandingAgreement] { now.others }

    package func replace(_ all: [StandingAgreement], isInDoubt: Bool = false) {
        let next = StandingAgreements(all, structures: structures, isInDoubt: isInDoubt)
        page.withLock { $0 = next }
    }

    /// The first suspended one among agreements named as decisions name them, `ID VERSION + ID VERSION`: what was decided under it waits.
    package func suspended(among names: String) -> StandingAgreement? {
        let others = others.filter { $0.state == .suspended }
        guard !others.isEmpty else { return nil }
        let names = Set(Self.names(names))
        return others.first { names.contains($0.agreement.name) }
    }

    private static func names(_ joined: String) -> [String] {
        var names: [String] = []
        var words: [Substring] = []
        for word in joined.split(separator: " ") {
            if word == "+" {
                names.append(words.joined(separator: " "))
                words = []
            } else {
                words.append(word)
            }
        }
        return names + [words.joined(separator: " ")]
    }
}

extension AgreementBook {
    /// What stands against a request because an agreement about it is not in force. A suspended one refuses whatever else would permit: it was stopped because of
    /// an emergency, and without it the others might let more through than with it.
    static func suspension(_ request: AgreementRequest, among others: [StandingAgreement]) -> Decision? {
        let suspended = others.filter { $0.state == .suspended && isAbout($0.agreement, request) }
        return suspended.isEmpty ? nil : .refuse(suspended.map(reason))
    }

    /// A refusal for want of an agreement, with the drafts and the ended ones that would be about it.
    static func explained(_ decision: Decision, _ request: AgreementRequest, among others: [StandingAgreement]) -> Decision {
        guard case .refuse(let reasons) = decision, reasons.first?.code == .agreementNone else { return decision }
        let near = [AgreementRecord.State.draft, .ended].flatMap { state in
            others.filter { $0.state == state && $0.agreement.isPermit && isAbout($0.agreement, request) }
        }
        return .refuse(near.map(reason) + reasons)
    }

    /// Whether an agreement is about a request, by parties, dataflow, direction, purpose, day and transport.
    static func isAbout(_ agreement: Agreement, _ request: AgreementRequest) -> Bool {
        guard agreement.isPermit else { return ScopeJudge.forbids(agreement, request) }
        return ScopeJudge.fits(agreement, request)
    }

    private static func reason(_ standing: StandingAgreement) -> Decision.Reason {
        let name = standing.agreement.name
        let because = standing.reason.isEmpty ? "" : ": \(standing.reason)"
        return switch standing.state {
        case .suspended: Decision.Reason(.agreementSuspended, rule: "\(name) state", words: "\(name) is suspended\(because)")
        case .ended: Decision.Reason(.agreementEnded, rule: "\(name) state", words: "\(name) has ended\(because)")
        case .draft, .active:
            Decision.Reason(.agreementDraft, rule: "\(name) state", words: "\(name) is a draft: both sides have to sign it, and two people here to activate it")
        }
    }
}
