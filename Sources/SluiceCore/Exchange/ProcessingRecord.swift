package import SluiceKit

/// One processing activity of a node: an agreement, as the register of Article 30 of the GDPR asks for it.
package struct ProcessingRecord: Hashable, Sendable {
    package var agreement: String
    package var title: String
    package var state: String
    package var role: String
    package var giver: String
    package var recipients: String
    package var purposes: String
    package var legalBasis: String
    package var dataflow: String
    package var validity: String
    package var retention: String
    package var onwardTransfer: String
    package var measures: String

    /// Name and value of each member, in the order of a row.
    package static let columns: [(name: String, value: @Sendable (ProcessingRecord) -> String)] = [
        ("Agreement", { $0.agreement }), ("Title", { $0.title }), ("State", { $0.state }), ("Our role", { $0.role }), ("Giver", { $0.giver }),
        ("Recipients", { $0.recipients }), ("Purposes", { $0.purposes }), ("Legal basis", { $0.legalBasis }), ("Data", { $0.dataflow }),
        ("In force", { $0.validity }), ("Erased after", { $0.retention }), ("Passed on", { $0.onwardTransfer }), ("Safeguards", { $0.measures }),
    ]

    /// - Parameter own: whose register it is.
    package init(_ standing: StandingAgreement, own: ParticipantID) {
        let agreement = standing.agreement
        self.agreement = agreement.name
        title = agreement.title
        state = standing.state.rawValue
        giver = agreement.giver
        role = agreement.giver == own.rawValue ? "gives" : agreement.receivers.contains(own.rawValue) ? "receives" : "neither gives nor receives"
        let everybody = agreement.receivers == [Agreement.all]
        recipients = everybody ? "everybody" : agreement.receivers.joined(separator: ", ")
        purposes = agreement.purposes == [Agreement.all] ? "any" : agreement.purposes.joined(separator: ", ")
        legalBasis = agreement.legalBasis
        dataflow = "\(agreement.dataflow)"
        validity = "\(agreement.from) to \(agreement.until)"
        guard agreement.isPermit else {
            (retention, onwardTransfer, measures) = ("", "", "forbids: nothing of it travels")
            return
        }
        retention = agreement.handling.retention.map { "\($0)" } ?? "no limit is agreed"
        onwardTransfer =
            switch agreement.handling.onwardTransfer {
            case .none: "to nobody"
            case .to(let receivers): "only to \(receivers.joined(separator: ", "))"
            case .public: "to anybody"
            }
        var words = agreement.protection.map(Explanation.describe) ?? ["no disclosure control is agreed"]
        if agreement.handling.fourEyes { words.append("a second person approves each release") }
        let plain = words.map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
        measures = plain.joined(separator: "; ").replacing(":; ", with: ": ")
    }
}
