import Foundation
import SluiceKit
import Testing

@testable import FormatCSV

@Suite struct MappedCSVReaderTests {
    private typealias Sample = CSVSample

    @Test func readsATableByColumnsLabelsAndConstants() throws {
        let yaml =
            Sample.preamble + """
                columns:
                  Year: TIME_PERIOD
                  Value: OBS_VALUE
                  Sex: {into: SEX, labels: {male: M, female: F}}
                defaults: {SEX: _T}
                """
        let outcome = try Sample.read("\u{FEFF}\"Year\",\"Sex\",\"Value\"\r\n\"2020\",\"male\",\"45.0\"\r\n2021, female ,7\r\n\r\n2022,,\r\n", yaml)
        #expect(outcome.rows.map { $0["SEX"] } == ["M", "F", "_T"])
        #expect(outcome.rows.map { $0["OBS_VALUE"] } == ["45.0", "7", nil])
        #expect(outcome.rows.allSatisfy { $0["FREQ"] == "A" && $0["OBS_STATUS"] == "A" && $0["UNIT_MEASURE"] == "PS" })
        #expect(outcome.lines == [2, 3, 5])
        #expect(outcome.findings.isEmpty)
        #expect(outcome.reader.rowCountRead == 3 && outcome.reader.rowCountWritten == 3)
        #expect(outcome.description?.reference.description == "AM.MOI:PERMITS(1.0)")
    }

