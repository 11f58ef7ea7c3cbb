import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCrypto

/// The stock command is the authority; it stamps at its own clock's time, so these tests ask the clock too.
@Suite(.enabled(if: Trial.hasOpenSSL, "openssl is absent"))
struct TimeStampTests {
    static let now = Instant(seconds: Int64(Date().timeIntervalSince1970))
    let trial: Trial
    let stamper: TestTimeStamper
    let stamps: TrustStore
    let authority: CertificateAuthority

    init() throws {
        trial = try Trial()
        stamper = try TestTimeStamper()
        stamps = try TrustStore(authorityPaths: [stamper.authorityPath])
        authority = try CertificateAuthority(name: "Trial authority", validity: .init(now: Self.now, days: 3650))
    }

    static func client(_ stamper: TestTimeStamper, trust: TrustStore) -> TimeStampClient {
        TimeStampClient(trust: trust) { (question) throws(PackageError) in
            do { return try stamper.answer(question) } catch { throw PackageError(.timeStampUnavailable, "\(error)") }
        }
    }

    private func identity(
        validity: CertificateAuthority.Validity = .init(now: now, days: 30), stamper: TestTimeStamper? = nil, isStamped: Bool = true
    ) throws -> SealingIdentity {
        let key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: validity)
        guard isStamped else { return try SealingIdentity(certificate: certificate, key: key) }
        let trust = try stamper.map { try TrustStore(authorityPaths: [$0.authorityPath]) } ?? stamps
        return try SealingIdentity(certificate: certificate, key: key, timeStamps: Self.client(stamper ?? self.stamper, trust: trust))
    }

    private func trust(lists: [[UInt8]] = [], stamps: TrustStore? = nil) throws -> TrustStore {
        try TrustStore(authorities: [authority.certificate], revocationListsPEM: lists, timeStamps: stamps ?? self.stamps)
    }

    private func code(_ body: () throws -> Void) -> PackageError.Code? {
        do { try body() } catch { return (error as? PackageError)?.code }
        return nil
    }

    private func verdict(_ signature: [UInt8], _ trust: TrustStore, at time: Instant) -> PackageError.Code? {
        code { _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: time) }
    }

    @Test func stampedSignatureProvesItsTime() throws {
        let signature = try identity().detachedCAdES(over: Trial.content, signingTime: Self.now)
        let signer = try trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Self.now.later(60))
        let proven = try #require(signer.provenAt)
        #expect(abs(proven.seconds - Self.now.seconds) < 60)
        #expect(signer.claimedSigningTime.seconds == Self.now.seconds)
        let plain = try identity(isStamped: false).detachedCAdES(over: Trial.content, signingTime: Self.now)
        #expect(try trust().verifyDetachedCAdES(signature: plain, over: Trial.content, at: Self.now).provenAt == nil)
    }

    /// Years later: the certificate has expired and the signature still holds, as of its proven time.
    @Test func laterExpiryDoesNotUndoAProvenSignature() throws {
        let validity = CertificateAuthority.Validity(notBefore: Self.now.later(-3600), notAfter: Self.now.later(600))
        let later = Self.now.later(5 * 365 * 86_400)
        let stamped = try identity(validity: validity).detachedCAdES(over: Trial.content, signingTime: Self.now)
        let plain = try identity(validity: validity, isStamped: false).detachedCAdES(over: Trial.content, signingTime: Self.now)
        #expect(try verdict(stamped, trust(), at: later) == nil)
        #expect(try verdict(plain, trust(), at: later) == .certificateExpired)
        #expect(try verdict(plain, trust(), at: Self.now.later(60)) == nil, "at the time of the receipt it was valid")
        // A stamp made after the certificate had expired proves the opposite.
        let expired = CertificateAuthority.Validity(notBefore: Self.now.later(-7200), notAfter: Self.now.later(-3600))
        let late = try identity(validity: expired).detachedCAdES(over: Trial.content, signingTime: Self.now.later(-5000))
        #expect(try verdict(late, trust(), at: Self.now.later(-5000)) != nil)
        #expect(try verdict(late, trust(), at: Self.now.later(60)) == .certificateExpired)
    }

    @Test func revocationCountsFromItsDate() throws {
        let stamped = try identity()
        let signature = try stamped.detachedCAdES(over: Trial.content, signingTime: Self.now)
        let plain = try identity(isStamped: false)
        let plainSignature = try plain.detachedCAdES(over: Trial.content, signingTime: Self.now)
        func lists(_ seconds: Int64) throws -> [[UInt8]] {
            let revoked = [stamped, plain].map { Revocation(serial: $0.certificate.serial, at: Self.now.later(seconds), reason: .superseded) }
            return [try authority.revoke(revoked, after: nil, validity: .init(now: Self.now.later(3600), days: 7))]
        }
        let before = try trust(lists: lists(-60))
        let after = try trust(lists: lists(3600))
        #expect(verdict(signature, before, at: Self.now.later(7200)) == .certificateRevoked)
        #expect(verdict(signature, after, at: Self.now.later(7200)) == nil, "revoked after the proven time")
        #expect(verdict(plainSignature, after, at: Self.now.later(7200)) == .certificateRevoked, "nothing proves that it was made before")
        #expect(verdict(plainSignature, after, at: Self.now.later(1800)) == nil, "received before the revocation")
        // What is remembered from one time is not taken for another.
        #expect(verdict(plainSignature, after, at: Self.now.later(3599)) == nil)
        #expect(verdict(plainSignature, after, at: Self.now.later(3600)) == .certificateRevoked)
        #expect(verdict(plainSignature, after, at: Self.now.later(1800)) == nil)
    }

    @Test(arguments: [TestTimeStamper.Key.p256, .p384, .rsa2048], ["sha256", "sha384", "sha512"])
    func acceptsTheAlgorithmsOfAuthorities(key: TestTimeStamper.Key, digest: String) throws {
        let other = try TestTimeStamper(key: key, digest: digest)
        let signature = try identity(stamper: other).detachedCAdES(over: Trial.content, signingTime: Self.now)
        #expect(try verdict(signature, trust(stamps: TrustStore(authorityPaths: [other.authorityPath])), at: Self.now.later(60)) == nil)
    }

    @Test func refusesAuthoritiesThatAreNotForTimeStamps() throws {
        func sealing(_ stamper: TestTimeStamper) -> PackageError.Code? {
            code { _ = try identity(stamper: stamper).detachedCAdES(over: Trial.content, signingTime: Self.now) }
        }
        #expect(try sealing(TestTimeStamper(accuracy: "secs:61")) == .timeStampInvalid)
        #expect(try sealing(TestTimeStamper(accuracy: "secs:60")) == nil)
        #expect(try sealing(TestTimeStamper(essDigest: "sha1")) == nil, "SHA-1 names the certificate and signs nothing")
        // 1024 bits are refused by the security level of the chain already.
        #expect(try sealing(TestTimeStamper(key: .rsa1024)) == .timeStampUntrusted)
    }

    @Test func refusesStampsOfStrangersOrWithoutTrust() throws {
        let signature = try identity().detachedCAdES(over: Trial.content, signingTime: Self.now)
        let other = try TestTimeStamper()
        let stranger = try TrustStore(authorityPaths: [other.authorityPath])
        #expect(try verdict(signature, trust(stamps: stranger), at: Self.now.later(60)) == .timeStampUntrusted)
        #expect(try verdict(signature, TrustStore(authorities: [authority.certificate]), at: Self.now.later(60)) == .timeStampUntrusted)
        // The participants' authority is none for time.
        #expect(try verdict(signature, trust(stamps: TrustStore(authorities: [authority.certificate])), at: Self.now.later(60)) == .timeStampUntrusted)
    }

    @Test func refusesStampsFromTheFutureAndTimesAfterTheStamp() throws {
        let signature = try identity().detachedCAdES(over: Trial.content, signingTime: Self.now)
        #expect(try verdict(signature, trust(), at: Self.now.later(-1000)) == .timeStampInvalid)
        let claimed = try identity().detachedCAdES(over: Trial.content, signingTime: Self.now.later(1000))
        #expect(try verdict(claimed, trust(), at: Self.now.later(2000)) == .signingTimeImplausible, "claimed to be made after it was stamped")
    }

    @Test func refusesAStampOverAnotherSignature() throws {
        struct Borrowed: TimeStampAuthority {
            let token: [UInt8]
            func token(for digest: SHA256Digest) -> [UInt8] { token }
        }
        let other = try Self.client(stamper, trust: stamps).token(for: SHA256.hash([1, 2, 3]))
        let key = try PrivateKey.generate()
        let certificate = try authority.issueSealing(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: Self.now, days: 30))
        let borrowing = try SealingIdentity(certificate: certificate, key: key, timeStamps: Borrowed(token: other))
        #expect(code { _ = try borrowing.detachedCAdES(over: Trial.content, signingTime: Self.now) } == .timeStampInvalid, "the sealer notices")
    }

    @Test func aStolenStampingKeyUndoesItsStamps() throws {
        let signature = try identity().detachedCAdES(over: Trial.content, signingTime: Self.now)
        func codeWith(_ reason: String) throws -> PackageError.Code? {
            let list = try stamper.revocationList(reason: reason)
            let stamps = try TrustStore(authorityPaths: [stamper.authorityPath], revocationListPaths: [trial.write("\(reason).pem", list)])
            return try verdict(signature, trust(stamps: stamps), at: Self.now.later(3600))
        }
        #expect(try codeWith("superseded") == nil, "revoked later, for a reason that leaves its stamps as they are")
        #expect(try codeWith("keyCompromise") == .timeStampUntrusted)
        #expect(try codeWith("unspecified") == .timeStampUntrusted)
    }

    @Test func answersMustFitTheQuestion() throws {
        let digest = SHA256.hash([1])
        let question = TimeStampRequest(digest)
        let answer = try stamper.answer(question.der)
        #expect(try question.token(in: answer).count > 500)
        #expect(code { _ = try TimeStampRequest(digest).token(in: answer) } == .timeStampInvalid, "another nonce")
        #expect(code { _ = try TimeStampRequest(SHA256.hash([2]), nonce: question.nonce).token(in: answer) } == .timeStampInvalid, "another digest")
        #expect(code { _ = try question.token(in: Array("<html>".utf8)) } == .timeStampUnavailable)
        #expect(code { _ = try question.token(in: []) } == .timeStampUnavailable)
        // TimeStampResp with status 2, rejection: { { 2, { "no" } } }.
        #expect(code { _ = try question.token(in: [0x30, 9, 0x30, 7, 2, 1, 2, 0x30, 2, 0x0c, 0]) } == .timeStampUnavailable)
        for nonce in [[0], [0, 0, 1], [0x80, 0, 0, 0, 0, 0, 0, 1], [0xff]] as [[UInt8]] {
            let question = TimeStampRequest(digest, nonce: nonce)
            #expect(code { _ = try question.token(in: stamper.answer(question.der)) } == nil, "\(nonce)")
        }
    }

    /// Whoever finds a second signature with the same SHA-1 could move the token to it.
    @Test func tokenOverASHA1DigestCoversNothing() throws {
        let folder = URL(fileURLWithPath: stamper.directory)
        let configuration = folder.appendingPathComponent("ts.cnf")
        try String(contentsOf: configuration, encoding: .utf8).replacing("digests = ", with: "digests = sha1, ").write(
            to: configuration, atomically: true, encoding: .utf8)
        try Data(Trial.content).write(to: folder.appendingPathComponent("content"))
        func token(_ digest: String) throws -> TimeStampToken {
            let script = """
                openssl ts -query -data content -\(digest) -cert -out \(digest).tsq && \
                openssl ts -reply -config ts.cnf -queryfile \(digest).tsq -token_out -out \(digest).der
                """
            let outcome = try TestTool.run(["sh", "-c", script], in: stamper.directory)
            try #require(outcome.status == 0, "\(outcome.output)")
            return try TimeStampToken([UInt8](Data(contentsOf: folder.appendingPathComponent("\(digest).der"))))
        }
        #expect(try token("sha256").covers(Trial.content))
        #expect(try !token("sha1").covers(Trial.content))
    }

    @Test func tokenHasNoPartTwiceAndOneSpellingOfItsDigest() throws {
        let token = try Self.client(stamper, trust: stamps).token(for: SHA256.hash([1]))
        let outer = try DERReader(token).elements(of: DERReader.Element(tag: DERTag.sequence, whole: token.indices, content: 4..<token.count))
        let signedData = try #require(DERReader(token).elements(of: outer[1]).first)
        let parts = try DERReader(token).elements(of: signedData).map { Array(token[$0.whole]) }
        func changed(_ index: Int, to part: [UInt8]) -> [UInt8] {
            var parts = parts
            parts[index] = part
            return DERWriter.sequence(
                DERWriter.objectIdentifier(ObjectIdentifier.signedData), DERWriter.element(DERTag.context(0), DERWriter.element(DERTag.sequence, parts)))
        }
        func verdict(_ der: [UInt8]) -> PackageError.Code? { code { try TimeStampToken(der).requireTrusted(by: stamps) } }
        #expect(verdict(changed(0, to: parts[0])) == nil)
        #expect(verdict(changed(1, to: DERWriter.element(DERTag.set, HandmadeCAdES.sha256))) == .timeStampInvalid, "the other place says NULL")
        let certificate = Array(token[try CMSSignedData(token).certificates[0].whole])
        #expect(verdict(changed(3, to: DERWriter.element(DERTag.context(0), certificate, certificate))) == .timeStampInvalid)
        #expect(verdict(changed(3, to: parts[3] + [0xa1, 0])) == .timeStampInvalid)
    }

    /// The token inside a signature satisfies the stock command.
    @Test func stockCommandVerifiesTheToken() throws {
        let digest = SHA256.hash(Trial.content)
        let token = try Self.client(stamper, trust: stamps).token(for: digest)
        _ = try trial.write("token.der", token)
        _ = try trial.write("content", Trial.content)
        let outcome = try trial.openssl(
            "ts", "-verify", "-data", "content", "-in", "token.der", "-token_in", "-CAfile", stamper.authorityPath, "-untrusted", stamper.certificatePath)
        #expect(outcome.status == 0 && outcome.output.contains("OK"), "\(outcome.output)")
    }

    @Test func stockCommandAcceptsAStampedSignature() throws {
        let signed = try identity()
        _ = try trial.write("content", Trial.content)
        _ = try trial.write("signature.p7s", signed.detachedCAdES(over: Trial.content, signingTime: Self.now))
        _ = try trial.write("ca.pem", authority.certificate.pem)
        let outcome = try trial.openssl(
            "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signature.p7s", "-content", "content", "-CAfile", "ca.pem", "-out", "verified")
        #expect(outcome.status == 0 && outcome.output.contains("successful"), "\(outcome.output)")
    }
}
