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
}
