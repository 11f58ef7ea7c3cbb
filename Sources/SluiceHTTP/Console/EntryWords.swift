internal import SluiceCore
internal import SluiceKit

/// What an entry's type and members are called on a page, and which way things went.
enum EntryWords {
    /// Between which of the three lanes of the picture a step runs.
    enum Course {
        /// Within the node.
        case here
        case fromOwn, toOwn, fromPartner, toPartner
    }

    /// The words for a type; one that is not known is shown as it stands.
    static func words(of type: String, isOutgoing: Bool) -> (word: String, course: Course) {
        switch LedgerEvent.Kind(rawValue: type) {
        case .datasetRead: isOutgoing ? ("The data were read", .fromOwn) : ("The payload was read", .here)
        case .datasetChecked: ("Checked", .here)
        case .datasetTabulated: ("Tabulated", .here)
        case .agreementDecided: ("The agreements were asked", .here)
        case .datasetProtected: ("Protected", .here)
        case .datasetWritten: ("The payload was written", .here)
        case .packageSealed: ("Sealed", .here)
        case .exchangeAwaitsApproval: ("Waits for a second person", .here)
        case .exchangeApproved: ("A second person approved", .here)
        case .exchangeQueued: ("Put into the outbox", .here)
        case .exchangeRefused: ("Refused", .here)
        case .deliveryFailed: ("A delivery failed", .toPartner)
        case .exchangeParked: ("Parked", .here)
        case .exchangeReplayed: ("Put back into the outbox", .here)
        case .exchangeHandedOver: ("Handed over to the carrier", .toPartner)
        case .exchangeExpired: ("Expired", .here)
        case .exchangeCancelled: ("Cancelled", .here)
        case .receiptVerified: ("The receipt came and was verified", .fromPartner)
        case .receiptConflicting: ("Another receipt says something else", .fromPartner)
        case .packageReceived: ("A package came in", .fromPartner)
        case .packageRefused: ("The package was refused", .toPartner)
        case .packageVerified: ("Seal and sender are right", .here)
        case .datasetStored: ("Stored", .toOwn)
        case .receiptIssued: ("Our receipt was signed", .toPartner)
        case .exchangeErased: ("Package and receipt were erased", .here)
        case .feedRun: ("A feed ran", .here)
        case .agreementNamed: ("An agreement was first named", .here)
        case .agreementChanged: ("An agreement's standing changed", .here)
        case .participantChanged: ("A participant changed", .here)
        case .witnessFork: ("A partner's ledger has two histories", .here)
        case .nodeStarted: ("The node started", .here)
        case nil: (type, .here)
        }
    }

    /// good, bad, waiting, or nothing.
    static func tone(outcome: String, type: String) -> String {
        if type == LedgerEvent.Kind.receiptConflicting.rawValue { return "bad" }
        if LedgerEvent.failures.contains(outcome) { return "bad" }
        switch outcome {
        case "passed", "permit", "accepted", "released", "verified", "approved", "stored", "tabulated": return "good"
        case "awaiting-approval", "queued", "handed-over": return "waiting"
        default: return ""
        }
    }

    private static let names: [String: String] = [
        "outcome": "Outcome", "reasonCode": "Reason code", "input": "Input", "inputKeyedSHA256": "Input, keyed (HMAC-SHA-256)",
        "dataStructure": "Data structure", "observations": "Observations", "datasets": "Datasets", "format": "Format",
        "payloadSHA256": "Payload (SHA-256)", "findings": "Findings", "records": "Records", "cells": "Cells", "cellsMostDetailed": "Most detailed cells",
        "agreement": "Agreement", "agreementSHA256": "Agreement (SHA-256)", "purpose": "Purpose", "dataflow": "Dataflow", "counterpart": "Other side",
        "rules": "Rules that decided", "receivedIn": "Received in", "sendersAgreementSHA256": "Sender's agreement (SHA-256)", "protections": "Protection",
        "seal": "Seal", "manifestSHA256": "Manifest (SHA-256)", "certificateSHA256": "Certificate (SHA-256)", "bytes": "Bytes", "receiver": "Receiver",
        "sender": "Sender", "by": "By", "attempts": "Attempts", "receiptManifestSHA256": "Receipt's manifest (SHA-256)",
        "answers": "Answers the manifest (SHA-256)", "answeredAt": "Answered at", "peerCertificateSHA256": "Certificate of the connection (SHA-256)",
        "packageSHA256": "Package (SHA-256)", "receiptSHA256": "Receipt (SHA-256)", "acceptedAfter": "Accepted after", "person": "Person, coded",
        "statement": "Statement (SHA-256)", "roles": "Roles", "settledAs": "Settled as",
    ]
    /// The same in every entry of a node.
    private static let leftOut: Set<String> = ["actor", "software"]
    static let factsMax = 60

    /// Name and value of each member, in their order; of a protection each report by itself.
    static func facts(_ data: JSONValue) -> [FactView] {
        var facts: [FactView] = []
        for member in data.members ?? [] where !leftOut.contains(member.name) {
            let name = names[member.name] ?? member.name
            if member.name == "protections", let reports = member.value.elements {
                facts += reports.map { FactView(name: name, value: ReleaseView.words(of: $0)) }
                if reports.isEmpty { facts.append(FactView(name: name, value: "none is obliged")) }
            } else {
                facts.append(FactView(name: name, value: words(member.value)))
            }
        }
        facts.removeAll { $0.value.isEmpty }
        return Array(facts.prefix(factsMax))
    }

    private static func words(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): grouped(number)
        case .array(let elements): elements.map(words).joined(separator: ", ")
        case .object(let members): members.map { "\(words($0.value)) × \($0.name)" }.joined(separator: ", ")
        default: value.compactText
        }
    }
}
