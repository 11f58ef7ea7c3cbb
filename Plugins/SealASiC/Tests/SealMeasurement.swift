import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealASiC

/// Not a test of right and wrong, and run on demand only: `SLUICE_MEASURE=1 swift test -c release --filter SealMeasurement`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil), .serialized) struct SealMeasurement {
    let trial: Trial

    init() throws { trial = try Trial() }

    /// What one exchange of a 10 kB message costs in memory, and the parts it cannot do without.
    @Test func smallPackages() throws {
        let key = try PrivateKey.generate()
        let publicKey = try key.publicKey()
        let message = [UInt8](repeating: 1, count: 200)
        let signature = try key.sign(message)
        print("floor: ECDSA sign \(try ProcessorTime.nanoseconds(rounds: 2000) { _ = try key.sign(message) }) ns")
        print("floor: ECDSA verify \(ProcessorTime.nanoseconds(rounds: 2000) { precondition(publicKey.verifies(signature, over: message)) }) ns")
        let manifest = ASiCManifest(
            signatureName: ASiCContainer.signatureName,
            references: ["exchange.json", "data.csv"].map { .init(name: $0, mediaType: "text/csv", sha256: SHA256.hash(message)) }
        ).xml
        let detached = try trial.identity.detachedCAdES(over: manifest, signingTime: Trial.now)
        print("CAdES sign \(try ProcessorTime.nanoseconds(rounds: 1000) { _ = try trial.identity.detachedCAdES(over: manifest, signingTime: Trial.now) }) ns")
        let verified = try ProcessorTime.nanoseconds(rounds: 1000) {
            _ = try trial.trust.verifyDetachedCAdES(signature: detached, over: manifest, at: Trial.now)
        }
        print("CAdES verify \(verified) ns")
        print("manifest read \(try ProcessorTime.nanoseconds(rounds: 1000) { _ = try ASiCManifest(xml: manifest, limits: PackageLimits()) }) ns")

        let rows = Array((0..<400).map { "AM,\($0 % 7),\(1990 + $0 % 31),\($0 &* 7919 % 100_000)\n" }.joined().utf8)
        let data = Array(repeating: rows, count: 3).flatMap(\.self).prefix(10_000)
        let contents = Trial.contents(.bytes(Array(data)))
        if let rounds = ProcessInfo.processInfo.environment["SLUICE_MEASURE"].flatMap({ Int($0) }), rounds > 1 {
            // For a profiler: nothing but the loop.
            let package = try trial.read(trial.seal.seal(contents, with: trial.identity, into: .memory).content)
            for _ in 0..<rounds {
                try trial.seal.seal(contents, with: trial.identity, into: .memory)
                _ = try trial.openInMemory(package)
            }
        }
        for level in [0, 1, 4] {
            let seal = ASiCSeal(compressionLevel: level)
            let sealed = try seal.seal(contents, with: trial.identity, into: .memory)
            let package = try trial.read(sealed.content)
            let sealing = try ProcessorTime.nanoseconds(rounds: 1000) { try seal.seal(contents, with: trial.identity, into: .memory) }
            let opening = try ProcessorTime.nanoseconds(rounds: 1000) { _ = try trial.openInMemory(package) }
            print("10 kB, level \(level): \(package.count) bytes, seal \(sealing) ns, open \(opening) ns, both \(sealing + opening) ns")
        }
    }
}
