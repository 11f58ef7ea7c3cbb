import Foundation
import SluiceCore
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import SluiceNode
import Testing

/// What a node seals along with its own certificate (CAdES level B-LT).
struct SealedAlongTests {
    static let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    static let content = Array("a manifest".utf8)
    let folder: TemporaryFolder
    let authority: CertificateAuthority
    let key: PrivateKey
    let certificate: Certificate
    let register: RevocationRegister

    init() throws {
        folder = try TemporaryFolder("along")
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
        key = try PrivateKey.generate()
        certificate = try authority.issueSealing(
            ParticipantID("AM.ARMSTAT")!, organisation: "Statistics", key: key, validity: .init(now: Self.now, days: 365))
        register = RevocationRegister(policy: RevocationPolicy(), authorities: [authority.certificate])
    }

    /// Seconds from `now` to a moment after everything that has happened: on a busy machine these tests wait for their turn.
    private var elapsed: Int64 { Int64(Date().timeIntervalSince1970) - Self.now.milliseconds / 1000 + 1 }
    private func later(_ seconds: Int64) -> Instant { Self.now.advanced(byMilliseconds: seconds * 1000) }

    private func list(_ number: Int64, revoking revoked: [Revocation] = [], from: Int64 = -60, to: Int64 = 86_400) throws -> RevocationList {
        try RevocationList(
            authority.revoke(revoked, after: nil, validity: .init(notBefore: later(from + number), notAfter: later(to))))
    }

    private func sealed(_ isStamped: Bool = false, at seconds: Int64 = 0) -> [RevocationValue] {
        register.valuesToSeal(certificate, intermediates: [], isStamped: isStamped, at: later(seconds)).values
    }

    /// Takes the stock responder's answer about our certificate, signed by the authority or by a responder of its own.
    private func takeAnswer(delegated: Bool) throws {
        for (name, bytes) in [("ca.pem", authority.certificate.pem), ("own.pem", certificate.pem)] {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
        }
        if !FileManager.default.fileExists(atPath: folder.file("ca.key")) { try authority.key.store(at: folder.file("ca.key")) }
        try Data("keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n".utf8).write(to: URL(fileURLWithPath: folder.file("r.ext")))
        try Data("V\t491231235959Z\t\t\(certificate.serial)\tunknown\t/CN=a\n".utf8).write(to: URL(fileURLWithPath: folder.file("index.txt")))
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        try Data(request.der).write(to: URL(fileURLWithPath: folder.file("request.der")))
        let responder = delegated ? "-rsigner r.pem -rkey r.key" : "-rsigner ca.pem -rkey ca.key -resp_no_certs"
        let script = """
            set -e
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Responder -keyout r.key -out r.csr 2>&1
            openssl x509 -req -in r.csr -CA ca.pem -CAkey ca.key -set_serial 77 -days 2 -extfile r.ext -out r.pem 2>&1
            openssl ocsp -index index.txt -CA ca.pem \(responder) -reqin request.der -respout answer.der -ndays 1 2>&1
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: folder.path)
        try #require(outcome.status == 0, "\(outcome.output)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("answer.der"))))
        register.take(answer: try OCSPAnswer(bytes, to: request, at: later(elapsed)), to: request, own: bytes)
    }

    @Test func whatIsCurrentAndSaysGoodIsSealedAlong() throws {
        #expect(sealed().isEmpty, "nothing is held")
        let first = try list(1)
        try register.take(list: first)
        #expect(sealed() == [.list(first.der)])
        #expect(sealed(at: 86_400) == [.list(first.der)] && sealed(at: 86_401).isEmpty, "within the grace it is believed, and not sealed along")
        #expect(sealed(at: -3_600).isEmpty, "it is from the future")
        let revoking = try list(2, revoking: [Revocation(serial: certificate.serial, at: Self.now, reason: nil)])
        try register.take(list: revoking)
        #expect(sealed(at: 5).isEmpty)
    }

    @Test func aListThatIsTooLargeStaysOut() throws {
        let many = (0..<2_000).map { Revocation(serial: String(format: "70%030X", $0), at: later(-3_600), reason: .superseded) }
        let large = try list(1, revoking: many)
        #expect(large.der.count > RevocationRegister.sealedBytesMax)
        try register.take(list: large)
        #expect(sealed().isEmpty)
        let verdict = register.verdict(on: certificate, at: Self.now)
        if case .good = verdict {} else { Issue.record("it counts all the same: \(verdict)") }
    }

    @Test(.enabled(if: TestTool.has("openssl"), "openssl is absent")) func anAnswerServesWhereNoListDoes() throws {
        try takeAnswer(delegated: false)
        let direct = sealed(at: elapsed)
        #expect(direct.count == 1 && direct.first?.hasResponder == false)
        // A responder's own certificate ends before long; a stamp proves that the answer was there in its time.
        try takeAnswer(delegated: true)
        #expect(sealed(at: elapsed).isEmpty && sealed(true, at: elapsed).first?.hasResponder == true)
        let list = try list(1)
        try register.take(list: list)
        #expect(sealed(true, at: elapsed) == [.list(list.der)], "receivers judge a list once for all packages")
    }

    @Test func packagesCarryItAndReceiptsDoNot() throws {
        let keys = OwnKeys(
            participant: ParticipantID("AM.ARMSTAT")!, sealing: .init(key: folder.file("s.key"), certificate: folder.file("s.pem")), tls: nil)
        try key.store(at: folder.file("s.key"))
        try Data(certificate.pem).write(to: URL(fileURLWithPath: folder.file("s.pem")))
        let trust = try TrustStore(authorities: [authority.certificate])
        let store = DirectoryStore(folder: folder.file("directory"), own: keys.participant, verifier: trust)
        let sealing = NodeSealingKeys(keys, directory: try DirectoryService(store: store, revocations: register, clock: FakeClock(Self.now)))
        func seal(_ signer: any EvidenceSigner) throws -> [UInt8] { try signer.detachedCAdES(over: Self.content, signingTime: Self.now) }
        func holds(_ signature: [UInt8], _ list: RevocationList) -> Bool { Data(signature).range(of: Data(list.der)) != nil }
        let (first, second) = (try list(1), try list(2))
        try register.take(list: first)
        let package = try seal(sealing.packageSigner(at: Self.now))
        let receipt = try seal(sealing.signer(at: Self.now))
        #expect(holds(package, first) && !holds(receipt, first) && receipt.count < 1_500)
        try register.take(list: second)
        let next = try seal(sealing.packageSigner(at: Self.now))
        #expect(holds(next, second) && !holds(next, first), "the newest there is")
        // Without revocation in the configuration all stays as it was.
        let plain = try seal(NodeSealingKeys(keys, directory: nil).packageSigner(at: Self.now))
        #expect(abs(plain.count - receipt.count) < 8)

        // Years later, with a list of ours that says nothing of this time, what is inside decides.
        let old = try authority.revocationList(revoking: [], number: 1, validity: .init(notBefore: later(-9_000), notAfter: later(-8_000)))
        let strict = try TrustStore(authorities: [authority.certificate], revocationListsPEM: [old])
        func code(_ signature: [UInt8]) -> PackageError.Code? {
            do throws(PackageError) { _ = try strict.verifyDetachedCAdES(signature: signature, over: Self.content, at: later(60)) } catch { return error.code }
            return nil
        }
        #expect(code(package) == nil && code(next) == nil && code(plain) == .revocationUnknown)
    }
}
