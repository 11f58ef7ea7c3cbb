import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealJWS

/// Not a test of right and wrong, and run on demand only: `SLUICE_MEASURE=1 swift test -c release --filter SealMeasurement`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil), .serialized) struct SealMeasurement {
    let trial: Trial

    init() throws { trial = try Trial() }

    /// What one exchange of a 10 kB message costs in memory, and the parts it cannot do without.
    @Test func smallPackages() throws {
        let publicKey = try trial.key.publicKey()
        let message = [UInt8](repeating: 1, count: 200)
        let signature = try trial.key.es256(over: message)
        print("floor: ES256 sign \(try ProcessorTime.nanoseconds(rounds: 2000) { _ = try trial.key.es256(over: message) }) ns")
        print("floor: ES256 verify \(ProcessorTime.nanoseconds(rounds: 2000) { precondition(publicKey.verifiesES256(signature, over: message)) }) ns")
        let certificate = trial.identity.certificate
        print("chain \(try ProcessorTime.nanoseconds(rounds: 1000) { try trial.trust.check(certificate, for: .sealing, at: Trial.now) }) ns")
        print("certificate read \(try ProcessorTime.nanoseconds(rounds: 1000) { _ = try Certificate(der: certificate.der) }) ns")
        let chain = trial.identity.certificateChainDER
        let unknown = try ProcessorTime.nanoseconds(rounds: 500) {
            let trust = try TrustStore(authorities: [trial.authority.certificate])
            _ = try trust.verifyES256(signature: signature, over: message, chain: chain, signingTime: Trial.now, at: Trial.now)
        }
        print("chain, certificate and signature of a signer not seen before \(unknown) ns")
        let whole = try ProcessorTime.nanoseconds(rounds: 1000) {
            _ = try trial.trust.verifyES256(signature: signature, over: message, chain: chain, signingTime: Trial.now, at: Trial.now)
        }
        print("the same of a known signer \(whole) ns")
        let compact = try trial.sign(header: trial.header().canonicalBytes(), message)
        print(
            "header read \(try ProcessorTime.nanoseconds(rounds: 1000) { _ = try JAdESHeader(JOSESignature(compact: compact, allowing: JAdESHeader.members)) }) ns"
        )
        let manifest = try Trial.manifest(Trial.payload)
        print("manifest read \(try ProcessorTime.nanoseconds(rounds: 1000) { _ = try JWSManifest(json: manifest, limits: PackageLimits()) }) ns")

        let rows = Array((0..<400).map { "AM,\($0 % 7),\(1990 + $0 % 31),\($0 &* 7919 % 100_000)\n" }.joined().utf8)
        let data = Array(Array(repeating: rows, count: 3).flatMap(\.self).prefix(10_000))
        for level in [1, 4] {
            let seal = JWSSeal(compressionLevel: level)
            let package = try trial.bytes(seal.seal(Trial.contents(.bytes(data)), with: trial.identity, into: .memory).content)
            let sealing = try ProcessorTime.nanoseconds(rounds: 1000) { try seal.seal(Trial.contents(.bytes(data)), with: trial.identity, into: .memory) }
            let opening = try ProcessorTime.nanoseconds(rounds: 1000) { _ = try trial.open(package) }
            print("10 kB, level \(level): \(package.count) bytes, seal \(sealing) ns, open \(opening) ns, both \(sealing + opening) ns")
        }
    }
}
