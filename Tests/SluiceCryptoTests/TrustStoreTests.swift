import Foundation
import SluiceCrypto
import SluiceKit
import Testing

struct TrustStoreTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    private func code(_ body: () throws -> Void) -> PackageError.Code? {
        do { try body() } catch { return (error as? PackageError)?.code }
        return nil
    }

    @Test func verifiesWhatItSigned() throws {
        let identity = try trial.identity("AM.MOI")
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        let signer = try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now.later(60))
        #expect(signer.participant.rawValue == "AM.MOI")
        #expect(signer.claimedSigningTime == Trial.now)
        #expect(signer.certificateSHA256 == identity.certificateSHA256)
        #expect(signer.certificateDER == identity.certificate.der)
    }

    @Test func refusesOtherContent() throws {
        let signature = try trial.identity().detachedCAdES(over: Trial.content, signingTime: Trial.now)
        #expect(code { _ = try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content + [10], at: Trial.now) } == .signatureInvalid)
        #expect(code { _ = try trial.trust().verifyDetachedCAdES(signature: signature, over: [], at: Trial.now) } == .signatureInvalid)
    }

    /// Every bit of the signature file is covered by the signature or has one permitted value.
    @Test func refusesEverySingleBitChange() throws {
        let trust = try trial.trust()
        let signature = try trial.identity().detachedCAdES(over: Trial.content, signingTime: Trial.now)
        var accepted: [String] = []
        for offset in signature.indices {
            for bit in 0..<8 {
                var changed = signature
                changed[offset] ^= 1 << bit
                if code({ _ = try trust.verifyDetachedCAdES(signature: changed, over: Trial.content, at: Trial.now) }) == nil {
                    accepted.append("\(offset).\(bit)")
                }
            }
        }
        #expect(accepted.isEmpty)
    }

    @Test func refusesEveryTruncationAndAnythingAppended() throws {
        let trust = try trial.trust()
        let signature = try trial.identity().detachedCAdES(over: Trial.content, signingTime: Trial.now)
        for length in 0..<signature.count {
            #expect(code { _ = try trust.verifyDetachedCAdES(signature: Array(signature[..<length]), over: Trial.content, at: Trial.now) } == .signatureProfile)
        }
        #expect(code { _ = try trust.verifyDetachedCAdES(signature: signature + [0], over: Trial.content, at: Trial.now) } == .signatureProfile)
    }

    @Test func refusesSomeoneElsesAuthority() throws {
        let signature = try Trial().identity().detachedCAdES(over: Trial.content, signingTime: Trial.now)
        #expect(code { _ = try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now) } == .signerUntrusted)
    }

    @Test func certificateCountsAtTheTimeAsked() throws {
        let trust = try trial.trust()
        let signature = try trial.identity(validity: .init(notBefore: Trial.now, notAfter: Trial.now.later(100))).detachedCAdES(
            over: Trial.content, signingTime: Trial.now)
        func codeAt(_ time: Instant) -> PackageError.Code? {
            code { _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: time) }
        }
        #expect(codeAt(Trial.now.later(99)) == nil)
        #expect(codeAt(Trial.now.later(101)) == .certificateExpired)
        #expect(codeAt(Trial.now.later(-1)) == .certificateNotYetValid)
    }

    @Test func refusesSigningTimeAheadOfOurs() throws {
        let signature = try trial.identity().detachedCAdES(over: Trial.content, signingTime: Trial.now.later(1000))
        #expect(code { _ = try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now) } == .signingTimeImplausible)
        #expect(code { _ = try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now.later(700)) } == nil)
    }

    @Test func doesNotSignWithACertificateThatIsNotValidThen() throws {
        let identity = try trial.identity()
        #expect(code { _ = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now.later(31 * 86_400)) } == .signingFailed)
    }

    @Test func refusesRevokedAndUnknownRevocation() throws {
        let identity = try trial.identity()
        let other = try trial.identity("AL.MOI")
        let signature = try identity.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        let validity = CertificateAuthority.Validity(now: Trial.now, days: 7)
        func codeWith(_ revoked: [Certificate], at time: Instant = Trial.now) throws -> PackageError.Code? {
            let trust = try trial.trust(revocationLists: [trial.authority.revocationList(revoking: revoked, number: 1, validity: validity)])
            return code { _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: time) }
        }
        #expect(try codeWith([]) == nil)
        #expect(try codeWith([other.certificate]) == nil)
        #expect(try codeWith([identity.certificate, other.certificate]) == .certificateRevoked)
        // A list that has run out says nothing about today: refuse rather than guess.
        #expect(try codeWith([], at: Trial.now.later(8 * 86_400)) == .revocationUnknown)
        let foreign = try Trial().authority.revocationList(revoking: [], number: 1, validity: validity)
        #expect(
            code { _ = try trial.trust(revocationLists: [foreign]).verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now) }
                == .revocationUnknown)
    }

    @Test func trustStoreTakesAuthoritiesOnly() throws {
        #expect(throws: CryptoError.self) { try TrustStore(authorities: [trial.identity().certificate]) }
        #expect(throws: CryptoError.self) { try TrustStore(authorities: []) }
        #expect(throws: CryptoError.self) { try TrustStore(authorities: [trial.authority.certificate], revocationListsPEM: [Array("no list".utf8)]) }
    }

    @Test func sealingIdentityRefusesForeignKeyAndTLSCertificate() throws {
        let key = try PrivateKey.generate()
        let certificate = try trial.identity().certificate
        #expect { try SealingIdentity(certificate: certificate, key: key) } throws: { ($0 as? CryptoError)?.code == .keyDoesNotMatch }
        let tls = try trial.authority.issueTLS(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: Trial.now, days: 1))
        #expect { try SealingIdentity(certificate: tls, key: key) } throws: { ($0 as? CryptoError)?.code == .wrongKeyUsage }
    }

    @Test func manyThreadsMayVerifyAtOnce() async throws {
        let trust = try trial.trust()
        let identity = try trial.identity()
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let content = Array("\(number)".utf8)
                    let signature = try identity.detachedCAdES(over: content, signingTime: Trial.now)
                    return try trust.verifyDetachedCAdES(signature: signature, over: content, at: Trial.now).participant.rawValue
                }
            }
            for try await id in group { #expect(id == "AM.MOI") }
        }
    }
}
