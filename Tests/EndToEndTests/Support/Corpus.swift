import Foundation
import Testing

/// Public reference data, beside the repository or where `SLUICE_CORPUS` says; tests that need it skip where it is absent.
enum Corpus {
    static let root: String? = {
        let named = ProcessInfo.processInfo.environment["SLUICE_CORPUS"]
        let candidates = [named, Repository.root + "/../shared/corpus"].compactMap { $0 }
        return candidates.first { FileManager.default.fileExists(atPath: $0 + "/generated") }
    }()

    static var isPresent: Bool { root != nil }
    static let absent: Comment = "the corpus is absent (SLUICE_CORPUS)"

    static func path(_ name: String) -> String { (root ?? "/nowhere") + "/" + name }
    static func clean(_ name: String) -> String { path("generated/clean_1k/" + name) }
    static func defects(_ name: String) -> String { path("generated/defects_2k/" + name) }
    static func tajik(_ name: String) -> String { path("sdmx/Tajstat_sdg-data-tajikistan2/" + name) }

    /// The official data structure of the SDG indicators, 1.4.
    static var sdg: String { tajik("SDG_DSD_1.4_2021-06-24__SDG_DSD.xml") }
}

/// The repository that these tests stand in.
enum Repository {
    static let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/EndToEndTests/")!.lowerBound))
    static func path(_ name: String) -> String { root + "/" + name }
}
