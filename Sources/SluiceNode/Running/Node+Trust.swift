internal import Logging
package import SluiceCore
package import SluiceCrypto
internal import SluiceKit

extension Node {
    /// The directory with its revocation lists, where the configuration names one.
    static func directory(of configuration: NodeConfiguration, authorities: TrustStore, clock: any WallClock) throws -> DirectoryService? {
        guard let folder = configuration.directory else { return nil }
        let register = configuration.revocation.map {
            RevocationRegister(policy: RevocationPolicy(graceSeconds: $0.graceSeconds), authorities: authorities.authorities)
        }
        let store = DirectoryStore(folder: folder, own: configuration.participant, verifier: authorities)
        let service = try DirectoryService(store: store, revocations: register, clock: clock)
        for path in configuration.revocation?.lists ?? [] { try take(path, into: service) }
        return service
    }

    /// The passphrase of the node's encrypted keys, from where the configuration says.
    package static func passphrase(of configuration: NodeConfiguration) throws(CryptoError) -> Passphrase? {
        if let file = configuration.keys.passphraseFile { return try Passphrase(.file(file)) }
        if let name = configuration.keys.passphraseEnvironment { return try Passphrase(.environment(name)) }
        return nil
    }

    package static func keys(of configuration: NodeConfiguration, passphrase: Passphrase?) -> OwnKeys {
        let keys = configuration.keys
        var tls: OwnKeys.Place?
        if let key = keys.tlsKey, let certificate = keys.tlsCertificate { tls = .init(key: key, certificate: certificate) }
        return OwnKeys(
            participant: configuration.participant, sealing: .init(key: keys.sealingKey, certificate: keys.sealingCertificate),
            tls: tls, passphrase: passphrase)
    }

    /// Whose TLS certificate this is: by the directory, or, without one, by the common name that an authority has vouched for.
    static func participant(ofTLS der: [UInt8], _ directory: DirectoryService?, _ certificates: CertificateShelf) -> ParticipantID? {
        if let directory { return directory.participant(ofTLS: der) }
        return (try? certificates.certificate(der: der))?.participant
    }

    /// The peer at the other end of a connection.
    package func peer(der: [UInt8]) -> Peer? {
        Self.participant(ofTLS: der, directory, certificates).map { Peer(participant: $0, certificateDigest: SHA256.hash(der).hex, channel: "https") }
    }

