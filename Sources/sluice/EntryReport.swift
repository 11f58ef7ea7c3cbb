internal import SluiceCore
internal import SluiceKit
internal import SluiceLedger

/// A ledger entry in words and as JSON.
enum EntryReport {
    static func json(_ index: Int64, _ entry: [UInt8], isPublished: Bool) -> JSONValue {
        .object([
            JSONMember("index", .integer(index)), JSONMember("isPublished", .bool(isPublished)),
            JSONMember("leafSHA256", .string(MerkleHasher().leaf(entry).hex)), JSONMember("entry", (try? JSONValue(parsing: entry)) ?? .null),
        ])
    }

    /// One line: place, time, what it is about, type and outcome.
    static func line(_ index: Int64, _ entry: [UInt8]) -> String {
        guard let read = try? LedgerEntry(parsing: entry) else { return "\(index)  (no ledger entry)" }
        let words = ["outcome", "reasonCode"].compactMap { name in read.data.first { $0.name == name }?.value.text }.filter { !$0.isEmpty }
        return (["\(index)", read.time, read.subject, read.type] + words).joined(separator: "  ")
    }

    static func lines(_ index: Int64, _ entry: [UInt8], isPublished: Bool) -> [String] {
        var lines = [
            "entry \(index), \(isPublished ? "published" : "committed and not published yet")",
            "hash \(MerkleHasher().leaf(entry).hex) (SHA-256 of a zero byte and the entry)",
        ]
        guard let read = try? LedgerEntry(parsing: entry) else { return lines + ["its bytes are no ledger entry; run sluice ledger verify"] }
        let meaning = LedgerEvent.Kind(rawValue: read.type).map(Self.meaning) ?? "of a type that this version does not know"
        lines.append("\(read.time)  \(read.type): \(meaning)")
        lines.append("about \(read.subject), recorded by \(read.source), id \(read.id)")
        for member in read.data { lines.append("  \(member.name)  \(member.value.text ?? member.value.compactText)") }
        lines.append(String(decoding: entry, as: UTF8.self))
        return lines
    }

    /// What happened, in a few words.
    static func meaning(_ kind: LedgerEvent.Kind) -> String {
        switch kind {
        case .datasetRead: "the dataset was read"
        case .datasetChecked: "it was checked against its structure"
        case .datasetTabulated: "a table was made of records, or could not be"
        case .agreementDecided: "the agreements were asked"
        case .datasetProtected: "it was coarsened or protected"
        case .datasetWritten: "the payload was written"
        case .packageSealed: "the package was sealed"
        case .exchangeAwaitsApproval: "it waits for a second person"
        case .exchangeApproved: "a second person approved it"
        case .exchangeQueued: "it is in the outbox"
        case .exchangeRefused: "it was refused"
        case .deliveryFailed: "an attempt brought no receipt"
        case .exchangeParked: "delivery was given up for now"
        case .exchangeReplayed: "a person put it back into the queue"
        case .exchangeHandedOver: "the transport took it"
        case .exchangeExpired: "it was not delivered in its time"
        case .exchangeCancelled: "a person withdrew it"
        case .receiptVerified: "the receiver's receipt was verified"
        case .receiptConflicting: "a second receipt says something else than the first"
        case .packageReceived: "a package came in"
        case .packageRefused: "its seal or sender was not right"
        case .packageVerified: "its seal and sender are right"
        case .datasetStored: "the dataset was stored"
        case .receiptIssued: "our receipt was signed"
        case .exchangeErased: "package, receipt and key were erased"
        case .feedRun: "a feed ran"
        case .agreementNamed: "the first statement about an agreement was noted"
        case .agreementChanged: "people changed a version of an agreement"
        case .participantChanged: "people changed the directory"
        case .witnessFork: "a ledger that this node witnesses has two histories, and both are signed"
        case .nodeStarted: "the node began to serve"
        }
    }
}
