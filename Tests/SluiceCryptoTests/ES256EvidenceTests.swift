import Foundation
import SluiceCrypto
import SluiceKit
import Testing

/// Who may sign with ES256 is judged as for CAdES.
struct ES256EvidenceTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    private func code(
        _ signature: [UInt8], chain: [[UInt8]], signed: Instant = Trial.now, at time: Instant = Trial.now, trust: TrustStore? = nil,
        content: [UInt8] = Trial.content
    ) throws -> PackageError.Code? {
        let trust = try trust ?? trial.trust()
        do throws(PackageError) { _ = try trust.verifyES256(signature: signature, over: content, chain: chain, signingTime: signed, at: time) } catch {
            return error.code
        }
        return nil
    }

    @Test func acceptsWhatItSigned() throws {
        let identity = try trial.identity()
        let signature = try identity.es256(over: Trial.content)
        #expect(signature.count == 64)
        let signer = try trial.trust().verifyES256(
            signature: signature, over: Trial.content, chain: identity.certificateChainDER, signingTime: Trial.now, at: Trial.now.later(5))
        #expect(signer.participant.rawValue == "AM.MOI" && signer.claimedSigningTime == Trial.now)
        #expect(signer.certificateSHA256 == identity.certificateSHA256 && signer.certificateDER == identity.certificate.der)
    }

    @Test func refusesEveryChangedByte() throws {
        let identity = try trial.identity()
        let signature = try identity.es256(over: Trial.content)
        let trust = try trial.trust()
        for place in signature.indices {
            var changed = signature
            changed[place] ^= 1
            #expect(try code(changed, chain: identity.certificateChainDER, trust: trust) == .signatureInvalid)
        }
        let der = identity.certificate.der
        for place in der.indices {
            var changed = der
            changed[place] ^= 0x20
            #expect(try code(signature, chain: [changed], trust: trust) != nil, "byte \(place) of the certificate")
        }
        #expect(try code(signature, chain: identity.certificateChainDER, content: Trial.content + [0]) == .signatureInvalid)
        #expect(try code([], chain: identity.certificateChainDER) == .signatureInvalid)
    }

    @Test func judgesTheCertificateAsForCAdES() throws {
        let identity = try trial.identity()
        let chain = identity.certificateChainDER
        let signature = try identity.es256(over: Trial.content)
        #expect(try code(signature, chain: chain, at: Trial.now.later(31 * 86_400)) == .certificateExpired)
        #expect(try code(signature, chain: chain, at: Trial.now.later(-2 * 3600)) == .certificateNotYetValid)
        #expect(try code(signature, chain: chain, signed: Trial.now.later(301)) == .signingTimeImplausible)
        #expect(try code(signature, chain: chain, signed: Trial.now.later(300)) == nil)
        #expect(try code(signature, chain: chain, signed: Trial.now.later(-2 * 3600)) == .signingTimeImplausible, "before the certificate began")
        #expect(try code(signature, chain: chain, trust: Trial().trust()) == .signerUntrusted)
        let list = try trial.authority.revocationList(revoking: [identity.certificate], number: 1, validity: .init(now: Trial.now, days: 7))
        #expect(try code(signature, chain: chain, trust: trial.trust(revocationLists: [list])) == .certificateRevoked)
        let key = try PrivateKey.generate()
        let tls = try trial.authority.issueTLS(ParticipantID("AM.MOI")!, organisation: "", key: key, validity: .init(now: Trial.now, days: 1))
        #expect(try code(key.es256(over: Trial.content), chain: [tls.der]) == .wrongKeyUsage)
    }

    @Test func refusesChainsOfOtherShape() throws {
        let identity = try trial.identity()
        let signature = try identity.es256(over: Trial.content)
        let (signer, authority) = (identity.certificate.der, trial.authority.certificate.der)
        let stranger = try Trial().authority.certificate.der
        let colleague = try trial.identity("AL.MOI").certificate.der
        #expect(try code(signature, chain: [signer, authority]) == nil, "the authority itself is part of the chain")
        #expect(try code(signature, chain: []) == .signatureProfile)
        #expect(try code(signature, chain: [signer, stranger]) == .signatureProfile)
        #expect(try code(signature, chain: [signer, colleague]) == .signatureProfile)
        #expect(try code(signature, chain: [signer, signer]) == .signatureProfile)
        #expect(try code(signature, chain: [signer, authority, authority]) == .signatureProfile)
        #expect(try code(signature, chain: [authority, signer]) != nil)
        #expect(try code(signature, chain: [colleague]) == .signatureInvalid)
        #expect(try code(signature, chain: [signer + [0]]) == .signatureProfile)
        #expect(try code(signature, chain: [[1, 2, 3]]) == .signatureProfile)
        #expect(try code(signature, chain: [[]]) == .signatureProfile)
        #expect(try code(signature, chain: Array(repeating: signer, count: 9)) == .signatureProfile)
    }

    /// What is remembered of a right chain is not taken for other parts with the same bytes in a row.
    @Test func remembersAChainByItsPartsAndNotByTheirBytesInARow() throws {
        let identity = try trial.identity()
        let signature = try identity.es256(over: Trial.content)
        let (signer, authority) = (identity.certificate.der, trial.authority.certificate.der)
        let trust = try trial.trust()
        #expect(try code(signature, chain: [signer, authority], trust: trust) == nil)
        let (head, tail) = (Array(signer[..<40]), Array(signer[40...]))
        let split = [[signer + authority], [head, tail + authority], [head, tail, authority]]
        let padded = [[signer, authority, []], [[], signer, authority], [signer, [], authority]]
        for chain in split + padded {
            #expect(try code(signature, chain: chain, trust: trust) == .signatureProfile, "\(chain.map(\.count))")
        }
        #expect(try code(signature, chain: [signer], trust: trust) == nil)
        #expect(try code(signature, chain: [signer, []], trust: trust) == .signatureProfile)
    }

    @Test func datesOfACertificateAreReadWithoutLibcrypto() throws {
        for validity in [CertificateAuthority.Validity(now: Trial.now, days: 30), .init(notBefore: Trial.now, notAfter: Instant(seconds: 4_102_444_800))] {
            let certificate = try trial.identity(validity: validity).certificate
            let dates = try #require(CertificateDates(der: certificate.der))
            #expect(dates.notBefore == certificate.notBefore && dates.notAfter == certificate.notAfter)
            #expect(dates.contain(certificate.notAfter) && !dates.contain(certificate.notAfter.later(1)))
            #expect(dates.contain(certificate.notBefore) && !dates.contain(certificate.notBefore.later(-1)))
            for length in certificate.der.indices { #expect(CertificateDates(der: Array(certificate.der[..<length])) == nil) }
        }
        #expect(CertificateDates(der: [0x30, 0x00]) == nil)
    }
}
