import FormatSDMXCSV
import SluiceKit
import SluiceKitTesting
import Testing

private let v1 = SDMXCSVFormat(version: .v1)
private let v2 = SDMXCSVFormat(version: .v2)

/// Three dimensions, one measure, three attributes, as in the examples of the field guides.
private func guide(codelists: Bool = false) -> StructureSet {
    var set = StructureSet()
    if codelists {
        set.add(SDGStructure.codelist("CL_DIM_1", ["A": "Value A", "A: odd": "A code with a label in it"]))
        set.add(SDGStructure.codelist("CL_ATTR_1", ["N": "No", "Y": "Yes"]))
    }
    set.add(
        DataStructure(
            identity: ArtefactIdentity(agency: "ESTAT", id: "DSD", version: "1.0"),
            dimensions: [
                Dimension(id: "DIM_1", representation: SDGStructure.coded("CL_DIM_1")), Dimension(id: "DIM_2", representation: SDGStructure.coded("CL_DIM_2")),
                Dimension(id: "DIM_3", kind: .time),
            ],
            measures: [Measure(id: "OBS_VALUE")],
            attributes: [
                Attribute(id: "ATTR_1", representation: SDGStructure.coded("CL_ATTR_1"), isMandatory: false, relationship: .observation),
                Attribute(id: "ATTR_2", isMandatory: false, relationship: .dimensions(["DIM_1", "DIM_2"])),
                Attribute(id: "ATTR_3", isMandatory: false, relationship: .observation),
            ]))
    return set
}

