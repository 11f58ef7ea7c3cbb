package import SluiceKit

/// What one step of the corridor has to say to the ledger. The node makes the entry of it (id, time, source) in the step's transaction.
package struct LedgerEvent: Hashable, Sendable {
    /// The steps and outcomes that are recorded, as CloudEvents types.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case datasetRead = "sluice.dataset.read"
        case datasetChecked = "sluice.dataset.checked"
        case datasetTabulated = "sluice.dataset.tabulated"
        case agreementDecided = "sluice.agreement.decided"
        case datasetProtected = "sluice.dataset.protected"
        case datasetWritten = "sluice.dataset.written"
        case packageSealed = "sluice.package.sealed"
        case exchangeAwaitsApproval = "sluice.exchange.awaiting-approval"
        case exchangeApproved = "sluice.exchange.approved"
        case exchangeQueued = "sluice.exchange.queued"
        case exchangeRefused = "sluice.exchange.refused"
        case deliveryFailed = "sluice.delivery.failed"
        case exchangeParked = "sluice.exchange.parked"
        case exchangeReplayed = "sluice.exchange.replayed"
        case exchangeHandedOver = "sluice.exchange.handed-over"
        case exchangeExpired = "sluice.exchange.expired"
        case exchangeCancelled = "sluice.exchange.cancelled"
        case receiptVerified = "sluice.receipt.verified"
        /// Another receipt than the first for a settled exchange: kept as evidence, changes nothing.
        case receiptConflicting = "sluice.receipt.conflicting"
        case packageReceived = "sluice.package.received"
        case packageRefused = "sluice.package.refused"
        case packageVerified = "sluice.package.verified"
        case datasetStored = "sluice.dataset.stored"
        case receiptIssued = "sluice.receipt.issued"
        case exchangeErased = "sluice.exchange.erased"
        case feedRun = "sluice.feed.run"
        /// The first statement about an agreement was noted; so the ledger tells of which ones there are statements.
        case agreementNamed = "sluice.agreement.named"
        case agreementChanged = "sluice.agreement.changed"
        case participantChanged = "sluice.participant.changed"
        /// A log that this node witnesses has signed what does not continue what it signed before.
        case witnessFork = "sluice.witness.fork"
        case nodeStarted = "sluice.node.started"
    }

    /// Outcomes that tell of something that did not come about.
    package static let failures: Set<String> = ["refuse", "refused", "failed", "parked", "expired", "cancelled"]

    package var kind: Kind
    /// The exchange it belongs to; empty for what belongs to the node.
    package var exchangeID: String
    package var data: [JSONMember]

    package init(_ kind: Kind, exchange exchangeID: String, _ data: [JSONMember]) {
        self.kind = kind
        self.exchangeID = exchangeID
        self.data = data
    }
}

/// The members of an entry, spelled alike everywhere.
package enum LedgerData {
    package static func text(_ name: String, _ value: String) -> JSONMember { JSONMember(name, .string(value)) }
    package static func count(_ name: String, _ value: Int) -> JSONMember { JSONMember(name, .integer(Int64(value))) }
    package static func outcome(_ outcome: String, code: String = "") -> [JSONMember] {
        [JSONMember("outcome", .string(outcome)), JSONMember("reasonCode", .string(code))]
    }
    package static func counts(_ name: String, _ counts: [FindingCode: Int]) -> JSONMember {
        JSONMember(name, .object(counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { JSONMember($0.key.rawValue, .integer(Int64($0.value))) }))
    }
}
