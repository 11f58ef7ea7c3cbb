package import SluiceKit

/// What one person said of one participant, at one time. The node signs it; each names the one before it by digest, so that none can be left out.
package struct DirectoryStatement: Hashable, Sendable {
    package enum Act: String, Hashable, Sendable, CaseIterable {
        case propose, approve, suspend, resume, withdraw
    }

    package var participant: ParticipantID
    /// 1 for the first about the participant.
    package var number: Int
    /// Of the statement before; nil for the first.
    package var previous: SHA256Digest?
    package var act: Act
    /// The document that is proposed or approved; for the others, the one in force.
    package var document: SHA256Digest
    package var person: String
    package var time: Instant
    package var reason: String

    package init(
        participant: ParticipantID, number: Int, previous: SHA256Digest?, act: Act, document: SHA256Digest, person: String, time: Instant, reason: String
    ) {
        self.participant = participant
        self.number = number
        self.previous = previous
        self.act = act
        self.document = document
        self.person = person
        self.time = time
        self.reason = reason
    }

    /// The bytes that are signed: canonical JSON (RFC 8785).
    package var canonicalBytes: [UInt8] {
        var members = [
            JSONMember("act", .string(act.rawValue)), JSONMember("document", .string(document.hex)), JSONMember("number", .integer(Int64(number))),
            JSONMember("participant", .string(participant.rawValue)), JSONMember("person", .string(person)), JSONMember("time", .string(time.rfc3339)),
        ]
        if let previous { members.append(JSONMember("previous", .string(previous.hex))) }
        if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
        guard let bytes = try? JSONValue.object(members).canonicalBytes() else { preconditionFailure("texts and a small number have a canonical form") }
        return bytes
    }

    /// Largest statement, in bytes.
    package static let bytesMax = 4_096

    /// Reads canonical bytes; any other spelling is refused.
    package init(_ bytes: [UInt8], named name: String) throws(DirectoryError) {
        func fail(_ why: String) -> DirectoryError { DirectoryError(.recordBroken, "\(name) is no statement of the directory: \(why)") }
        guard bytes.count <= Self.bytesMax, let json = try? JSONValue(parsing: bytes) else { throw fail("it is not JSON, or too large") }
        guard let act = json["act"]?.text.flatMap(Act.init(rawValue:)), let document = json["document"]?.text.flatMap({ SHA256Digest(hex: $0) }),
            let number = json["number"]?.integer, (1...Int64(DirectoryLimits.statementsMax)).contains(number),
            let participant = json["participant"]?.text.flatMap({ ParticipantID($0) }), let person = json["person"]?.text,
            let time = json["time"]?.text.flatMap({ Instant(rfc3339: $0) })
        else { throw fail("a member is missing or not what it has to be") }
        let previousText = json["previous"]?.text
        let previous = previousText.flatMap { SHA256Digest(hex: $0) }
        guard (previousText == nil) == (previous == nil) else { throw fail("previous is no digest") }
        self.init(
            participant: participant, number: Int(number), previous: previous, act: act, document: document, person: person, time: time,
            reason: json["reason"]?.text ?? "")
        guard canonicalBytes == bytes else { throw fail("it is not written in the canonical form, or has further members") }
    }
}
