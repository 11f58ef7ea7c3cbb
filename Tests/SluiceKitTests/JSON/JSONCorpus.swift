import Foundation

/// Where the reference data lies: `SLUICE_CORPUS`, or `../shared/corpus` beside the repository. Tests of it are skipped where it is absent.
enum JSONCorpus {
    static let folder: URL? = {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["SLUICE_CORPUS"].map { URL(filePath: $0) } ?? repository.appending(path: "../shared/corpus")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static var isPresent: Bool { folder != nil }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return try [UInt8](Data(contentsOf: folder.appending(path: path)))
    }

    static func names(_ path: String) throws -> [String] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path).sorted()
    }
}
