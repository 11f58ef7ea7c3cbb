import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

/// Every code is explained once, and the page is made from there.
@Suite struct CatalogueTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let page = root.appendingPathComponent("Docs/Checks.md")
    private static let mark =
        "<!-- From here on made from Sources/SluiceCore/Check/Catalogue; `RECORD=1 swift test --filter CatalogueTests` makes it anew. -->\n"

    /// What stands behind the mark.
    private static var made: String {
        func lines(_ text: String) -> String {
            // Wrapped as the rest of the page is.
            var lines = [""]
            for word in text.split(separator: " ") {
                let last = lines[lines.count - 1]
                if !last.isEmpty, last.count + word.count >= 160 {
                    lines.append(String(word))
                } else {
                    lines[lines.count - 1] += (last.isEmpty ? "" : " ") + word
                }
            }
            return lines.joined(separator: "\n")
        }
        var text = "\n| code | severity | belongs to | in short |\n|---|---|---|---|\n"
        for entry in FindingCatalogue.entries {
            let anchor = entry.code.rawValue.filter { $0 != "." }
            text += "| [`\(entry.code)`](#\(anchor)) | \(entry.severity) | \(entry.owner) | \(entry.title) |\n"
        }
        for entry in FindingCatalogue.entries {
            text += "\n## \(entry.code)\n" + lines("**What.** \(entry.what)") + "\n" + lines("**Why.** \(entry.why)") + "\n"
            if let example = entry.example { text += lines("**Example.** \(example)") + "\n" }
            text += lines("**Mend.** \(entry.mend)") + "\n"
            if entry.isFixed { text += "Its severity can be raised, and neither lowered nor switched off.\n" }
        }
        return text
    }

    @Test func thePageSaysOfEveryCodeWhatTheCatalogueSays() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let head = try #require(page.range(of: Self.mark)).upperBound
        if ProcessInfo.processInfo.environment["RECORD"] != nil {
            try (String(page[..<head]) + Self.made).write(to: Self.page, atomically: true, encoding: .utf8)
            return
        }
        #expect(String(page[head...]) == Self.made)
    }

    @Test func everyCodeOfTheSourcesIsExplained() throws {
        let codes = Set(FindingCatalogue.entries.map(\.code.rawValue))
        #expect(codes.count == FindingCatalogue.entries.count)
        var seen = Set<String>()
        for folder in ["Sources", "Plugins"] {
            let files = FileManager.default.enumerator(at: Self.root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", !file.path.contains("/Tests/") else { continue }
                for match in try String(contentsOf: file, encoding: .utf8).matches(of: /FindingCode\(rawValue: "([^"\\]+)"\)/) { seen.insert(String(match.1)) }
            }
        }
        #expect(seen.count > 30)
        #expect(seen.subtracting(codes).isEmpty, "not in the catalogue: \(seen.subtracting(codes).sorted())")
        #expect(codes.subtracting(seen).isEmpty, "in the catalogue and nowhere found: \(codes.subtracting(seen).sorted())")
    }
}
