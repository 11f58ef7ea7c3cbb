package import SluiceKit

/// What the agreements decided of one message: a decision per dataset, and which agreement it rests on.
package struct Ruling: Sendable {
    package let decisions: [Decision]
    package let isPermit: Bool
    /// The agreements that permitted, or came into question, as `ID VERSION`.
    package let agreementName: String
    package let agreementID: String
    package let agreementVersion: String
    /// SHA-256 (hex) of the canonical form of every agreement it rests on.
    package let agreementDigest: String
    package let purpose: String
    /// What all agreements that it rests on allow the data to be used for.
    package let purposes: [String]
    /// What the decision rests on: the agreements that permitted, or the terms that refused.
    package let rules: [String]
    private let direction: Agreement.Direction
    private let time: Instant

    /// Asks the agreements about every dataset of the survey. Deny by default.
    /// - Parameters:
    ///   - channel: the transport that it goes or came by; nil where nobody knows.
    ///   - standing: of those that are not in force a suspended one refuses, and the rest explain.
    package init(
        direction: Agreement.Direction, giver: ParticipantID, receiver: ParticipantID, flow: ArtefactReference, purpose: String, at time: Instant,
        channel: String? = nil, survey: Survey, under standing: StandingAgreements, hashing: any Hashing
    ) {
        let today = CalendarDate(utc: time)
        let decisions = survey.summaries.map { summary -> Decision in
            let request = AgreementRequest(
                direction: direction, giver: giver.rawValue, receiver: receiver.rawValue, dataflow: flow, purpose: purpose, today: today, channel: channel,
                summary: summary)
            return standing.decision(request, Decide.run(request, under: standing))
        }
        self.decisions = decisions
        self.purpose = purpose
        self.direction = direction
        self.time = time
        let names = Set(decisions.flatMap { $0.obligations?.agreements ?? [] })
        let used = standing.active(of: giver.rawValue, flow).filter { names.contains($0.name) }.sorted { $0.name < $1.name }
        isPermit = decisions.allSatisfy(\.isPermit) && !decisions.isEmpty
        purposes = (used.first?.purposes ?? []).filter { purpose in used.allSatisfy { $0.purposes.contains(purpose) } }
        rules = isPermit ? used.map(\.name) : Array(Set(decisions.flatMap(\.reasons).map(\.rule))).filter { !$0.isEmpty }.sorted()
        agreementName = used.map(\.name).joined(separator: " + ")
        agreementID = used.map(\.id).joined(separator: " + ")
        agreementVersion = used.map(\.version).joined(separator: " + ")
        agreementDigest = used.count == 1 ? hashing.sha256(used[0].canonicalBytes).hex : used.isEmpty ? "" : hashing.sha256(used.flatMap(\.canonicalBytes)).hex
    }

    private var reasons: [Decision.Reason] { decisions.flatMap(\.reasons) }

    /// The obligations of each dataset.
    /// - Throws: `Refusal` with the first reason's code and all reasons' words.
    package func obligationsOrRefusal() throws -> [Obligations] {
        guard isPermit else {
            let first = reasons.first
            throw Refusal("agreement.\(first?.code.rawValue.replacingAgreementPrefix ?? "none")", reasons.map(\.words).joined(separator: "; "))
        }
        let obligations = decisions.compactMap(\.obligations)
        for handling in obligations.map(\.handling) where direction == .send {
            // What is obliged and cannot be carried out refuses; it is never silently left undone.
            if let embargo = handling.embargo {
                guard let end = Instant(rfc3339: embargo) else {
                    throw Refusal("agreement.embargo", "the embargo \"\(embargo)\" is no instant; write 2026-03-01T09:00:00Z")
                }
                guard time >= end else { throw Refusal("agreement.embargo", "the agreement keeps the data back until \(embargo)") }
            }
        }
        return obligations
    }

    /// What the agreements say of the data once they have arrived, of all datasets together.
    func sealedObligations() -> SealedObligations {
        let all = decisions.compactMap { $0.obligations?.handling }
        return SealedObligations(handling: all.dropFirst().reduce(all.first ?? HandlingObligations()) { ObligationMerge.stricter($0, $1) }, purposes: purposes)
    }

    /// Until when what is exchanged at `time` is kept: the shortest retention of all datasets, and no longer than what came along with data that were received
    /// themselves. nil where nothing ends it.
    ///
    /// A retention of no time would have the exchange erased once it is settled, however long that takes; where an end came along, it is kept until that, which
    /// ends its delivery too (`ExchangeRecord.leavesUntil`).
    /// - Parameter onward: what goes on with the data.
    package func retainUntil(from time: Instant, _ onward: SealedObligations? = nil) -> Instant? {
        let own = decisions.compactMap { $0.obligations?.handling.retention.flatMap(RetentionPeriod.init)?.end(from: time) }.min()
        guard let own, own > time else { return onward?.keepUntil ?? own }
        return onward?.keepUntil.map { min($0, own) } ?? own
    }

    /// The decision as the ledger keeps it.
    package func ledgerData(flow: ArtefactReference, counterpart: ParticipantID) -> [JSONMember] {
        LedgerData.outcome(isPermit ? "permit" : "refuse", code: reasons.first?.code.rawValue ?? "") + [
            LedgerData.text("agreement", agreementName), LedgerData.text("agreementSHA256", agreementDigest), LedgerData.text("purpose", purpose),
            LedgerData.text("dataflow", flow.urn), LedgerData.text("counterpart", counterpart.rawValue),
            // Rule ids, bounded: an entry holds at most 65,535 bytes.
            JSONMember("rules", .array(rules.prefix(Self.rulesInEntryMax).map { .string($0) })),
        ]
    }

    /// Most rule ids in one ledger entry.
    static let rulesInEntryMax = 100
}

extension String {
    /// `agreement.none` is a code of its own; the others are spelled under it.
    fileprivate var replacingAgreementPrefix: String { hasPrefix("agreement.") ? String(dropFirst("agreement.".count)) : self }
}
