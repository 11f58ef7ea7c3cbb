internal import Logging
package import SluiceCore
internal import SluiceCrypto
package import SluiceKit

/// Whom a signed agreement's seals are believed of: the authorities vouch for everybody, the directory besides for all but this node itself, which is not in it.
struct PartyTrust: EvidenceVerifier {
    let own: ParticipantID
    let authorities: TrustStore
    let directory: DirectoryService?

    func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity {
        try ruled(authorities.verifyDetachedCAdES(signature: signature, over: content, at: time), at: time)
    }

    func verifyES256(
        signature: [UInt8], over content: [UInt8], chain: [[UInt8]], signingTime: Instant, at time: Instant
    ) throws(PackageError) -> SignerIdentity {
        try ruled(authorities.verifyES256(signature: signature, over: content, chain: chain, signingTime: signingTime, at: time), at: time)
    }

    private func ruled(_ signer: SignerIdentity, at time: Instant) throws(PackageError) -> SignerIdentity {
        if signer.participant != own { try directory?.requireTrusted(signer, at: signer.provenAt ?? time) }
        return signer
    }
}

extension Node {
    /// Largest signed agreement, in bytes.
    package static let agreementPackageBytesMax = 4 << 20

    static func agreementStore(of configuration: NodeConfiguration, authorities: TrustStore) -> AgreementStore? {
        configuration.directory.map { AgreementStore(folder: $0 + "/agreements", own: configuration.participant, verifier: authorities) }
    }

    /// Under what the ledger names every agreement of which there are statements: nothing else can have such an id.
    static let agreementsSubject = "urn:sluice:agreements"

    /// Reads again how the agreements stand, where something was changed: what was suspended by another process counts from here on.
    func refreshAgreements() async {
        guard let agreements, watch.hasChanged([agreements.folder]) else { return }
        do {
            try await noteAgreements()
            if try await standAgreements() { return }
        } catch { log.error("how the agreements stand could not be read; what was read last holds", metadata: ["error": "\(error)"]) }
        watch.forget([agreements.folder])
    }

    /// How the agreements stand by the ledger as well, for who looks at a node that was not opened. Writes nothing.
    /// - Returns: whether all of it can be believed.
    @discardableResult package func readAgreements() async throws -> Bool {
        try await learnAgreements()
        return try await standAgreements()
    }

    /// Lets the agreements stand as files, statements and the ledger have it.
    /// - Returns: whether all of it can be believed.
    func standAgreements() async throws -> Bool {
        guard let agreements else { return true }
        return try await Worker.run { [self] in
            let (all, problems, isInDoubt) = agreements.standing(files: agreementFiles, isSignedOnly: configuration.agreementsAreSigned)
            for problem in problems { log.error("an agreement lets nothing travel: what was said of it is broken", metadata: ["error": "\(problem)"]) }
            let before = Dictionary(tools.book.all.map { ($0.agreement.name, $0.state) }, uniquingKeysWith: { first, _ in first })
            tools.book.replace(all, isInDoubt: isInDoubt)
            for standing in all where before[standing.agreement.name] != standing.state {
                log.notice("an agreement stands otherwise", metadata: ["agreement": "\(standing.agreement.name)", "state": "\(standing.state.rawValue)"])
            }
            return problems.isEmpty
        }
    }