@Suite struct SDMXCSVReadingTests {
    @Test(arguments: [1, 2, 3, 7, 4_096]) func readsVersion1(chunk: Int) throws {
        let dump = try v1.dump(
            """
            DATAFLOW,DIM_1,DIM_2,DIM_3,OBS_VALUE,ATTR_2,ATTR_3,ATTR_1,SERIESKEY
            ESTAT:NA_MAIN(1.6),A,B,2014-01,12.40,Y,"Normal, special and other values",N,A.B
            ESTAT:NA_MAIN(1.6),A,B,2014-02,10.8,, kept as is ,Y,A.B
            """, guide(), chunk: chunk)
        #expect(dump.datasets == ["Dataflow ESTAT:NA_MAIN(1.6) Information"])
        #expect(
            dump.rows == [
                "DIM_1=A|DIM_2=B|DIM_3=2014-01|OBS_VALUE=12.40|ATTR_1=N|ATTR_2=Y|ATTR_3=Normal, special and other values",
                "DIM_1=A|DIM_2=B|DIM_3=2014-02|OBS_VALUE=10.8|ATTR_1=Y|ATTR_3= kept as is ",
            ])
        #expect(dump.lines == [2, 3])
        #expect(dump.codes == [.componentUnknown])
        #expect(dump.findings.first?.observations == 2)
        #expect(dump.findings.first?.position.column == 9)
    }

    @Test func takesTheSeparatorFromTheHeader() throws {
        let text = "DATAFLOW;DIM_1;DIM_2;DIM_3;OBS_VALUE\nESTAT:F(1.0);A;B;2014;12,4\n"
        for separator in [";", "\t", "|"] {
            #expect(try v1.dump(text.replacing(";", with: separator), guide()).rows == ["DIM_1=A|DIM_2=B|DIM_3=2014|OBS_VALUE=12,4"])
        }
        #expect(try v1.dump("\"DATAFLOW\"" + text.dropFirst(8), guide()).rows.count == 1)
    }

    @Test func beginsADatasetWhereStructureOrActionChanges() throws {
        let dump = try v2.dump(
            """
            STRUCTURE,STRUCTURE_ID,ACTION,DIM_1,DIM_2,DIM_3,OBS_VALUE
            dataflow,ESTAT:F(1.0),A,A,B,2014,1
            dataflow,ESTAT:F(1.0),A,A,B,2015,2
            dataflow,ESTAT:F(1.0),R,A,B,2016,3
            datastructure,ESTAT:DSD(1.0),R,A,B,2017,4
            dataprovision,ESTAT:P(1.0),D,A,B,2018,
            dataflow,ESTAT:F(1.0),,A,B,2019,6
            dataflow,ESTAT:F(1.0),M,A,B,2020,7
            """, guide(), capacity: 1)
        #expect(
            dump.datasets == [
                "Dataflow ESTAT:F(1.0) Merge", "Dataflow ESTAT:F(1.0) Replace", "DataStructure ESTAT:DSD(1.0) Replace",
                "ProvisionAgreement ESTAT:P(1.0) Delete",
                "Dataflow ESTAT:F(1.0) Information", "Dataflow ESTAT:F(1.0) Merge",
            ])
        #expect(dump.rows.count == 7)
        #expect(dump.findings.isEmpty)
    }

    @Test func skipsWhatIsLeftOfADataset() throws {
        let bytes = Array("STRUCTURE,STRUCTURE_ID,ACTION,DIM_1\ndataflow,E:F(1.0),A,1\ndataflow,E:F(1.0),A,2\ndataflow,E:F(1.0),R,3\n".utf8)
        let reader = try v2.reader(of: MemoryByteSource(bytes), in: ReadContext(structures: guide(), findings: AllFindings()))
        #expect(try reader.nextDataset()?.action == .merge)
        let description = try #require(try reader.nextDataset())
        #expect(description.action == .replace)
        let batch = Batch(schema: description.schema)
        #expect(try reader.read(into: batch) == 1)
        #expect(batch.string(0, 0) == "3")
        #expect(try reader.read(into: batch) == 0)
        #expect(try reader.nextDataset() == nil)
        #expect(try reader.nextDataset() == nil)
    }

    @Test func assumesInformationWithoutAnActionColumn() throws {
        let dump = try v2.dump("STRUCTURE,STRUCTURE_ID,DIM_1,DIM_2,DIM_3\ndataflow,ESTAT:F(1.0),A,B,2014\n", guide())
        #expect(dump.datasets == ["Dataflow ESTAT:F(1.0) Information"])
    }

    @Test func reportsAnActionThatIsNone() throws {
        let dump = try v2.dump("STRUCTURE,STRUCTURE_ID,ACTION,DIM_1,DIM_2,DIM_3\ndataflow,ESTAT:F(1.0),X,A,B,2014\n", guide())
        #expect(dump.codes == [.actionUnknown])
        #expect(dump.findings.first?.position == Position(line: 2, column: 3, dataset: 1))
        #expect(dump.rows.count == 1)
    }

    @Test func leavesOutRowsWithTooFewOrTooManyCells() throws {
        let dump = try v1.dump("DATAFLOW,DIM_1,DIM_2,DIM_3\nE:F(1.0),A,B\n\nE:F(1.0),A,B,1\nE:F(1.0),A,B,1,2\nE:F(1.0),A,B,2\n\n", guide())
        #expect(dump.rows == ["DIM_1=A|DIM_2=B|DIM_3=1", "DIM_1=A|DIM_2=B|DIM_3=2"])
        #expect(dump.codes == [.rowTooFewCells, .rowTooManyCells])
        #expect(dump.findings.map(\.position.line) == [2, 5])
        #expect(dump.findings.allSatisfy { $0.severity == .error })
    }

    @Test func reportsAMissingDimensionOnceAndReadsOn() throws {
        let dump = try v2.dump("STRUCTURE,STRUCTURE_ID,ACTION,DIM_1,DIM_3,OBS_VALUE\ndataflow,E:F(1.0),R,A,1,7\ndataflow,E:F(1.0),R,A,2,8\n", guide())
        #expect(dump.codes == [.dimensionMissing])
        #expect(dump.findings.first?.component == "DIM_2")
        #expect(dump.rows == ["DIM_1=A|DIM_3=1|OBS_VALUE=7", "DIM_1=A|DIM_3=2|OBS_VALUE=8"])
    }

    /// "Only all those dimension columns have to be present, that are required to uniquely identify the concerned attributes and/or measures."
    @Test func asksForTheDimensionsOfPartialKeysOnly() throws {
        let text = "STRUCTURE,STRUCTURE_ID,ACTION,DIM_1,DIM_2,ATTR_2\ndataflow,E:F(1.0),R,A,B,note\n"
        #expect(try v2.dump(text, guide()).findings.isEmpty)
        #expect(try v2.dump(text.replacing(",DIM_2", with: "").replacing(",B", with: ""), guide()).findings.map(\.component) == ["DIM_2"])
    }

    @Test func readsRowsWithEmptyCellsTooMany() throws {
        let dump = try v2.dump("STRUCTURE,STRUCTURE_ID,ACTION,DIM_1\ndataflow,E:F(1.0),D,A,,\ndataflow,E:F(1.0),D,B,,\ndataflow,E:F(1.0),D,C,x\n", guide())
        #expect(dump.rows == ["DIM_1=A", "DIM_1=B"])
        #expect(dump.findings.map(\.severity) == [.warning, .error])
    }

    @Test func letsADeleteLeaveOutDimensions() throws {
        let dump = try v2.dump("STRUCTURE,STRUCTURE_ID,ACTION,DIM_1\ndatastructure,ESTAT:DSD(1.0),D,\ndatastructure,ESTAT:DSD(1.0),D,A\n", guide())
        #expect(dump.findings.isEmpty)
        #expect(dump.rows == ["", "DIM_1=A"])
    }

    @Test func reportsAColumnThatIsThereTwice() throws {
        let dump = try v1.dump("DATAFLOW,DIM_1,DIM_2,DIM_3,DIM_1\nE:F(1.0),A,B,1,C\n", guide())
        #expect(dump.codes == [.memberDuplicate])
        #expect(dump.rows == ["DIM_1=A|DIM_2=B|DIM_3=1"])
    }

    @Test func takesIdsOutOfLabelledCells() throws {
        let text = """
            STRUCTURE;STRUCTURE_ID;ACTION;SERIES_KEY;OBS_KEY;DIM_1: Dimension 1;DIM_2: Dimension 2;DIM_3: Time;OBS_VALUE: Value;ATTR_1: One;ATTR_2: Two;ATTR_3: Three
            dataflow;ESTAT:F(1.0): A flow: the first;I;A.B;A.B.2014;A: Value A: with more;B: Value B;2014-01: 2014-01;1: 1;Y: Oui;Note: kept;Z: Z
            dataflow;ESTAT:F(1.0): A flow: the first;I;A.B;A.B.2014;A: odd;B;2014-02;2;Q: not in the list;;
            """
        let dump = try v2.dump(text, guide(codelists: true))
        #expect(dump.datasets == ["Dataflow ESTAT:F(1.0) Information"])
        #expect(
            dump.rows == [
                "DIM_1=A|DIM_2=B|DIM_3=2014-01|OBS_VALUE=1|ATTR_1=Y|ATTR_2=Note: kept|ATTR_3=Z: Z",
                "DIM_1=A: odd|DIM_2=B|DIM_3=2014-02|OBS_VALUE=2|ATTR_1=Q: not in the list",
            ])
        #expect(dump.findings.isEmpty)
    }

    @Test func passesOverNameColumns() throws {
        let text = """
            STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,DIM_1,Dimension 1,DIM_2,Dimension 2,DIM_3,DIM_3,OBS_VALUE,Value,UPDATED
            dataflow,ESTAT:F(1.0),Flow,I,A,Value A,B,Value B,2014,2014,1,,today
            """
        let dump = try v2.dump(text, guide())
        #expect(dump.rows == ["DIM_1=A|DIM_2=B|DIM_3=2014|OBS_VALUE=1"])
        #expect(dump.findings.map(\.component) == ["UPDATED"])
    }

    @Test func readsTheMeasureOfVersion1WhateverItsName() throws {
        var set = StructureSet()
        set.add(DataStructure(identity: ArtefactIdentity(agency: "A", id: "D"), dimensions: [Dimension(id: "X")], measures: [Measure(id: "PRICE")]))
        #expect(try v1.dump("DATAFLOW,X,OBS_VALUE\nA:F(1.0),1,2\n", set).rows == ["X=1|PRICE=2"])
    }

    @Test func saysWhatIsWrongWithTheMessage() {
        func code(_ text: String, _ format: SDMXCSVFormat = v2) -> ReadError? { format.failure(Array(text.utf8), guide()) }
        #expect(code("")?.code == .unsupported)
        #expect(code("A,B\n1,2\n")?.code == .unsupported)
        #expect(code("DATAFLOW,DIM_1\nE:F(1.0),1\n")?.detail.contains("ask for sdmx-csv-1.0") == true)
        #expect(code("STRUCTURE,STRUCTURE_ID,DIM_1\ndataflow,E:F(1.0),1\n", v1)?.detail.contains("ask for sdmx-csv-2.0") == true)
        #expect(code("STRUCTURE,DIM_1\ndataflow,1\n")?.code == .malformed)
        #expect(code("STRUCTURE,STRUCTURE_ID\nflow,E:F(1.0)\n")?.line == 2)
        #expect(code("STRUCTURE,STRUCTURE_ID\ndataflow,\n")?.column == 2)
        #expect(code("STRUCTURE,STRUCTURE_ID,DIM_1\ndataflow,E:F(1.0),\"1\n")?.code == .truncated)
        #expect(v2.failure(Array("STRUCTURE,STRUCTURE_ID\ndataflow,E:F(1.0)\n".utf8), StructureSet())?.code == .structureUnknown)
    }

    @Test func namesTheColumnThatGrowsPastItsLimit() {
        var limits = ReadLimits()
        limits.dictionaryEntriesMax = 2
        let error = v1.failure(Array("DATAFLOW,DIM_1,DIM_2,DIM_3\nE:F(1.0),A,B,1\nE:F(1.0),A,B,2\nE:F(1.0),A,B,3\n".utf8), guide(), limits: limits)
        #expect(error?.code == .limitExceeded)
        #expect(error?.line == 4)
        #expect(error?.detail.hasPrefix("DIM_3") == true)
    }

    @Test func recognisesItsVersionOnly() {
        func ids(_ text: String) -> [String] { SDMXCSVPlugin.dataFormats.filter { $0.recognises(Array(text.utf8)) }.map(\.id) }
        #expect(ids("DATAFLOW,A\n") == ["sdmx-csv-1.0"])
        #expect(ids("\u{FEFF}\"DATAFLOW\";\"A\"\n") == ["sdmx-csv-1.0"])
        #expect(ids("STRUCTURE,STRUCTURE_ID,ACTION\n") == ["sdmx-csv-2.0"])
        #expect(ids("STRUCTURE[|];STRUCTURE_ID;ACTION\n") == ["sdmx-csv-2.0"])
        #expect(ids("STRUCTURE,STRUCTURE_ID,ACTION,A\ndataflow,E:F(1.0),M,1\n") == ["sdmx-csv-2.1"])
        #expect(ids("STRUCTURE[|];STRUCTURE_ID;ACTION;A\r\ndataflow;E:F(1.0);M;\"1") == ["sdmx-csv-2.0"])
        #expect(ids("DATAFLOWS,A\n").isEmpty)
        #expect(ids("STRUCTURE,A\n").isEmpty)
        #expect(ids("{\"meta\":{}}").isEmpty)
        #expect(ids("").isEmpty)
    }
}

