import SluiceKit
import Testing

@testable import SluiceCrypto

/// What stands outside of the signed attributes has one spelling: nothing can be put in that would not be noticed.
struct CAdESProfileTests {
    let trial: Trial
    let identity: SealingIdentity

    init() throws {
        trial = try Trial()
        identity = try trial.identity()
    }

    private func code(_ change: (inout HandmadeCAdES) throws -> Void) throws -> PackageError.Code? {
        var handmade = try HandmadeCAdES(identity)
        try change(&handmade)
        let (signature, trust) = (try handmade.der(), try trial.trust())
        do throws(PackageError) {
            _ = try trust.verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now)
        } catch { return error.code }
        return nil
    }

    private func list(_ number: Int64) throws -> [UInt8] {
        try RevocationList(trial.authority.revocationList(revoking: [], number: number, validity: .init(now: Trial.now, days: 7))).der
    }

    @Test func unchangedItHolds() throws {
        #expect(try code { _ in } == nil)
        let lists = try [list(1), list(2)].sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try code { $0.revocations = lists } == nil)
    }

    @Test func bindsItsCertificateBySHA256Only() throws {
        #expect(try code { try $0.bind(ObjectIdentifier.sha256) } == nil)
        for algorithm in [ObjectIdentifier.sha1, ObjectIdentifier.sha384, ObjectIdentifier.sha512] {
            #expect(try code { try $0.bind(algorithm) } == .algorithmNotAllowed)
        }
    }

    @Test func algorithmsHaveNoParameters() throws {
        let spelled = DERWriter.sequence(DERWriter.objectIdentifier(ObjectIdentifier.sha256), [DERTag.null, 0])
        #expect(try code { $0.digestAlgorithm = spelled } == .algorithmNotAllowed)
        #expect(try code { $0.signerDigestAlgorithm = spelled } == .algorithmNotAllowed)
    }

    @Test func certificatesStandInOrderNoneTwiceWithoutTheAuthority() throws {
        let authority = trial.authority.certificate.der
        #expect(try code { $0.certificates += $0.certificates } == .signatureProfile)
        #expect(try code { $0.certificates = ($0.certificates + [authority]).sorted { $0.lexicographicallyPrecedes($1) } } == .signatureProfile)
        // The order is looked at before the chain: any two certificates show it.
        var handmade = try HandmadeCAdES(identity)
        handmade.certificates = try (handmade.certificates + [trial.identity("AL.MOI").certificate.der]).sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try CAdESProfile(handmade.der()).cms.certificates.count == 2)
        handmade.certificates.reverse()
        #expect(throws: PackageError.self) { try CAdESProfile(handmade.der()) }
    }

    @Test func revocationValuesStandInOrderNoneTwice() throws {
        let lists = try [list(1), list(2)].sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try code { $0.revocations = lists.reversed() } == .signatureProfile)
        #expect(try code { $0.revocations = [lists[0], lists[0]] } == .signatureProfile)
    }

    @Test func setsAreAbsentRatherThanEmpty() throws {
        #expect(try code { $0.revocations = [] } == .signatureProfile)
        #expect(try code { $0.unsigned = [] } == .signatureProfile)
    }

    @Test func writesNothingTwiceAndNoAuthority() throws {
        let key = identity.key
        var padded = try SealingIdentity(certificate: identity.certificate, intermediates: [identity.certificate, trial.authority.certificate], key: key)
        let value = RevocationValue.list(try list(1))
        padded.revocationValues = [value, value]
        let signature = try padded.detachedCAdES(over: Trial.content, signingTime: Trial.now)
        #expect(try CMSSignedData(signature).certificates.count == 1)
        #expect(try trial.trust().verifyDetachedCAdES(signature: signature, over: Trial.content, at: Trial.now).participant.rawValue == "AM.MOI")
    }
}
