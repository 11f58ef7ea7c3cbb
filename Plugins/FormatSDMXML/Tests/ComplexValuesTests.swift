import SluiceKit
import Testing

@testable import FormatSDMXML

/// What SDMX-ML 3.x can say and 2.1 cannot: several values, languages, XHTML, metadata, several measures.
@Suite
struct ComplexValuesTests {
    static let content = """
        <Atts SOURCE="S"><Comp id="SOURCES"><Value>a</Value><Value>b &amp; c</Value></Comp></Atts>
        <Group xsi:type="ns1:Sibling" AREA="AL" TITLE="T"/>
        <Series FREQ="A" AREA="AL" UNIT="PS">
        <Comp id="NOTE"><Value><com:Text xml:lang="en">one</com:Text><com:Text xml:lang="fr">un</com:Text></Value><Value><com:Text>two</com:Text></Value></Comp>
        <Obs TIME_PERIOD="2001" OBS_VALUE="1" SECOND="2"><Comp id="FLAGS"><Value>A</Value><Value></Value></Comp></Obs>
        <Obs TIME_PERIOD="2002" OBS_VALUE="#N/A"><Comp id="PAGE"><Value><com:StructuredText xml:lang="en"><h:p xmlns:h="http://www.w3.org/1999/xhtml" class="x">a &lt; <h:b>b</h:b></h:p></com:StructuredText></Value></Comp></Obs>
        <Obs TIME_PERIOD="2003" OBS_VALUE="NaN"/>
        </Series>
        """
    static let rows = [
        "FREQ=A|AREA=AL|TIME_PERIOD=2001|OBS_VALUE=1|SECOND=2|SOURCE=S|TITLE=T|UNIT=PS|SOURCES=a⏐b & c|NOTE=en»one⏐fr»un⏐en»two|FLAGS=A⏐",
        "FREQ=A|AREA=AL|TIME_PERIOD=2002|OBS_VALUE=#N/A|SOURCE=S|TITLE=T|UNIT=PS|SOURCES=a⏐b & c|NOTE=en»one⏐fr»un⏐en»two|PAGE=en»<p xmlns=\"http://www.w3.org/1999/xhtml\" class=\"x\">a &lt; <b>b</b></p>",
        "FREQ=A|AREA=AL|TIME_PERIOD=2003|OBS_VALUE=NaN|SOURCE=S|TITLE=T|UNIT=PS|SOURCES=a⏐b & c|NOTE=en»one⏐fr»un⏐en»two",
    ]

    @Test(arguments: ["3_0", "3_1"], [1, 7, 65_536])
    func readsEveryForm(_ version: String, _ chunkBytes: Int) throws {
        let read = try dump(Sample.message3(Self.content, version: version), Sample.complexStructures, chunkBytes: chunkBytes, capacity: 1)
        #expect(read.rows.map(visible) == Self.rows)
        #expect(read.findings.count == 0)
        // Without an action 3.0 means information and 3.1 merge.
        #expect(read.datasets.map(\.action) == [version == "3_1" ? .merge : .information])
    }

    @Test(arguments: [1, 100], [false, true])
    func bothVersions3KeepEveryValue(_ capacity: Int, _ isFlat: Bool) throws {
        let bytes = Sample.message3(Self.content)
        for format in [SDMXMLDataFormat.structureSpecific3_0, .structureSpecific3_1] {
            let written = try convert(bytes, Sample.complexStructures, to: format, isFlat: isFlat, capacity: capacity)
            #expect(format.recognises(written))
            #expect(try dump(written, Sample.complexStructures).rows.map(visible) == Self.rows)
        }
    }

    @Test func olderVersionsRefuseSeveralValues() throws {
        for format in [SDMXMLDataFormat.structureSpecific, .generic, .timeSeries, .genericTimeSeries] {
            let error = #expect(throws: WriteError.self) { try convert(Sample.message3(Self.content), Sample.complexStructures, to: format) }
            #expect(error?.code == .unsupported)
            #expect(error?.detail.contains("SOURCES") == true && error?.detail.contains("sdmx-ml-3.0") == true)
        }
    }