    /// Enters into the ledger what people have changed in the directory since the last time: the signed statement comes first, and its entry follows
    /// whatever happened in between.
    package func noteDirectory() async throws {
        guard let directory else { return }
        try await readDirectory()
        let (entries, current) = (self.entries, directory.current)
        for id in current.entries.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            // Mostly all is noted, and a look is enough.
            let noted = directory.store.noted["\(id)"].statements.count
            guard noted != current.entries[id]?.record.count else { continue }
            let changes = try directory.store.changes(id)
            try await store.write { store in
                let known = Set(try Self.notedStatements(about: id, in: store).statements.values)
                let missing = changes.filter { !known.contains($0.statementSHA256.hex) }
                try entries.record(missing.map { LedgerEvent(.participantChanged, exchange: id.rawValue, $0.ledgerData) }, in: store)
            }
            try await ledger.publish()
        }
    }

    /// The ledger first, so that what another process says meanwhile is more than it knows: a statement that it has noted does not go without being missed.
    func readDirectory() async throws {
        guard let directory else { return }
        let ids = directory.store.ids
        let known = try await store.read { store in
            try Dictionary(uniqueKeysWithValues: ids.map { ("\($0)", try Self.notedStatements(about: $0, in: store)) })
        }
        directory.store.noted.replace(known)
        try await Worker.run { try directory.reload() }
    }

    private static func notedStatements(about id: ParticipantID, in store: any StoreReading) throws -> NotedStatements.About {
        NotedStatements.About(try store.ledgerEntries(subject: id.rawValue, limit: DirectoryLimits.statementsMax).map(\.entry), of: .participantChanged)
    }

    /// Reads the directory again where something in it was changed: what another process has said counts from here on.
    func refreshDirectory() async {
        guard let directory, watch.hasChanged([directory.store.folder]) else { return }
        do {
            try await noteDirectory()
            for problem in directory.problems { log.error("a participant is not believed: its record is broken", metadata: ["error": "\(problem)"]) }
            if directory.problems.isEmpty { return }
        } catch { log.error("the directory could not be read; what was read last holds", metadata: ["error": "\(error)"]) }
        watch.forget([directory.store.folder])
    }

    /// Reads what other processes have changed of the TLS certificate and the revocation lists.
    package func refreshTrust() {
        refreshTLS()
        guard let directory else { return }
        for path in configuration.revocation?.lists ?? [] {
            watch.read(path) {
                do { try Self.take(path, into: directory) } catch {
                    log.error("a revocation list could not be read", metadata: ["error": "\(error)"])
                    return false
                }
                return true
            }
        }
    }

    private func refreshTLS() {
        do {
            guard let certificate = try tls.refresh(at: tools.clock.now()) else { return }
            log.notice(
                "new connections use another TLS certificate", metadata: ["serial": "\(certificate.serial)", "until": "\(certificate.notAfter.rfc3339)"])
        } catch {
            log.warning("the TLS certificate was changed and cannot be used; the one in use stays. Run: sluice keys check", metadata: ["error": "\(error)"])
        }
    }

    private static func take(_ path: String, into directory: DirectoryService) throws { try directory.revocations?.take(list: RevocationList(path: path)) }

    package func certificateWarnings() -> [CertificateWarning] { certificateWarnings(own: keys.inventory()) }

    private func certificateWarnings(own: [OwnKeys.Item]) -> [CertificateWarning] {
        let all = (keys.warnings(about: own, at: tools.clock.now()) + (directory?.warnings() ?? [])).sorted()
        return [.critical, .warning, .note].flatMap { severity in all.filter { $0.severity == severity } }
    }

    /// Seconds that certificates have left, warnings by severity, participants by state: what an alarm is set on.
    var trustMetrics: [(name: String, help: String, type: String, samples: [(labels: [(String, String)], value: Double)])] {
        let now = tools.clock.now()
        func sample(_ owner: ParticipantID, _ use: CertificateUse, _ facts: CertificateFacts) -> (labels: [(String, String)], value: Double) {
            (
                [("participant", owner.rawValue), ("use", use.rawValue), ("sha256", String(facts.sha256.hex.prefix(16)))],
                Double(facts.notAfter.seconds - now.seconds)
            )
        }
        var left: [(labels: [(String, String)], value: Double)] = []
        let own = keys.inventory()
        for item in own where item.position != .previous {
            if let certificate = item.certificate { left.append(sample(participant, item.use, certificate)) }
        }
        let entries = directory.map { $0.current.entries.values.sorted { $0.record.participant.rawValue < $1.record.participant.rawValue } } ?? []
        for entry in entries where entry.isTrusted {
            for use in CertificateUse.allCases {
                for facts in entry.participant?.certificates(for: use) ?? [] { left.append(sample(entry.record.participant, use, facts)) }
            }
        }
        let warnings = certificateWarnings(own: own)
        let severities: [CertificateWarning.Severity] = [.critical, .warning, .note]
        let states: [ParticipantRecord.State] = [.proposed, .approved, .suspended, .withdrawn]
        return [
            ("sluice_certificate_seconds_left", "Seconds until a certificate ends.", "gauge", left),
            (
                "sluice_certificate_warnings", "Warnings about certificates, by severity.", "gauge",
                severities.map { severity in ([("severity", severity.rawValue)], Double(warnings.count { $0.severity == severity })) }
            ),
            (
                "sluice_participants", "Participants of the directory, by state.", "gauge",
                states.map { state in ([("state", state.rawValue)], Double(entries.count { $0.record.state == state })) }
            ),
            (
                "sluice_revocation_list_seconds_left", "Seconds until a revocation list runs out.", "gauge",
                (directory?.revocations?.freshness(at: now) ?? []).map { ([("issuer", $0.issuer)], Double($0.secondsLeft)) }
            ),
        ]
    }
}
