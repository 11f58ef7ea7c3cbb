import Foundation
import SluiceCrypto
import SluiceKit
import Testing

@testable import SealASiC

enum Corpus {
    static let xRoad = (ProcessInfo.processInfo.environment["SLUICE_CORPUS"] ?? "\(repositoryRoot)/../shared/corpus") + "/vectors/nordic-institute__X-Road/src"
    static let repositoryRoot = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }.path
}

/// The containers that X-Road keeps as test data: sealed with XAdES or malformed, so all are refused, and each for its own reason.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Corpus.xRoad), "corpus is absent"))
struct XRoadTests {
    let trial: Trial

    init() throws { trial = try Trial() }

    @Test(arguments: [
        ("valid-signed-message-with-attachments", PackageError.Code.unsupportedZipFeature), ("no-mimetype", .extraData), ("no-message", .extraData),
        ("not-asic", .notAZip),
    ])
    func refusesContainersAsFound(name: String, code: PackageError.Code) throws {
        #expect(try trial.refusal(trial.read("\(Corpus.xRoad)/lib/asic-core/src/test/resources/\(name).asice")) == code)
    }

    private static let unpacked = "\(Corpus.xRoad)/tool/asic-verifier-cli/src/test/resources/asic-containers"

    /// X-Road's own verdict is in the name; ours is about the profile, which none of them has.
    static let verdicts: [String: PackageError.Code] = [
        "attachments": .sealUnsupported, "invalid-digest": .missingFile, "invalid-hashchain-modified-message": .sealUnsupported,
        "invalid-incorrect-references": .sealUnsupported, "invalid-not-signed-hashchain": .missingFile, "invalid-signed-hashchain": .sealUnsupported,
        "invalid-ts-hashchainresult": .sealUnsupported, "valid-batch-ts": .sealUnsupported, "valid-signed-hashchain": .sealUnsupported,
        "valid-signed-message": .missingFile, "wrong-message": .sealUnsupported,
    ]

    @Test func everyUnpackedContainerIsRefusedForItsReason() throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: Self.unpacked).sorted() == Self.verdicts.keys.sorted())
        for (name, code) in Self.verdicts {
            let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Self.unpacked)/\(name)").filter {
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: "\(Self.unpacked)/\(name)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
            }
            let ordered = files.filter { $0 == "mimetype" } + files.filter { $0 != "mimetype" }.sorted()
            let entries = try ordered.map { ZipBytes.Entry($0, try trial.read("\(Self.unpacked)/\(name)/\($0)")) }
            #expect(try trial.refusal(ZipBytes(entries: entries).bytes) == code, "\(name)")
        }
    }

    /// X-Road's time stamps carry no certificate and are BER: nothing in them says who made them.
    @Test(arguments: ["valid-batch-ts", "invalid-incorrect-references"])
    func refusesTimeStampsWithoutTheirAuthority(name: String) throws {
        let token = try trial.read("\(Self.unpacked)/\(name)/META-INF/timestamp.tst")
        #expect { try TimeStampToken(token) } throws: { ($0 as? PackageError)?.code == .timeStampInvalid }
    }
}
