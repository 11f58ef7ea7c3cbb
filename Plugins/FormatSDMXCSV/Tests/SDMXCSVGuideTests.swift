import FormatSDMXCSV
import SluiceKit
import SluiceKitTesting
import Testing

/// The examples that stand in the field guides themselves.
@Suite(.enabled(if: Corpus.isPresent, "the reference data are not at hand: set SLUICE_CORPUS")) struct SDMXCSVGuideTests {
    struct Example {
        let title: String
        let text: String
    }

    /// Blocks of a guide that are indented and begin like a message.
    private func examples(_ version: String) throws -> [Example] {
        let guide = String(decoding: try Corpus.bytes("sdmx/sdmx-twg_sdmx-csv/\(version)/data-message/docs/sdmx-csv-field-guide.md"), as: UTF8.self)
        var examples: [Example] = []
        var title = ""
        var block: [String] = []
        for line in (guide + "\n\n").split(separator: "\n", omittingEmptySubsequences: false) {
            let indented = line.hasPrefix("\t") ? line.dropFirst() : line.hasPrefix("    ") ? line.dropFirst(4) : nil
            if let indented { block.append(String(indented)) }
            if indented == nil, let first = block.first {
                if first.hasPrefix("STRUCTURE") || first.hasPrefix("DATAFLOW") {
                    examples.append(Example(title: title, text: block.joined(separator: "\n") + "\n"))
                }
                block = []
            }
            if line.hasPrefix("#### ") { title = String(line.dropFirst(5)) }
        }
        return examples
    }

    @Test(arguments: [("v1.0", SDMXCSVFormat.Version.v1, 3), ("v2.0.0", .v2, 21), ("v2.1", .v21, 21)])
    func readsEveryExampleAndWritesItBack(version: String, format: SDMXCSVFormat.Version, expected: Int) throws {
        let format = SDMXCSVFormat(version: format)
        var count = 0
        for example in try examples(version) {
            let bytes = Array(example.text.utf8)
            let structures = try structures(forHeaderOf: bytes)
            let dump = try format.dump(bytes, structures)
            let lines = example.text.split(separator: "\n").count - 1 - (example.title.contains("line-breaks") ? 1 : 0)
            #expect(dump.rows.count == lines, "\(example.title)")
            // Columns of one's own, a structure of another name, and the lines of example 18 that end with a comma too many.
            let allowed: Set<FindingCode> = [.componentUnknown, .structureMismatch, .rowTooManyCells]
            #expect(allowed.isSuperset(of: dump.codes), "\(example.title): \(dump.findings)")
            for chunk in [1, 5] { #expect(try format.dump(bytes, structures, chunk: chunk) == dump, "\(example.title)") }
            let written = try format.convert(bytes, to: format, structures)
            let again = try format.dump(written, structures)
            #expect(again.rows == dump.rows, "\(example.title): \(String(decoding: written, as: UTF8.self))")
            #expect(again.datasets == dump.datasets, "\(example.title)")
            count += 1
        }
        #expect(count == expected)
    }

    @Test func understandsNestedMetadataAttributes() throws {
        let example = try #require(try examples("v2.1").first { $0.title.hasPrefix("14") })
        let structures = try structures(forHeaderOf: Array(example.text.utf8))
        let dump = try SDMXCSVFormat(version: .v21).dump(example.text, structures)
        #expect(
            dump.rows[1]
                == "DIM_2=B|COLLECTION.METHOD=en\u{1E}CCC\u{1F}fr\u{1E}DDD|CONTACT=Contact 1\u{1F}Contact 2\u{1F}Contact 3|CONTACT.NAME=Contact 1 Name 1\u{1D}Contact 1 Name 2\u{1F}\u{1F}Contact 3 Name 1\u{1D}Contact 3 Name 2"
        )
        let written = String(
            decoding: try SDMXCSVFormat(version: .v21).convert(Array(example.text.utf8), to: SDMXCSVFormat(version: .v21), structures), as: UTF8.self)
        // Nothing but line ends and the action's newer name differ from the guide's own text; it has no separator of sub-fields in STRUCTURE.
        #expect(written.replacing("\r\n", with: "\n").replacing("STRUCTURE[;]", with: "STRUCTURE") == example.text)
    }
}
