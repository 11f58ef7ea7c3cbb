package import SluiceKit

/// What a node says of itself to a partner that asks (`GET /exchange/v1`): its clock, what it takes, and the agreements between the two as it has them.
/// Docs/ExchangeProtocol.md, "Greeting".
package struct Greeting: Hashable, Sendable {
    package struct AgreementEntry: Hashable, Sendable {
        package var id: String
        package var version: String
        /// SHA-256 (hex) of the canonical form: of the same text on both sides it is the same.
        package var sha256: String
        package var dataflow: String
        /// The data structure that the dataflow leads to; empty where it is not at hand.
        package var dataStructure: String
        /// Whether it is stopped there; of a node that says nothing, not.
        package var isSuspended = false
    }

    package var participant: ParticipantID
    package var software: String
    package var time: Instant
    package var formats: [String]
    package var seals: [String]
    package var packageBytesMax: Int
    package var agreements: [AgreementEntry]

    package init(
        participant: ParticipantID, software: String, time: Instant, formats: [String], seals: [String], packageBytesMax: Int, agreements: [AgreementEntry]
    ) {
        self.participant = participant
        self.software = software
        self.time = time
        self.formats = formats
        self.seals = seals
        self.packageBytesMax = packageBytesMax
        self.agreements = agreements
    }

    package static let mediaType = "application/json"
    /// Largest greeting, in bytes.
    package static let bytesMax = 1 << 20

    package var json: JSONValue {
        .object([
            JSONMember("kind", .string("greeting")), JSONMember("version", .integer(1)), JSONMember("participant", .string(participant.rawValue)),
            JSONMember("software", .string(software)), JSONMember("time", .string(time.rfc3339)),
            JSONMember("formats", .array(formats.map { .string($0) })), JSONMember("seals", .array(seals.map { .string($0) })),
            JSONMember("packageBytesMax", .integer(Int64(packageBytesMax))),
            JSONMember(
                "agreements",
                .array(
                    agreements.map { entry in
                        .object(
                            [
                                JSONMember("id", .string(entry.id)), JSONMember("version", .string(entry.version)), JSONMember("sha256", .string(entry.sha256)),
                                JSONMember("dataflow", .string(entry.dataflow)), JSONMember("dataStructure", .string(entry.dataStructure)),
                            ] + (entry.isSuspended ? [JSONMember("state", .string("suspended"))] : []))
                    })),
        ])
    }

    package init(_ bytes: [UInt8]) throws(DocumentError) {
        guard bytes.count <= Self.bytesMax, let value = try? JSONValue(parsing: bytes) else {
            throw DocumentError(detail: "the greeting is not JSON, or too large")
        }
        let document = JSONDocument(value, name: "the greeting")
        guard try document.text("kind") == "greeting", try document.count("version") == 1 else {
            throw DocumentError(detail: "the greeting is of another version of the protocol")
        }
        guard let participant = ParticipantID(try document.text("participant")), let time = Instant(rfc3339: try document.text("time")) else {
            throw DocumentError(detail: "the greeting lacks a participant or a time")
        }
        self.participant = participant
        self.time = time
        software = try document.text("software")
        formats = (value["formats"]?.elements ?? []).compactMap(\.text)
        seals = (value["seals"]?.elements ?? []).compactMap(\.text)
        packageBytesMax = try document.count("packageBytesMax")
        agreements = []
        for element in value["agreements"]?.elements ?? [] {
            let entry = JSONDocument(element, name: "an agreement of the greeting")
            agreements.append(
                AgreementEntry(
                    id: try entry.text("id"), version: try entry.text("version"), sha256: try entry.text("sha256"), dataflow: try entry.text("dataflow"),
                    dataStructure: try entry.text("dataStructure"), isSuspended: element["state"]?.text == "suspended"))
        }
    }
}

extension CorridorTools {
    /// The agreements between this node and a participant, in either direction.
    package func agreements(with participant: ParticipantID) -> [Agreement] { agreements.filter { isBetween($0, participant) } }

    private func isBetween(_ agreement: Agreement, _ participant: ParticipantID) -> Bool {
        let (own, other) = (self.participant.rawValue, participant.rawValue)
        return (agreement.giver == own && agreement.receivers.contains(other)) || (agreement.giver == other && agreement.receivers.contains(own))
    }

    /// What this node says of itself to a participant.
    package func greeting(to participant: ParticipantID, packageBytesMax: Int) -> Greeting {
        Greeting(
            participant: self.participant, software: "sluice/\(sluiceVersion)", time: clock.now(), formats: formats.map(\.id), seals: seals.map(\.identifier),
            packageBytesMax: packageBytesMax,
            agreements: book.all.filter { ($0.state == .active || $0.state == .suspended) && isBetween($0.agreement, participant) }.map { standing in
                let agreement = standing.agreement
                return Greeting.AgreementEntry(
                    id: agreement.id, version: agreement.version, sha256: hashing.sha256(agreement.canonicalBytes).hex,
                    dataflow: agreement.dataflow.description, dataStructure: structures.dataStructure(ofFlow: agreement.dataflow)?.reference.description ?? "",
                    isSuspended: standing.state == .suspended)
            })
    }
}
