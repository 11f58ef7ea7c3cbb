import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealASiC

/// A second signature covers the same files and the first signature; every signature has to hold.
struct CounterSigningTests {
    let trial: Trial
    let second: SealingIdentity
    let third: SealingIdentity

    init() throws {
        trial = try Trial()
        second = try Trial.identity(of: trial.authority, as: "AM.ARMSTAT")
        third = try Trial.identity(of: trial.authority, as: "AM.CBA")
    }

    private func counterSigned(_ package: [UInt8], by signer: SealingIdentity, limits: PackageLimits = PackageLimits()) throws -> [UInt8] {
        let sealed = try trial.seal.counterSign(.bytes(package), trust: trial.trust, at: Trial.now, limits: limits, with: signer, into: .memory)
        return try trial.read(sealed.content)
    }

    @Test func everySignerIsNamedTheSealerFirst() throws {
        let data = Array(repeating: Trial.data, count: 200).flatMap(\.self)
        let original = try trial.seal.seal(Trial.contents(.bytes(data)), with: trial.identity, into: .memory)
        let once = try counterSigned(trial.read(original.content), by: second)
        let twice = try counterSigned(once, by: third)
        #expect(try trial.openInMemory(once).signers.map(\.participant.rawValue) == ["AM.MOI", "AM.ARMSTAT"])
        let opened = try trial.openInMemory(twice)
        #expect(opened.signers.map(\.participant.rawValue) == ["AM.MOI", "AM.ARMSTAT", "AM.CBA"])
        #expect(opened.signer.participant.rawValue == "AM.MOI")
        #expect(opened.manifestSHA256 == original.manifestSHA256, "the package keeps its name")
        #expect(opened.files[1].content == .bytes(data) && opened.mainFileName == "data.csv")
        #expect(try trial.refusal(twice) == nil, "from a file too")
    }

    @Test func filesAreCounterSignedAsMemoryIs() throws {
        let path = trial.folder + "/a.asice"
        try trial.seal.seal(Trial.contents(), with: trial.identity, into: path)
        let sealed = try trial.seal.counterSign(
            .file(path: path), trust: trial.trust, at: Trial.now, limits: PackageLimits(), with: second, into: .file(path: trial.folder + "/b.asice"))
        let bytes = try trial.read(sealed.content)
        #expect(sealed.bytes == Int64(bytes.count))
        #expect(try trial.openInMemory(bytes).signers.count == 2)
    }

    @Test func takingACounterSignatureAwayLeavesTheSeal() throws {
        let whole = ["exchange.json", "data.csv", ASiCContainer.manifestName, ASiCContainer.signatureName]
        let original = try ZipBytes.container(signer: trial.identity)
        var package = original
        try package.counterSign(covering: package.references(whole), signer: second)
        let second = ["META-INF/ASiCManifest002.xml", "META-INF/signature002.p7s"]
        try package.counterSign(3, covering: package.references(whole + second), signer: third)
        #expect(try trial.openInMemory(package.bytes).signers.map(\.participant.rawValue) == ["AM.MOI", "AM.ARMSTAT", "AM.CBA"])
        package.entries.removeLast(2)
        #expect(try trial.openInMemory(package.bytes).signers.map(\.participant.rawValue) == ["AM.MOI", "AM.ARMSTAT"])
        package.entries.removeLast(2)
        #expect(try trial.openInMemory(package.bytes).counterSigners.isEmpty)
        #expect(package.bytes == original.bytes)
    }

    @Test func nobodyCounterSignsWhatDoesNotSayWhichExchangeItIs() throws {
        let nameless = try ZipBytes.container([("data.csv", Trial.data)], signer: trial.identity).bytes
        #expect(trial.refusalInMemory(nameless) == .missingFile)
        #expect { try counterSigned(nameless, by: second) } throws: { ($0 as? PackageError)?.code == .missingFile }
        var limits = PackageLimits()
        limits.exchangeBytesMax = Int64(Trial.exchange.count)
        let package = try trial.package()
        _ = try counterSigned(package, by: second, limits: limits)
        limits.exchangeBytesMax -= 1
        #expect { try counterSigned(package, by: second, limits: limits) } throws: { ($0 as? PackageError)?.code == .limitExceeded }
    }

    @Test func nobodyCounterSignsWhatDoesNotHold() throws {
        var package = try ZipBytes.container(signer: trial.identity)
        package.entries[2] = ZipBytes.Entry("data.csv", Array("REF_AREA,OBS_VALUE\nAM,0\n".utf8))
        #expect { try counterSigned(package.bytes, by: second) } throws: { ($0 as? PackageError)?.code == .digestMismatch }
        let foreign = try Trial().package()
        #expect { try counterSigned(foreign, by: second) } throws: { ($0 as? PackageError)?.code == .signerUntrusted }
    }

    @Test func signaturesHaveALimitThatHoldsExactly() throws {
        var limits = PackageLimits()
        limits.signaturesMax = 2
        let package = try trial.package()
        let once = try counterSigned(package, by: second, limits: limits)
        #expect(trial.refusalInMemory(once, limits: limits) == nil)
        #expect { try counterSigned(once, by: third, limits: limits) } throws: { ($0 as? PackageError)?.code == .limitExceeded }
        let twice = try counterSigned(once, by: third)
        #expect(trial.refusalInMemory(twice, limits: limits) == .limitExceeded)
        #expect(trial.refusalInMemory(twice) == nil)
    }