@Suite struct SDMXCSVOutlineTests {
    @Test(arguments: [1, 4_096]) func saysWhatIsInAMessageWithoutItsStructure(chunk: Int) throws {
        let text = """
            STRUCTURE[|];STRUCTURE_ID;STRUCTURE_NAME;ACTION;A;Name of A;B[];Name of B;C;Name of C
            dataflow;X:F(1.0);Flow;R;1;one;2|3;;;
            dataflow;X:F(1.0);Flow;R;1;one;;;;
            datastructure;X:D(1.0);Structure;D;;;;;4;four

            """
        let outline = try v2.outline(of: MemoryByteSource(Array(text.utf8), chunkBytesMax: chunk), limits: ReadLimits(), findings: AllFindings())
        #expect(outline.kind == "SDMX-CSV 2.0")
        #expect(outline.datasetCount == 2)
        #expect(outline.datasets.map(\.observationCount) == [2, 1])
        #expect(outline.datasets.map(\.components) == [["A", "B"], ["C"]])
        #expect(outline.datasets.map(\.action) == [.replace, .delete])
        #expect(outline.datasets.map { $0.reference?.description } == ["X:F(1.0)", "X:D(1.0)"])
        #expect(throws: ReadError.self) { try v1.outline(of: MemoryByteSource(Array(text.utf8)), limits: ReadLimits(), findings: AllFindings()) }
    }
}

