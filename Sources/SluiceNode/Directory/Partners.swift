package import SluiceCore
package import SluiceKit

/// Whom the node exchanges with: those that its configuration lists, or those that people let into its directory.
package struct Partners: Sendable {
    private let listed: [NodeConfiguration.Partner]
    private let directory: DirectoryService?

    private let usualRate: RateLimit.Limits
    private let carriedDirectory: String

    /// - Parameters:
    ///   - usualRate: what a partner may hand in of which nothing is agreed.
    ///   - carriedDirectory: below which each participant of the directory has its folders whose packages are carried.
    package init(listed: [NodeConfiguration.Partner], directory: DirectoryService?, usualRate: RateLimit.Limits, carriedDirectory: String) {
        self.usualRate = usualRate
        self.carriedDirectory = carriedDirectory
        self.listed = listed
        self.directory = directory
    }

    /// nil for a stranger, and for a participant of the directory that is not approved, suspended or withdrawn.
    package func partner(_ id: ParticipantID) -> NodeConfiguration.Partner? {
        guard let directory else { return listed.first { $0.id == id } }
        guard let entry = directory.current.entries[id], entry.isTrusted, let participant = entry.participant else { return nil }
        var partner = NodeConfiguration.Partner(
            id: id, endpoint: participant.endpointURL(carried: carriedDirectory), format: participant.formats.first ?? NodeConfiguration.usualFormat,
            seals: participant.seals.isEmpty ? [NodeConfiguration.usualSeal] : participant.seals)
        partner.packageBytesMax = participant.limits.packageBytesMax
        partner.ledgerKey = participant.ledgerKey.map { NodeConfiguration.KeyReference(text: $0, path: "") }
        if let perMinute = participant.limits.exchangesPerMinuteMax {
            var rate = usualRate
            rate.exchangesPerMinute = perMinute
            partner.rate = rate
        }
        return partner
    }

    /// Where a partner takes packages; nil for one that only sends to us, and for a stranger.
    package func endpoint(of id: ParticipantID) -> Endpoint? { partner(id)?.endpoint.map { Endpoint(participant: id, url: $0) } }

    /// The verifier key of the log that says to have this origin, and whose log it is; nil where no partner's has, and where two partners' have: nobody
    /// speaks in another's name.
    package func ledgerKey(origin: String) -> (participant: ParticipantID, text: String)? {
        let all: [(participant: ParticipantID, text: String?)] =
            directory.map { $0.current.entries.values.filter(\.isTrusted).map { ($0.record.participant, $0.participant?.ledgerKey) } }
            ?? listed.map { ($0.id, $0.ledgerKey?.text) }
        let keys = all.compactMap { entry in entry.text.flatMap { $0.hasPrefix(origin + "+") ? (participant: entry.participant, text: $0) : nil } }
        return keys.count == 1 ? keys[0] : nil
    }

    package var ids: [ParticipantID] {
        directory.map { $0.current.entries.values.filter(\.isTrusted).map(\.record.participant).sorted { $0.rawValue < $1.rawValue } } ?? listed.map(\.id)
    }
}
