import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import FormatCSV

@Suite struct SuggestionTests {
    private typealias Sample = SuggestionSample

    private static let long = """
        Year,Units,Sex,Age,Location,Category,Value
        2020,%,male,15-24,urban,,1.5
        2020,%,female,under 5,rural,,2
        2021,thousand persons,total,65 and over,,,3
        2021,%,neutral,,,,4
        2021,%,,,,special,5
        2022,%,,,,,..
        2022,%,,,,,

        """

    @Test func theProposalLoadsAndMapsWhatItPlaced() throws {
        let proposal = Sample.propose(Self.long)
        let (rows, findings) = try Sample.map(Array(Self.long.utf8), proposal)
        let cells = rows.map { row in
            ["SEX", "AGE", "URBANISATION", "TIME_PERIOD", "UNIT_MEASURE", "UNIT_MULT", "OBS_VALUE", "OBS_STATUS"].map { row[$0] ?? "-" }.joined(separator: " ")
        }
        #expect(
            cells == [
                "M Y15T24 U 2020 PT 0 1.5 A", "F Y0T4 R 2020 PT 0 2 A", "_T Y_GE65 _T 2021 NUMBER 3 3 A", "_T _T _T 2022 PT 0 - O", "_T _T _T 2022 PT 0 - O",
            ])
        #expect(findings.map(\.code) == [.labelUnmapped, .columnUnplaced])
        #expect(rows.allSatisfy { $0["FREQ"] == "A" && $0["SERIES"] == "SH_STA_MORT" && $0["REF_AREA"] == "AM-ER" })
    }

    @Test func everyActiveGuessSaysHowItWasFound() {
        let proposal = Sample.propose(Self.long)
        var section = ""
        var guesses = 0
        for line in proposal.yaml.split(separator: "\n") where !line.hasPrefix("#") {
            if !line.hasPrefix(" ") { section = String(line.prefix { $0 != ":" }) }
            let text = line.drop { $0 == " " }
            guard ["labels", "columns"].contains(section), line.hasPrefix("  "), !text.hasPrefix("#"), !text.hasPrefix("-"),
                !(section == "labels" && text.hasSuffix(":"))
            else { continue }
            guesses += 1
            let comment = line.ranges(of: "   # ").last.map { line[$0.upperBound...] } ?? ""
            let confidence = comment.prefix { $0 != " " }
            #expect(confidence.count == 4 && (Double(confidence) ?? 0) >= 0.8 && comment.count > 8, "\(line)")
        }
        #expect(guesses > 15)
        #expect(proposal.yaml.contains("# TODO \"neutral\": ?   not placed, 1 rows"))
        #expect(proposal.yaml.contains("unplaced: [Category]"))
    }

    @Test func nothingBelowTheThresholdIsActive() throws {
        for least in [50, 80, 90, 96, 100] {
            let proposal = Sample.propose(Self.long, least: least)
            let mapping = try CSVMapping(yaml: proposal.yaml, file: "p.yaml")
            for (component, codes) in mapping.dictionary where component != "UNIT_MULT" {
                for (label, code) in codes {
                    let best = Sample.guesses(component, label).first
                    #expect(best?.code == code && (best?.confidence ?? 0) >= least, "\(least) \(component) \(label)")
                }
            }
        }
        // At 1 only names as they stand remain.
        let strict = try CSVMapping(yaml: Sample.propose(Self.long, least: 100).yaml, file: "p.yaml")
        #expect(strict.targets.map(\.column) == ["Sex"])
        #expect(strict.unplaced == ["Year", "Units", "Age", "Location", "Category", "Value"])
    }

    @Test func leavesOpenWhatATableDoesNotSay() throws {
        let proposal = Sample.propose("Year,Value\n2020,1\n", file: "indicator_8-8-1.csv", constants: [])
        #expect(proposal.tables[0].openConstants(80).map(\.component) == ["SERIES", "REF_AREA", "UNIT_MEASURE"])
        #expect(proposal.yaml.contains("# SERIES: SL_INJ_FTL   # TODO 0.40 file name (one of 2 of 8.8.1)"))
        #expect(!proposal.tables[0].isFullyPlaced(80) && proposal.tables[0].hasPlacedColumns(80))
        #expect { try Sample.map(Array("Year,Value\n2020,1\n".utf8), proposal) } throws: {
            ($0 as? ReadError)?.detail.contains("never sets the dimension SERIES") == true
        }
        let named = Sample.propose("Year,Value\n2020,1\n", file: "SH_STA_MORT.csv", constants: [("REF_AREA", "AM-ER")])
        #expect(named.yaml.contains("  SERIES: SH_STA_MORT   # 0.92 file name"))
    }

    @Test func findsLabelsThatStrayedIntoAnotherColumn() throws {
        let csv = "Year,Sex,Value\n2020,boy,1\n2020,urban,2\n2020,rural,3\n2020,,4\n"
        let (rows, findings) = try Sample.map(Array(csv.utf8), Sample.propose(csv))
        #expect(rows.map { "\($0["SEX"] ?? "") \($0["URBANISATION"] ?? "")" } == ["M _T", "_T U", "_T R", "_T _T"] && findings.isEmpty)
        let mixed = "Year,Category,Value\n2020,total,1\n2020,urban,2\n2020,female,3\n"
        let proposal = Sample.propose(mixed)
        #expect(proposal.tables[0].columns[1].components == ["URBANISATION", "SEX"])
        #expect(try Sample.map(Array(mixed.utf8), proposal).rows.map { "\($0["SEX"] ?? "") \($0["URBANISATION"] ?? "")" } == ["_T _T", "_T U", "F _T"])
    }

    @Test(arguments: [
        // Labels that are names of codes by accident, codes of one letter, numbers, a name that is weak.
        "Year,Category,Value\n2020,education,1\n2020,defence,2\n2020,health,3\n", "Year,Group,Value\n2020,A,1\n2020,Q,2\n",
        "Year,Question,Value\n2020,1,1\n2020,3,2\n",
        "Year,Country,Value\n2020,Yerevan,1\n2020,Elsewhere,2\n2020,Nowhere,2\n", "Year,Category,Value\n2020,total,1\n",
    ])
    func aColumnIsNotPlacedByAccident(csv: String) {
        let column = Sample.propose(csv, constants: [("SERIES", "SH_STA_MORT")]).tables[0].columns[1]
        #expect(column.components.isEmpty, "\(column.components)")
    }

    @Test func aComponentTakesOneColumn() {
        let proposal = Sample.propose("Year,Sex,Gender,Value\n2020,male,female,1\n")
        #expect(proposal.tables[0].columns.map(\.components) == [["TIME_PERIOD"], ["SEX"], [], ["OBS_VALUE"]])
        #expect(proposal.yaml.contains("\"Sex\" feeds it already"))
    }

    // MARK: Ways of writing

    @Test func readsWideTables() throws {
        let years = "Region;Sex;2019;2020;2021 год\nԼոռի;male;1,5;2;\nYerevan;female;;3,25;4\n"
        let wide = Sample.propose(years, constants: [("SERIES", "SH_STA_MORT"), ("UNIT_MEASURE", "PT")])
        #expect(
            try Sample.map(Array(years.utf8), wide).rows.map {
                "\($0["REF_AREA"] ?? "") \($0["SEX"] ?? "") \($0["TIME_PERIOD"] ?? "") \($0["OBS_VALUE"] ?? "")"
            } == [
                "AM-LO M 2019 1.5", "AM-LO M 2020 2", "AM-ER F 2020 3.25", "AM-ER F 2021 4",
            ])
        #expect(wide.tables[0].isFullyPlaced(80))
        let sexes = "Year,Male,Female,Both sexes\n2020,1,2,3\n"
        #expect(try Sample.map(Array(sexes.utf8), Sample.propose(sexes)).rows.map { "\($0["SEX"] ?? "") \($0["OBS_VALUE"] ?? "")" } == ["M 1", "F 2", "_T 3"])
    }

    @Test func readsOtherPeriods() throws {
        let csv = "Quarter\tValue\nQ1 2020\t1\n2020-Q2\t2\n"
        let proposal = Sample.propose(csv)
        #expect(try Sample.map(Array(csv.utf8), proposal).rows.map { "\($0["TIME_PERIOD"] ?? "") \($0["FREQ"] ?? "")" } == ["2020-Q1 Q", "2020-Q2 Q"])
    }

    @Test func tellsHowTheFileIsWritten() throws {
        let text = "Work permits;;\n;;\nYear;Region;Value\n2020;Лори;1 234,5\n2021;Ереван;\n"
        var utf16: [UInt8] = [0xFF, 0xFE]
        for unit in text.utf16 { utf16 += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        let cyrillic: [Character: UInt8] = ["Л": 0xCB, "о": 0xEE, "р": 0xF0, "и": 0xE8, "Е": 0xC5, "е": 0xE5, "в": 0xE2, "а": 0xE0, "н": 0xED]
        let byte = text.map { cyrillic[$0] ?? Array(String($0).utf8)[0] }
        let variants: [(String, [UInt8])] = [
            ("utf-8", Array(text.utf8)), ("mark", [0xEF, 0xBB, 0xBF] + Array(text.utf8)), ("utf-16", utf16), ("utf-16le", Array(utf16.dropFirst(2))),
            ("windows-1251", byte),
        ]
        for (name, bytes) in variants {
            let proposal = Sample.propose([("t.csv", bytes)], constants: [("SERIES", "SH_STA_MORT"), ("UNIT_MEASURE", "PT")])
            #expect(proposal.tables[0].failure == nil, "\(name)")
            let (rows, findings) = try Sample.map(bytes, proposal)
            #expect(
                rows.map { "\($0["REF_AREA"] ?? "") \($0["TIME_PERIOD"] ?? "") \($0["OBS_VALUE"] ?? "-") \($0["OBS_STATUS"] ?? "")" } == [
                    "AM-LO 2020 1234.5 A", "AM-ER 2021 - O",
                ], "\(name)")
            #expect(findings.isEmpty, "\(name) \(findings)")
        }
        #expect(Sample.propose("Year,Value\n2020,\"1,234\"\n").yaml.contains("# TODO a comma before three digits may be decimal or between thousands"))
    }

    @Test func labelsThatLookLikeSyntaxComeBackAsTheyWere() throws {
        let labels = [
            "true", "null", "~", "no", "- a", "a: b", "a #b", "#a", "*a", "&a", "!x", "[[[[", "{{{{", "a\"b", "a\\b", "a\nb", "'a'", "%", "@a", "`a`", "|", ">",
            "? a", "1e3",
            "a\u{2028}b", "a\u{A0}b", "a\tb", "a\u{FEFF}b", "😀", "0x1F", "2020-01-01", "=", "shared", "a ", String(repeating: "[", count: 240),
        ]
        #expect(!YAMLText.canBeKey("\u{FEFF}a"))
        #expect(!YAMLText.canBeKey("<<") && !YAMLText.canBeKey("") && !YAMLText.canBeKey(String(repeating: "[", count: 300)))
        var yaml = "mapping: 1\nstructure: XX:STATS(1.0)\ncolumns: {}\nlabels:\n  SEX:\n"
        for (index, label) in labels.enumerated() { yaml += "    \(YAMLText.scalar(label)): C\(index)   # 0.90 \(YAMLText.comment(label))\n" }
        let read = try CSVMapping(yaml: yaml, file: "m.yaml").dictionary["SEX"] ?? []
        #expect(read.map(\.label) == labels)
        #expect(read.map { Array($0.label.unicodeScalars) } == labels.map { Array($0.unicodeScalars) })
    }

    // MARK: Hostile input

    @Test func aTableThatCannotBeReadIsSaidSo() throws {
        let manyColumns = (0..<10_000).map { "c\($0)" }.joined(separator: ",") + "\n"
        let cases: [(String, [UInt8])] = [
            ("empty", []), ("columns", Array(manyColumns.utf8)), ("cell", Array("Year,Value\n2020,".utf8) + Array(repeating: 0x61, count: 10 << 20)),
            ("quote", Array("Year,Value\n2020,\"1\n".utf8)), ("twice", Array("Year,Value,Year\n2020,1,2\n".utf8)),
            ("unnamed", Array("Year,,Value\n2020,x,1\n".utf8)),
            ("name", Array("Year,\(String(repeating: "x", count: 100_000))\n2020,1\n".utf8)), ("merge", Array("Year,<<,Value\n2020,x,1\n".utf8)),
            ("half", [0xFF, 0xFE, 0x41]),
            ("binary", (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }),
        ]
        for (name, bytes) in cases {
            let proposal = Sample.propose([(name, bytes)])
            #expect(proposal.isUseless && proposal.tables[0].failure?.isEmpty == false, "\(name)")
            #expect(throws: Never.self, "\(name)") { try CSVMapping(yaml: proposal.yaml, file: "p.yaml") }
        }
        let folder = Sample.propose(cases.map { ($0.0 + ".csv", $0.1) } + [("good.csv", Array("Year,Value\n2020,1\n".utf8))])
        let mapping = try CSVMapping(yaml: folder.yaml, file: "p.yaml")
        #expect(mapping.tables?.map(\.leavesOut) == Array(repeating: true, count: cases.count) + [false])
    }

    @Test func aTableWithoutRowsIsJudgedByItsColumns() throws {
        let proposal = Sample.propose("Year,Sex,Remarkable,Value")
        #expect(proposal.tables[0].columns.map(\.components) == [["TIME_PERIOD"], ["SEX"], [], ["OBS_VALUE"]])
        #expect(try CSVMapping(yaml: proposal.yaml, file: "p.yaml").ignored == ["Remarkable"])
    }

    @Test func tooManyLabelsAreNotListed() throws {
        var csv = "Year,Name,Series,Value\n"
        for index in 0..<(TableProfile.labelsMax + 10) { csv += "2020,n\(index),s\(index),1\n" }
        let proposal = Sample.propose(csv)
        #expect(proposal.tables[0].columns[1].isOverflowing)
        #expect(try CSVMapping(yaml: proposal.yaml, file: "p.yaml").unplaced == ["Name", "Series"])
        #expect(proposal.yaml.utf8.count < 20_000)
    }

    @Test func whateverTheBytesTheProposalLoads() throws {
        var generator = SeededGenerator.announced(for: "tables of chance")
        let seed = generator.seed
        let pieces = [
            "Year", "Sex", "Value", "Units", "male", "2020", "1.5", ",", ",", ",", "\n", "\n", "\"", ";", "\t", " ", "total", "Category", ": ", "#", "[", "*",
            "- ", "\u{85}", "é", "Լոռի", "|", "..",
            "\u{1}", "\r", "'", "{", "}", "%", "\\", "~", "15-24", "\u{2029}",
        ]
        for round in 0..<200 {
            let text = (0..<Int.random(in: 0...120, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }.joined()
            let bytes =
                round % 4 == 3
                ? Array(text.utf8).map { UInt8.random(in: 0...20, using: &generator) == 0 ? UInt8.random(in: 0...255, using: &generator) : $0 }
                : Array(text.utf8)
            for isFolder in [false, true] {
                let proposal = Sample.propose([("a b.csv", bytes)], isFolder: isFolder)
                do { _ = try CSVMapping(yaml: proposal.yaml, file: "p.yaml") } catch {
                    Issue.record("seed \(seed), round \(round): \(error)\n\(proposal.yaml)")
                }
                _ = proposal.json.compactText
            }
        }
    }

    // MARK: Folders

    @Test func oneProposalServesAFolder() throws {
        let tables = [
            ("indicator_3-1-1.csv", "Year,Units,Sex,Value\n2020,%,male,1\n"),
            ("indicator_8-8-1.csv", "Year,Units,Sex,Kind,Value\n2020,persons,girls,,2\n2020,%,,odd,3\n"),
            ("c.csv", "Year;Units;Location;Value\n2021;%;rural;1,5\n"), ("empty.csv", ""),
        ].map { (file: $0.0, bytes: Array($0.1.utf8)) }
        let proposal = Sample.propose(tables, constants: [("REF_AREA", "AM-ER"), ("SERIES", "SH_STA_MORT")])
        let mapping = try CSVMapping(yaml: proposal.yaml, file: "p.yaml")
        #expect(mapping.targets.map(\.column) == ["Year", "Units", "Units", "Sex", "Value"])
        #expect(mapping.tables?.map(\.leavesOut) == [false, false, false, true])
        var rows: [String] = []
        for table in tables.prefix(3) {
            let outcome = try Sample.map(table.bytes, proposal, file: table.file)
            rows += outcome.rows.map { "\($0["SEX"] ?? "") \($0["URBANISATION"] ?? "") \($0["UNIT_MEASURE"] ?? "") \($0["OBS_VALUE"] ?? "")" }
            #expect(outcome.findings.map(\.code) == (table.file == "indicator_8-8-1.csv" ? [.columnUnplaced] : []))
        }
        #expect(rows == ["M _T PT 1", "F _T NUMBER 2", "_T R PT 1.5"])
        let counts = ProposalCounts(proposal)
        #expect(counts.tableCount == 4 && counts.tablesUnreadable == 1 && counts.tablesFullyPlaced == 2)
        #expect(proposal.json["tables"]?.elements?.count == 4)
        #expect(proposal.json["summary"]?["labelsPlaced"]?.integer == Int64(counts.labelsPlaced))
    }

    @Test func aLabelMayMeanAnotherCodeInAnotherTable() throws {
        // The same words stand in two names; the file's number settles which.
        let tables = [
            ("t_8-8-2.csv", "Year,Series,Value\n2020,\"Fatal injuries of employees\",1\n"), ("t_1-1-1.csv", "Year,Series,Value\n2020,SH_STA_MORT,1\n"),
        ]
        .map { (file: $0.0, bytes: Array($0.1.utf8)) }
        let proposal = Sample.propose(tables, constants: [("REF_AREA", "AM-ER"), ("UNIT_MEASURE", "PT")])
        #expect(try tables.map { try Sample.map($0.bytes, proposal, file: $0.file).rows.map { $0["SERIES"] } } == [["SL_INJ_FTL"], ["SH_STA_MORT"]])
    }

    @Test(arguments: [
        ([("REFAREA", "AM-ER")], "did you mean REF_AREA?"), ([("REF_AREA", "AM-RE")], "is no code of its code list"),
        ([("SEX", "M"), ("SEX", "F")], "given twice"),
    ])
    func refusesConstantsThatCannotBe(constants: [(String, String)], detail: String) {
        let placer = TablePlacer(Sample.schema, options: SuggestionOptions(constants: constants.map { (component: $0.0, value: $0.1) }))
        #expect { try placer.checkConstants() } throws: { ($0 as? ReadError)?.detail.contains(detail) == true }
    }

    @Test func staysQuickWhateverTheTable() {
        // Many columns of many labels whose names say nothing: the looking up is bounded.
        var csv = "Year,Value," + (0..<400).map { "col\($0)" }.joined(separator: ",") + "\n"
        for row in 0..<60 { csv += "2020,1," + (0..<400).map { "label of people \(row) \($0)" }.joined(separator: ",") + "\n" }
        let took = ContinuousClock().measure { _ = Sample.propose(csv).yaml }
        #expect(took < .seconds(30))
    }
}
