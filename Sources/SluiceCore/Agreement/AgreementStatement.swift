package import SluiceKit

/// What one person said of one version of an agreement, at one time. The node signs it; each names the one before it about the same agreement by digest, so that
/// none can be left out. As `DirectoryStatement` is of participants.
package struct AgreementStatement: Hashable, Sendable {
    package enum Act: String, Hashable, Sendable, CaseIterable {
        case activate, suspend, resume, end
    }

    package var agreement: String
    package var version: String
    /// 1 for the first about the agreement, whichever version it is about.
    package var number: Int
    /// Of the statement before; nil for the first.
    package var previous: SHA256Digest?
    package var act: Act
    /// SHA-256 of the version's canonical form.
    package var document: SHA256Digest
    /// Of an activation: the signed package, who signed it, and which version this one follows.
    package var package: SHA256Digest?
    package var signers: [String]
    package var supersedes: String?
    package var person: String
    package var time: Instant
    package var reason: String

    package init(
        agreement: String, version: String, number: Int, previous: SHA256Digest?, act: Act, document: SHA256Digest, package: SHA256Digest? = nil,
        signers: [String] = [], supersedes: String? = nil, person: String, time: Instant, reason: String = ""
    ) {
        self.agreement = agreement
        self.version = version
        self.number = number
        self.previous = previous
        self.act = act
        self.document = document
        self.package = package
        self.signers = signers
        self.supersedes = supersedes
        self.person = person
        self.time = time
        self.reason = reason
    }

    /// The bytes that are signed: canonical JSON (RFC 8785).
    package var canonicalBytes: [UInt8] {
        var members = [
            JSONMember("act", .string(act.rawValue)), JSONMember("agreement", .string(agreement)), JSONMember("document", .string(document.hex)),
            JSONMember("number", .integer(Int64(number))), JSONMember("person", .string(person)), JSONMember("time", .string(time.rfc3339)),
            JSONMember("version", .string(version)),
        ]
        if let package { members.append(JSONMember("package", .string(package.hex))) }
        if !signers.isEmpty { members.append(JSONMember("signers", .array(signers.map { .string($0) }))) }
        if let supersedes { members.append(JSONMember("supersedes", .string(supersedes))) }
        if let previous { members.append(JSONMember("previous", .string(previous.hex))) }
        if !reason.isEmpty { members.append(JSONMember("reason", .string(reason))) }
        guard let bytes = try? JSONValue.object(members).canonicalBytes() else { preconditionFailure("texts and a small number have a canonical form") }
        return bytes
    }

    /// Largest statement, in bytes.
    package static let bytesMax = 64 << 10
    /// Most statements about one agreement in all its time.
    package static let countMax = 10_000

    /// Reads canonical bytes; any other spelling is refused.
    package init(_ bytes: [UInt8], named name: String) throws(DirectoryError) {
        func fail(_ why: String) -> DirectoryError { DirectoryError(.recordBroken, "\(name) is no statement about an agreement: \(why)") }
        guard bytes.count <= Self.bytesMax, let json = try? JSONValue(parsing: bytes) else { throw fail("it is not JSON, or too large") }
        func digest(_ member: String) throws(DirectoryError) -> SHA256Digest? {
            guard let value = json[member] else { return nil }
            guard let digest = value.text.flatMap({ SHA256Digest(hex: $0) }) else { throw fail("\(member) is no digest") }
            return digest
        }
        guard let act = json["act"]?.text.flatMap(Act.init(rawValue:)), let document = try digest("document"),
            let number = json["number"]?.integer, (1...Int64(Self.countMax)).contains(number), let agreement = json["agreement"]?.text,
            let version = json["version"]?.text, let person = json["person"]?.text, let time = json["time"]?.text.flatMap({ Instant(rfc3339: $0) })
        else { throw fail("a member is missing or not what it has to be") }
        self.init(
            agreement: agreement, version: version, number: Int(number), previous: try digest("previous"), act: act, document: document,
            package: try digest("package"), signers: json["signers"]?.elements?.compactMap(\.text) ?? [], supersedes: json["supersedes"]?.text, person: person,
            time: time, reason: json["reason"]?.text ?? "")
        guard canonicalBytes == bytes else { throw fail("it is not written in the canonical form, or has further members") }
    }
}