    /// Metadata stand after the observations: what is said of a series or dataset becomes a row of its own.
    @Test func metadataBecomeValuesOfTheirPath() throws {
        func metadata(_ id: String, _ text: String, _ nested: String = "") -> String {
            "<Metadata><md:Attribute id=\"\(id)\"><md:Value>\(text)</md:Value>\(nested)</md:Attribute></Metadata>"
        }
        let deep = "<md:Attribute id=\"DEEP\"><com:Text xml:lang=\"en\">d</com:Text></md:Attribute>"
        let content =
            "<Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"1\">\(metadata("META", "o"))</Obs><Obs TIME_PERIOD=\"2\"/>\(metadata("META_SERIES", "s"))</Series>"
            + "<Series FREQ=\"A\" AREA=\"AM\">\(metadata("META_SERIES", "t"))</Series>" + metadata("META", "m", deep)
        for capacity in [1, 100] {
            let read = try dump(Sample.message3(content), Sample.complexStructures, capacity: capacity)
            #expect(
                read.rows.map(visible) == [
                    "FREQ=A|AREA=AL|TIME_PERIOD=1|META=o", "FREQ=A|AREA=AL|TIME_PERIOD=2", "FREQ=A|AREA=AL|META_SERIES=s", "FREQ=A|AREA=AM|META_SERIES=t",
                    "META=m|META.DEEP=en»d",
                ])
            for format in [SDMXMLDataFormat.structureSpecific3_0, .structureSpecific3_1] {
                let written = try convert(Sample.message3(content), Sample.complexStructures, to: format, capacity: capacity)
                #expect(try dump(written, Sample.complexStructures).rows == read.rows)
            }
        }
    }

    @Test func reportsComponentsThatTheStructureLacks() throws {
        let content =
            "<Series FREQ=\"A\" AREA=\"AL\"><Comp id=\"X\"><Value>1</Value></Comp><Obs TIME_PERIOD=\"1\"><Comp id=\"Y\"><Value>2</Value></Comp></Obs></Series>"
        let read = try dump(Sample.message3(content), Sample.structures)
        #expect(read.rows == ["FREQ=A|AREA=AL|TIME_PERIOD=1"])
        #expect(read.findings.samples.map(\.component) == ["X", "Y"])
        #expect(read.findings.samples.map(\.code) == [.componentUnknown, .componentUnknown])
    }

    @Test func boundsWhatOneCellHolds() throws {
        var limits = ReadLimits()
        limits.valueBytesMax = 1_000
        let many = "<Obs FREQ=\"A\"><Comp id=\"FLAGS\">" + String(repeating: "<Value>0123456789</Value>", count: 200) + "</Comp></Obs>"
        let error = #expect(throws: ReadError.self) {
            try dump(Sample.message3(many, dimension: "AllDimensions"), Sample.complexStructures, limits: limits)
        }
        #expect(error?.code == .limitExceeded)
    }

    @Test func refusesMarkupThatIsNone() throws {
        let schema = DatasetSchema(try #require(Sample.complexStructures.dataStructures.first), in: Sample.complexStructures)
        let writer = try SDMXMLDataFormat.structureSpecific3_1.writer(to: MemoryByteSink(), options: WriteOptions(header: MessageHeader(id: "W")))
        try writer.beginDataset(DatasetDescription(schema: schema, reference: schema.structure.reference))
        let batch = Batch(schema: schema)
        let row = batch.appendRow()
        let cell = CellValues.cell([CellValues.Element("<p>", language: "en")])
        for (id, text) in [("TIME_PERIOD", "1"), ("PAGE", cell)] {
            let column = try #require(schema.index(of: id))
            try Array(text.utf8).withUnsafeBytes { try batch.set(column, row, $0) }
        }
        #expect(throws: WriteError.self) { try writer.write(batch) }
    }
}
