import FormatSDMXCSV
import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

private let v1 = SDMXCSVFormat(version: .v1)
private let v2 = SDMXCSVFormat(version: .v2)
private let v21 = SDMXCSVFormat(version: .v21)

@Suite(.enabled(if: Corpus.isPresent, "the reference data are not at hand: set SLUICE_CORPUS")) struct SDMXCSVCorpusTests {
    /// The generated files by plain means: what Foundation's splitting makes of the columns, quotes resolved by hand.
    private func expectedRows(_ bytes: [UInt8], dropping control: Int) -> [String] {
        func cells(_ line: Substring) -> [String] {
            var cells: [String] = [""]
            var isQuoted = false
            for character in line {
                if character == "\"" {
                    isQuoted.toggle()
                } else if character == ",", !isQuoted {
                    cells.append("")
                } else {
                    cells[cells.count - 1].append(character)
                }
            }
            return cells
        }
        let lines = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\"\"", with: "\u{1}").split(separator: "\n")
        let names = cells(lines[0]).dropFirst(control)
        return lines.dropFirst().map { line in
            zip(names, cells(line).dropFirst(control)).filter { !$0.1.isEmpty }.map { "\($0)=\($1.replacing("\u{1}", with: "\""))" }.joined(separator: "|")
        }
    }

    @Test(arguments: ["clean_1k", "defects_2k"], [1, 7, 4_096, Int.max]) func readsTheGeneratedFiles(name: String, chunk: Int) throws {
        let older = try Corpus.bytes("generated/\(name)/csv10.csv")
        let newer = try Corpus.bytes("generated/\(name)/csv20.csv")
        let structures = SDGStructure.structures()
        let dump1 = try v1.dump(older, structures, chunk: chunk)
        let dump2 = try v2.dump(newer, structures, chunk: chunk)
        #expect(dump1.rows == expectedRows(older, dropping: 1))
        #expect(dump1.rows == dump2.rows)
        #expect(dump1.findings.isEmpty && dump2.findings.isEmpty)
        #expect(dump1.rows.count == (name == "clean_1k" ? 1_000 : 2_002))
    }

    @Test func writesTheGeneratedFilesByteForByte() throws {
        let structures = SDGStructure.structures()
        let newer = try Corpus.bytes("generated/clean_1k/csv20.csv")
        #expect(try v2.convert(newer, to: v2, structures) == newer)
        #expect(try v2.convert(newer, to: v2, structures, capacity: 7) == newer)
        let older = try Corpus.bytes("generated/clean_1k/csv10.csv")
        #expect(try v1.convert(older, to: v1, structures) == older)
    }

    @Test func keepsDefectsAsTheyStand() throws {
        // Not byte for byte: their writer quotes a cell for the space at its beginning, which RFC 4180 has no need of.
        let structures = SDGStructure.structures()
        let newer = try Corpus.bytes("generated/defects_2k/csv20.csv")
        let expected = try v2.dump(newer, structures)
        #expect(try v2.dump(try v2.convert(newer, to: v2, structures), structures) == expected)
        #expect(try v1.dump(try v2.convert(newer, to: v1, structures), structures).rows == expected.rows)
    }

    @Test func readsEveryValidMessageOfOthers() throws {
        // What others wrote wrongly on purpose: an unknown kind of structure.
        let refused = ["data_v2_structures_exception.csv"]
        // Rows without the cells of optional columns: each of its rows is reported (RFC 4180: all rows have the same number of cells).
        let short = ["data_v2_action_col.csv"]
        var count = 0
        for entry in try Corpus.manifest() {
            guard entry["kind"] == "csv", let path = entry["path"], let version = entry["sdmx_version"], version != "plain" else { continue }
            let bytes = try Corpus.bytes("sdmx/" + path)
            let format = try #require([v1, v2, v21].first { $0.recognises(Array(bytes.prefix(4_096))) }, "\(path)")
            #expect((format.version == .v1) == (version == "1.0"), "\(path)")
            let name = String(path.split(separator: "/").last ?? "")
            if refused.contains(name) {
                #expect(format.failure(bytes, try structures(forHeaderOf: bytes))?.line == 4, "\(path)")
                continue
            }
            let structures = try structures(forHeaderOf: bytes)
            let dump = try format.dump(bytes, structures)
            count += 1
            if short.contains(name) {
                #expect(Set(dump.codes) == [.rowTooFewCells], "\(path)")
                continue
            }
            // The structure is made for the test, so a message that names another one gets its warning.
            let expected: Set<FindingCode> = [.structureMismatch, .componentUnknown, .actionUnknown]
            #expect(expected.isSuperset(of: dump.codes), "\(path): \(dump.findings)")
            if let others = entry["pysdmx_1.21_reads"], let rows = others.wholeMatch(of: /ok data rows=(\d+)/)?.1 {
                #expect(dump.rows.count >= Int(rows) ?? 0, "\(path)")
            }
            for chunk in [1, 3] { #expect(try format.dump(bytes, structures, chunk: chunk) == dump, "\(path)") }
            // What was read can be written and read again (a name column and a column of one's own are not data).
            let again = try format.dump(try format.convert(bytes, to: format, structures), structures)
            #expect(again.rows == dump.rows, "\(path)")
            #expect(again.datasets == dump.datasets, "\(path)")
        }
        #expect(count >= 49)
    }

    @Test func neverCrashesOnHostileFiles() throws {
        let structures = SDGStructure.structures()
        var files =
            Corpus.files(under: "vectors/max-mapper__csv-spectrum", suffix: ".csv")
            + Corpus.files(under: "vectors/payloadbox__csv-injection-payloads", suffix: "")
        files += Corpus.files(under: "vectors/nst__JSONTestSuite", suffix: ".json")
        #expect(files.count > 200)
        for file in files {
            guard let bytes = try? Corpus.bytes(file) else { continue }
            for format in [v1, v2] {
                #expect(format.failure(bytes, structures) != nil, "\(file) is no SDMX-CSV")
                // The same bytes as the body of a message: read or refused, never a crash.
                let head = Array((format.version == .v1 ? "DATAFLOW,FREQ\n" : "STRUCTURE,STRUCTURE_ID\n").utf8)
                _ = format.failure(head + bytes, structures)
            }
        }
    }

    @Test func cutsCSVSpectrumAsItsAuthorsDo() throws {
        var count = 0
        for file in Corpus.files(under: "vectors/max-mapper__csv-spectrum/csvs", suffix: ".csv") {
            let json = try Corpus.bytes(file.replacing("/csvs/", with: "/json/").replacing(".csv", with: ".json"))
            // One of them is in Latin-1, which is refused, and its answer is no array.
            guard let expected = try? JSONSerialization.jsonObject(with: Data(json)) as? [[String: String]] else { continue }
            let scanner = CSVScanner(MemoryByteSource(try Corpus.bytes(file)))
            var rows: [[String]] = []
            while try scanner.nextRow() { rows.append((0..<scanner.cellCount).map { String(decoding: scanner.cell($0), as: UTF8.self) }) }
            #expect(rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(rows[0], $0)) } == expected, "\(file)")
            count += 1
        }
        #expect(count == 8)
    }
}

