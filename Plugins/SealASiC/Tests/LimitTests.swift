import SluiceCrypto
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SealASiC
@testable import SluiceZip

struct LimitTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    private func code(_ package: [UInt8], _ change: (inout PackageLimits) -> Void) throws -> PackageError.Code? {
        var limits = PackageLimits()
        change(&limits)
        return try trial.refusal(package, limits: limits)
    }

    @Test func eachLimitHoldsExactly() throws {
        let package = try trial.package()
        let (exchange, data) = (Int64(Trial.exchange.count), Int64(Trial.data.count))
        #expect(try code(package) { $0.filesMax = 2 } == nil)
        #expect(try code(package) { $0.filesMax = 1 } == .limitExceeded)
        #expect(try code(package) { $0.fileBytesMax = data } == .limitExceeded, "the manifest is a file too")
        #expect(try code(package) { $0.totalBytesMax = exchange + data } == .limitExceeded)
        #expect(try code(package) { $0.exchangeBytesMax = exchange } == nil)
        #expect(try code(package) { $0.exchangeBytesMax = exchange - 1 } == .limitExceeded)
        #expect(try code(package) { $0.manifestBytesMax = 100 } == .limitExceeded)
        #expect(try code(package) { $0.signatureBytesMax = 100 } == .limitExceeded)
        #expect(try code(package) { $0.nameBytesMax = ASiCContainer.manifestName.utf8.count } == nil)
        #expect(try code(package) { $0.nameBytesMax = ASiCContainer.manifestName.utf8.count - 1 } == .limitExceeded)
        #expect(try code(package) { $0.compressionRatioMax = .max } == nil)
    }

    /// Ten megabytes of zeros in ten kilobytes, properly signed.
    @Test func refusesABomb() throws {
        let zeros = [UInt8](repeating: 0, count: 10 << 20)
        var deflated: [UInt8] = []
        let room = ByteBuffer(count: 1 << 16)
        let deflater = try Deflater(level: 9, for: .max)
        try zeros.withUnsafeBytes { input in
            try deflater.run(input, into: room.bytes, finish: true) { (part) throws(PackageError) in deflated += part }
        }
        #expect(deflated.count < 11_000)
        var package = try ZipBytes.container([("exchange.json", Trial.exchange), ("data.csv", zeros)], signer: trial.identity)
        package.entries[2].method = 8
        package.entries[2].data = deflated
        #expect(try trial.refusal(package.bytes) == .limitExceeded)
        #expect(try code(package.bytes) { $0.compressionRatioMax = 1100 } == nil, "nothing else is wrong with it")
        // It says it is small and is not: stopped at the size it says.
        package.entries[2].size = 1 << 20
        #expect(try trial.refusal(package.bytes) == .corruptData)
        package.entries[2].size = 11 << 20
        #expect(try code(package.bytes) { $0.compressionRatioMax = 2000 } == .corruptData)
        // Bytes after the end of the compressed data.
        package.entries[2].size = 10 << 20
        package.entries[2].data += [0]
        #expect(try code(package.bytes) { $0.compressionRatioMax = 2000 } == .extraData)
        package.entries[2].data = Array(deflated.dropLast())
        #expect(try code(package.bytes) { $0.compressionRatioMax = 2000 } == .corruptData)
    }
}
