import SluiceKit
import SluiceKitTesting

@testable import SluiceCore

/// A node's means as far as the tests of this folder need them: no keys, no formats, nothing on disk.
enum TrialTools {
    private struct NoKeys: SealingKeys {
        func signer(at time: Instant) throws(PackageError) -> any EvidenceSigner { throw PackageError(.certificateExpired, "there is no key here") }
    }
    private struct NoTrust: EvidenceVerifier {
        func verifyDetachedCAdES(signature: [UInt8], over content: [UInt8], at time: Instant) throws(PackageError) -> SignerIdentity {
            throw PackageError(.signerUntrusted, "nobody is trusted here")
        }
        func verifyES256(
            signature: [UInt8], over content: [UInt8], chain: [[UInt8]], signingTime: Instant, at time: Instant
        ) throws(PackageError) -> SignerIdentity { throw PackageError(.signerUntrusted, "nobody is trusted here") }
    }

    static func make(structures: StructureSet = StructureSet()) -> CorridorTools {
        CorridorTools(
            participant: ParticipantID("AM.MOI")!, structures: structures, agreements: [], formats: [], protections: [], seals: [], sealingKeys: NoKeys(),
            trust: NoTrust(), hashing: FakeHashing(), clock: FakeClock(), limits: CorridorLimits(), spoolDirectory: "/nonexistent")
    }
}