@Suite(
    .enabled(
        if: Corpus.isPresent && OraclePython.importing("pysdmx") != nil,
        "pysdmx or the reference data are not at hand: set SLUICE_ORACLE_PYTHON and SLUICE_CORPUS"))
struct SDMXCSVOtherReadersTests {
    @Test(arguments: [SDMXCSVFormat.Version.v1, .v2]) func pysdmxReadsWhatIsWritten(version: SDMXCSVFormat.Version) throws {
        let format = SDMXCSVFormat(version: version)
        let bytes = try v2.convert(try Corpus.bytes("generated/clean_1k/csv20.csv"), to: format, SDGStructure.structures())
        let script = """
            import sys
            from pysdmx.io import read_sdmx
            data = read_sdmx(sys.argv[1], validate=False).data
            print(len(data), len(data[0].data), data[0].data["OBS_VALUE"].astype(str).iloc[0], data[0].data["SOURCE_DETAIL"].iloc[0])
            """
        let python = try #require(OraclePython.importing("pysdmx"))
        let result = try OraclePython.withFile("data.csv", bytes) { try OraclePython.run(python, ["-c", script, $0]) }
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("1 1000 2.7587 LFS, Armstat\n"), "\(result.output)")
    }
}

@Suite(
    .enabled(
        if: Corpus.isPresent && OraclePython.importing("sdmx") != nil, "sdmx1 or the reference data are not at hand: set SLUICE_ORACLE_PYTHON and SLUICE_CORPUS"
    ))
struct SDMXCSVSdmx1Tests {
    /// sdmx1 2.28 reads SDMX-CSV 2.0 when it is given the structure.
    @Test func sdmx1ReadsWhatIsWritten() throws {
        let bytes = try v2.convert(try Corpus.bytes("generated/clean_1k/csv20.csv"), to: v2, SDGStructure.structures())
        let script = """
            import sys, sdmx
            structure = list(sdmx.read_sdmx(sys.argv[2]).structure.values())[0]
            data = sdmx.read_sdmx(sys.argv[1], structure=structure).data
            print(len(data), len(data[0].obs), data[0].obs[0].value, data[0].obs[0].attached_attribute["SOURCE_DETAIL"].value)
            """
        let structure = Corpus.path("sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml")
        let python = try #require(OraclePython.importing("sdmx"))
        let result = try OraclePython.withFile("data.csv", bytes) { try OraclePython.run(python, ["-c", script, $0, structure]) }
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("1 1000 2.7587 LFS, Armstat\n"), "\(result.output)")
    }
}