    /// Enters into the ledger what people have said of agreements since the last time, as `noteDirectory` does of participants, and takes from it what there has
    /// to be: a statement that it has noted does not go without being missed.
    package func noteAgreements() async throws {
        guard let agreements else { return }
        // The ledger first: what another process says meanwhile is more than it knows, not less.
        let named = try await learnAgreements()
        var isChanged = false
        for id in agreements.ids {
            guard let entries = try? agreements.history(id).entries, !entries.isEmpty else { continue }
            let noted = Set(agreements.noted[id].statements.values)
            guard !named.contains(id) || entries.contains(where: { !noted.contains($0.digest.hex) }) else { continue }
            isChanged = true
            let maker = self.entries
            try await store.write { store in
                if try !Self.namedAgreements(in: store).contains(id) {
                    try maker.record([LedgerEvent(.agreementNamed, exchange: Self.agreementsSubject, [LedgerData.text("agreement", id)])], in: store)
                }
                let known = Set(try Self.notedStatements(about: id, in: store).statements.values)
                for entry in entries where !known.contains(entry.digest.hex) {
                    try maker.record(entry.changes.map { LedgerEvent(.agreementChanged, exchange: id, entry.ledgerData($0)) }, in: store)
                }
            }
            try await ledger.publish()
        }
        if isChanged { try await learnAgreements() }
    }

    /// Takes from the ledger what it knows of statements; answers the agreements that it names.
    @discardableResult func learnAgreements() async throws -> Set<String> {
        guard let agreements else { return [] }
        let here = agreements.ids
        let (named, known) = try await store.read { store in
            let named = try Self.namedAgreements(in: store)
            var known: [String: NotedStatements.About] = [:]
            for id in named.union(here) { known[id] = try Self.notedStatements(about: id, in: store) }
            return (named, known.filter { !$0.value.statements.isEmpty })
        }
        agreements.noted.replace(known)
        return named
    }

    private static func namedAgreements(in store: any StoreReading) throws -> Set<String> {
        let entries = try store.ledgerEntries(subject: agreementsSubject, limit: AgreementStore.agreementsMax + 1)
        guard entries.count <= AgreementStore.agreementsMax else { throw NodeError("the ledger names more than \(AgreementStore.agreementsMax) agreements") }
        return Set(entries.compactMap { try? JSONValue(parsing: $0.entry)["data"]?["agreement"]?.text })
    }

    private static func notedStatements(about id: String, in store: any StoreReading) throws -> NotedStatements.About {
        // An activation that ends an older version has two entries.
        NotedStatements.About(try store.ledgerEntries(subject: id, limit: 2 * AgreementStatement.countMax).map(\.entry), of: .agreementChanged)
    }

    /// Signs an agreement as one of its parties: a package of the text as it stands.
    /// - Parameter path: where the package goes.
    package func signAgreement(_ agreement: Agreement, text: [UInt8], into path: String) throws -> SealedPackage {
        guard ([agreement.giver] + agreement.receivers).contains(participant.rawValue) else {
            throw DirectoryError(
                .stateWrong,
                "\(agreement.name) is between \(agreement.giver) and \(agreement.receivers.joined(separator: ", ")), and this node is \(participant)")
        }
        guard let seal = tools.seal("asic-e") else { throw NodeError("the seal asic-e is not of this build") }
        let now = tools.clock.now()
        let document = SignedAgreement.document(of: agreement, digest: tools.hashing.sha256(agreement.canonicalBytes), signedAt: now)
        let contents = PackageContents(
            files: [
                PackageFile(name: PackageContents.exchangeName, mediaType: "application/json", source: .bytes(try document.canonicalBytes())),
                PackageFile(name: SignedAgreement.payloadName, mediaType: SignedAgreement.mediaType, source: .bytes(text)),
            ], mainFileName: SignedAgreement.payloadName, sealedAt: now)
        return try seal.seal(contents, with: tools.packageSigner(at: now), into: .file(path: path))
    }

    /// Opens a signed agreement: its seals hold today, and its text is what its document says.
    package func openAgreement(_ package: [UInt8]) throws -> SignedAgreement {
        guard let seal = tools.seal("asic-e") else { throw NodeError("the seal asic-e is not of this build") }
        let trust = PartyTrust(own: participant, authorities: authorities, directory: directory)
        let opened = try seal.open(.bytes(package), trust: trust, at: tools.clock.now(), limits: tools.limits.package, extractingInto: .memory)
        return try SignedAgreement(opened, hashing: tools.hashing)
    }
}
