import Foundation
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Testing

struct OwnKeysTests {
    static let now = DirectoryWorld.now
    let folder: TemporaryFolder
    let authority: CertificateAuthority
    let id = ParticipantID("AM.ARMSTAT")!
    let keys: OwnKeys
    let passphrase: Passphrase

    init() throws {
        folder = try TemporaryFolder("keys")
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
        passphrase = try Passphrase(bytes: Array("a long passphrase".utf8))
        keys = OwnKeys(
            participant: id, sealing: .init(key: folder.file("sealing.key.pem"), certificate: folder.file("sealing.cert.pem")),
            tls: .init(key: folder.file("tls.key.pem"), certificate: folder.file("tls.cert.pem")), passphrase: passphrase)
        for (use, days) in [(CertificateUse.sealing, 20), (.tls, 200)] {
            let key = try PrivateKey.generate()
            try KeyFile.store(key, at: keys.key(use, .current), passphrase: passphrase)
            let validity = CertificateAuthority.Validity(now: Self.now, days: days)
            let certificate =
                use == .sealing
                ? try authority.issueSealing(id, organisation: "Statistics", key: key, validity: validity)
                : try authority.issueTLS(id, organisation: "Statistics", key: key, validity: validity)
            try Data(certificate.pem).write(to: URL(fileURLWithPath: keys.certificate(use, .current)))
        }
    }

    private func later(_ days: Int64) -> Instant { Self.now.advanced(byMilliseconds: days * 86_400_000) }

    private func code(_ body: () throws -> Void) -> CryptoError.Code? {
        do { try body() } catch { return (error as? CryptoError)?.code }
        return nil
    }

    /// Asks, issues and brings home the next certificate.
    private func issueNext(_ use: CertificateUse = .sealing, from: Int64 = 0, days: Int64 = 365) throws -> CertificateFacts {
        let request = try keys.request(use, organisation: "Statistics", hosts: use == .tls ? ["gateway.example"] : [])
        let certificate = try authority.issue(
            CertificateRequest(pem: request.pem), validity: .init(notBefore: later(from), notAfter: later(from + days)))
        let path = folder.file("issued.pem")
        try Data(certificate.pem).write(to: URL(fileURLWithPath: path))
        return try keys.importCertificate(use, from: path, authorities: [authority.certificate], at: Self.now)
    }

    @Test func aNodeWithoutTLSKeysHasNothingToSayOfThem() throws {
        let carried = OwnKeys(
            participant: id, sealing: .init(key: folder.file("sealing.key.pem"), certificate: folder.file("sealing.cert.pem")), tls: nil, passphrase: passphrase
        )
        #expect(carried.uses == [.sealing] && carried.inventory().map(\.use) == [.sealing] && carried.published(.tls).isEmpty)
        let (warnings, problems) = carried.check(at: Self.now)
        #expect(problems.isEmpty && warnings.allSatisfy { $0.use == .sealing } && carried.certificates().count == 1)
        #expect(code { _ = try carried.tlsIdentity(at: Self.now) } == .keyUnusable)
        #expect(code { _ = try carried.request(.tls, organisation: "Statistics") } == .keyUnusable)
        #expect(code { _ = try carried.rotate(.tls, at: Self.now) } == .keyUnusable)
    }

    @Test func inventoryTellsWhatThereIsAndNoSecret() throws {
        let items = keys.inventory()
        #expect(items.map(\.use) == [.sealing, .tls] && items.allSatisfy { $0.position == .current && $0.keyForm == .encrypted && $0.problem == nil })
        let (warnings, problems) = keys.check(at: Self.now)
        #expect(problems.isEmpty && warnings.map(\.kind) == [.endsSoon] && warnings[0].use == .sealing)
        #expect(keys.check(at: later(30)).warnings.first?.kind == .noneValid)
    }

