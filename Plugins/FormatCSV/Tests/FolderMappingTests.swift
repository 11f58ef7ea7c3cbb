import Foundation
import SluiceKit
import Testing

@testable import FormatCSV

@Suite struct FolderMappingTests {
    private typealias Sample = CSVSample

    private static let shared = """
        mapping: 1
        structure: AM.MOI:PERMITS(1.0)
        labels:
          SEX: {male: M, female: F, total: _T}
          ACTIVITY: {construction: F, trade: G}
        columns:
          Year: TIME_PERIOD
          Value: OBS_VALUE
          Sex: {into: SEX, labels: shared}
          Category: {into: [SEX, ACTIVITY], labels: shared}
        constants: {FREQ: A, UNIT_MEASURE: PS, OBS_STATUS: A}
        defaults: {SEX: _T, ACTIVITY: _T}
        when:
          - if: {Sex: male}
            set: {COMMENT_OBS: men}
        tables:

        """

    private func folder(_ files: [String: String]) throws -> (folder: TableFolder, path: String) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-folder-\(UUID().uuidString)").path
        for (name, text) in files {
            let url = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return (try TableFolder(path), path)
    }

    private func read(_ files: [String: String], _ yaml: String, capacity: Int = 2) throws -> (
        rows: [[String: String]], findings: [Finding], tables: [TableOutcome]
    ) {
        let (folder, path) = try folder(files)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let collector = Collector()
        let mapping = try CSVMapping(yaml: Self.shared + yaml, file: "m.yaml")
        let reader = try CSVPlugin.reader(of: folder, mapping: mapping, in: ReadContext(structures: Sample.structures(), findings: collector))
        let description = try #require(try reader.nextDataset())
        let batch = Batch(schema: description.schema, capacity: capacity)
        var rows: [[String: String]] = []
        while try reader.read(into: batch) > 0 {
            for row in 0..<batch.rowCount {
                rows.append(
                    Dictionary(
                        uniqueKeysWithValues: description.schema.components.indices.compactMap { column in
                            batch.string(column, row).map { (description.schema.components[column].id, $0) }
                        }))
            }
            batch.removeAllRows()
        }
        #expect(try reader.nextDataset() == nil)
        return (rows, collector.findings, reader.tables)
    }

    @Test(arguments: [1, 2, 100]) func readsAFolderAsOneDataset(capacity: Int) throws {
        let (rows, findings, tables) = try read(
            [
                "t-10.csv": "Year,Sex,Value\n2020,male,1\n2021,,2\n", "t-2.csv": "Year,Category,Value\n2020,trade,3\n2020,female,4\n",
                "area/AM-ER.csv": "Jahr;Value\n2020;5,5\n", "demo.csv": "x\n1\n",
            ],
            """
              - files: demo.csv
                leaveOut: true
              - files: [area/*.csv]
                separator: ;
                decimal: ","
                columns: {Jahr: TIME_PERIOD}
                fileName: {pattern: "/area.([A-Z-]+)[.]csv/", into: REF_AREA}
              - files: "t-*.csv"
                constants: {REF_AREA: AM, UNIT_MEASURE: CASES}
            """, capacity: capacity)
        #expect(findings.isEmpty, "\(findings)")
        #expect(tables.map(\.file) == ["area/AM-ER.csv", "demo.csv", "t-2.csv", "t-10.csv"])
        #expect(tables.map(\.rowCountWritten) == [1, 0, 2, 2] && tables[1].isLeftOut)
        let cells = rows.map { row in ["REF_AREA", "SEX", "ACTIVITY", "OBS_VALUE", "UNIT_MEASURE", "COMMENT_OBS"].map { row[$0] ?? "-" }.joined(separator: " ")
        }
        #expect(cells == ["AM-ER _T _T 5.5 PS -", "AM _T G 3 CASES -", "AM F _T 4 CASES -", "AM M _T 1 CASES men", "AM _T _T 2 CASES -"])
    }

