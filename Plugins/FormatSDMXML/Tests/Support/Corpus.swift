import Foundation
import SluiceKit

/// The reference data beside the repository; tests that need it are skipped where it is absent.
enum Corpus {
    static let root: String? = {
        if let named = ProcessInfo.processInfo.environment["SLUICE_CORPUS"] { return FileManager.default.fileExists(atPath: named + "/sdmx") ? named : nil }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.deletingLastPathComponent().appendingPathComponent("shared/corpus").path
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path),
                FileManager.default.fileExists(atPath: candidate + "/sdmx")
            {
                return candidate
            }
        }
        return nil
    }()
    static var isPresent: Bool { root != nil }

    struct Entry: Sendable, CustomStringConvertible {
        var path: String
        var version: String
        var message: String
        var schemaVerdict: String
        var pysdmx: String
        var sdmx1: String
        var description: String { path }

        /// A number after `key=` where the tool read the file.
        static func count(_ text: String, _ key: String) -> Int? {
            guard text.hasPrefix("ok"), let range = text.range(of: key + "=") else { return nil }
            return Int(text[range.upperBound...].prefix { $0.isNumber })
        }
    }

    static let manifest: [Entry] = {
        guard let root, let text = try? String(contentsOfFile: root + "/sdmx/MANIFEST.tsv", encoding: .utf8) else { return [] }
        let lines = text.split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        func column(_ name: String) -> Int { names.firstIndex(of: name) ?? 0 }
        return lines.dropFirst().compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == names.count, cells[column("kind")] == "xml" else { return nil }
            return Entry(
                path: cells[column("path")], version: cells[column("sdmx_version")], message: cells[column("message")],
                schemaVerdict: cells[column("schema_check")],
                pysdmx: cells[column("pysdmx_1.21_reads")], sdmx1: cells[column("sdmx1_2.28_reads")])
        }
    }()

    static let structureEntries = manifest.filter { $0.version == "2.1" && $0.message == "Structure" && $0.schemaVerdict == "valid" }
    /// Data messages that have to be read: those of 2.1 and 3.x that the official schemas find valid, and all of 2.0, whose schemas few tools can check.
    static let dataEntries = manifest.filter { entry in
        switch entry.version {
        case "2.0": ["CompactData", "GenericData", "MessageGroup", "Envelope"].contains(entry.message)
        case "2.1", "3.0", "3.1":
            ["GenericData", "GenericTimeSeriesData", "StructureSpecificData", "StructureSpecificTimeSeriesData"].contains(entry.message)
                && entry.schemaVerdict.hasPrefix("valid")
        default: false
        }
    }
    /// Data messages that the official schemas refuse.
    static let invalidDataEntries = manifest.filter { entry in
        entry.message.hasSuffix("Data") && entry.version != "2.0" && !entry.schemaVerdict.hasPrefix("valid")
    }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: (root ?? "") + "/" + path))) }

    static let sdg14 = "sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml"

    /// Every valid 2.1 structure of the corpus together.
    static let structures: StructureSet = {
        var all = StructureSet()
        for entry in structureEntries { if let set = try? readStructures(bytes("sdmx/" + entry.path)) { all.merge(set) } }
        return all
    }()
    static let sdg: StructureSet = (try? readStructures(bytes(sdg14))) ?? StructureSet()
}
