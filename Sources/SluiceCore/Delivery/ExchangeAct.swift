package import SluiceKit

/// What a person does to an exchange that this node sent: the same from the command line and from the console.
package enum ExchangeAct: String, Hashable, Sendable, CaseIterable {
    case replay, park, cancel, approve, refuse

    /// For those who find the exchange so; a replay and an approval speak for themselves.
    package var needsReason: Bool { self != .replay && self != .approve }

    /// - Parameters:
    ///   - person: who does it, as the node knows them; nil where the command line is trusted to know.
    ///   - reason: in the person's words.
    /// - Returns: nil for a ruling.
    package func event(by person: String?, reason: String) -> OutgoingExchange.Event? {
        let words = person.map { reason.isEmpty ? "by \($0)" : "by \($0): \(reason)" } ?? reason
        return switch self {
        case .replay: .replay(by: person)
        case .park: .park(detail: words)
        case .cancel: .cancel(detail: words)
        case .approve, .refuse: nil
        }
    }

    /// What is worth offering; the machine has the last word, for an attempt may be under way.
    package static func offered(for record: ExchangeRecord) -> [ExchangeAct] {
        guard record.direction == .outgoing else { return [] }
        return switch record.state {
        case .awaitingApproval: [.approve, .refuse, .cancel]
        case .parked: [.replay, .cancel]
        case .queued: [.park, .cancel]
        case .handedOver: [.park]
        default: []
        }
    }
}
