import SluiceKit
import SluiceKitTesting
import Testing

@testable import FormatSDMXCSV

private let v1 = SDMXCSVFormat(version: .v1)
private let v2 = SDMXCSVFormat(version: .v2)
private let v21 = SDMXCSVFormat(version: .v21)

/// A coded dimension, time, a measure, a note in several languages, an array of codes, and a nested metadata attribute.
private func structures() -> StructureSet {
    var set = StructureSet()
    set.add(SDGStructure.codelist("CL_AREA", ["051": "Armenia, the country", "398": "Kazakhstan"]))
    set.add(SDGStructure.codelist("CL_FLAG", ["A": "Actual", "E": "Estimated; rounded"]))
    var note = Representation(textFormat: TextFormat(type: .string))
    note.textFormat?.isMultiLingual = true
    var flags = SDGStructure.coded("CL_FLAG")
    flags.occursMax = 3
    var many = Representation()
    many.occursMax = .max
    var contact = Attribute(id: "CONTACT", representation: many, isMandatory: false, relationship: .dataset)
    var name = Attribute(id: "CONTACT.NAME", representation: many, isMandatory: false, relationship: .dataset)
    contact.isMetadata = true
    name.isMetadata = true
    set.add(
        DataStructure(
            identity: ArtefactIdentity(agency: "TEST", id: "OPTIONS", names: LocalisedText("Options")),
            dimensions: [Dimension(id: "AREA", representation: SDGStructure.coded("CL_AREA")), Dimension(id: "TIME_PERIOD", kind: .time)],
            measures: [Measure(id: "OBS_VALUE")],
            attributes: [
                Attribute(id: "NOTE", representation: note, isMandatory: false, relationship: .observation),
                Attribute(id: "FLAGS", representation: flags, isMandatory: false, relationship: .observation), contact, name,
            ]))
    return set
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct SDMXCSVOptionsTests {
    private let message = """
        STRUCTURE[;],STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,NOTE[en;hy],FLAGS[],CONTACT[],CONTACT[].NAME[]\r
        datastructure,TEST:OPTIONS(1.0),R,051,2014-Q2,"1,5",en:One; two;hy:Մեկ,A;E,,\r
        datastructure,TEST:OPTIONS(1.0),R,398,2014,2,,E,,\r
        datastructure,TEST:OPTIONS(1.0),R,,,,,,Anna;Ben,\"""A;B"";Chris\"\r

        """

    @Test func keepsSeveralValuesAndLanguages() throws {
        let dump = try v2.dump(message, structures())
        #expect(
            dump.rows == [
                "AREA=051|TIME_PERIOD=2014-Q2|OBS_VALUE=1,5|NOTE=en\u{1E}One; two\u{1F}hy\u{1E}Մեկ|FLAGS=A\u{1F}E",
                "AREA=398|TIME_PERIOD=2014|OBS_VALUE=2|FLAGS=E",
                "CONTACT=Anna\u{1F}Ben|CONTACT.NAME=A\u{1D}B\u{1F}Chris",
            ])
        #expect(text(try v2.convert(Array(message.utf8), to: v2, structures())) == message)
        #expect(text(try v2.convert(Array(message.utf8), to: v2, structures(), capacity: 1)) == message)
    }

    @Test func writesLabelsBesideCodes() throws {
        let written = try v2.convert(Array(message.utf8), to: v21, structures()) { $0.csv.labels = .both }
        #expect(text(written).contains("TEST:OPTIONS(1.0): Options,R,\"051: Armenia, the country\",2014-Q2"))
        #expect(text(written).contains("A: Actual;\"\"E: Estimated; rounded\"\""))
        #expect(try v21.dump(written, structures()).rows == v2.dump(message, structures()).rows)
    }

    @Test func writesNamesIntoColumnsOfTheirOwn() throws {
        let written = try v2.convert(Array(message.utf8), to: v2, structures()) {
            $0.csv.labels = .name
            $0.csv.separator = UInt8(ascii: ";")
        }
        #expect(
            text(written).hasPrefix(
                "STRUCTURE[|];STRUCTURE_ID;STRUCTURE_NAME;ACTION;AREA;AREA;TIME_PERIOD;TIME_PERIOD;OBS_VALUE;OBS_VALUE;NOTE[en|hy];NOTE;FLAGS[];"))
        #expect(text(written).contains("\r\ndatastructure;TEST:OPTIONS(1.0);Options;R;398;Kazakhstan;2014;;2;;;;E;\"Estimated; rounded\";;;;\r\n"))
        #expect(try v2.dump(written, structures()).rows == v2.dump(message, structures()).rows)
    }

    @Test(arguments: [CSVOptions.Keys.series, .obs, .both]) func writesKeyColumns(keys: CSVOptions.Keys) throws {
        let written = text(try v2.convert(Array(message.utf8), to: v2, structures()) { $0.csv.keys = keys })
        let expected: [CSVOptions.Keys: (String, String)] = [
            .series: ("ACTION,SERIES_KEY,AREA", "R,051,051,"), .obs: ("ACTION,OBS_KEY,AREA", "R,051.2014-Q2,051"),
            .both: ("ACTION,SERIES_KEY,OBS_KEY,AREA", "R,051,051.2014-Q2,051"),
        ]
        #expect(written.contains(expected[keys]?.0 ?? "?"))
        #expect(written.contains(expected[keys]?.1 ?? "?"))
        #expect(try v2.dump(written, structures()).rows == v2.dump(message, structures()).rows)
    }

    @Test(arguments: CSVOptions.Keys.allCases, CSVOptions.Labels.allCases) func readsBackEverySpelling(keys: CSVOptions.Keys, labels: CSVOptions.Labels) throws
    {
        let expected = try v2.dump(message, structures()).rows
        for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")] {
            for inner in [nil, UInt8(ascii: "#")] {
                let written = try v2.convert(Array(message.utf8), to: v21, structures(), capacity: 2) {
                    $0.csv.keys = keys
                    $0.csv.labels = labels
                    $0.csv.separator = separator
                    $0.csv.subfieldSeparator = inner
                }
                let dump = try v21.dump([0xEF, 0xBB, 0xBF] + written, structures())
                #expect(dump.rows == expected, "\(text(written))")
                #expect(dump.findings.isEmpty)
            }
        }
    }

    @Test func refusesOptionsThatCannotBeRead() {
        func code(_ format: SDMXCSVFormat, _ change: (inout CSVOptions) -> Void) -> WriteError.Code? {
            var options = WriteOptions(header: MessageHeader())
            change(&options.csv)
            do throws(WriteError) {
                _ = try format.writer(to: MemoryByteSink(), options: options)
                return nil
            } catch { return error.code }
        }
        #expect(code(v1) { $0.labels = .name } == .unsupported)
        #expect(code(v1) { $0.keys = .obs } == .unsupported)
        #expect(code(v1) { $0.labels = .both } == nil)
        #expect(code(v2) { $0.separator = UInt8(ascii: "x") } == .unsupported)
        #expect(code(v2) { $0.subfieldSeparator = UInt8(ascii: ",") } == .unsupported)
    }

    @Test func version1HasOneValuePerCell() throws {
        #expect(#expect(throws: WriteError.self) { try v2.convert(Array(message.utf8), to: v1, structures()) }?.code == .unsupported)
    }

    @Test func writesTheDayOnWhichAPeriodBegins() throws {
        let written = text(try v2.convert(Array(message.utf8), to: v2, structures()) { $0.csv.timeFormat = .normalized })
        #expect(written.contains(",051,2014-04-01,"))
        #expect(written.contains(",398,2014-01-01,"))
        let expected = [
            "2014": "2014-01-01", "2014-A1": "2014-01-01", "2014-S2": "2014-07-01", "2014-T3": "2014-09-01", "2014-Q4": "2014-10-01", "2014-M02": "2014-02-01",
            "2014-02": "2014-02-01", "2020-W01": "2019-12-30", "2021-W53": "2022-01-03", "2016-W01": "2016-01-04", "2020-D060": "2020-02-29",
            "2021-D365": "2021-12-31", "2000-D366": "2000-12-31",
        ]
        for (period, day) in expected { #expect(PeriodStart.day(period) == day, "\(period)") }
        for other in ["2014-01-05", "2014-01-05T00:00:00", "2014-Q5", "2014-13", "2014-1", "x", "", "2014-", "2014-Q", "20145", "2014-Q1-Q2", "0000"] {
            #expect(PeriodStart.day(other) == nil, "\(other)")
        }
    }

    @Test func putsDatasetsOfSeveralStructuresUnderOneHeader() throws {
        var set = structures()
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "TEST", id: "OTHER"), dimensions: [Dimension(id: "AREA"), Dimension(id: "SEX")],
                measures: [Measure(id: "OBS_VALUE"), Measure(id: "SHARE")]))
        let two = """
            STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,NOTE,SEX,SHARE
            datastructure,TEST:OPTIONS(1.0),R,051,2014,"quoted ""text"",
            with a line",plain,,
            datastructure,TEST:OTHER(1.0),D,051,,3,,F,4
            datastructure,TEST:OPTIONS(1.0),A,398,2014,5,,,

            """
        let expected = try v2.dump(two, set)
        #expect(expected.datasets.count == 3)
        let written = try v2.convert(Array(two.utf8), to: v2, set)
        let dump = try v2.dump(written, set)
        #expect(dump.rows == expected.rows, "\(text(written))")
        #expect(dump.datasets == expected.datasets)
        #expect(dump.findings.isEmpty)
    }

    /// Lines that fill the writer's buffer several times over, each with an end of line within its quotation marks, get the later columns all the same.
    @Test func takesUpLaterColumnsBehindManyLines() throws {
        var set = structures()
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "TEST", id: "OTHER"), dimensions: [Dimension(id: "AREA"), Dimension(id: "SEX")],
                measures: [Measure(id: "OBS_VALUE"), Measure(id: "SHARE")]))
        var long = "STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,NOTE,SEX,SHARE\r\n"
        for number in 0..<4_000 {
            let note = "\"a \"\"note\"\" of two\r\nlines, \(String(repeating: "x", count: 100 + number % 97))\""
            long += "datastructure,TEST:OPTIONS(1.0),R,051,\(1000 + number),\(note),plain,,\r\n"
        }
        long += "datastructure,TEST:OTHER(1.0),D,051,,3,,F,4\r\n"
        let bytes = Array(long.utf8)
        #expect(bytes.count > 512 << 10 && bytes.count < PendingBody.bytesMax)
        let expected = try v2.dump(bytes, set)
        let dump = try v2.dump(v2.convert(bytes, to: v2, set), set)
        #expect(expected.rows.count == 4_001 && dump.rows == expected.rows)
        #expect(dump.findings.isEmpty)
    }

    @Test func refusesNewColumnsBehindAHeaderThatIsWritten() throws {
        var set = structures()
        set.add(DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "OTHER"), dimensions: [Dimension(id: "SEX")]))
        let schema = DatasetSchema(set.dataStructures[0], in: set)
        let writer = try v2.writer(to: MemoryByteSink(), options: WriteOptions(header: MessageHeader()))
        try writer.beginDataset(DatasetDescription(schema: schema, reference: set.dataStructures[0].reference))
        let batch = Batch(schema: schema)
        let long = Array(String(repeating: "x", count: 1_000).utf8)
        for _ in 0..<8_000 {
            let row = batch.appendRow()
            try long.withUnsafeBytes { try batch.set(2, row, $0) }
        }
        for _ in 0..<3 { try writer.write(batch) }
        let other = DatasetDescription(schema: DatasetSchema(set.dataStructures[1], in: set), reference: set.dataStructures[1].reference)
        #expect(#expect(throws: WriteError.self) { try writer.beginDataset(other) }?.detail.contains("SEX") == true)
    }

    @Test(arguments: ["\u{1D}", "\u{1E}", "\u{1F}"]) func refusesControlCharactersThatMarkValues(mark: String) {
        for (column, cell) in [("AREA", "0\(mark)1"), ("OBS_VALUE", "\(mark)"), ("OBS_VALUE", "a long text with \(mark) in it"), ("FLAGS[]", "A;\(mark)")] {
            let error = v2.failure(
                Array("STRUCTURE,STRUCTURE_ID,ACTION,\(column)\ndatastructure,TEST:OPTIONS(1.0),D,\"\n\"\ndatastructure,TEST:OPTIONS(1.0),D,\(cell)\n".utf8),
                structures())
            #expect(error?.code == .malformed)
            #expect(error?.line == 4)
        }
    }

    @Test func keepsDimensionsThatAreSwitchedOff() throws {
        let off =
            "STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,NOTE[en],FLAGS[],CONTACT[],CONTACT[].NAME\r\n"
            + "datastructure,TEST:OPTIONS(1.0),D,051,~,,,,Anna,\r\n"
        #expect(try v21.dump(off, structures()).rows == ["AREA=051|TIME_PERIOD=~|CONTACT=Anna"])
        #expect(text(try v21.convert(Array(off.utf8), to: v21, structures())).contains("D,051,~,,,,Anna,"))
        // 2.0 has the empty cell only, which in a Delete means every value.
        #expect(#expect(throws: WriteError.self) { try v21.convert(Array(off.utf8), to: v2, structures()) }?.code == .unsupported)
        let merge = off.replacing(",D,", with: ",M,")
        #expect(text(try v21.convert(Array(merge.utf8), to: v2, structures())).contains("A,051,,,,,Anna,"))
    }

    @Test func mergesWhereNoActionIsNamedIn21() throws {
        let dump = try v21.dump("STRUCTURE,STRUCTURE_ID,AREA,TIME_PERIOD\ndatastructure,TEST:OPTIONS(1.0),051,2014\n", structures())
        #expect(dump.datasets == ["DataStructure TEST:OPTIONS(1.0) Merge"])
    }
}
