import Foundation
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Testing

/// A node, a partner's certificates and three people, with real keys.
struct DirectoryWorld {
    static let now = Instant(milliseconds: 1_768_478_400_000)
    static let moi = ParticipantID("AM.MOI")!

    let folder: TemporaryFolder
    let authority: CertificateAuthority
    let identity: SealingIdentity
    let store: DirectoryStore
    let sealing: Certificate
    let tls: Certificate

    init() throws {
        folder = try TemporaryFolder("directory")
        let validity = CertificateAuthority.Validity(now: Self.now, days: 365)
        authority = try CertificateAuthority(name: "Trial authority", validity: validity)
        let own = ParticipantID("AM.ARMSTAT")!
        let key = try PrivateKey.generate()
        identity = try SealingIdentity(certificate: authority.issueSealing(own, organisation: "Statistics", key: key, validity: validity), key: key)
        store = DirectoryStore(folder: folder.file("directory"), own: own, verifier: try TrustStore(authorities: [authority.certificate]))
        sealing = try authority.issueSealing(Self.moi, organisation: "Interior", key: PrivateKey.generate(), validity: validity)
        tls = try authority.issueTLS(Self.moi, organisation: "Interior", key: PrivateKey.generate(), validity: validity)
    }

    func document(sealing certificates: [Certificate]? = nil, name: String = "Ministry of Interior") -> Participant {
        Participant(
            id: Self.moi, name: name, endpoint: "https://moi.example.org:8443", formats: ["sdmx-csv-2.0"], seals: ["asic-e"],
            sealing: .pinned((certificates ?? [sealing]).map(NodeCertificates.facts)), tls: .pinned([NodeCertificates.facts(tls)]))
    }

    func propose(_ participant: Participant, by person: String = "anahit", later: Int64 = 0) throws -> DirectoryChange {
        try store.propose(participant, by: person, at: Self.later(later), signer: identity)
    }

    @discardableResult
    func act(_ act: DirectoryStatement.Act, by person: String, later: Int64 = 0, document: SHA256Digest? = nil) throws -> DirectoryChange {
        try store.act(act, on: Self.moi, document: document, by: person, at: Self.later(later), signer: identity)
    }

    func approved() throws {
        _ = try propose(document())
        try act(.approve, by: "besa")
        try act(.approve, by: "chen")
    }

    static func later(_ seconds: Int64) -> Instant { now.advanced(byMilliseconds: seconds * 1000) }

    func code(_ body: () throws -> Void) -> DirectoryError.Code? {
        do { try body() } catch { return (error as? DirectoryError)?.code }
        return nil
    }
}

struct DirectoryStoreTests {
    let world: DirectoryWorld
    init() throws { world = try DirectoryWorld() }

    private var records: String { world.folder.file("directory/records/AM.MOI") }

    @Test func importAndTwoApprovalsLetAParticipantIn() throws {
        let change = try world.propose(world.document())
        #expect(change.stateBefore == nil && change.record.state == .proposed && change.statement.number == 1)
        #expect(try world.store.load().directory[DirectoryWorld.moi]?.isTrusted == false)
        try world.act(.approve, by: "besa")
        let last = try world.act(.approve, by: "chen")
        #expect(last.stateBefore == .proposed && last.record.state == .approved)
        let loaded = try world.store.load()
        #expect(loaded.problems.isEmpty && loaded.changedByHand.isEmpty)
        #expect(loaded.directory[DirectoryWorld.moi]?.participant == world.document())
        let ledger = JSONValue.object(last.ledgerData).compactText
        #expect(!ledger.contains("chen") && ledger.contains(last.statementSHA256.hex), "no person in the ledger")
    }

    @Test func changedDocumentIsNotInForceUntilTwoApprovedIt() throws {
        try world.approved()
        let renamed = world.document(name: "Ministry of the Interior")
        _ = try world.propose(renamed)
        try world.act(.approve, by: "besa")
        #expect(try world.store.load().directory[DirectoryWorld.moi]?.participant == world.document())
        try world.act(.approve, by: "chen")
        #expect(try world.store.load().directory[DirectoryWorld.moi]?.participant == renamed)
    }

