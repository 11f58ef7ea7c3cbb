import Foundation
import SluiceKit
import Testing

@testable import FormatSDMXML

@Suite
struct WritingTests {
    @Test(arguments: [1, 2, 100])
    func everySpellingKeepsEveryRow(_ capacity: Int) throws {
        let rows = try dump(Sample.everything, Sample.structures).rows
        for format in [SDMXMLDataFormat.structureSpecific, .generic] {
            for isFlat in [false, true] {
                let written = try convert(Sample.everything, Sample.structures, to: format, isFlat: isFlat, capacity: capacity)
                let read = try dump(written, Sample.structures)
                // A flat dataset has no series, so the row about one becomes an observation without period or value.
                #expect(read.rows == rows, "\(format.id) flat \(isFlat)")
                #expect(read.findings.count == 0)
                #expect(read.datasets.map(\.action) == [.append])
                let back = try convert(written, Sample.structures, to: .structureSpecific)
                #expect(try dump(back, Sample.structures).rows == rows)
            }
        }
    }

    @Test func keepsTheHeader() throws {
        let first = try dump(Sample.everything, Sample.structures).header
        for format in [SDMXMLDataFormat.structureSpecific, .generic] {
            #expect(try dump(try convert(Sample.everything, Sample.structures, to: format), Sample.structures).header == first)
        }
    }

    @Test func mendsHeaderValuesThatTheSchemasRefuse() throws {
        var header = MessageHeader(id: "", prepared: "2026-01-02T03:04Z", senders: ["AM.ARMSTAT"], receivers: [""])
        header.dataSetID = "a b"
        header.extracted = "yesterday"
        let read = try dump(try convert(Sample.everything, Sample.structures, to: .generic, header: header), Sample.structures).header
        #expect(read.id == "SLUICE")
        #expect(read.prepared == "2026-01-02T03:04:00Z")
        #expect(read.senders == ["AM_ARMSTAT"])
        #expect(read.receivers == ["UNKNOWN"])
        #expect(read.dataSetID == "a_b")
        #expect(read.extracted == nil)
    }

    /// Writes rows given as values by component id.
    private func write(_ rows: [[String: String]], to format: SDMXMLDataFormat = .structureSpecific, dimension: String? = nil) throws -> String {
        let schema = DatasetSchema(Sample.structure, in: Sample.structures)
        let sink = MemoryByteSink()
        let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader(id: "W", prepared: "2026-01-01", senders: ["A"])))
        try writer.beginDataset(DatasetDescription(schema: schema, reference: Sample.structure.reference, dimensionAtObservation: dimension))
        let batch = Batch(schema: schema)
        for values in rows {
            let row = batch.appendRow()
            for (id, text) in values {
                let column = try #require(schema.index(of: id))
                try Array(text.utf8).withUnsafeBytes { try batch.set(column, row, $0) }
            }
        }
        try writer.write(batch)
        try writer.finish()
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test func beginsASeriesOrDatasetWhereItsAttributesChange() throws {
        let text = try write([
            ["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "1", "UNIT": "X", "SOURCE": "S"],
            ["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "2", "UNIT": "X", "SOURCE": "S"],
            ["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "3", "UNIT": "Y", "SOURCE": "S"],
            ["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "4", "UNIT": "Y", "SOURCE": "T"],
            ["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "5", "UNIT": "Y"],
        ])
        #expect(text.components(separatedBy: "<Series ").count - 1 == 4)
        #expect(text.components(separatedBy: "<mes:DataSet ").count - 1 == 3)
        let read = try dump(Array(text.utf8), Sample.structures)
        #expect(read.rows.count == 5)
        #expect(read.rows[4] == "FREQ=A|AREA=AL|TIME_PERIOD=5|UNIT=Y")
    }

    @Test func writesTheDimensionAtObservationThatTheDatasetNames() throws {
        let text = try write(
            [["FREQ": "A", "AREA": "AL", "TIME_PERIOD": "1", "OBS_VALUE": "1"], ["FREQ": "A", "AREA": "AM", "TIME_PERIOD": "1", "OBS_VALUE": "2"]],
            dimension: "AREA")
        #expect(text.contains("<Series FREQ=\"A\" TIME_PERIOD=\"1\">\n<Obs AREA=\"AL\" OBS_VALUE=\"1\"/>\n<Obs AREA=\"AM\" OBS_VALUE=\"2\"/>\n</Series>"))
    }

    @Test func refusesWhatXMLCannotHold() throws {
        for format in [SDMXMLDataFormat.structureSpecific, .generic] {
            for bad in ["a\u{1}b", "\u{FFFE}", "x\u{0}"] {
                let error = #expect(throws: WriteError.self) { try write([["FREQ": "A", "COMMENT": bad]], to: format) }
                #expect(error?.code == .unsupported)
            }
        }
        #expect(try write([["FREQ": "A", "COMMENT": "\u{7F}\u{85}\u{10FFFF}\u{D7FF}\u{E000}😀"]]).contains("😀"))
    }

    @Test func refusesASecondStructureInOneMessage() throws {
        let sink = MemoryByteSink()
        let writer = try SDMXMLDataFormat.structureSpecific.writer(to: sink, options: WriteOptions(header: MessageHeader(id: "W")))
        let schema = DatasetSchema(Sample.structure, in: Sample.structures)
        try writer.beginDataset(DatasetDescription(schema: schema, reference: Sample.structure.reference))
        var other = Sample.structure
        other.identity.id = "OTHER"
        let next = DatasetSchema(other, in: Sample.structures)
        #expect(throws: WriteError.self) { try writer.beginDataset(DatasetDescription(schema: next, reference: other.reference)) }
    }

    @Test func refusesAMessageWithoutDatasets() throws {
        let writer = try SDMXMLDataFormat.generic.writer(to: MemoryByteSink(), options: WriteOptions(header: MessageHeader(id: "W")))
        #expect(throws: WriteError.self) { try writer.finish() }
        #expect(throws: WriteError.self) {
            try SDMXMLDataFormat.compact2_0.writer(to: MemoryByteSink(), options: WriteOptions(header: MessageHeader()))
        }
    }

    @Test func writesAnEmptyDataset() throws {
        for format in [SDMXMLDataFormat.structureSpecific, .generic] {
            let read = try dump(Array(try write([], to: format).utf8), Sample.structures)
            #expect(read.datasets.count == 1)
            #expect(read.rows.isEmpty)
        }
    }
}
