import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

/// Signatures that carry their own evidence (CAdES B-LT): chain, revocation lists and answers, time stamp.
@Suite(.enabled(if: Trial.hasOpenSSL, "openssl is absent"))
struct LongTermTests {
    static let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    let trial: Trial
    let stamper: TestTimeStamper
    let authority: CertificateAuthority
    let key: PrivateKey
    let certificate: Certificate

    init() throws {
        trial = try Trial()
        stamper = try TestTimeStamper()
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
        key = try PrivateKey.generate()
        certificate = try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: Self.now, days: 30))
        try authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("ca.pem", authority.certificate.pem)
    }

    private func signature(_ values: [RevocationValue], isStamped: Bool = false) throws -> [UInt8] {
        var identity = try SealingIdentity(
            certificate: certificate, key: key,
            timeStamps: isStamped ? TimeStampTests.client(stamper, trust: TrustStore(authorityPaths: [stamper.authorityPath])) : nil)
        identity.revocationValues = values
        return try identity.detachedCAdES(over: Trial.content, signingTime: Self.now)
    }

    private func trust(lists: [[UInt8]] = []) throws -> TrustStore {
        try TrustStore(
            authorities: [authority.certificate], revocationListsPEM: lists, timeStamps: TrustStore(authorityPaths: [stamper.authorityPath]))
    }

    private func list(
        revoking revoked: [Revocation] = [], from: Int64 = -60, to: Int64 = 86_400, by other: CertificateAuthority? = nil
    ) throws -> RevocationValue {
        let validity = CertificateAuthority.Validity(notBefore: Self.now.later(from), notAfter: Self.now.later(to))
        return .list(try RevocationList((other ?? authority).revoke(revoked, after: nil, validity: validity)).der)
    }

    /// The stock command's answer about the certificate; `extra` may leave the responder's certificate out.
    private func answer(_ status: String = "V", extra: [String] = ["-resp_no_certs"], signer: (String, String) = ("ca.pem", "ca.key")) throws -> RevocationValue
    {
        _ = try trial.write("request.der", OCSPRequest(certificate, issuer: authority.certificate, nonce: []).der)
        let revoked = status == "V" ? "" : "260101000000Z,keyCompromise"
        _ = try trial.write("index.txt", Array("\(status)\t491231235959Z\t\(revoked)\t\(certificate.serial)\tunknown\t/CN=a\n".utf8))
        let outcome = try TestTool.run(
            [
                "openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", signer.0, "-rkey", signer.1, "-reqin", "request.der", "-respout",
                "answer.der", "-ndays", "1",
            ] + extra, in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        return .answer(try trial.read("answer.der"))
    }

    /// A responder that the authority named, by the stock command.
    private func responder() throws -> (String, String) {
        _ = try trial.write("r.ext", Array("keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\n".utf8))
        let script = """
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Responder -keyout r.key -out r.csr 2>&1 && \
            openssl x509 -req -in r.csr -CA ca.pem -CAkey ca.key -set_serial 77 -days 2 -extfile r.ext -out r.pem 2>&1
            """
        let outcome = try TestTool.run(["sh", "-c", script], in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        return ("r.pem", "r.key")
    }

    private func code(_ signature: [UInt8], _ trust: TrustStore, at time: Instant = now.later(60)) -> PackageError.Code? {
        do throws(PackageError) { _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: time) } catch { return error.code }
        return nil
    }

    @Test func evidenceInsideServesWhereOurListsAreOutOfDate() throws {
        let old = try authority.revocationList(revoking: [], number: 1, validity: .init(notBefore: Self.now.later(-7200), notAfter: Self.now.later(-3600)))
        let trust = try trust(lists: [old])
        #expect(try code(signature([]), trust) == .revocationUnknown)
        #expect(try code(signature([list()]), trust) == nil)
        #expect(try code(signature([answer()]), trust) == nil)
        let delegated = try answer(signer: responder(), extra: [])
        #expect(try code(signature([list(), delegated]), trust) == nil, "with the responder's certificate, which the answer needs")
        #expect(try code(signature([list(to: -1)]), trust) == .revocationUnknown, "as old as ours")
    }

    private func answer(signer: (String, String), extra: [String]) throws -> RevocationValue { try answer("V", extra: extra, signer: signer) }

    @Test func evidenceInsideThatSaysRevokedRefuses() throws {
        let revoked = Revocation(serial: certificate.serial, at: Self.now.later(-30), reason: .keyCompromise)
        #expect(try code(signature([list(revoking: [revoked])]), trust()) == .certificateRevoked)
        #expect(try code(signature([answer("R")]), trust()) == .certificateRevoked)
        // What ours say outweighs what the sender brings.
        let ours = try authority.revoke([revoked], after: nil, validity: .init(now: Self.now, days: 7))
        #expect(try code(signature([list()]), trust(lists: [ours])) == .certificateRevoked)
    }

    @Test func refusesEvidenceThatNothingCovers() throws {
        let namesake = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
        #expect(try code(signature([list(by: namesake)]), trust()) == .signatureProfile, "signed with another key")
        let other = try CertificateAuthority(name: "Other authority", validity: .init(now: Self.now, days: 3650))
        #expect(try code(signature([list(), list(by: other)]), trust()) == .signatureProfile, "about nobody in the chain")
        // The issuer signed the answer itself: a certificate beside it is not needed, unless it is the issuer's own.
        #expect(try code(signature([answer(extra: [])]), trust()) == nil)
        let responder = try responder()
        #expect(try code(signature([answer(extra: ["-rother", responder.0])]), trust()) == .signatureProfile)
    }

    @Test func yearsLaterTheEvidenceInsideDecides() throws {
        let later = Self.now.later(8 * 365 * 86_400)
        let current = try authority.revocationList(
            revoking: [], number: 9, validity: .init(notBefore: later.later(-60), notAfter: later.later(86_400)))
        let trust = try trust(lists: [current])
        #expect(try code(signature([list()], isStamped: true), trust, at: later) == nil)
        // A list from after the certificate's end need not name it any more.
        #expect(try code(signature([], isStamped: true), trust, at: later) == .revocationUnknown)
        let early = try authority.revocationList(
            revoking: [], number: 5, validity: .init(notBefore: Self.now.later(10 * 86_400), notAfter: Self.now.later(17 * 86_400)))
        // A list from between knows of every revocation before it.
        #expect(try code(signature([], isStamped: true), self.trust(lists: [early]), at: later) == nil)
    }

    @Test func chainAndEvidenceTravelTogether() throws {
        let version5 = try signature([answer(), list()], isStamped: true)
        #expect(try code(version5, trust()) == nil)
        _ = try trial.write("content", Trial.content)
        _ = try trial.write("signature.p7s", version5)
        let outcome = try trial.openssl(
            "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signature.p7s", "-content", "content", "-CAfile", "ca.pem", "-out", "verified")
        #expect(outcome.status == 0 && outcome.output.contains("successful"), "\(outcome.output)")
    }

    /// Token, certificates, list and answer are outside of the signer's signature; each is covered by its own verification.
    @Test(arguments: [TestTimeStamper.Key.p256, .rsa2048])
    func refusesEverySingleByteChange(key kind: TestTimeStamper.Key) throws {
        let other = try TestTimeStamper(key: kind, digest: kind == .p256 ? "sha256" : "sha512")
        let stamps = try TrustStore(authorityPaths: [other.authorityPath])
        var identity = try SealingIdentity(certificate: certificate, key: key, timeStamps: TimeStampTests.client(other, trust: stamps))
        identity.revocationValues = [try list(), try answer(signer: responder(), extra: [])]
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Self.now)
        let trust = try TrustStore(authorities: [authority.certificate], timeStamps: stamps)
        #expect(code(signature, trust) == nil)
        #expect(signature.count > 2500)
        let isSoak = ProcessInfo.processInfo.environment["SLUICE_SOAK"] == "1"
        var accepted: [String] = []
        for offset in signature.indices {
            for change in isSoak ? Array(1...255) : [[0x01, 0x20, 0xff][offset % 3]] as [UInt8] {
                var changed = signature
                changed[offset] ^= change
                if code(changed, trust) == nil { accepted.append("\(offset) ^ \(change)") }
            }
        }
        #expect(accepted.isEmpty)
        for length in stride(from: 0, to: signature.count, by: 7) { #expect(code(Array(signature[..<length]), trust) == .signatureProfile) }
    }
}
