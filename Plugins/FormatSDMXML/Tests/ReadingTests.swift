import Foundation
import SluiceKit
import Testing

@testable import FormatSDMXML

@Suite
struct ReadingTests {
    @Test func putsEveryLevelIntoRows() throws {
        let read = try dump(Sample.everything, Sample.structures)
        #expect(read.findings.count == 0)
        #expect(read.datasets.count == 1)
        #expect(
            read.rows == [
                "FREQ=A|AREA=AL|TIME_PERIOD=2001|OBS_VALUE=2.680|SOURCE=Registers|TITLE=Albania & \nfriends|UNIT=PS|STATUS=A|COMMENT=",
                "FREQ=A|AREA=AL|TIME_PERIOD=2002|OBS_VALUE=NaN|SOURCE=Registers|TITLE=Albania & \nfriends|UNIT=PS|BREAK=B|STATUS=M",
                "FREQ=A|AREA=AM|TIME_PERIOD=2001|SOURCE=Registers|TITLE=Armenia|UNIT=PS|COMMENT=a\ttab <x> \"q\" Հայաստան",
                "FREQ=M|AREA=AM|SOURCE=Registers|TITLE=Armenia|UNIT=PC",
            ])
        #expect(read.observationCount == 3)
        #expect(read.datasets[0].lines[0] == 8)
        #expect(read.datasets[0].action == .append)
    }

    @Test func readsTheHeader() throws {
        let header = try dump(Sample.everything, Sample.structures).header
        #expect(header.id == "M1")
        #expect(header.isTest)
        #expect(header.prepared == "2026-01-02T03:04:05Z")
        #expect(header.senders == ["A"])
        #expect(header.receivers == ["B", "C"])
        #expect(header.names.text(in: "fr") == "Nom")
        #expect(header.dataSetID == "D1")
        #expect(header.extracted == "2026-01-02T00:00:00")
        #expect(header.sources.text() == "Survey")
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1_000])
    func chunkBoundariesChangeNothing(_ chunkBytes: Int) throws {
        let whole = try dump(Sample.everything, Sample.structures)
        let pieces = try dump(Sample.everything, Sample.structures, chunkBytes: chunkBytes, capacity: 1)
        #expect(pieces.datasets == whole.datasets)
        #expect(pieces.header == whole.header)
        let generic = try convert(Sample.everything, Sample.structures, to: .generic)
        #expect(try dump(generic, Sample.structures, chunkBytes: chunkBytes, capacity: 2).rows == whole.rows)
    }

    @Test func reportsUnknownComponentsAndGoesOn() throws {
        let read = try dump(
            Sample.message(
                """
                <Series FREQ="A" AREA="AL" UNIT="PS" COLOUR="red">
                <Obs TIME_PERIOD="2001"
                     OBS_VALUE="1" SHAPE="round"/>
                <Obs TIME_PERIOD="2002" OBS_VALUE="2"/>
                </Series>
                """, dataset: " SIZE=\"5\""), Sample.structures)
        #expect(read.rows.count == 2)
        let samples = read.findings.samples
        #expect(samples.map(\.code) == [.componentUnknown, .componentUnknown, .componentUnknown])
        #expect(samples.map(\.component) == ["SIZE", "COLOUR", "SHAPE"])
        #expect(samples.map(\.offendingText) == ["5", "red", "round"])
        #expect(samples.map(\.position.line) == [4, 5, 6])
        #expect(samples[1].seriesKey == "A.AL")
        #expect(samples[2].seriesKey == "A.AL")
        #expect(samples[2].timePeriod == "2001")
    }

    @Test func reportsUnknownComponentsOfGenericData() throws {
        let generic = try convert(Sample.everything, Sample.structures, to: .generic)
        var fewer = Sample.structure
        fewer.attributes.removeAll { $0.id == "UNIT" || $0.id == "STATUS" }
        var set = StructureSet()
        set.add(fewer)
        let read = try dump(generic, set)
        #expect(read.rows.count == 4)
        #expect(read.findings.samples.map(\.component) == ["UNIT", "STATUS", "STATUS", "UNIT", "UNIT"])
        #expect(read.findings.samples.map(\.seriesKey) == ["A.AL", "A.AL", "A.AL", "A.AM", "M.AM"])
    }

    @Test func readsAnyDimensionAtObservationAndFlat() throws {
        let flat = try dump(Sample.message("<Obs FREQ=\"A\" AREA=\"AL\" TIME_PERIOD=\"2001\" OBS_VALUE=\"1\"/>", dimension: "AllDimensions"), Sample.structures)
        let crossed = try dump(
            Sample.message("<Series FREQ=\"A\" TIME_PERIOD=\"2001\"><Obs AREA=\"AL\" OBS_VALUE=\"1\"/></Series>", dimension: "AREA"), Sample.structures)
        let series = try dump(Sample.message("<Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"2001\" OBS_VALUE=\"1\"/></Series>"), Sample.structures)
        #expect(flat.rows == series.rows)
        #expect(crossed.rows == series.rows)
    }

    @Test func appliesGroupsToFlatAndCrossedObservations() throws {
        let group = "<Group xsi:type=\"ns1:Sibling\" AREA=\"AL\" TITLE=\"T\"/>"
        let flat = try dump(
            Sample.message(
                group + "<Obs FREQ=\"A\" AREA=\"AL\" TIME_PERIOD=\"1\"/><Obs FREQ=\"A\" AREA=\"AM\" TIME_PERIOD=\"1\"/>", dimension: "AllDimensions"),
            Sample.structures)
        #expect(flat.rows == ["FREQ=A|AREA=AL|TIME_PERIOD=1|TITLE=T", "FREQ=A|AREA=AM|TIME_PERIOD=1"])
        let crossed = try dump(
            Sample.message(group + "<Series FREQ=\"A\" TIME_PERIOD=\"1\"><Obs AREA=\"AL\"/><Obs AREA=\"AM\"/></Series>", dimension: "AREA"), Sample.structures)
        #expect(crossed.rows == flat.rows)
    }

    @Test func reportsGroupsThatFitNothingOrComeLate() throws {
        let read = try dump(
            Sample.message(
                "<Group xsi:type=\"ns1:Sibling\" AREA=\"XX\" TITLE=\"T\"/><Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"1\"/></Series><Group AREA=\"AL\" TITLE=\"T\"/>"
            ),
            Sample.structures)
        // Neither is lost: each has a row with its own key.
        #expect(read.rows == ["FREQ=A|AREA=AL|TIME_PERIOD=1", "AREA=AL|TITLE=T", "AREA=XX|TITLE=T"])
        #expect(read.findings.countByCode[.groupUnmatched] == 1)
        #expect(read.findings.countByCode[.groupLate] == 1)
    }

    @Test func keepsDatasetsThatOnlySetAttributes() throws {
        let groups = try dump(
            Sample.message("<Group AREA=\"AL\" TITLE=\"T\"/><Group AREA=\"AM\" TITLE=\"U\"/>", dataset: " SOURCE=\"S\""), Sample.structures, capacity: 1)
        #expect(groups.rows == ["AREA=AL|SOURCE=S|TITLE=T", "AREA=AM|SOURCE=S|TITLE=U"])
        #expect(try dump(Sample.message("", dataset: " SOURCE=\"S\""), Sample.structures).rows == ["SOURCE=S"])
        #expect(try dump(Sample.message(""), Sample.structures).rows.isEmpty)
    }

    @Test func skipsWhatIsLeftOfADataset() throws {
        let one = "<Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"1\"/><Obs TIME_PERIOD=\"2\"/></Series>"
        let bytes = Sample.message(one + "</mes:DataSet><mes:DataSet ss:structureRef=\"S1\" ss:action=\"Delete\">" + one)
        let findings = FindingTally()
        let reader = try reader(bytes, Sample.structures, findings: findings)
        let first = try #require(try reader.nextDataset())
        #expect(try reader.read(into: Batch(schema: first.schema, capacity: 1)) == 1)
        let second = try #require(try reader.nextDataset())
        #expect(second.action == .delete)
        #expect(try reader.read(into: Batch(schema: second.schema)) == 2)
        #expect(try reader.nextDataset() == nil)
    }

    @Test func reportsUnknownActionsAndStructureReferences() throws {
        let read = try dump(Sample.message("", dataset: " ss:action=\"Upsert\""), Sample.structures)
        #expect(read.findings.countByCode[.actionUnknown] == 1)
        let other = String(decoding: Sample.everything, as: UTF8.self).replacing("ss:structureRef=\"S1\"", with: "ss:structureRef=\"S2\"")
        let mended = try dump(Array(other.utf8), Sample.structures)
        #expect(mended.rows.count == 4)
        #expect(mended.findings.countByCode[.structureMismatch] == 1)
    }

    @Test func readsOtherEncodings() throws {
        let text = String(decoding: Sample.message("<Series FREQ=\"A\" AREA=\"Åland\"><Obs TIME_PERIOD=\"1\"/></Series>"), as: UTF8.self)
        let latin = Array(text.replacing("UTF-8", with: "ISO-8859-1").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        var wide: [UInt8] = [0xFF, 0xFE]
        for unit in text.replacing("UTF-8", with: "UTF-16").utf16 { wide += [UInt8(truncatingIfNeeded: unit), UInt8(truncatingIfNeeded: unit >> 8)] }
        let marked: [UInt8] = [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        for bytes in [latin, wide, marked] {
            #expect(try dump(bytes, Sample.structures).rows == ["FREQ=A|AREA=Åland|TIME_PERIOD=1"])
            #expect(try dump(bytes, Sample.structures, chunkBytes: 5).rows == ["FREQ=A|AREA=Åland|TIME_PERIOD=1"])
            #expect(SDMXMLDataFormat.structureSpecific.recognises(bytes))
        }
    }

    @Test func namesWhatItCannotRead() throws {
        for (root, words) in [
            ("<CrossSectionalData xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message\"/>", "cross-sectional data are not read"),
            ("<CompactData xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v1_0/message\"/>", "SDMX-ML 1.0 CompactData"),
            ("<Structure xmlns=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\"/>", "SDMX-ML 2.1 Structure"), ("<html/>", "<html>"),
        ] {
            let error = #expect(throws: ReadError.self) { try dump(Array(root.utf8), Sample.structures) }
            #expect(error?.code == .unsupported)
            #expect(error?.detail.contains(words) == true)
        }
        let newer = Array("<Structure xmlns=\"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message\"/>".utf8)
        let error = #expect(throws: ReadError.self) { try readStructures(newer) }
        #expect(error?.code == .unsupported)
        #expect(error?.detail.contains("SDMX-ML 3.0 Structure") == true)
    }

    @Test func eachFormatRecognisesItsOwnMessagesOnly() throws {
        let generic = try convert(Sample.everything, Sample.structures, to: .generic)
        let sink = MemoryByteSink()
        try SDMXMLStructureFormat(version: .v2_1).writeStructures(Sample.structures, header: MessageHeader(id: "X"), to: sink)
        let newer = Array("<a:StructureSpecificData xmlns:a=\"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message\">".utf8)
        let formats = SDMXMLPlugin.dataFormats.map(\.id) + SDMXMLPlugin.structureFormats.map(\.id)
        #expect(formats == SDMXMLPlugin.descriptor.provides)
        func recognisers(_ bytes: [UInt8]) -> [String] {
            SDMXMLPlugin.dataFormats.filter { $0.recognises(Array(bytes.prefix(4_096))) }.map(\.id)
                + SDMXMLPlugin.structureFormats.filter { $0.recognises(bytes) }.map(\.id)
        }
        #expect(recognisers(Sample.everything) == ["sdmx-ml-2.1"])
        #expect(recognisers(generic) == ["sdmx-ml-2.1-generic"])
        #expect(recognisers(sink.bytes) == ["sdmx-ml-2.1-structure"])
        #expect(recognisers(newer) == ["sdmx-ml-3.0"])
        #expect(recognisers(Array("<CompactData xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message\"/>".utf8)) == ["sdmx-ml-2.0-compact"])
        for other in ["", "<a/>", "{}", "DATAFLOW,A", "<CompactData xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v1_0/message\"/>"] {
            #expect(recognisers(Array(other.utf8)) == [])
        }
    }
}
