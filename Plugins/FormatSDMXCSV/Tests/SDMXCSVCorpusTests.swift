import FormatSDMXCSV
import Foundation
import SluiceKit
import Testing

private let v1 = SDMXCSVFormat(version: .v1)
private let v2 = SDMXCSVFormat(version: .v2)

/// A structure made of a header's own terms, for messages that come without theirs: what looks like a value or an attribute is one.
private func structures(forHeaderOf bytes: [UInt8]) throws -> StructureSet {
    let scanner = CSVScanner(MemoryByteSource(bytes))
    let head = String(decoding: try scanner.head(bytesMax: 64), as: UTF8.self)
    scanner.separator = head.contains("STRUCTURE_ID;") || head.hasPrefix("DATAFLOW;") ? UInt8(ascii: ";") : UInt8(ascii: ",")
    guard try scanner.nextRow() else { return StructureSet() }
    let control: Set<String> = ["DATAFLOW", "STRUCTURE", "STRUCTURE[;]", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY"]
    let hasNames = (0..<scanner.cellCount).contains { String(decoding: scanner.cell($0), as: UTF8.self) == "STRUCTURE_NAME" }
    var ids: [String] = []
    for index in 0..<scanner.cellCount {
        let text = String(decoding: scanner.cell(index), as: UTF8.self)
        guard !control.contains(text), !text.contains("].") else { continue }
        ids.append(String(text.prefix { $0 != ":" && $0 != "[" }))
    }
    if hasNames { ids = ids.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
    let measures = ids.filter { $0.hasPrefix("OBS_VALUE") || $0.hasPrefix("MEAS") || $0 == "Me_1" }
    let attributes = ids.filter {
        $0.hasPrefix("ATT") || ["OBS_STATUS", "OBS_CONF", "COMMENT", "DECIMALS", "UNIT_MULT", "OBS_ATTRIBUTE", "OBS_FLAG", "CONF_STATUS"].contains($0)
    }
    var set = StructureSet()
    set.add(
        DataStructure(
            identity: ArtefactIdentity(agency: "TEST", id: "MADE"),
            dimensions: ids.filter { !measures.contains($0) && !attributes.contains($0) }.map {
                Dimension(id: $0, kind: $0 == "TIME_PERIOD" ? .time : .regular)
            },
            measures: measures.map { Measure(id: $0) },
            attributes: attributes.map { Attribute(id: $0, isMandatory: false, relationship: .observation) }))
    return set
}

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
            let format = version == "1.0" ? v1 : v2
            #expect(format.recognises(Array(bytes.prefix(4_096))), "\(path)")
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
            let expected: Set<FindingCode> = [.structureMismatch, .componentUnknown, .valueMultiple, .textLanguagesNotKept, .actionUnknown]
            #expect(expected.isSuperset(of: dump.codes), "\(path): \(Set(dump.codes))")
            if let others = entry["pysdmx_1.21_reads"], let rows = others.wholeMatch(of: /ok data rows=(\d+)/)?.1 {
                #expect(dump.rows.count >= Int(rows) ?? 0, "\(path)")
            }
            for chunk in [1, 3] { #expect(try format.dump(bytes, structures, chunk: chunk) == dump, "\(path)") }
            // What was read can be written and read again (a name column, a label or another language is not data).
            if dump.findings.isEmpty { #expect(try format.dump(try format.convert(bytes, to: format, structures), structures).rows == dump.rows, "\(path)") }
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
    .enabled(if: Corpus.isPresent && Tools.python(with: "pysdmx") != nil, "pysdmx or the reference data are not at hand: set SLUICE_TOOLS and SLUICE_CORPUS"))
struct SDMXCSVOtherReadersTests {
    @Test(arguments: [SDMXCSVFormat.Version.v1, .v2]) func pysdmxReadsWhatIsWritten(version: SDMXCSVFormat.Version) throws {
        let format = SDMXCSVFormat(version: version)
        let bytes = try v2.convert(try Corpus.bytes("generated/clean_1k/csv20.csv"), to: format, SDGStructure.structures())
        let file = try Tools.temporaryFile("data.csv", bytes)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        let script = """
            import sys
            from pysdmx.io import read_sdmx
            data = read_sdmx(sys.argv[1], validate=False).data
            print(len(data), len(data[0].data), data[0].data["OBS_VALUE"].astype(str).iloc[0], data[0].data["SOURCE_DETAIL"].iloc[0])
            """
        let python = try #require(Tools.python(with: "pysdmx"))
        let result = try Tools.run(python, ["-c", script, file.path])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("1 1000 2.7587 LFS, Armstat\n"), "\(result.output)")
    }
}

@Suite(.enabled(if: Corpus.isPresent && Tools.python(with: "sdmx") != nil, "sdmx1 or the reference data are not at hand: set SLUICE_TOOLS and SLUICE_CORPUS"))
struct SDMXCSVSdmx1Tests {
    /// sdmx1 2.28 reads SDMX-CSV 2.0 when it is given the structure.
    @Test func sdmx1ReadsWhatIsWritten() throws {
        let bytes = try v2.convert(try Corpus.bytes("generated/clean_1k/csv20.csv"), to: v2, SDGStructure.structures())
        let file = try Tools.temporaryFile("data.csv", bytes)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        let script = """
            import sys, sdmx
            structure = list(sdmx.read_sdmx(sys.argv[2]).structure.values())[0]
            data = sdmx.read_sdmx(sys.argv[1], structure=structure).data
            print(len(data), len(data[0].obs), data[0].obs[0].value, data[0].obs[0].attached_attribute["SOURCE_DETAIL"].value)
            """
        let structure = (Corpus.folder ?? "") + "/sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml"
        let result = try Tools.run(try #require(Tools.python(with: "sdmx")), ["-c", script, file.path, structure])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasSuffix("1 1000 2.7587 LFS, Armstat\n"), "\(result.output)")
    }
}
