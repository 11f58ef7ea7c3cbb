import SluiceKit
import Testing

@testable import FormatSDMXML

/// The same observations in every spelling, and real submissions.
@Suite(.enabled(if: Corpus.isPresent))
struct GeneratedTests {
    @Test(arguments: [("clean_1k", 1_000), ("defects_2k", 2_000)])
    func allSpellingsHoldTheSameRows(_ folder: String, _ count: Int) throws {
        let specific = try dump(try Corpus.bytes("generated/\(folder)/ss21.xml"), Corpus.sdg)
        #expect(specific.rows.count >= count)
        #expect(specific.findings.count == 0)
        for other in ["gen21", "ss30"] {
            let read = try dump(try Corpus.bytes("generated/\(folder)/\(other).xml"), Corpus.sdg)
            #expect(read.rows == specific.rows, "\(other)")
            #expect(read.datasets.map(\.action) == [.replace])
        }
    }

    @Test(arguments: ["data_ss21_a__Tajstat_ss_21_DATA.xml", "data_ss21_b__Tajstat_ss_21_DATA.xml", "data_generic21__Tajstat21_DATA.xml"])
    func realSubmissionsKeepEveryRow(_ name: String) throws {
        let bytes = try Corpus.bytes("sdmx/Tajstat_sdg-data-tajikistan2/" + name)
        let structures = try readStructures(try Corpus.bytes("sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.0_2019-06-13__TAJSTAT_DSD.xml"))
        let rows = try dump(bytes, structures).rows
        #expect(rows.count == 188)
        let generic = try convert(bytes, structures, to: .generic)
        #expect(try dump(generic, structures).rows == rows)
        let specific = try convert(generic, structures, to: .structureSpecific)
        #expect(try dump(specific, structures).rows == rows)
    }

    @Test(arguments: Corpus.dataEntries)
    func everySpellingKeepsEveryRow(_ entry: Corpus.Entry) throws {
        let bytes = try Corpus.bytes("sdmx/" + entry.path)
        var structures = Corpus.structures
        let rows: [String]
        do {
            rows = try dump(bytes, structures).rows
        } catch let error as ReadError where error.code == .structureUnknown {
            structures = try synthesise(bytes)
            rows = try dump(bytes, structures).rows
        }
        let holdsSeveral = rows.contains { $0.utf8.contains(CellValues.elementSeparator) || $0.utf8.contains(CellValues.languageEnd) }
        for format in SDMXMLDataFormat.all where format.version >= .v2_1 && !format.isTimeSeries {
            do {
                let written = try convert(bytes, structures, to: format, capacity: 50)
                // A message may hold no dataset at all, and then there is nothing to write.
                if written.isEmpty, rows.isEmpty { continue }
                #expect(try dump(written, structures).rows == rows, "\(format.id)")
                #expect(format.version >= .v3_0 || !holdsSeveral)
            } catch let error as WriteError {
                // Generic data cannot hold an observation without its dimension, and nothing before 3.0 several values.
                #expect(error.code == .unsupported)
                #expect(holdsSeveral && format.version < .v3_0 || format.content == .genericData && error.detail.contains("an observation has no"), "\(error)")
            }
        }
    }
}
