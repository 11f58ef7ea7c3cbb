package import SluiceCore
package import SluiceCrypto
package import SluiceKit
internal import Synchronization

/// The directory of a running node: read once, asked at each handshake and each package, read again when it changed.
package final class DirectoryService: Sendable {
    package let store: DirectoryStore
    package let revocations: RevocationRegister?
    private let clock: any WallClock
    private let reading = NodeCertificates()
    private let certificates = CertificateShelf()
    private let state: Mutex<DirectoryStore.Loaded>

    /// - Parameter revocations: nil where the configuration asks for no revocation checking.
    package init(store: DirectoryStore, revocations: RevocationRegister?, clock: any WallClock) throws(DirectoryError) {
        self.store = store
        self.revocations = revocations
        self.clock = clock
        state = Mutex(try store.load())
    }

    package var current: ParticipantDirectory { state.withLock { $0.directory } }
    package var problems: [DirectoryError] { state.withLock { $0.problems } }

    /// Reads the directory again, after a change or now and then: a participant suspended by another process is turned away from here on.
    package func reload() throws(DirectoryError) {
        let loaded = try store.load()
        state.withLock { $0 = loaded }
    }

    /// Whose TLS certificate this is; nil turns the peer away. For `peerOfCertificate` of the listener and `participantOfCertificate` of the transport.
    package func participant(ofTLS der: [UInt8], intermediates: [[UInt8]] = []) -> ParticipantID? {
        guard let certificate = try? certificates.certificate(der: der) else { return nil }
        let time = clock.now()
        guard let id = current.participant(ofTLS: NodeCertificates.facts(certificate), at: time, through: intermediates, reading) else { return nil }
        guard objection(to: certificate, intermediates, at: time) == nil else { return nil }
        return id
    }

    /// Throws unless the signer's certificate is one that the directory holds of the participant it names, and not revoked; after the seal itself was verified.
    /// - Parameter time: now for a package that arrives; the receipt's for one that is audited.
    package func requireTrusted(_ signer: SignerIdentity, intermediates: [[UInt8]] = [], at time: Instant) throws(PackageError) {
        try requireTrusted(der: signer.certificateDER, of: signer.participant, for: .sealing, intermediates: intermediates, at: time)
    }

    package func requireTrusted(
        der: [UInt8], of id: ParticipantID, for use: CertificateUse, intermediates: [[UInt8]] = [], at time: Instant
    ) throws(PackageError) {
        let certificate: Certificate
        do throws(CryptoError) { certificate = try certificates.certificate(der: der) } catch { throw PackageError(.signerUnidentified, error.detail) }
        switch current.ruling(on: NodeCertificates.facts(certificate), of: id, for: use, at: time, through: intermediates, reading) {
        case .trusted: break
        case .refused(let doubt, let words): throw PackageError(Self.code(doubt), words)
        }
        if let objection = objection(to: certificate, intermediates, at: time) { throw objection }
    }

    /// Throws where our own certificate is revoked, or nobody can say: before sealing, so that no partner has to refuse what we made.
    package func requireNotRevoked(_ certificate: Certificate, intermediates: [Certificate] = [], at time: Instant) throws(PackageError) {
        if let objection = objection(to: certificate, intermediates.map(\.der), at: time) { throw objection }
    }

    /// What revocation says against a certificate. Asked at sealing (our own), at receipt and at each handshake.
    private func objection(to certificate: Certificate, _ intermediates: [[UInt8]], at time: Instant) -> PackageError? {
        guard let revocations else { return nil }
        let between = intermediates.prefix(8).compactMap { try? Certificate(der: $0) }
        switch revocations.verdict(on: certificate, intermediates: between, at: time) {
        case .good: return nil
        case .revoked(let at, let reason):
            return PackageError(
                .certificateRevoked,
                "the certificate \(certificate.serial) of '\(certificate.subject)' was revoked at \(at.rfc3339)\(reason.map { " (\($0))" } ?? ""); its owner must use another"
            )
        case .unknown(let why):
            return PackageError(.revocationUnknown, "whether the certificate \(certificate.serial) of '\(certificate.subject)' is revoked is not known: \(why)")
        }
    }

    /// Those of the participants that are trusted, as far as their documents name them.
    package var participantCertificates: [Certificate] {
        current.entries.values.filter(\.isTrusted).compactMap(\.participant).flatMap { participant in
            CertificateUse.allCases.flatMap { participant.certificates(for: $0) }.compactMap { try? Certificate(der: $0.der) }
        }
    }

    /// Everything to be told of the participants' certificates and their revocation, worst first.
    package func warnings() -> [CertificateWarning] {
        let time = clock.now()
        let directory = current
        var warnings = directory.warnings(at: time)
        guard let revocations else { return warnings }
        for entry in directory.entries.values where entry.isTrusted {
            for use in CertificateUse.allCases {
                for facts in entry.participant?.certificates(for: use) ?? [] where facts.isValid(at: time) {
                    guard let certificate = try? Certificate(der: facts.der) else { continue }
                    if let warning = Self.warning(revocations.verdict(on: certificate, at: time), facts, entry.record.participant, use, time) {
                        warnings.append(warning)
                    }
                }
            }
        }
        return warnings.sorted()
    }

    private static func warning(
        _ verdict: RevocationPolicy.Verdict, _ facts: CertificateFacts, _ owner: ParticipantID, _ use: CertificateUse, _ time: Instant
    ) -> CertificateWarning? {
        func warning(_ kind: CertificateWarning.Kind, _ secondsLeft: Int64, _ detail: String) -> CertificateWarning {
            CertificateWarning(owner: owner, use: use, kind: kind, sha256: facts.sha256, secondsLeft: secondsLeft, detail: detail)
        }
        return switch verdict {
        case .good(_, false): nil
        case .good(let until, true):
            warning(
                .revocationStale, until.seconds - time.seconds,
                "the revocation information about \(facts.serial) has run out; the grace ends at \(until.rfc3339), then it is refused. Fetch a new list")
        case .revoked(let at, _): warning(.revoked, -1, "the certificate \(facts.serial) was revoked at \(at.rfc3339); bring a document without it")
        case .unknown(let why): warning(.revocationUnknown, -1, "the certificate \(facts.serial) is refused: \(why)")
        }
    }

    private static func code(_ doubt: ParticipantDirectory.Doubt) -> PackageError.Code {
        switch doubt {
        case .expired: .certificateExpired
        case .notYetValid: .certificateNotYetValid
        case .wrongUse: .wrongKeyUsage
        case .participantUnknown, .notApproved, .suspended, .withdrawn, .certificateUnknown: .signerUntrusted
        }
    }
}