    @Test func aDocumentThatNamesAFolderOfOursIsNotTaken() throws {
        var document = world.document()
        (document.transport, document.endpoint, document.tls) = (.folder, "/srv/moi", nil)
        #expect(world.code { _ = try world.propose(document) } == .documentInvalid)
        document.endpoint = nil
        _ = try world.propose(document)
        try world.act(.approve, by: "besa")
        try world.act(.approve, by: "chen")
        #expect(try world.store.load().directory[DirectoryWorld.moi]?.participant == document)
    }

    @Test func refusedActsLeaveNoTrace() throws {
        _ = try world.propose(world.document())
        let before = try FileManager.default.contentsOfDirectory(atPath: records).sorted()
        #expect(world.code { try world.act(.approve, by: "anahit") } == .selfApproval)
        #expect(world.code { try world.act(.approve, by: "besa", document: SHA256.hash([1])) } == .documentDiffers)
        #expect(world.code { try world.act(.approve, by: "not a name") } == .personUnknown)
        #expect(world.code { try world.act(.approve, by: "besa", later: -5) } == .stateWrong)
        #expect(
            world.code {
                _ = try world.store.act(.approve, on: ParticipantID("AL.MOI")!, document: nil, by: "besa", at: DirectoryWorld.now, signer: world.identity)
            } == .participantUnknown)
        // 1,024 bytes that six thousand spell: a statement that could not be read back would break the record for good.
        #expect(
            world.code {
                _ = try world.store.act(
                    .approve, on: DirectoryWorld.moi, document: nil, by: "besa", at: DirectoryWorld.now, signer: world.identity,
                    reason: String(repeating: "\u{1}", count: 1024))
            } == .recordBroken)
        #expect(try FileManager.default.contentsOfDirectory(atPath: records).sorted() == before)
    }

    @Test func everyRemovedOrChangedStatementBreaksTheRecordAndTheParticipantIsNotTrusted() throws {
        try world.approved()
        let files = try FileManager.default.contentsOfDirectory(atPath: records).sorted()
        #expect(files.count == 7)
        for file in files where file != "000003.json" {
            let path = records + "/" + file
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            try FileManager.default.removeItem(atPath: path)
            var loaded = try world.store.load()
            #expect(loaded.problems.count == 1 && loaded.directory[DirectoryWorld.moi] == nil, "without \(file)")
            for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 24)) {
                var changed = bytes
                changed[offset] ^= 0x01
                try changed.write(to: URL(fileURLWithPath: path))
                loaded = try world.store.load()
                // A comment or a space of the document may change: its digest is that of its meaning.
                if loaded.problems.isEmpty { #expect(file.hasSuffix(".yaml") && loaded.directory[DirectoryWorld.moi]?.participant == world.document()) }
            }
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        #expect(try world.store.load().problems.isEmpty)
    }

    /// The last statement, taken out, leaves an unbroken chain; the ledger has noted it.
    @Test func aSuspensionThatIsTakenOutIsMissed() throws {
        try world.approved()
        try world.act(.suspend, by: "anahit")
        let entries = try world.store.changes(DirectoryWorld.moi).map { change in
            try JSONValue.object([
                JSONMember("type", .string("sluice.participant.changed")), JSONMember("data", .object(change.ledgerData)),
            ]).canonicalBytes()
        }
        for name in ["000004.json", "000004.p7s"] { try FileManager.default.removeItem(atPath: "\(records)/\(name)") }
        #expect(try world.store.load().directory[DirectoryWorld.moi]?.isTrusted == true, "the folder alone does not tell")
        world.store.noted.replace(["AM.MOI": NotedStatements.About(entries, of: .participantChanged)])
        let loaded = try world.store.load()
        #expect(loaded.directory[DirectoryWorld.moi] == nil && loaded.problems.map(\.code) == [.recordBroken])
        #expect(world.code { try world.act(.suspend, by: "besa") } == .recordBroken)
    }

    @Test func statementsOfAnotherNodeDoNotCount() throws {
        _ = try world.propose(world.document())
        let key = try PrivateKey.generate()
        let partner = try SealingIdentity(
            certificate: world.authority.issueSealing(DirectoryWorld.moi, organisation: "", key: key, validity: .init(now: DirectoryWorld.now, days: 9)),
            key: key)
        _ = try world.store.act(.approve, on: DirectoryWorld.moi, document: nil, by: "besa", at: DirectoryWorld.now, signer: partner)
        let loaded = try world.store.load()
        #expect(loaded.problems.map(\.code) == [.recordBroken] && "\(loaded.problems)".contains("not by this node"))
    }

    @Test(.enabled(if: TestAuthority.isAvailable)) func stockCommandVerifiesAnApproval() throws {
        try world.approved()
        try Data(world.authority.certificate.pem).write(to: URL(fileURLWithPath: world.folder.file("ca.pem")))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", records + "/000002.p7s", "-content", records + "/000002.json", "-CAfile",
            world.folder.file("ca.pem"), "-attime", "\(DirectoryWorld.now.seconds)", "-out", world.folder.file("out"),
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func documentChangedByHandIsToldAndNotBelieved() throws {
        try world.approved()
        let path = world.folder.file("directory/AM.MOI.yaml")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("moi.example.org", with: "evil.example.org").write(toFile: path, atomically: true, encoding: .utf8)
        let loaded = try world.store.load()
        #expect(loaded.changedByHand == [DirectoryWorld.moi])
        #expect(loaded.directory[DirectoryWorld.moi]?.participant?.endpoint == "https://moi.example.org:8443")
    }

    @Test func peopleAreKnownByTheirPassphrases() throws {
        func phrase(_ text: String) throws -> Passphrase { try Passphrase(bytes: Array(text.utf8)) }
        try world.store.add("besa", roles: [.steward], passphrase: phrase("a long passphrase"))
        try world.store.add("olga", roles: [.auditor], passphrase: phrase("another passphrase"))
        #expect(try world.store.person("besa", passphrase: phrase("a long passphrase"), toDo: .approve).name == "besa")
        #expect(world.code { _ = try world.store.person("besa", passphrase: phrase("another passphrase")) } == .passphraseWrong)
        #expect(world.code { _ = try world.store.person("nobody", passphrase: phrase("another passphrase")) } == .personUnknown)
        #expect(world.code { _ = try world.store.person("olga", passphrase: phrase("another passphrase"), toDo: .approve) } == .roleMissing)
        #expect(world.code { try world.store.add("dan", roles: [.steward], passphrase: phrase("short")) } == .passphraseWrong)
        let file = try String(contentsOfFile: world.folder.file("directory/people.yaml"), encoding: .utf8)
        #expect(!file.contains("passphrase\n") && !file.contains("a long") && file.contains("scrypt$"))
        let mode = try FileManager.default.attributesOfItem(atPath: world.folder.file("directory/people.yaml"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func ownNodeAndExpiredDocumentsAreRefused() throws {
        var own = world.document()
        own.id = ParticipantID("AM.ARMSTAT")!
        #expect(world.code { _ = try world.propose(own) } == .stateWrong)
        #expect(world.code { _ = try world.propose(world.document(), later: 366 * 86_400) } == .certificateInvalid)
    }

    @Test func realCertificatesAreReadStrictly() throws {
        let reading = NodeCertificates()
        func code(_ pem: String, _ countMax: Int = 8) -> DirectoryError.Code? { world.code { _ = try reading.certificates(pem: pem, countMax: countMax) } }
        let pem = String(decoding: world.sealing.pem, as: UTF8.self)
        #expect(code(pem) == nil && code("text before\n" + pem) == nil)
        #expect(code("") == .certificateInvalid && code("-----BEGIN CERTIFICATE-----\n") == .certificateInvalid)
        #expect(code(String(pem.dropLast(30))) == .certificateInvalid)
        #expect(code("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") == .certificateInvalid)
        #expect(code(pem + pem + pem, 2) == .limitExceeded)
        #expect(code(String(repeating: pem, count: 10_000)) == .limitExceeded)
        let key = try PrivateKey.generate().withPKCS8 { Base64.encode($0) }
        do {
            _ = try reading.certificates(pem: "-----BEGIN PRIVATE KEY-----\n\(key)\n-----END PRIVATE KEY-----\n", countMax: 8)
            Issue.record("a private key was taken for a certificate")
        } catch { #expect("\(error)".contains("never a private key") && !"\(error)".contains(key.prefix(20))) }
        let text = world.document().yaml(reading)
        #expect(try ParticipantReader(reading).read(text, file: "x") == [world.document()])
    }
}

struct DirectoryServiceTests {
    let world: DirectoryWorld
    init() throws { world = try DirectoryWorld() }

    private func service(_ register: RevocationRegister? = nil, later: Int64 = 0) throws -> DirectoryService {
        try DirectoryService(store: world.store, revocations: register, clock: FakeClock(DirectoryWorld.later(later)))
    }

    private func code(_ service: DirectoryService, _ certificate: Certificate, _ use: CertificateUse = .sealing, later: Int64 = 0) -> PackageError.Code? {
        do throws(PackageError) {
            try service.requireTrusted(der: certificate.der, of: DirectoryWorld.moi, for: use, at: DirectoryWorld.later(later))
            return nil
        } catch { return error.code }
    }

    @Test func peerIsKnownByItsPinnedCertificate() throws {
        try world.approved()
        let service = try service()
        #expect(service.participant(ofTLS: world.tls.der) == DirectoryWorld.moi)
        #expect(service.participant(ofTLS: world.sealing.der) == nil && service.participant(ofTLS: [1, 2, 3]) == nil)
        // The same authority, the same name, another certificate: not the one that two people looked at.
        let other = try world.authority.issueTLS(
            DirectoryWorld.moi, organisation: "Interior", key: PrivateKey.generate(), validity: .init(now: DirectoryWorld.now, days: 9))
        #expect(service.participant(ofTLS: other.der) == nil)
        #expect(code(service, world.sealing) == nil && code(service, world.tls) == .wrongKeyUsage && code(service, other, .tls) == .signerUntrusted)
    }

    @Test func suspensionTakesEffectWhileTheNodeRuns() throws {
        try world.approved()
        let service = try service()
        try world.act(.suspend, by: "anahit", later: 5)
        try service.reload()
        #expect(service.participant(ofTLS: world.tls.der) == nil && code(service, world.sealing) == .signerUntrusted)
        try world.act(.resume, by: "besa", later: 6)
        try world.act(.resume, by: "chen", later: 7)
        try service.reload()
        #expect(service.participant(ofTLS: world.tls.der) == DirectoryWorld.moi)
    }

    @Test func revocationDuringOperationTurnsThePartnerAway() throws {
        try world.approved()
        let register = RevocationRegister(policy: RevocationPolicy(graceSeconds: 600), authorities: [world.authority.certificate])
        let service = try service(register)
        let validity = CertificateAuthority.Validity(notBefore: DirectoryWorld.now, notAfter: DirectoryWorld.later(3600))
        #expect(code(service, world.sealing) == .revocationUnknown, "strict: silence is no permission")
        let first = try RevocationList(world.authority.revoke([], after: nil, validity: validity))
        #expect(try register.take(list: first))
        #expect(code(service, world.sealing) == nil && service.participant(ofTLS: world.tls.der) == DirectoryWorld.moi)
        #expect(code(service, world.sealing, later: 4200) == nil && code(service, world.sealing, later: 4201) == .revocationUnknown)

        let second = try RevocationList(
            world.authority.revoke(
                [Revocation(serial: world.tls.serial, at: DirectoryWorld.now, reason: .keyCompromise)], after: first,
                validity: .init(notBefore: DirectoryWorld.later(1), notAfter: DirectoryWorld.later(3600))))
        #expect(try register.take(list: second))
        #expect(
            service.participant(ofTLS: world.tls.der) == nil && code(service, world.tls, .tls) == .certificateRevoked && code(service, world.sealing) == nil)
        #expect(service.warnings().map(\.kind) == [.revoked])
        // The list from before the revocation comes again: it is not news, and changes nothing.
        #expect(try !register.take(list: first))
        #expect(code(service, world.tls, .tls) == .certificateRevoked)
    }

    @Test func ownCertificateIsAskedAboutBeforeSealing() throws {
        let register = RevocationRegister(policy: RevocationPolicy(), authorities: [world.authority.certificate])
        let service = try service(register)
        let own = world.identity.certificate
        func code() -> PackageError.Code? {
            do throws(PackageError) { try service.requireNotRevoked(own, at: DirectoryWorld.now) } catch { return error.code }
            return nil
        }
        #expect(code() == .revocationUnknown)
        let validity = CertificateAuthority.Validity(notBefore: DirectoryWorld.now, notAfter: DirectoryWorld.later(60))
        try register.take(list: RevocationList(world.authority.revoke([], after: nil, validity: validity)))
        #expect(code() == nil)
        let revoked = try world.authority.revoke(
            [Revocation(serial: own.serial, at: DirectoryWorld.now, reason: nil)], after: nil,
            validity: .init(notBefore: DirectoryWorld.later(1), notAfter: DirectoryWorld.later(60)))
        try register.take(list: RevocationList(revoked))
        #expect(code() == .certificateRevoked)
    }

    @Test func listsOfStrangersAreRefusedAndErrandsAreJudged() async throws {
        let register = RevocationRegister(policy: RevocationPolicy(), authorities: [world.authority.certificate])
        let stranger = try DirectoryWorld().authority
        let foreign = try stranger.revocationList(revoking: [], number: 1, validity: .init(now: DirectoryWorld.now, days: 7))
        #expect(throws: CryptoError.self) { try register.take(list: RevocationList(foreign)) }
        let errands = register.errands(for: [world.sealing], listAddresses: ["http://crl.example/a", "http://crl.example/b"], at: DirectoryWorld.now)
        #expect(errands.map(\.address) == ["http://crl.example/a", "http://crl.example/b"])
        let good = try world.authority.revocationList(revoking: [], number: 1, validity: .init(now: DirectoryWorld.now, days: 7))
        let problems = await register.run(errands, clock: FakeClock(DirectoryWorld.now)) { $0.address.hasSuffix("a") ? foreign : good }
        #expect(problems.count == 1 && problems[0].hasPrefix("http://crl.example/a"))
        #expect(register.errands(for: [], listAddresses: ["http://crl.example/a"], at: DirectoryWorld.now).isEmpty, "fresh enough")
        #expect(register.errands(for: [], listAddresses: ["http://crl.example/a"], at: DirectoryWorld.later(4 * 86_400)).count == 1, "past half its life")
        if case .good = register.verdict(on: world.sealing, at: DirectoryWorld.now) {} else { Issue.record("the list that came counts") }
    }

    @Test func chainsThatRunInCirclesEnd() throws {
        let register = RevocationRegister(policy: RevocationPolicy(), authorities: [])
        let circle = [world.authority.certificate, world.authority.certificate]
        #expect(register.verdict(on: world.sealing, intermediates: circle, at: DirectoryWorld.now) == .unknown(.noInformation))
        let reading = NodeCertificates()
        let stranger = NodeCertificates.facts(try DirectoryWorld().authority.certificate)
        #expect(
            !reading.isIssued(
                NodeCertificates.facts(world.sealing), through: circle.map(\.der), by: stranger, for: .sealing, at: DirectoryWorld.now))
        #expect(
            reading.isIssued(
                NodeCertificates.facts(world.sealing), through: [], by: NodeCertificates.facts(world.authority.certificate), for: .sealing,
                at: DirectoryWorld.now))
    }
}
