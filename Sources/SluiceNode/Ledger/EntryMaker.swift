package import SluiceCore
internal import SluiceCrypto
package import SluiceKit
internal import SluiceLedger

/// Makes ledger entries of events: id, source and time are the node's.
package struct EntryMaker: Sendable {
    package let participant: ParticipantID
    package let clock: any WallClock
    /// Shut where nothing may be recorded any more, and so nothing may move.
    package let gate: LedgerGate

    package init(participant: ParticipantID, clock: any WallClock, gate: LedgerGate = LedgerGate()) {
        self.participant = participant
        self.clock = clock
        self.gate = gate
    }

    /// Appends an entry for each event, in order; part of the transaction that the events belong to.
    package func record(_ events: [LedgerEvent], in store: any StoreWriting) throws {
        try gate.pass()
        for event in events { try store.appendLedgerEntry(entry(event), subject: event.exchangeID) }
    }

    func entry(_ event: LedgerEvent) throws -> [UInt8] {
        let now = clock.now()
        let data = event.data + [JSONMember("actor", .string(participant.rawValue)), JSONMember("software", .string("sluice/\(sluiceVersion)"))]
        return try LedgerEntry(
            id: Identifiers.next(at: now), source: "urn:sluice:node:\(participant)", type: event.kind.rawValue, time: now.rfc3339,
            // A CloudEvents subject must not be empty: what belongs to no exchange is about the node itself.
            subject: event.exchangeID.isEmpty ? participant.rawValue : event.exchangeID, data: data
        ).encoded()
    }
}

/// Makes identifiers that sort by time (UUIDv7, RFC 9562).
package enum Identifiers {
    static func next(at time: Instant) -> UUIDv7 { SecureRandom.uuidv7(milliseconds: UInt64(max(0, time.milliseconds))) }
    package static func exchangeID(at time: Instant) -> String { next(at: time).description }
}
