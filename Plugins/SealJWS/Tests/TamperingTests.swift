import Foundation
import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealJWS

struct TamperingTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    /// What a byte is changed to: its letter's case flipped, and all bits; every other value in the soak tier (SLUICE_SOAK=1).
    private func changes(of byte: UInt8) -> [UInt8] {
        ProcessInfo.processInfo.environment["SLUICE_SOAK"] == "1" ? (1...255).map { byte ^ $0 } : [byte ^ 0x20, byte ^ 1, ~byte]
    }

    @Test func refusesEverySingleByteChange() throws {
        let package = try trial.package()
        var accepted: [String] = []
        for offset in package.indices {
            for value in changes(of: package[offset]) {
                var changed = package
                changed[offset] = value
                if trial.refusal(changed) == nil { accepted.append("\(offset): \(package[offset]) → \(value)") }
            }
        }
        #expect(accepted.isEmpty)
        #expect(trial.refusal(package) == nil, "the unchanged package opens")
    }

    @Test func refusesTruncationAtEveryLengthAndAnythingAppended() throws {
        let package = try trial.package()
        for length in package.indices { #expect(trial.refusal(Array(package[..<length])) == .truncated, "\(length)") }
        #expect(trial.refusal(package + [0]) == .extraData)
        #expect(trial.refusal(package + package) == .extraData)
        #expect(trial.refusal([0] + package) == .notAZip)
    }

    @Test func refusesPartsOfAnotherPackage() throws {
        let manifest = try Trial.manifest(Trial.payload)
        let other = try Trial.manifest([("exchange.json", [1]), ("data.csv", [2])])
        let signature = try trial.sign(header: trial.header().canonicalBytes(), other)
        #expect(try trial.refusal(Trial.container(manifest: manifest, signature: signature)) == .signatureInvalid)
        #expect(try trial.refusal(Trial.container(manifest: other, signature: signature)) == .digestMismatch)
    }

    /// Several bytes at once, runs moved, cut out and doubled: refused or opened with exactly what was sealed, never a trap.
    @Test func survivesRandomDamage() throws {
        var generator = SeededGenerator.announced(for: "JWS packages")
        let data = Array((0..<600).map { "AM,\($0 % 7),\(1990 + $0 % 31),\($0 * 37 % 1000)\n" }.joined().utf8)
        let package = try trial.package(Trial.contents(.bytes(data)))
        let rounds = ProcessInfo.processInfo.environment["SLUICE_SOAK"] == "1" ? 200_000 : 3000
        var refused = 0
        for _ in 0..<rounds {
            var damaged = package
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let start = Int.random(in: damaged.indices, using: &generator)
                let end = min(start + Int.random(in: 1...64, using: &generator), damaged.count)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: for index in start..<end { damaged[index] = UInt8.random(in: 0...255, using: &generator) }
                case 1 where damaged.count > 128: damaged.removeSubrange(start..<end)
                case 2: damaged.insert(contentsOf: damaged[start..<end], at: Int.random(in: damaged.indices, using: &generator))
                default: damaged[start] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                }
            }
            do throws(PackageError) {
                let opened = try trial.open(damaged)
                #expect(opened.files.map(\.content) == [.bytes(Trial.exchange), .bytes(data)])
            } catch {
                refused += 1
            }
        }
        #expect(refused > rounds * 9 / 10)
    }

    @Test func eachLimitHoldsExactly() throws {
        let package = try trial.package()
        func code(_ change: (inout PackageLimits) -> Void) -> PackageError.Code? {
            var limits = PackageLimits()
            change(&limits)
            return trial.refusal(package, limits: limits)
        }
        #expect(code { $0.filesMax = 2 } == nil)
        #expect(code { $0.filesMax = 1 } == .limitExceeded)
        #expect(code { $0.exchangeBytesMax = Int64(Trial.exchange.count) } == nil)
        #expect(code { $0.exchangeBytesMax = Int64(Trial.exchange.count) - 1 } == .limitExceeded)
        #expect(code { $0.manifestBytesMax = 100 } == .limitExceeded)
        #expect(code { $0.signatureBytesMax = 100 } == .limitExceeded)
        #expect(code { $0.memoryBytesMax = Int64(package.count) } == nil)
        #expect(code { $0.memoryBytesMax = Int64(package.count) - 1 } == .limitExceeded)
        #expect(code { $0.totalBytesMax = 100 } == .limitExceeded)
        #expect(code { $0.fileBytesMax = 10 } == .limitExceeded)
        #expect(code { $0.nameBytesMax = 10 } == .limitExceeded)
    }
}