    @Test func oneBadSignatureRefusesTheWhole() throws {
        let stranger = try Trial.identity(of: CertificateAuthority(name: "Trial authority", validity: .init(now: Trial.now, days: 365)), as: "AM.ARMSTAT")
        let all = ["exchange.json", "data.csv", ASiCContainer.manifestName, ASiCContainer.signatureName]
        var package = try ZipBytes.container(signer: trial.identity)
        try package.counterSign(covering: package.references(all), signer: second)
        #expect(trial.refusalInMemory(package.bytes) == nil, "the hand-made counter-signature is right before it is changed")
        var foreign = try ZipBytes.container(signer: trial.identity)
        try foreign.counterSign(covering: foreign.references(all), signer: stranger)
        #expect(trial.refusalInMemory(foreign.bytes) == .signerUntrusted)
        for index in package.entries.indices.dropFirst(3) {
            var damaged = package
            damaged.entries[index] = ZipBytes.Entry(
                String(decoding: damaged.entries[index].name, as: UTF8.self), damaged.entries[index].data.dropLast() + [damaged.entries[index].data.last! ^ 1])
            #expect(trial.refusalInMemory(damaged.bytes) == .signatureInvalid, "entry \(index)")
        }
    }

    /// Each properly signed by a trusted signer: the manifests do not fit each other.
    @Test func counterSignaturesCoverTheFilesAndTheSignaturesBefore() throws {
        let whole = ["exchange.json", "data.csv", ASiCContainer.manifestName, ASiCContainer.signatureName]
        func code(_ names: [String], _ change: (inout [ASiCManifest.Reference]) -> Void = { _ in }) throws -> PackageError.Code? {
            var package = try ZipBytes.container(signer: trial.identity)
            var references = package.references(names)
            change(&references)
            try package.counterSign(covering: references, signer: second)
            return trial.refusalInMemory(package.bytes)
        }
        #expect(try code(whole) == nil)
        #expect(try code(["exchange.json", "data.csv"]) == .uncoveredFile, "parallel signatures prove no order")
        #expect(try code(whole.filter { $0 != ASiCContainer.signatureName }) == .uncoveredFile)
        #expect(try code(whole.filter { $0 != "data.csv" }) == .manifestMalformed)
        #expect(try code(whole) { $0[1].sha256 = SHA256.hash([]) } == .manifestMalformed)
        #expect(try code(whole) { $0[3].sha256 = SHA256.hash([]) } == .digestMismatch)
        #expect(try code(whole) { $0.append(.init(name: "other.csv", mediaType: nil, sha256: SHA256.hash([]))) } == .manifestMalformed)
        #expect(try code(whole) { $0.append($0[0]) } == .duplicateName)
        #expect(try code(whole) { $0.append(.init(name: "META-INF/ASiCManifest002.xml", mediaType: nil, sha256: SHA256.hash([]))) } == .manifestMalformed)
        #expect(try code(whole) { $0.append(.init(name: "mimetype", mediaType: nil, sha256: SHA256.hash([]))) } == .manifestMalformed)
    }

    @Test func signaturesAreNotWrappedOrSwapped() throws {
        let whole = ["exchange.json", "data.csv", ASiCContainer.manifestName, ASiCContainer.signatureName]
        var package = try ZipBytes.container(signer: trial.identity)
        try package.counterSign(covering: package.references(whole), signer: second)
        // The pairs in the other order: the sealer would be another.
        var reordered = package
        reordered.entries = [0, 1, 2, 5, 6, 3, 4].map { package.entries[$0] }
        #expect(trial.refusalInMemory(reordered.bytes) == .manifestMalformed)
        // Each signature under the other's name.
        var swapped = package
        (swapped.entries[4].name, swapped.entries[6].name) = (swapped.entries[6].name, swapped.entries[4].name)
        #expect(trial.refusalInMemory(swapped.bytes) == .signatureInvalid || trial.refusalInMemory(swapped.bytes) == .manifestMalformed)
        // A second manifest with the first one's signature, or over the other's.
        var twoManifests = try ZipBytes.container(signer: trial.identity)
        twoManifests.entries.append(ZipBytes.Entry("META-INF/ASiCManifest002.xml", twoManifests.entries[3].data))
        #expect(trial.refusalInMemory(twoManifests.bytes) == .sealUnsupported)
        var borrowed = try ZipBytes.container(signer: trial.identity)
        borrowed.entries.append(ZipBytes.Entry("META-INF/ASiCManifest002.xml", borrowed.entries[3].data))
        borrowed.entries.append(ZipBytes.Entry("META-INF/signature002.p7s", borrowed.entries[4].data))
        #expect(trial.refusalInMemory(borrowed.bytes) == .manifestMalformed, "the copy names the first signature")
        var naming = try ZipBytes.container(signer: trial.identity)
        try naming.counterSign(covering: naming.references(whole), signer: second, signatureName: ASiCContainer.signatureName)
        #expect(trial.refusalInMemory(naming.bytes) == .manifestMalformed)
        // Without the first signature the second one proves nothing.
        var beheaded = package
        beheaded.entries.removeSubrange(3...4)
        #expect(trial.refusalInMemory(beheaded.bytes) == .manifestMalformed)
    }

    @Test func refusesEverySingleByteChange() throws {
        let package = try counterSigned(trial.package(), by: second)
        var accepted: [Int] = []
        for offset in package.indices {
            var changed = package
            changed[offset] ^= offset % 2 == 0 ? 0x20 : 0xff
            if trial.refusalInMemory(changed) == nil { accepted.append(offset) }
        }
        #expect(accepted.isEmpty)
    }
}
