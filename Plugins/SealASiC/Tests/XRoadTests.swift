import Foundation
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

    @Test func saysOfUnpackedContainersThatTheyAreXAdES() throws {
        let root = "\(Corpus.xRoad)/tool/asic-verifier-cli/src/test/resources/asic-containers"
        var judged: [String: PackageError.Code?] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: root).sorted() {
            let files = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(name)").filter {
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: "\(root)/\(name)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
            }
            let ordered = files.filter { $0 == "mimetype" } + files.filter { $0 != "mimetype" }.sorted()
            judged[name] = try trial.refusal(ZipBytes(entries: ordered.map { ZipBytes.Entry($0, try trial.read("\(root)/\(name)/\($0)")) }).bytes)
        }
        #expect(judged.count >= 10)
        for (name, code) in judged { #expect(code == .sealUnsupported || code == .missingFile, "\(name): \(String(describing: code))") }
        if ProcessInfo.processInfo.environment["RECORD"] == "1" { print(judged.sorted { $0.key < $1.key }) }
    }
}
