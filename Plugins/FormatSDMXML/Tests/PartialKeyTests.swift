import SluiceKit
import Testing

@testable import FormatSDMXML

/// Rows for part of a key: series and groups without observations, attributes of the dataset alone, deletions with wildcards.
@Suite
struct PartialKeyTests {
    /// Writes rows and reads them again.
    private func trip(_ rows: [String], _ format: SDMXMLDataFormat, action: DatasetAction = .replace, isFlat: Bool = false) throws -> [String] {
        let schema = DatasetSchema(Sample.structure, in: Sample.structures)
        let sink = MemoryByteSink()
        let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader(id: "W", senders: ["A"]), isFlat: isFlat))
        try writer.beginDataset(DatasetDescription(schema: schema, reference: Sample.structure.reference, action: action))
        let batch = Batch(schema: schema)
        for text in rows {
            let row = batch.appendRow()
            for cell in text.split(separator: "|") {
                let parts = cell.split(separator: "=", maxSplits: 1)
                let column = try #require(schema.index(of: String(parts[0])))
                try Array(parts[1].utf8).withUnsafeBytes { try batch.set(column, row, $0) }
            }
        }
        try writer.write(batch)
        try writer.finish()
        return try dump(sink.bytes, Sample.structures).rows
    }

    static let mixed = [
        "AREA=AL|TITLE=T", "FREQ=A|AREA=AL|TIME_PERIOD=1|OBS_VALUE=2", "AREA=AL|TITLE=U", "FREQ=A|UNIT=X", "FREQ=A|AREA=AM", "SOURCE=S",
        "FREQ=A|AREA=AL|TIME_PERIOD=2|SOURCE=S", "SOURCE=S", "AREA=AM|SOURCE=S|TITLE=V", "FREQ=A|AREA=AM|TIME_PERIOD=1|SOURCE=S",
    ]

    @Test(arguments: SDMXMLDataFormat.written.map(\.id))
    func everyFormatKeepsRowsForPartOfAKey(_ id: String) throws {
        let format = try #require(SDMXMLDataFormat.all.first { $0.id == id })
        #expect(try trip(Self.mixed, format) == Self.mixed)
        if !format.isTimeSeries { #expect(try trip(Self.mixed, format, isFlat: true) == Self.mixed) }
    }

    @Test(arguments: SDMXMLDataFormat.written.map(\.id))
    func deletionsKeepTheirWildcards(_ id: String) throws {
        let format = try #require(SDMXMLDataFormat.all.first { $0.id == id })
        let slices = ["FREQ=A", "AREA=AL", "FREQ=A|AREA=AL", "FREQ=A|AREA=AL|TIME_PERIOD=1"]
        #expect(try trip(slices, format, action: .delete) == slices)
        if format.content == .genericData {
            // A generic key has to hold a value.
            #expect(throws: WriteError.self) { try trip([""], format, action: .delete) }
        } else {
            #expect(try trip(["FREQ=A|AREA=AL|TIME_PERIOD=1", ""], format, action: .delete) == ["FREQ=A|AREA=AL|TIME_PERIOD=1", ""])
        }
    }

    @Test func writesDeclaredGroupsAsGroups() throws {
        let rows = ["AREA=AL|TITLE=T", "AREA=AM|TITLE=U"]
        for (format, words) in [
            (SDMXMLDataFormat.structureSpecific, "<Group xsi:type=\"ns1:Sibling\" AREA=\"AL\" TITLE=\"T\">"), (.generic, "<gen:Group type=\"Sibling\">"),
        ] {
            let bytes = Sample.message("<Group xsi:type=\"ns1:Sibling\" AREA=\"AL\" TITLE=\"T\"/><Group xsi:type=\"ns1:Sibling\" AREA=\"AM\" TITLE=\"U\"/>")
            let written = try convert(bytes, Sample.structures, to: format)
            #expect(String(decoding: written, as: UTF8.self).contains(words))
            #expect(try dump(written, Sample.structures).rows == rows)
        }
    }

    @Test func groupsWithoutKeyAreReported() throws {
        let read = try dump(
            Sample.message("<Group xsi:type=\"ns1:Keyset\" TITLE=\"T\"/><Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"1\"/></Series>"), Sample.structures)
        #expect(read.rows == ["FREQ=A|AREA=AL|TIME_PERIOD=1"])
        #expect(read.findings.countByCode[.groupKeyless] == 1)
    }

    /// In 3.x groups and partial keys may stand anywhere.
    @Test func partialKeysBetweenSeriesOf3Stay() throws {
        let series = "<Series FREQ=\"A\" AREA=\"AL\"><Obs TIME_PERIOD=\"1\"/></Series>"
        let content = "<Atts FREQ=\"A\" UNIT=\"X\"/>" + series + "<Atts AREA=\"AL\" TITLE=\"T\"/>" + series + "<Atts SOURCE=\"S\"/>" + series
        let read = try dump(Sample.message3(content), Sample.structures, capacity: 1)
        #expect(
            read.rows == [
                "FREQ=A|AREA=AL|TIME_PERIOD=1|UNIT=X", "AREA=AL|TITLE=T", "FREQ=A|AREA=AL|TIME_PERIOD=1|UNIT=X", "SOURCE=S",
                "FREQ=A|AREA=AL|TIME_PERIOD=1|SOURCE=S|UNIT=X",
            ])
        #expect(read.findings.count == 0)
        for format in SDMXMLDataFormat.written {
            #expect(try dump(try convert(Sample.message3(content), Sample.structures, to: format), Sample.structures).rows == read.rows, "\(format.id)")
        }
    }
}
