package import SluiceKit
internal import SluiceYAML

/// Reads a participant's document, or a bundle of them, strictly: every certificate must be what the document says it is for.
package struct ParticipantReader: Sendable {
    private let reading: any CertificateReading

    package init(_ reading: any CertificateReading) { self.reading = reading }

    /// One document, or those under the key `participants`.
    package func read(_ yaml: String, file: String) throws(DirectoryError) -> [Participant] {
        do throws(YAMLProblem) {
            let root = try YAMLValue(yaml: yaml, file: file)
            guard root.isMapping, try root.entries().contains(where: { $0.key == "participants" }) else { return [try participant(root)] }
            var participants: [Participant] = []
            let list = try root.mapping("participants").list("participants")
            guard list.count <= DirectoryLimits.participantsMax else {
                throw YAMLProblem(
                    .limitExceeded, file: file, line: root.line, column: root.column, detail: "more than \(DirectoryLimits.participantsMax) participants")
            }
            var known: Set<ParticipantID> = []
            for value in list {
                let participant = try participant(value)
                guard known.insert(participant.id).inserted else { throw value.problem("participant \(participant.id) stands twice") }
                participants.append(participant)
            }
            return participants
        } catch {
            throw DirectoryError(error.code == .limitExceeded ? .limitExceeded : .documentInvalid, "\(error)")
        }
    }

    private func participant(_ value: YAMLValue) throws(YAMLProblem) -> Participant {
        let document = try value.mapping(
            "participant", "name", "subject", "transport", "endpoint", "formats", "seals", "limits", "sealing", "tls", "contact", "ledgerKey")
        let idValue = try document.required("participant")
        let idText = try idValue.text()
        guard let id = ParticipantID(idText) else {
            throw idValue.problem("\"\(idText.prefix(80))\" is no participant id; it has letters, digits, _ and -, with dots between, such as AM.ARMSTAT")
        }
        let subject = try Self.optionalText(document, "subject")
        let transportValue = document["transport"]
        guard let transport = Participant.Transport(rawValue: try transportValue?.text() ?? "https") else {
            throw (transportValue ?? value).problem("transport is https or folder")
        }
        let endpoint = try Self.endpoint(document, transport)
        var limits = Participant.Limits()
        if let value = document["limits"] {
            let mapping = try value.mapping("packageBytesMax", "exchangesPerMinuteMax")
            limits.packageBytesMax = try mapping["packageBytesMax"]?.integer(in: 1024...(1 << 40))
            limits.exchangesPerMinuteMax = try mapping["exchangesPerMinuteMax"]?.integer(in: 1...1_000_000)
        }
        let sealing = try trust(document.required("sealing"), for: .sealing, of: id, subject: subject)
        let tlsValue = document["tls"]
        if tlsValue == nil, transport == .https { throw value.problem("the key \"tls\" is missing; only a participant with transport folder has none") }
        let tls: Participant.Trust? = if let tlsValue { try trust(tlsValue, for: .tls, of: id, subject: subject) } else { nil }
        let participant = Participant(
            id: id, name: try Self.text(document.required("name")), subject: subject, transport: transport, endpoint: endpoint,
            formats: try Self.preferences(document, "formats"), seals: try Self.preferences(document, "seals"), limits: limits, sealing: sealing, tls: tls,
            contact: try Self.optionalText(document, "contact"), ledgerKey: try Self.optionalText(document, "ledgerKey"))
        let sealingKeys = Set(participant.certificates(for: .sealing).map(\.publicKeySHA256))
        if let shared = participant.certificates(for: .tls).first(where: { sealingKeys.contains($0.publicKeySHA256) }) {
            throw (tlsValue ?? value).problem("the TLS certificate \(shared.serial) holds a sealing key too; \(id) needs a key of its own for each")
        }
        return participant
    }

    // MARK: Certificates

    private func trust(_ value: YAMLValue, for use: CertificateUse, of id: ParticipantID, subject: String?) throws(YAMLProblem) -> Participant.Trust {
        let mapping = try value.mapping("certificates", "authority")
        switch (mapping["certificates"], mapping["authority"]) {
        case (let certificates?, nil):
            let found = try facts(certificates, countMax: DirectoryLimits.certificatesMax)
            var known: Set<SHA256Digest> = []
            for certificate in found {
                if let problem = Self.problem(with: certificate, for: use, of: id, subject: subject) { throw certificates.problem(problem) }
                guard known.insert(certificate.sha256).inserted else { throw certificates.problem("the certificate \(certificate.serial) stands twice") }
            }
            return .pinned(found)
        case (nil, let authority?):
            let found = try facts(authority, countMax: 1)
            guard let certificate = found.first, certificate.isAuthority else { throw authority.problem("this is no authority's certificate") }
            guard subject != nil else {
                throw authority.problem("an authority is believed for one subject only; the document must say it: subject: \"CN=\(id),O=…\"")
            }
            return .authority(certificate)
        default: throw value.problem("\(use.rawValue) needs exactly one of \"certificates\" and \"authority\"")
        }
    }

    private func facts(_ value: YAMLValue, countMax: Int) throws(YAMLProblem) -> [CertificateFacts] {
        do throws(DirectoryError) {
            let text: String
            do throws(YAMLProblem) { text = try value.text() } catch { throw DirectoryError(.documentInvalid, error.detail) }
            return try reading.certificates(pem: text, countMax: countMax)
        } catch {
            throw YAMLProblem(
                error.code == .limitExceeded ? .limitExceeded : .malformed, file: value.file, line: value.line, column: value.column, detail: error.detail)
        }
    }

    /// What stands against a certificate being this participant's for this use; nil when nothing does. Validity is no part of it: old and coming
    /// certificates stand in a document too.
    package static func problem(with certificate: CertificateFacts, for use: CertificateUse, of id: ParticipantID, subject: String?) -> String? {
        let name = "the certificate \(certificate.serial) of '\(certificate.subject)'"
        guard certificate.isP256 else { return "\(name) holds a key that is not ECDSA on P-256, the only kind this version uses (RSA keys are not)" }
        guard !certificate.isAuthority else { return "\(name) is an authority's; the participant's own certificate belongs here" }
        switch use {
        case .sealing where !certificate.isForSealing: return "\(name) is not for sealing: its key usage lacks nonRepudiation, or it is for TLS as well"
        case .tls where !certificate.isForTLS:
            return "\(name) is not for TLS: it needs digitalSignature with serverAuth and clientAuth, and must not be for sealing as well"
        default: break
        }
        guard certificate.participant == id else {
            return "\(name) names \(certificate.participant.map { "\($0)" } ?? "no participant") in its common name, not \(id)"
        }
        if let subject, certificate.subject != subject { return "\(name) has another subject than the document says: '\(subject)'" }
        guard certificate.notBefore < certificate.notAfter else { return "\(name) ends before it begins" }
        return nil
    }

    // MARK: Texts

    private static func text(_ value: YAMLValue) throws(YAMLProblem) -> String {
        let text = try value.text()
        let isPlain = !text.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format }
        guard !text.isEmpty, text.utf8.count <= DirectoryLimits.textBytesMax, isPlain else {
            throw value.problem("one line of at most \(DirectoryLimits.textBytesMax) bytes is expected here, without control characters")
        }
        return text
    }

    private static func optionalText(_ mapping: YAMLMapping, _ key: String) throws(YAMLProblem) -> String? {
        guard let value = mapping[key] else { return nil }
        return try text(value)
    }

    private static func endpoint(_ document: YAMLMapping, _ transport: Participant.Transport) throws(YAMLProblem) -> String? {
        guard let value = document["endpoint"] else { return nil }
        let text = try text(value)
        switch transport {
        case .https:
            let rest = text.hasPrefix("https://") ? text.dropFirst(8) : ""
            let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && !rest.contains { "@?#\\\"".contains($0) }
            guard !rest.isEmpty, rest.first != "/", isPlain else {
                throw value.problem("the endpoint must be written https://host:port, without name, password, query or fragment")
            }
        case .folder:
            guard text.hasPrefix("/"), !text.split(separator: "/").contains("..") else { throw value.problem("the endpoint must be a folder's whole path") }
        }
        return text
    }

    private static func preferences(_ document: YAMLMapping, _ key: String) throws(YAMLProblem) -> [String] {
        let value = try document.required(key)
        let texts = try value.texts()
        guard (1...DirectoryLimits.preferencesMax).contains(texts.count), Set(texts).count == texts.count else {
            throw value.problem("\(key) is a list of 1 to \(DirectoryLimits.preferencesMax) different names, the best liked first")
        }
        for text in texts {
            let isName = text.utf8.count <= 64 && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e }
            guard isName, !text.isEmpty else { throw value.problem("\"\(text.prefix(80))\" is no name of a format or seal, such as sdmx-csv-2.0") }
        }
        return texts
    }
}