    @Test func readsTheExampleOfTheMappingLanguage() throws {
        let yaml = try String(contentsOf: Sample.root.appendingPathComponent("Config/mappings/example.yaml"), encoding: .utf8)
        let csv = try Array(Data(contentsOf: Sample.root.appendingPathComponent("Plugins/FormatCSV/Tests/Fixtures/permits.csv")))
        for (capacity, chunk) in [(100, Int.max), (1, 1), (3, 7)] {
            let outcome = try Sample.read(csv, yaml, capacity: capacity, chunk: chunk)
            #expect(
                outcome.rows.map {
                    "\($0["REF_AREA"] ?? "") \($0["SEX"] ?? "") \($0["TIME_PERIOD"] ?? "") \($0["OBS_VALUE"] ?? "") \($0["OBS_STATUS"] ?? "") \($0["UNIT_MULT"] ?? "") \($0["COMMENT_TS"] ?? "")"
                } == [
                    "AM-ER M 2022 1.5 A 3 ", "AM-ER M 2023  O 3 ", "AM F 2022 0.25 A 3 ", "AM F 2023 1200.0 A 3 ", "_T _T 2022 2.25 A 3 Revised",
                    "_T _T 2023 2.75 A 3 Revised",
                ])
            #expect(outcome.findings.map(\.code) == [.labelUnmapped, .labelUnmapped])
            #expect(outcome.findings.allSatisfy { $0.position.line == 6 && $0.offendingText == "Fishing" && $0.component == "ACTIVITY" })
            #expect(
                outcome.reader.rowCountRead == 6 && outcome.reader.rowCountUnmapped == 2 && outcome.reader.rowCountFiltered == 4
                    && outcome.reader.rowCountWritten == 6)
            #expect(outcome.description?.action == .replace)
            #expect(outcome.description?.schema.flow?.id == "DF_PERMITS")
        }
    }

    @Test func leavesOutAndReportsARowWhoseLabelHasNoCode() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE, Sex: {into: SEX, labels: {male: M, female: F}}}"
        let outcome = try Sample.read("Year,Sex,Value\n2020,mael,1\n2020,Female,2\n2020,women,3\n2020,male,4\n", yaml)
        #expect(outcome.rows.map { $0["OBS_VALUE"] } == ["4"])
        #expect(outcome.findings.map(\.code) == [.labelUnmapped, .labelUnmapped, .labelUnmapped])
        #expect(outcome.findings.map(\.position) == [2, 3, 4].enumerated().map { Position(line: $1, column: 2, row: $0 + 1, dataset: 1) })
        #expect(outcome.findings[0].advice == "If \"male\" was meant, correct the table; else add the label to the mapping.")
        #expect(outcome.findings[1].advice == "The mapping knows \"female\"; set ignoreCase: true, or add this spelling to its labels.")
        #expect(outcome.findings[2].advice == "Add the label and its code to the mapping; it knows \"male\", \"female\".")
        #expect(outcome.reader.rowCountUnmapped == 3)
    }

    @Test func matchesLabelsWhateverTheirUnicodeForm() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE, Sex: {into: SEX, labels: {\"café\": F}}}"
        let outcome = try Sample.read("Year,Sex,Value\n2020,cafe\u{301},1\n2021,\u{A0}caf\u{E9} ,2\n", yaml)
        #expect(outcome.rows.map { $0["SEX"] } == ["F", "F"])
    }

    @Test func takesLabelsFromTheNamesOfTheCodeList() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE, Area: {into: REF_AREA, labels: from-codelist, languages: [hy, ru]}}"
        let outcome = try Sample.read("Year,Area,Value\n2020,Հայաստան,1\n2020,Лори,2\n2020,Armenia,3\n", yaml)
        #expect(outcome.rows.map { $0["REF_AREA"] } == ["AM", "X1"])
        #expect(outcome.findings.map(\.offendingText) == ["Armenia"])
        let all = try Sample.read("Year,Area,Value\n2020,Lori,1\n", yaml.replacing(", languages: [hy, ru]", with: ""))
        #expect(all.findings.first?.message.contains("X1, X2") == true, "a name of two codes is nobody's")
    }

    @Test func feedsSeveralComponentsFromOneColumn() throws {
        let yaml =
            Sample.preamble + """
                columns:
                  Year: TIME_PERIOD
                  Value: OBS_VALUE
                  Units:
                    - {into: UNIT_MEASURE, labels: {"%": PT, thousands: PS}}
                    - {into: UNIT_MULT, labels: {"%": "0", thousands: "3"}}
                    - {into: COMMENT_TS, labels: {"%": ~}, unmapped: keep}
                """
        let outcome = try Sample.read("Year,Units,Value\n2020,%,1\n2020,thousands,2\n", yaml)
        #expect(outcome.rows.map { [$0["UNIT_MEASURE"], $0["UNIT_MULT"], $0["COMMENT_TS"]] } == [["PT", "0", nil], ["PS", "3", "thousands"]])
    }

    @Test func appliesRulesInOrderAfterColumns() throws {
        let yaml =
            Sample.preamble + """
                columns: {Year: TIME_PERIOD, Value: OBS_VALUE}
                missing: ["..", "9999"]
                when:
                  - if: {Year: ["2020", "2021"]}
                    set: {OBS_STATUS: E, COMMENT_OBS: early}
                  - if: {Value: "", Year: {not: "2022"}}
                    set: {OBS_STATUS: O}
                """
        let outcome = try Sample.read("Year,Value\n2020,1\n2021,..\n2022,\n2023,9999\n", yaml)
        #expect(outcome.rows.map { $0["OBS_STATUS"] } == ["E", "O", "A", "O"])
        #expect(outcome.rows.map { $0["COMMENT_OBS"] } == ["early", "early", nil, nil])
        #expect(outcome.rows.map { $0["OBS_VALUE"] } == ["1", nil, nil, nil])
    }

    @Test func reportsColumnsThatAreNeitherMappedNorIgnored() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE}\nignore: [Note]"
        let outcome = try Sample.read("Year,Note,Name,Value,\n2020,a,b,1,\n", yaml)
        #expect(outcome.findings.map(\.component) == ["Name"])
        #expect(outcome.findings.first?.code == .componentUnknown)
        #expect(outcome.rows.count == 1)
    }

    @Test func refusesATableWithoutAColumnThatTheMappingUses() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Values: OBS_VALUE}"
        #expect { try Sample.read("Year,Value\n2020,1\n", yaml) } throws: { error in
            guard let error = error as? ReadError else { return false }
            return error.code == .unsupported && error.detail.contains("\"Values\"") && error.detail.contains("\"Year\", \"Value\"")
                && error.detail.contains("did you mean \"Value\"?")
        }
        #expect { try Sample.read("Year,Year,Values\n", yaml) } throws: { ($0 as? ReadError)?.detail.contains("2 columns named \"Year\"") == true }
        #expect { try Sample.read("", yaml) } throws: { ($0 as? ReadError)?.code == .truncated }
    }

    @Test func refusesAMappingThatDoesNotFitTheStructure() throws {
        let wrong = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALU}"
        #expect { try Sample.read("Year,Value\n", wrong) } throws: { ($0 as? ReadError)?.detail.contains("did you mean OBS_VALUE?") == true }
        let hole = "mapping: 1\nstructure: AM.MOI:PERMITS(1.0)\ncolumns: {Year: TIME_PERIOD, Value: OBS_VALUE}\nconstants: {FREQ: A, SEX: _T, ACTIVITY: _T}"
        #expect { try Sample.read("Year,Value\n", hole) } throws: { ($0 as? ReadError)?.detail.contains("never sets the dimension REF_AREA") == true }
    }

    @Test func leavesOutRowsThatHaveOtherCellCounts() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE}"
        let outcome = try Sample.read("Year,Value\n2020\n2020,1,x\n2020,2,,\n", yaml)
        #expect(outcome.findings.map(\.code) == [.rowTooFewCells, .rowTooManyCells])
        #expect(outcome.rows.map { $0["OBS_VALUE"] } == ["2"])
        #expect(outcome.reader.rowCountBroken == 2)
    }

    @Test func readsOtherEncodings() throws {
        let yaml =
            Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE, \"Регион\": {into: REF_AREA, labels: {\"Лори\": X1}}}\nencoding: windows-1251"
        let cyrillic: [UInt8] = [0xD0, 0xE5, 0xE3, 0xE8, 0xEE, 0xED]  // Регион
        let lori: [UInt8] = [0xCB, 0xEE, 0xF0, 0xE8]
        let bytes = Array("Year,Value,".utf8) + cyrillic + Array("\n2020,1,".utf8) + lori + Array("\n".utf8)
        for chunk in [1, 3, Int.max] { #expect(try Sample.read(bytes, yaml, chunk: chunk).rows.map { $0["REF_AREA"] } == ["X1"]) }
        #expect { try Sample.read(bytes + [0x98], yaml) } throws: { ($0 as? ReadError)?.code == .encoding }

        let text = "Year,Value,Регион\n2020,1,Лори\n2021,1,😀\n"
        for (name, isBig, mark) in [("utf-16", true, true), ("utf-16", false, true), ("utf-16le", false, false), ("utf-16be", true, true)] {
            var wide: [UInt8] = []
            for unit in (mark ? [0xFEFF] : []) + Array(text.utf16) {
                wide += isBig ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            }
            let outcome = try Sample.read(wide, yaml.replacing("windows-1251", with: name), chunk: 5)
            #expect(outcome.rows.map { $0["REF_AREA"] } == ["X1"], "\(name)")
            #expect(outcome.findings.map(\.offendingText) == ["😀"])
            #expect { try Sample.read(Array(wide.dropLast()), yaml.replacing("windows-1251", with: name)) } throws: { ($0 as? ReadError)?.code == .encoding }
        }
        #expect { try Sample.read(Array("Y".utf8), yaml.replacing("windows-1251", with: "utf-16")) } throws: { ($0 as? ReadError)?.code == .encoding }
    }

    @Test func readsAWideTableCellByCell() throws {
        let yaml =
            Sample.preamble + """
                columns: {Sex: {into: SEX, labels: {m: M, f: F}}}
                unpivot: {columns: [y1, y2], into: TIME_PERIOD, labels: {y1: "2020", y2: "2021"}, value: OBS_VALUE, multiplier: 1000}
                """
        let outcome = try Sample.read("Sex,y1,y2\nm,1.5,\nf,0.0025,3\n", yaml, capacity: 1)
        #expect(outcome.rows.map { "\($0["SEX"] ?? "") \($0["TIME_PERIOD"] ?? "") \($0["OBS_VALUE"] ?? "")" } == ["M 2020 1500", "F 2020 2.5", "F 2021 3000"])
    }

    @Test func keepsMemoryOfCodesApartWhenTheBatchChanges() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE, Sex: {into: SEX, labels: {male: M, female: F}}}"
        let mapping = try CSVMapping(yaml: yaml, file: "test.yaml")
        let csv = "Year,Sex,Value\n2020,male,1\n2020,female,2\n2020,female,3\n2020,male,4\n"
        let reader = try CSVPlugin.reader(
            of: MemoryByteSource(Array(csv.utf8)), mapping: mapping, in: ReadContext(structures: Sample.structures(), findings: Collector()))
        let schema = try #require(try reader.nextDataset()).schema
        let sex = try #require(schema.index(of: "SEX"))
        var seen: [String?] = []
        for _ in 0..<4 {
            let batch = Batch(schema: schema, capacity: 1)
            #expect(try reader.read(into: batch) == 1)
            seen.append(batch.string(sex, 0))
        }
        #expect(seen == ["M", "F", "F", "M"])
    }
}
