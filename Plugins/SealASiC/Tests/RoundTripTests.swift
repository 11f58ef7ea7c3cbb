import Foundation
import SealASiC
import SluiceCrypto
import SluiceKit
import Testing

struct RoundTripTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    @Test func opensWhatItSealed() throws {
        let sealed = try trial.seal.seal(Trial.contents(), with: trial.identity, into: trial.folder + "/a.asice")
        let opened = try trial.open(trial.read(sealed.content))
        #expect(opened.files.map(\.name) == ["exchange.json", "data.csv"])
        #expect(opened.files.map(\.mediaType) == ["application/json", "application/vnd.sdmx.data+csv; version=2.0.0"])
        #expect(opened.files.map(\.sha256) == sealed.files.map(\.sha256))
        #expect(opened.exchange == Trial.exchange)
        #expect(opened.mainFileName == "data.csv")
        #expect(opened.manifestSHA256 == sealed.manifestSHA256)
        #expect(opened.signer.participant.rawValue == "AM.MOI")
        #expect(opened.signer.claimedSigningTime == Trial.now)
        #expect(try trial.read(opened.files[1].content) == Trial.data)
        #expect(try FileManager.default.attributesOfItem(atPath: trial.folder + "/out")[.posixPermissions] as? Int == 0o700)
        #expect(sealed.bytes == Int64(try trial.read(sealed.content).count))
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 262_143, 262_144, 262_145, 1_000_000])
    func everySizeSurvives(count: Int) throws {
        var generator = SystemRandomNumberGenerator()
        let compressible = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 % 64 + 32) }
        let random = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let path = try trial.write("random.bin", random)
        let package = try trial.package(
            Trial.contents(
                .bytes(compressible), more: [PackageFile(name: "folder/գրանցամատյան.bin", mediaType: "application/octet-stream", source: .file(path: path))]))
        let opened = try trial.open(package)
        #expect(try trial.read(opened.files[1].content) == compressible)
        #expect(try trial.read(opened.files[2].content) == random)
        #expect(opened.files[2].name == "folder/գրանցամատյան.bin")
    }

    @Test func sameContentsGiveTheSameBytesButForTheSignature() throws {
        let first = try trial.package()
        let second = try trial.package()
        // The last local header is the signature's.
        func before(_ package: [UInt8]) -> ArraySlice<UInt8> {
            package[..<(package.indices.last { package[$0...].starts(with: [0x50, 0x4b, 0x03, 0x04]) } ?? 0)]
        }
        #expect(before(first).count > 500 && before(first) == before(second))
    }

    @Test func sealReplacesAnEarlierPackageAndLeavesNoDraft() throws {
        let path = trial.folder + "/a.asice"
        try trial.seal.seal(Trial.contents(), with: trial.identity, into: path)
        try trial.seal.seal(Trial.contents(), with: trial.identity, into: path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder) == ["a.asice"])
    }

    struct Refusing: EvidenceSigner {
        let certificateSHA256 = SHA256.hash([])
        let certificateChainDER: [[UInt8]] = []
        func es256(over content: [UInt8]) throws(PackageError) -> [UInt8] { throw PackageError(.signingFailed, "the key is locked away") }
        func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8] {
            throw PackageError(.signingFailed, "the key is locked away")
        }
    }

    @Test func failedSealingLeavesNothing() throws {
        #expect { try trial.seal.seal(Trial.contents(), with: Refusing(), into: trial.folder + "/a.asice") } throws: {
            ($0 as? PackageError)?.code == .signingFailed
        }
        let absent = Trial.contents(.file(path: trial.folder + "/absent.csv"))
        #expect { try trial.seal.seal(absent, with: trial.identity, into: trial.folder + "/a.asice") } throws: { ($0 as? PackageError)?.code == .fileUnusable }
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder) == [])
    }

    @Test func extractsIntoAnEmptyFolderOnly() throws {
        let package = try trial.package()
        try FileManager.default.createDirectory(atPath: trial.folder + "/out", withIntermediateDirectories: false)
        _ = try trial.open(package)
        #expect { try trial.open(package) } throws: { ($0 as? PackageError)?.code == .fileUnusable }
        let left = try FileManager.default.contentsOfDirectory(atPath: trial.folder).filter { $0.contains(".part-") }
        #expect(left.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder + "/out").sorted() == ["data.csv", "exchange.json"])
    }

    @Test func refusesContentsThatNoReceiverWouldOpen() throws {
        func code(_ contents: PackageContents) -> PackageError.Code? {
            do throws(PackageError) { try trial.seal.seal(contents, with: trial.identity, into: trial.folder + "/a.asice") } catch { return error.code }
            return nil
        }
        func with(_ name: String, mediaType: String = "text/plain") -> PackageContents {
            Trial.contents(more: [PackageFile(name: name, mediaType: mediaType, source: .bytes([]))])
        }
        #expect(code(with("../up.csv")) == .unsafeName)
        #expect(code(with("/etc/passwd")) == .unsafeName)
        #expect(code(with("DATA.csv")) == .duplicateName)
        #expect(code(with("meta-inf/x")) == .contentsUnusable)
        #expect(code(with("META-INF/\u{301}x")) == .contentsUnusable, "the accent makes the slash another letter to Swift only")
        #expect(code(with("mimetype")) == .contentsUnusable)
        #expect(code(with("a.txt", mediaType: "text/plain\n")) == .contentsUnusable)
        #expect(
            code(
                PackageContents(
                    files: [PackageFile(name: "data.csv", mediaType: "text/csv", source: .bytes([]))], mainFileName: "data.csv", sealedAt: Trial.now))
                == .contentsUnusable)
        var contents = Trial.contents()
        contents.mainFileName = "other.csv"
        #expect(code(contents) == .contentsUnusable)
    }

    /// What compresses too well would be taken for a bomb by the receiver.
    @Test func storesWhatWouldExceedTheRatio() throws {
        let zeros = [UInt8](repeating: 0, count: 2_000_000)
        let package = try trial.package(Trial.contents(.bytes(zeros)))
        #expect(package.count > zeros.count)
        #expect(try trial.read(trial.open(package).files[1].content) == zeros)
    }

    @Test func holdsItselfToItsLimits() throws {
        var limits = PackageLimits()
        limits.totalBytesMax = Int64(Trial.exchange.count + Trial.data.count - 1)
        let seal = ASiCSeal(limits: limits)
        #expect { try seal.seal(Trial.contents(), with: trial.identity, into: trial.folder + "/a.asice") } throws: {
            ($0 as? PackageError)?.code == .limitExceeded
        }
    }

}