@Suite struct SDMXCSVFixtureTests {
    /// `Fixtures/labels.csv` is what `labels=both; keys=both` gives, with semicolons, bars between sub-fields, and an action that changes.
    @Test func readsAMessageWithEveryKindOfColumn() throws {
        var set = StructureSet()
        set.add(SDGStructure.codelist("CL_REF_AREA", ["051": "Armenia: the country"]))
        set.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "TEST", id: "LABELS"),
                dimensions: [
                    Dimension(id: "FREQ", representation: SDGStructure.coded("CL_FREQ")),
                    Dimension(id: "REF_AREA", representation: SDGStructure.coded("CL_REF_AREA")),
                    Dimension(id: "TIME_PERIOD", kind: .time),
                ],
                measures: [Measure(id: "OBS_VALUE")],
                attributes: [
                    Attribute(id: "OBS_STATUS", representation: SDGStructure.coded("CL_OBS_STATUS"), isMandatory: true, relationship: .observation),
                    Attribute(id: "NOTE", isMandatory: false, relationship: .observation),
                ]))
        let dump = try v2.dump(try fixture("labels.csv"), set)
        #expect(dump.datasets == ["Dataflow TEST:LABELS(1.0) Information", "Dataflow TEST:LABELS(1.0) Delete"])
        #expect(
            dump.rows == [
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=2.680|OBS_STATUS=E|NOTE=hy\u{1E}Նշում\u{1F}en\u{1E}A note; with its semicolon",
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2021|OBS_STATUS=M", "FREQ=A|REF_AREA=051|TIME_PERIOD=2022",
            ])
        #expect(dump.findings.isEmpty)
    }
}
