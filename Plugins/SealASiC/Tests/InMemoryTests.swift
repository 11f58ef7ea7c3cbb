import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealASiC

/// Small packages go through without a file: the same bytes, the same checks, a limit of their own.
struct InMemoryTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    private func sealed(_ contents: PackageContents = Trial.contents(), limits: PackageLimits = PackageLimits()) throws -> SealedPackage {
        try ASiCSeal(limits: limits).seal(contents, with: trial.identity, into: .memory)
    }

    private func sealingRefusal(_ limits: PackageLimits) -> PackageError.Code? {
        do { _ = try sealed(limits: limits) } catch { return (error as? PackageError)?.code }
        return nil
    }

    @Test func opensWhatItSealedWithoutAFile() throws {
        let package = try sealed()
        let bytes = try trial.read(package.content)
        #expect(package.path == nil && package.bytes == Int64(bytes.count))
        let opened = try trial.openInMemory(bytes)
        #expect(opened.files.map(\.name) == ["exchange.json", "data.csv"])
        #expect(opened.files.map(\.content) == [.bytes(Trial.exchange), .bytes(Trial.data)])
        #expect(opened.files.map(\.bytes) == [Int64(Trial.exchange.count), Int64(Trial.data.count)])
        #expect(opened.files.map(\.sha256) == package.files.map(\.sha256))
        #expect(opened.exchange == Trial.exchange && opened.mainFileName == "data.csv")
        #expect(opened.manifestSHA256 == package.manifestSHA256)
        #expect(opened.signers == [opened.signer] && opened.signer.participant.rawValue == "AM.MOI")
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder).isEmpty)
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 10_000, 262_145, 900_000])
    func memoryAndFileHoldTheSameBytes(count: Int) throws {
        let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 % 64 + 32) }
        let inMemory = try trial.read(sealed(Trial.contents(.bytes(data))).content)
        let inFile = try trial.package(Trial.contents(.bytes(data)))
        let ownFile = try trial.write("data.csv", data)
        let fromFile = try trial.read(sealed(Trial.contents(.file(path: ownFile))).content)
        // The signature is another each time; everything before its header, the last one, is not.
        func before(_ package: [UInt8]) -> ArraySlice<UInt8> {
            package[..<(package.indices.last { package[$0...].starts(with: [0x50, 0x4b, 0x03, 0x04]) } ?? 0)]
        }
        #expect(before(inMemory).count > 500 && before(inMemory) == before(inFile) && before(inMemory) == before(fromFile))
        #expect(try trial.openInMemory(inFile).files[1].content == .bytes(data))
        #expect(try trial.read(trial.open(inMemory).files[1].content) == data)
    }

    @Test func memoryHasALimitThatHoldsExactly() throws {
        let package = try trial.read(sealed().content)
        var limits = PackageLimits()
        limits.memoryBytesMax = Int64(package.count)
        #expect(trial.refusalInMemory(package, limits: limits) == nil)
        limits.memoryBytesMax -= 1
        #expect(trial.refusalInMemory(package, limits: limits) == .limitExceeded)
        // A signature's length varies by a few bytes.
        for (spare, code) in [(Int64(16), nil), (-16, PackageError.Code.limitExceeded)] {
            limits.memoryBytesMax = Int64(package.count) + spare
            #expect(sealingRefusal(limits) == code)
        }
        // Small as a package, large as files.
        let data = Array(repeating: UInt8(ascii: "0"), count: 40_000)
        let small = try trial.read(sealed(Trial.contents(.bytes(data))).content)
        limits.memoryBytesMax = 40_000 + Int64(Trial.exchange.count)
        #expect(small.count < 10_000 && trial.refusalInMemory(small, limits: limits) == nil)
        limits.memoryBytesMax -= 1
        #expect(trial.refusalInMemory(small, limits: limits) == .limitExceeded)
        #expect(try trial.refusal(small, limits: limits) == nil, "into a directory it may be larger")
    }

    @Test func levelZeroStoresEverything() throws {
        let data = [UInt8](repeating: 48, count: 10_000)
        let sealed = try ASiCSeal(compressionLevel: 0).seal(Trial.contents(.bytes(data)), with: trial.identity, into: .memory)
        #expect(sealed.bytes > 10_000)
        #expect(try trial.openInMemory(trial.read(sealed.content)).files[1].content == .bytes(data))
    }

    @Test func whatCompressesTooWellIsStoredInMemoryToo() throws {
        var limits = PackageLimits()
        limits.memoryBytesMax = 4 << 20
        let zeros = [UInt8](repeating: 0, count: 2_000_000)
        let package = try sealed(Trial.contents(.bytes(zeros)), limits: limits)
        #expect(package.bytes > 2_000_000)
        #expect(try trial.openInMemory(trial.read(package.content), limits: limits).files[1].content == .bytes(zeros))
    }

    @Test func refusesTruncationAtEveryLengthInMemory() throws {
        let package = try trial.read(sealed().content)
        for length in package.indices { #expect(trial.refusalInMemory(Array(package[..<length])) == .truncated, "\(length)") }
        #expect(trial.refusalInMemory(package + [0]) == .extraData)
    }
}
