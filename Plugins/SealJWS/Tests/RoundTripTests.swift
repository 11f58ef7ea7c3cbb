import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealJWS

struct RoundTripTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    @Test func opensWhatItSealedInMemory() throws {
        let sealed = try trial.seal.seal(Trial.contents(), with: trial.identity, into: .memory)
        let opened = try trial.open(trial.bytes(sealed.content))
        #expect(opened.files.map(\.name) == ["exchange.json", "data.csv"])
        #expect(opened.files.map(\.mediaType) == ["application/json", "application/vnd.sdmx.data+csv; version=2.0.0"])
        #expect(opened.files.map(\.sha256) == sealed.files.map(\.sha256))
        #expect(opened.files.map(\.content) == [.bytes(Trial.exchange), .bytes(Trial.data)])
        #expect(opened.exchange == Trial.exchange && opened.mainFileName == "data.csv")
        #expect(opened.manifestSHA256 == sealed.manifestSHA256)
        #expect(opened.signer.participant.rawValue == "AM.MOI" && opened.signer.claimedSigningTime == Trial.now)
        #expect(opened.signers.count == 1)
    }

    @Test func opensWhatItSealedIntoAFile() throws {
        let data = Array((0..<200_000).map { "AM,\($0 % 7),\($0 * 37 % 1000)\n" }.joined().utf8)
        let source = try trial.write("data.csv", data)
        let sealed = try trial.seal.seal(Trial.contents(.file(path: source)), with: trial.identity, into: trial.folder + "/a.jwsz")
        #expect(sealed.bytes < data.count / 2)
        let opened = try trial.seal.open(
            trial.folder + "/a.jwsz", trial.trust, into: trial.folder + "/out")
        #expect(try trial.bytes(opened.files[1].content) == data)
        #expect(opened.files[1].sha256 == SHA256.hash(data))
        #expect(throws: PackageError.self) { try trial.seal.open(trial.folder + "/a.jwsz", trial.trust, into: trial.folder + "/out") }
    }

    @Test func sameContentsGiveTheSameBytesButForTheSignature() throws {
        let (first, second) = (try trial.package(), try trial.package())
        func before(_ package: [UInt8]) -> ArraySlice<UInt8> {
            package[..<(package.indices.last { package[$0...].starts(with: [0x50, 0x4b, 0x03, 0x04]) } ?? 0)]
        }
        #expect(before(first).count > 500 && before(first) == before(second))
        #expect(first.count == second.count, "an ES256 signature has one length")
    }

    @Test func namesAndMediaTypesOfAllKindsSurvive() throws {
        let name = "folder/գրանցամատյան \"1\" & <2>.csv"
        let opened = try trial.open(
            trial.package(Trial.contents(more: [PackageFile(name: name, mediaType: #"text/plain; note="a\b""#, source: .bytes([1]))])))
        #expect(opened.files[2].name == name && opened.files[2].mediaType == #"text/plain; note="a\b""#)
    }

    @Test func refusesContentsThatNoReceiverWouldOpen() throws {
        func code(_ contents: PackageContents, limits: PackageLimits = PackageLimits()) -> PackageError.Code? {
            do throws(PackageError) { try JWSSeal(limits: limits).seal(contents, with: trial.identity, into: .memory) } catch { return error.code }
            return nil
        }
        func with(_ name: String, mediaType: String = "text/plain") -> PackageContents {
            Trial.contents(more: [PackageFile(name: name, mediaType: mediaType, source: .bytes([]))])
        }
        #expect(code(with("more.txt")) == nil)
        #expect(code(with("../up.csv")) == .unsafeName)
        #expect(code(with("DATA.csv")) == .duplicateName)
        #expect(code(with("meta-inf/x")) == .contentsUnusable)
        #expect(code(with("META-INF/\u{301}x")) == .contentsUnusable, "the accent makes the slash another letter to Swift only")
        #expect(code(with("mimetype")) == .contentsUnusable)
        #expect(code(with("a.txt", mediaType: "text/plain\n")) == .contentsUnusable)
        #expect(code(Trial.contents(sealedAt: Trial.now.advanced(byMilliseconds: 31 * 86_400_000))) == .signingFailed, "the certificate has expired then")
        var limits = PackageLimits()
        limits.manifestBytesMax = 100
        #expect(code(Trial.contents(), limits: limits) == .limitExceeded)
        limits = PackageLimits()
        limits.signatureBytesMax = 100
        #expect(code(Trial.contents(), limits: limits) == .limitExceeded)
    }

    @Test func aRefusingSignerLeavesNothingBehind() throws {
        struct Refusing: EvidenceSigner {
            let certificateSHA256 = SHA256.hash([])
            let certificateChainDER: [[UInt8]]
            func detachedCAdES(over content: [UInt8], signingTime: Instant) throws(PackageError) -> [UInt8] { [] }
            func es256(over content: [UInt8]) throws(PackageError) -> [UInt8] { throw PackageError(.signingFailed, "the key is locked away") }
        }
        for chain in [trial.identity.certificateChainDER, [], [[1, 2, 3]]] {
            #expect { try trial.seal.seal(Trial.contents(), with: Refusing(certificateChainDER: chain), into: trial.folder + "/a.jwsz") } throws: {
                ($0 as? PackageError)?.code == .signingFailed
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder) == [])
    }

    @Test func itsPackagesCarryOneSignature() throws {
        #expect {
            try trial.seal.counterSign(
                .bytes(trial.package()), trust: trial.trust, at: Trial.now, limits: PackageLimits(), with: trial.identity, into: .memory)
        } throws: { ($0 as? PackageError)?.code == .sealUnsupported }
    }
}

extension JWSSeal {
    fileprivate func open(_ path: String, _ trust: TrustStore, into directory: String) throws -> OpenedPackage {
        try open(path, trust: trust, at: Trial.now, limits: PackageLimits(), extractingInto: directory)
    }
}