    @Test func rotationOverlapsAndThenUsesTheNewKey() throws {
        let old = try keys.sealingIdentity(at: Self.now).certificateSHA256
        let next = try issueNext()
        #expect(keys.published(.sealing).map(\.sha256) == [old, next.sha256], "partners are told of both")
        #expect(keys.check(at: Self.now).problems.isEmpty && keys.check(at: Self.now).warnings.isEmpty)
        #expect(try keys.sealingIdentity(at: Self.now).certificateSHA256 == old, "not used before it is taken into use")
        #expect(try keys.sealingIdentity(at: later(21)).certificateSHA256 == next.sha256, "unless the old one has ended")
        #expect(try keys.rotate(.sealing, at: Self.now) == next)
        #expect(try keys.sealingIdentity(at: Self.now).certificateSHA256 == next.sha256)
        #expect(keys.inventory().filter { $0.use == .sealing }.map(\.position) == [.current, .previous])
        #expect(keys.published(.sealing).map(\.sha256) == [next.sha256])
        #expect(code { _ = try keys.rotate(.sealing, at: Self.now) } == .certificateUnusable)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.contains(".key.") {
            #expect(try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int == 0o600)
            #expect(try String(contentsOfFile: folder.file(name), encoding: .utf8).contains("ENCRYPTED PRIVATE KEY"))
        }
    }

    @Test func crashBetweenTheTwoRenamesLeavesAUsableNodeAndIsFinishedByRotatingAgain() throws {
        let old = try keys.sealingIdentity(at: Self.now).certificateSHA256
        let next = try issueNext()
        // What `rotate` does first, and no further.
        try FileManager.default.linkItem(atPath: keys.key(.sealing, .current), toPath: keys.key(.sealing, .previous))
        #expect(rename(keys.key(.sealing, .next), keys.key(.sealing, .current)) == 0)
        #expect(try keys.sealingIdentity(at: Self.now).certificateSHA256 == old)
        #expect(keys.check(at: Self.now).problems.isEmpty)
        #expect(try keys.rotate(.sealing, at: Self.now) == next)
        #expect(try keys.sealingIdentity(at: Self.now).certificateSHA256 == next.sha256)
    }

    @Test func secondRequestKeepsTheNextKey() throws {
        let first = try CertificateRequest(pem: keys.request(.sealing, organisation: "Statistics").pem)
        let second = try CertificateRequest(pem: keys.request(.sealing, organisation: "Statistical Committee").pem)
        #expect(first.publicKey.der == second.publicKey.der)
        let tls = try keys.request(.tls, organisation: "Statistics", hosts: ["gateway.example"])
        #expect(try CertificateRequest(pem: tls.pem).publicKey.der != first.publicKey.der)
        // A request that cannot be made leaves no key behind.
        let other = OwnKeys(
            participant: id, sealing: .init(key: folder.file("b.key.pem"), certificate: folder.file("b.cert.pem")), tls: .init(key: "", certificate: ""))
        #expect(throws: CryptoError.self) { try other.request(.sealing, organisation: String(repeating: "x", count: 400)) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("b.next.key.pem")))
    }

    @Test func foreignCertificatesAreNotImported() throws {
        _ = try keys.request(.sealing, organisation: "Statistics")
        let path = folder.file("issued.pem")
        func importing(_ certificate: Certificate, _ use: CertificateUse = .sealing) -> CryptoError.Code? {
            try? Data(certificate.pem).write(to: URL(fileURLWithPath: path))
            return code { _ = try keys.importCertificate(use, from: path, authorities: [authority.certificate], at: Self.now) }
        }
        let validity = CertificateAuthority.Validity(now: Self.now, days: 9)
        let next = try PrivateKey.open(keys.key(.sealing, .next), passphrase: passphrase)
        #expect(importing(try authority.issueSealing(id, organisation: "", key: PrivateKey.generate(), validity: validity)) == .keyDoesNotMatch)
        #expect(importing(try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: next, validity: validity)) == .certificateUnusable)
        #expect(importing(try authority.issueTLS(id, organisation: "", key: next, validity: validity)) == .certificateUnusable)
        let past = CertificateAuthority.Validity(notBefore: later(-9), notAfter: later(-1))
        #expect(importing(try authority.issueSealing(id, organisation: "", key: next, validity: past)) == .certificateUnusable)
        let stranger = try CertificateAuthority(name: "Stranger", validity: validity)
        #expect(importing(try stranger.issueSealing(id, organisation: "", key: next, validity: validity)) == .certificateUnusable)
        #expect(!FileManager.default.fileExists(atPath: keys.certificate(.sealing, .next)))
        #expect(importing(try authority.issueSealing(id, organisation: "", key: next, validity: validity)) == nil)
    }

    @Test func comingCertificateWaitsForItsTimeAndAGapIsTold() throws {
        _ = try issueNext(from: 25)
        #expect(code { _ = try keys.rotate(.sealing, at: Self.now) } == .certificateUnusable)
        #expect(keys.check(at: Self.now).warnings.map(\.kind).contains(.noOverlap))
    }

    @Test func wrongPassphraseAndMissingKeyAreToldByCheck() throws {
        let wrong = OwnKeys(
            participant: id, sealing: .init(key: keys.key(.sealing, .current), certificate: keys.certificate(.sealing, .current)),
            tls: .init(key: folder.file("none.pem"), certificate: keys.certificate(.tls, .current)), passphrase: try Passphrase(bytes: Array("wrong".utf8)))
        let problems = wrong.check(at: Self.now).problems.joined(separator: "\n")
        #expect(problems.contains("does not open") && problems.contains("none.pem") && !problems.contains("a long"))
        #expect(code { _ = try wrong.sealingIdentity(at: Self.now) } == .keyUnusable)
    }

    @Test func oneKeyForBothUsesIsToldByCheck() throws {
        let key = try PrivateKey.open(keys.key(.sealing, .current), passphrase: passphrase)
        let certificate = try authority.issueTLS(id, organisation: "", key: key, validity: .init(now: Self.now, days: 99))
        try Data(certificate.pem).write(to: URL(fileURLWithPath: keys.certificate(.tls, .current)))
        #expect(keys.check(at: Self.now).problems.contains { $0.contains("holds the sealing key") })
    }

    @Test func tlsKeyIsLentAsPKCS8() throws {
        let (chain, key) = try keys.tlsIdentity(at: Self.now)
        #expect(chain.count == 1 && key.origin == .encryptedFile)
        #expect(try key.withPKCS8 { $0.count } > 100)
    }
}
