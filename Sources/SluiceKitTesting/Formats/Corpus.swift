internal import Foundation

/// Reference data outside the repository: `SLUICE_CORPUS`, else `../shared/corpus` beside the repository's root. Tests are skipped where it is absent.
package enum Corpus {
    package static let folder: String? = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let beside: String? = root.deletingLastPathComponent().appendingPathComponent("shared/corpus").path
        let candidates = [ProcessInfo.processInfo.environment["SLUICE_CORPUS"], beside]
        return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0 + "/generated") }
    }()
    package static var isPresent: Bool { folder != nil }

    package static func path(_ name: String) -> String { (folder ?? "/nowhere") + "/" + name }

    package static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path(path)))) }

    /// Rows of a CSV file without quoted commas, after its header.
    package static func rows(_ path: String) throws -> [[String]] {
        String(decoding: try bytes(path), as: UTF8.self).split(whereSeparator: \.isNewline).dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
        }
    }

    package static func files(under path: String, suffix: String) -> [String] {
        guard let folder else { return [] }
        let all = FileManager.default.enumerator(atPath: folder + "/" + path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(suffix) }.sorted().map { path + "/" + $0 }
    }

    /// Rows of the manifest of the SDMX files, by column name.
    package static func manifest() throws -> [[String: String]] {
        let lines = String(decoding: try bytes("sdmx/MANIFEST.tsv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return lines.dropFirst().map {
            Dictionary(uniqueKeysWithValues: zip(names, $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)))
        }
    }
}
