package import SluiceKit

extension Participant {
    /// The one JSON form of the document; comments, spelling and order of the YAML make no difference to it.
    package var json: JSONValue {
        var members = [
            JSONMember("participant", .string(id.rawValue)), JSONMember("name", .string(name)), JSONMember("transport", .string(transport.rawValue)),
            JSONMember("formats", .array(formats.map { .string($0) })), JSONMember("seals", .array(seals.map { .string($0) })),
            JSONMember("sealing", Self.json(sealing)),
        ]
        if let subject { members.append(JSONMember("subject", .string(subject))) }
        if let endpoint { members.append(JSONMember("endpoint", .string(endpoint))) }
        if let contact { members.append(JSONMember("contact", .string(contact))) }
        if let ledgerKey { members.append(JSONMember("ledgerKey", .string(ledgerKey))) }
        if let tls { members.append(JSONMember("tls", Self.json(tls))) }
        var limits: [JSONMember] = []
        if let bytes = self.limits.packageBytesMax { limits.append(JSONMember("packageBytesMax", .integer(Int64(bytes)))) }
        if let exchanges = self.limits.exchangesPerMinuteMax { limits.append(JSONMember("exchangesPerMinuteMax", .integer(Int64(exchanges)))) }
        if !limits.isEmpty { members.append(JSONMember("limits", .object(limits))) }
        return .object(members)
    }

    private static func json(_ trust: Trust) -> JSONValue {
        switch trust {
        case .pinned(let certificates):
            // As a set: which of two certificates stands first means nothing.
            .object([JSONMember("certificates", .array(certificates.sorted { $0.sha256 < $1.sha256 }.map { .string(Base64.encode($0.der)) }))])
        case .authority(let authority): .object([JSONMember("authority", .string(Base64.encode(authority.der)))])
        }
    }

    /// What approvals name: SHA-256 of the canonical JSON (RFC 8785).
    package func digest(_ hashing: any Hashing) -> SHA256Digest {
        guard let bytes = try? json.canonicalBytes() else { preconditionFailure("a document of texts and small numbers always has a canonical form") }
        return hashing.sha256(bytes)
    }

    /// The document as YAML; reading it again gives the same document and the same digest.
    package func yaml(_ reading: any CertificateReading, indent: Int = 0) -> String {
        func quoted(_ text: String) -> String { JSONValue.string(text).compactText }
        var lines = ["participant: \(quoted(id.rawValue))", "name: \(quoted(name))"]
        if let subject { lines.append("subject: \(quoted(subject))") }
        lines.append("transport: \(transport.rawValue)")
        if let endpoint { lines.append("endpoint: \(quoted(endpoint))") }
        lines.append("formats: [\(formats.map(quoted).joined(separator: ", "))]")
        lines.append("seals: [\(seals.map(quoted).joined(separator: ", "))]")
        if limits != Limits() {
            lines.append("limits:")
            if let bytes = limits.packageBytesMax { lines.append("  packageBytesMax: \(bytes)") }
            if let exchanges = limits.exchangesPerMinuteMax { lines.append("  exchangesPerMinuteMax: \(exchanges)") }
        }
        if let contact { lines.append("contact: \(quoted(contact))") }
        if let ledgerKey { lines.append("ledgerKey: \(quoted(ledgerKey))") }
        for (use, trust) in [(CertificateUse.sealing, Optional(sealing)), (.tls, tls)] {
            guard let trust else { continue }
            let (key, certificates) =
                switch trust {
                case .pinned(let certificates): ("certificates", certificates)
                case .authority(let authority): ("authority", [authority])
                }
            lines += ["\(use.rawValue):", "  \(key): |"]
            for certificate in certificates { lines += reading.pem(certificate).split(separator: "\n").map { "    \($0)" } }
        }
        let margin = String(repeating: " ", count: indent)
        return lines.map { margin + $0 + "\n" }.joined()
    }

    /// Several documents in one file: what a coordinating office hands around.
    package static func bundle(_ participants: [Participant], _ reading: any CertificateReading) -> String {
        guard !participants.isEmpty else { return "participants: []\n" }
        return "participants:\n"
            + participants.sorted { $0.id.rawValue < $1.id.rawValue }.map { participant in
                let text = participant.yaml(reading, indent: 4)
                return "  - " + text.dropFirst(4)
            }.joined()
    }
}
