import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

/// The stock command answers as a responder; it answers at its own clock's time, so these tests ask the clock too.
@Suite(.enabled(if: Trial.hasOpenSSL, "openssl is absent"))
struct OCSPTests {
    let trial: Trial
    let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    let authority: CertificateAuthority
    let certificate: Certificate

    init() throws {
        trial = try Trial()
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 3))
        certificate = try Self.issued(by: authority, now)
        try authority.key.store(at: trial.folder + "/ca.key")
        _ = try trial.write("ca.pem", authority.certificate.pem)
    }

    private static func issued(by authority: CertificateAuthority, _ now: Instant) throws -> Certificate {
        try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: PrivateKey.generate(), validity: .init(now: now, days: 1))
    }

    /// Lets the stock command answer a request with a register of one line per certificate.
    private func answer(
        to request: OCSPRequest, register: [(Certificate, String)], signer: (certificate: String, key: String) = ("ca.pem", "ca.key"), extra: [String] = []
    ) throws -> [UInt8] {
        _ = try trial.write("request.der", request.der)
        let lines = register.map { certificate, status in
            // Status, expiry, revocation date, serial, file, name.
            let revoked = status == "V" ? "" : "260101000000Z,keyCompromise"
            return "\(status)\t491231235959Z\t\(revoked)\t\(certificate.serial)\tunknown\t/CN=\(certificate.serial)\n"
        }
        _ = try trial.write("index.txt", Array(lines.joined().utf8))
        let outcome = try TestTool.run(
            [
                "openssl", "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", signer.certificate, "-rkey", signer.key, "-reqin", "request.der",
                "-respout",
                "answer.der", "-ndays", "1",
            ] + extra, in: trial.folder)
        try #require(outcome.status == 0, "\(outcome.output)")
        return try trial.read("answer.der")
    }

    private func problem(_ bytes: [UInt8], to request: OCSPRequest, at time: Instant? = nil) -> String? {
        do { _ = try OCSPAnswer(bytes, to: request, at: time ?? now.later(1)) } catch { return "\(error)" }
        return nil
    }

    /// A responder's certificate made by the trial authority's key with the stock command.
    private func responder(_ name: String, usage: String, issuer: String = "ca", days: Int = 2) throws -> (certificate: String, key: String) {
        _ = try trial.write("\(name).ext", Array("keyUsage=critical,digitalSignature\n\(usage)\n".utf8))
        for arguments in [
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"],
            [
                "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).pem", "-CAkey", "\(issuer).key", "-set_serial", "77", "-days", "\(days)", "-extfile",
                "\(name).ext", "-out", "\(name).pem",
            ],
        ] {
            let outcome = try TestTool.run(["openssl"] + arguments, in: trial.folder)
            try #require(outcome.status == 0, "\(outcome.output)")
        }
        return ("\(name).pem", "\(name).key")
    }

    @Test func goodRevokedAndUnknownAreTold() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let good = try OCSPAnswer(answer(to: request, register: [(certificate, "V")]), to: request, at: now.later(1))
        #expect(good.status == .good && good.echoedNonce)
        #expect(good.nextUpdate.map { $0.seconds - good.thisUpdate.seconds } == 86_400)
        #expect(RevocationPolicy().verdict([.init(good)], at: now.later(1)) == .good(until: good.nextUpdate!, isStale: false))

        let revoked = try OCSPAnswer(answer(to: request, register: [(certificate, "R")]), to: request, at: now.later(1))
        let at = Instant(seconds: 1_767_225_600)
        #expect(revoked.status == .revoked(Revocation(serial: certificate.serial, at: at, reason: .keyCompromise)))
        #expect(RevocationPolicy().verdict([.init(good), .init(revoked)], at: now) == .revoked(at: at, reason: .keyCompromise))

        let unknown = try OCSPAnswer(answer(to: request, register: []), to: request, at: now.later(1))
        #expect(unknown.status == .unknown)
        #expect(RevocationPolicy().verdict([.init(unknown)], at: now) == .unknown(.responderDoesNotKnow))
    }

    @Test func oldIdentifierIsUnderstoodAndIsNoSignature() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate, identifier: .sha1, nonce: [])
        let answer = try OCSPAnswer(answer(to: request, register: [(certificate, "V")]), to: request, at: now.later(1))
        #expect(answer.status == .good && !answer.echoedNonce)
    }

    @Test func delegatedResponderNeedsTheIssuersWord() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let named = try responder("Responder", usage: "extendedKeyUsage=OCSPSigning")
        #expect(try problem(answer(to: request, register: [(certificate, "V")], signer: named), to: request) == nil)
        let unnamed = try responder("Server", usage: "extendedKeyUsage=serverAuth")
        #expect(try problem(answer(to: request, register: [(certificate, "V")], signer: unnamed), to: request)?.contains("not signed by the issuer") == true)
        let plain = try responder("Plain", usage: "basicConstraints=CA:FALSE")
        #expect(try problem(answer(to: request, register: [(certificate, "V")], signer: plain), to: request)?.contains("not signed by the issuer") == true)
        // The responder's own certificate has run out.
        let late = try answer(to: request, register: [(certificate, "V")], signer: named)
        #expect(problem(late, to: request, at: now.later(3 * 86_400)) != nil)
    }

    @Test func strangersAnswerIsRefused() throws {
        let stranger = try CertificateAuthority(name: "Trial authority", validity: .init(now: now, days: 3))
        try stranger.key.store(at: trial.folder + "/stranger.key")
        _ = try trial.write("stranger.pem", stranger.certificate.pem)
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        #expect(try problem(answer(to: request, register: [(certificate, "V")], signer: ("stranger.pem", "stranger.key")), to: request) != nil)
        let named = try responder("Named", usage: "extendedKeyUsage=OCSPSigning", issuer: "stranger")
        #expect(try problem(answer(to: request, register: [(certificate, "V")], signer: named), to: request) != nil)
    }

    @Test func answerAboutAnotherCertificateOrToAnotherQuestionIsRefused() throws {
        let other = try Self.issued(by: authority, now)
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let otherRequest = try OCSPRequest(other, issuer: authority.certificate, nonce: request.nonce)
        let bytes = try answer(to: otherRequest, register: [(certificate, "V"), (other, "V")])
        #expect(problem(bytes, to: request)?.contains("another certificate") == true)
        let again = try OCSPRequest(certificate, issuer: authority.certificate)
        let first = try answer(to: request, register: [(certificate, "V")])
        #expect(problem(first, to: again)?.contains("another nonce") == true)
        #expect(problem(first, to: request) == nil)
    }

    @Test func answerWithoutNonceIsTakenAndWhoeverWantsFreshnessIsTold() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let bare = try OCSPRequest(certificate, issuer: authority.certificate, nonce: [])
        let bytes = try answer(to: bare, register: [(certificate, "V")])
        #expect(try !OCSPAnswer(bytes, to: request, at: now.later(1)).echoedNonce)
    }

    @Test func oldAnswerIsReadAndThePolicyRefusesIt() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let answer = try OCSPAnswer(answer(to: request, register: [(certificate, "V")]), to: request, at: now.later(1))
        let policy = RevocationPolicy(graceSeconds: 60)
        let end = try #require(answer.nextUpdate)
        #expect(policy.verdict([.init(answer)], at: end.later(60)) == .good(until: end.later(60), isStale: true))
        #expect(policy.verdict([.init(answer)], at: end.later(61)) == .unknown(.outdated(seconds: 1)))
    }

    @Test func weakDigestInTheSignatureIsRefused() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        #expect(
            try problem(answer(to: request, register: [(certificate, "V")], extra: ["-rmd", "sha1"]), to: request)?.contains("SHA-2") == true)
    }

    @Test func everyChangedByteAndTruncationIsRefused() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        let good = try answer(to: request, register: [(certificate, "V")], extra: ["-resp_no_certs"])
        #expect(problem(good, to: request) == nil)
        var accepted: [Int] = []
        for offset in good.indices {
            var changed = good
            changed[offset] ^= 0x04
            if problem(changed, to: request) == nil { accepted.append(offset) }
        }
        #expect(accepted.isEmpty, "\(accepted) of \(good.count)")
        for length in 0..<good.count where problem(Array(good[..<length]), to: request) == nil { Issue.record("cut to \(length)") }
        #expect(problem(good + [0], to: request) != nil)
        #expect(problem([UInt8](repeating: 0x30, count: OCSPAnswer.bytesMax + 1), to: request)?.contains("larger") == true)
    }

    @Test func refusalOfTheResponderIsToldInWords() throws {
        // OCSPResponse with responseStatus tryLater (RFC 6960, 4.2.1).
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        #expect(problem([0x30, 0x03, 0x0a, 0x01, 0x03], to: request)?.contains("tryLater") == true)
        #expect(problem([0x30, 0x03, 0x0a, 0x01, 0x06], to: request)?.contains("does not know") == true)
    }

    @Test(.enabled(if: Trial.hasOpenSSL)) func stockCommandReadsOurQuestion() throws {
        let request = try OCSPRequest(certificate, issuer: authority.certificate)
        _ = try trial.write("request.der", request.der)
        let outcome = try trial.openssl("ocsp", "-reqin", "request.der", "-req_text")
        #expect(outcome.output.contains("sha256") && outcome.output.contains("OCSP Nonce") && outcome.output.contains(certificate.serial), "\(outcome.output)")
    }
}