    @Test func reportsEachTableUnderItsName() throws {
        let (rows, findings, tables) = try read(
            [
                "a.csv": "Year,Category,Value\n2020,fishing,1\n2021,trade,2\n", "b.csv": "Year,Kind,Value\n2020,x,1\n2021,,2\n",
                "c.csv": "Year,Value\n2020,\"1\n",
                "d.csv": "Year,Value\n2020,1\n", "e.csv": "", "f.csv": "Year,Value\n2020,9\n\u{0},1\n", "other.csv": "Year,Value\n2020,1\n",
            ],
            """
              - files: d.csv
              - {files: b.csv, unplaced: [Kind], constants: {REF_AREA: AM}}
              - {files: "?.csv", constants: {REF_AREA: AM}}
            """)
        #expect(rows.map { $0["OBS_VALUE"] } == ["2", "2", "9"])
        let codes: [FindingCode] = [
            .labelUnmapped, .columnUnplaced, .tableUnusable, .tableUnusable, .tableUnusable, .tableUnusable, .tableUnmapped, .columnUnused,
        ]
        #expect(findings.map(\.code) == codes)
        for (finding, table) in zip(findings, tables) { #expect(finding.message.hasPrefix(table.file + ": ")) }
        #expect(findings[3].message.contains("never sets the dimension REF_AREA"))
        #expect(tables.map(\.errorCount) == [1, 1, 1, 1, 1, 1, 1])
        #expect(tables.map { $0.failure != nil } == [false, false, true, true, true, true, true])
        #expect(tables[1].rowCountUnmapped == 1 && tables[1].rowCountWritten == 1)
    }

    @Test func readsTheExampleForAFolder() throws {
        let yaml = try String(contentsOf: Sample.root.appendingPathComponent("Config/mappings/folder.yaml"), encoding: .utf8)
        let (folder, path) = try folder([
            "by-sex.csv": "Year,Sex,Value\n2024,male,120\n", "by-place.csv": "Year,Group,Remark,Value\n2024,trade,,80\n2024,female,,\n2024,female,odd,3\n",
            "regions/AM-ER.csv": "Year,Value\n2024,60\n", "notes.csv": "nothing\n",
        ])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let collector = Collector()
        let reader = try CSVPlugin.reader(
            of: folder, mapping: CSVMapping(yaml: yaml, file: "folder.yaml"), in: ReadContext(structures: Sample.structures(), findings: collector))
        let schema = try #require(try reader.nextDataset()).schema
        let batch = Batch(schema: schema)
        _ = try reader.read(into: batch)
        let rows = (0..<batch.rowCount).map { row in
            ["REF_AREA", "SEX", "ACTIVITY", "OBS_VALUE", "OBS_STATUS"].map { id in schema.index(of: id).flatMap { batch.string($0, row) } ?? "-" }.joined(
                separator: " ")
        }
        #expect(rows == ["AM _T G 80 A", "AM F _T - O", "AM M _T 120 A", "AM-ER _T _T 60 A"])
        #expect(collector.findings.map(\.code) == [.columnUnplaced])
        #expect(reader.tables.map(\.isLeftOut) == [false, false, true, false])
    }

    @Test func aTablesWordGoesBeforeWhatAllShare() throws {
        let (rows, findings, _) = try read(
            ["a.csv": "Year,Sex,Category,Value\n2020,Male,x,1\n"],
            """
              - files: a.csv
                labels: {SEX: {Male: M}}
                ignore: [Category]
                constants: {REF_AREA: AM}
                filter: {keep: {Year: "2020"}}
                when: [{if: {Sex: Male}, set: {REF_AREA: AM-ER}}]
            """)
        #expect(findings.map(\.code) == [.columnUnused])
        #expect(rows.map { "\($0["SEX"] ?? "") \($0["ACTIVITY"] ?? "") \($0["REF_AREA"] ?? "")" } == ["M _T AM-ER"])
    }

    @Test func takesAComponentFromTheFileNameByLabels() throws {
        let yaml =
            Sample.preamble.replacing("REF_AREA: AM, ", with: "")
            + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE}\nfileName: {into: REF_AREA, labels: {yerevan: AM-ER}}"
        let mapping = try CSVMapping(yaml: yaml, file: "m.yaml")
        func rows(_ file: String?) throws -> [String?] {
            let reader = try CSVPlugin.reader(
                of: MemoryByteSource(Array("Year,Value\n2020,1\n".utf8)), mapping: mapping, file: file,
                in: ReadContext(structures: Sample.structures(), findings: Collector()))
            let batch = Batch(schema: try #require(try reader.nextDataset()).schema, capacity: 4)
            _ = try reader.read(into: batch)
            return (0..<batch.rowCount).map { batch.string(batch.schema.index(of: "REF_AREA")!, $0) }
        }
        #expect(try rows("towns/yerevan.csv") == ["AM-ER"])
        #expect { try rows("gyumri.csv") } throws: { ($0 as? ReadError)?.detail.contains("\"gyumri\"") == true }
        #expect { try rows(nil) } throws: { ($0 as? ReadError)?.detail.contains("this table has none") == true }
    }

    @Test func leavesOutRowsThatAnUnplacedColumnSpeaksOf() throws {
        let yaml = Sample.preamble + "columns: {Year: TIME_PERIOD, Value: OBS_VALUE}\nunplaced: [Kind]"
        let outcome = try Sample.read("Year,Kind,Value\n2020,,1\n2020,old,2\n2020,new,3\n", yaml)
        #expect(outcome.rows.map { $0["OBS_VALUE"] } == ["1"])
        #expect(outcome.findings.map(\.code) == [.columnUnplaced, .columnUnplaced])
        #expect(outcome.findings.map(\.offendingText) == ["old", "new"])
        #expect(outcome.reader.rowCountUnmapped == 2)
    }

    @Test func reportsALabelOfSeveralComponentsOnce() throws {
        let yaml =
            Sample.preamble
            + "labels: {SEX: {m: M}, ACTIVITY: {t: G}}\ncolumns: {Year: TIME_PERIOD, Value: OBS_VALUE, K: {into: [SEX, ACTIVITY], labels: shared}}"
        let outcome = try Sample.read("Year,K,Value\n2020,m,1\n2020,t,2\n2020,z,3\n", yaml)
        #expect(outcome.findings.map(\.code) == [.labelUnmapped])
        #expect(outcome.rows.map { "\($0["SEX"] ?? "") \($0["ACTIVITY"] ?? "")" } == ["M _T", "_T G"])
    }

    @Test(arguments: [
        ("  - {}", "\"files\" is missing"), ("  - {files: []}", "no file is named"), ("  - {files: a.csv, colums: {}}", "unknown key \"colums\""),
        ("  - {files: a.csv, columns: {Sex: SEX}, ignore: [Sex]}", "both mapped and ignored"),
        ("  - {files: a.csv, columns: {Sex: SEX}, unplaced: [Sex]}", "both mapped and unplaced"),
        ("  - {files: a.csv, columns: {X: {into: REF_AREA, labels: shared}}}", "finds no labels of REF_AREA"),
        ("  - {files: a.csv, columns: {X: {into: [SEX, ACTIVITY]}}}", "needs labels: shared"),
        ("  - {files: a.csv, fileName: {pattern: abc, into: REF_AREA}}", "between slashes"), ("  - {files: a.csv, tables: []}", "unknown key \"tables\""),
        ("  - {files: a.csv, decimal: \",\", grouping: \",\"}", "same character"),
    ])
    func saysWhatIsWrongWithARule(yaml: String, detail: String) {
        #expect { try CSVMapping(yaml: Self.shared + yaml, file: "m.yaml") } throws: { ($0 as? MappingError)?.description.contains(detail) == true }
    }

    @Test func aMappingForAFolderNeedsTheFilesName() throws {
        let mapping = try CSVMapping(yaml: Self.shared + "  - {files: a.csv, constants: {REF_AREA: AM}}", file: "m.yaml")
        func open(_ file: String?) throws -> MappedCSVReader {
            try CSVPlugin.reader(
                of: MemoryByteSource([]), mapping: mapping, file: file, in: ReadContext(structures: Sample.structures(), findings: Collector()))
        }
        #expect(throws: Never.self) { try open("a.csv") }
        #expect { try open(nil) } throws: { ($0 as? ReadError)?.detail.contains("tells tables by their file names") == true }
        #expect { try open("b.csv") } throws: { ($0 as? ReadError)?.detail.contains("is for b.csv") == true }
    }

    @Test(arguments: [
        ("a.csv", "a.csv", true), ("a.csv", "x/a.csv", true), ("x/*.csv", "x/a.csv", true), ("x/*.csv", "x/y/a.csv", false), ("*.csv", "x/y/a.csv", true),
        ("indicator_?-*.csv", "indicator_1-a-2.csv", true), ("indicator_?-*.csv", "indicator_11-a.csv", false), ("*", "", true), ("?", "ա", true),
        ("", "a", false),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("[a].csv", "a.csv", false), ("[a].csv", "[a].csv", true),
    ])
    func filePatternsMatch(pattern: String, file: String, matches: Bool) { #expect(FilePattern(pattern).accepts(file) == matches) }

    @Test func filePatternsAnswerSoonWhateverTheyAre() {
        #expect(!FilePattern(String(repeating: "*a", count: 400)).accepts(String(repeating: "a", count: 399)))
    }

    @Test func refusesAFolderWithoutTables() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-empty-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect { try TableFolder(path) } throws: { ($0 as? ReadError)?.detail.contains("holds no .csv") == true }
        #expect { try TableFolder(path + "/none") } throws: { ($0 as? ReadError)?.code == .inputOutput }
        #expect(TableFolder.isFolder(path) && !TableFolder.isFolder(path + "/none"))
    }
}
