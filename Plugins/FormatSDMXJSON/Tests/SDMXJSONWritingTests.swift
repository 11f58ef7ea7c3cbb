import FormatSDMXJSON
import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

private let format = SDMXJSONFormat()

/// Rows as they are given: a cell per component, nil where absent.
struct Rows {
    var schema: DatasetSchema
    var action: DatasetAction = .information
    var rows: [[String: String]]

    func batch(capacity: Int? = nil) throws -> Batch {
        let batch = Batch(schema: schema, capacity: max(rows.count, 1))
        for cells in rows {
            let row = batch.appendRow()
            for (id, text) in cells { if let column = schema.index(of: id) { try Array(text.utf8).withUnsafeBytes { try batch.set(column, row, $0) } } }
        }
        return batch
    }

    var dump: [String] {
        rows.map { cells in schema.components.compactMap { component in cells[component.id].map { "\(component.id)=\($0)" } }.joined(separator: "|") }
    }
}

private func write(_ datasets: [Rows], isFlat: Bool = false) throws -> [UInt8] {
    let sink = MemoryByteSink()
    let header = MessageHeader(id: "TEST1", isTest: true, prepared: "2025-11-22", senders: ["TEST"], receivers: ["OTHER"])
    let writer = try format.writer(to: sink, options: WriteOptions(header: header, isFlat: isFlat))
    for dataset in datasets {
        try writer.beginDataset(DatasetDescription(schema: dataset.schema, reference: dataset.schema.structure.reference, action: dataset.action))
        try writer.write(try dataset.batch())
    }
    try writer.finish()
    return sink.bytes
}

private let schema = DatasetSchema(smallStructure().dataStructures[0], in: smallStructure())

@Suite struct SDMXJSONWritingTests {
    private func roundTrip(_ datasets: [Rows], isFlat: Bool = false) throws -> Dump { try format.dump(try write(datasets, isFlat: isFlat), smallStructure()) }

    private let plain: [[String: String]] = [
        [
            "FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2020", "OBS_VALUE": "2.680", "TITLE": "T", "CONTACT": "Yerevan", "EVENT": "Census", "UNIT": "PT",
            "STATUS": "A", "NOTE": "x",
        ],
        ["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2021", "TITLE": "T", "CONTACT": "Yerevan", "UNIT": "PT", "STATUS": "M"],
        ["FREQ": "A", "REF_AREA": "398", "TIME_PERIOD": "2020", "OBS_VALUE": "NaN", "TITLE": "T", "UNIT": "2010=100", "NOTE": ""],
    ]

    @Test(arguments: [false, true]) func keepsEveryLevelOfAttributes(isFlat: Bool) throws {
        for action in [DatasetAction.information, .append, .replace, .delete] {
            let rows = Rows(schema: schema, action: action, rows: plain)
            let dump = try roundTrip([rows], isFlat: isFlat)
            #expect(dump.rows == rows.dump)
            #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) \(action.rawValue)"])
            #expect(dump.findings.isEmpty)
        }
    }

    @Test func writesMergeAsTheAppendOfSDMX3() throws {
        #expect(try roundTrip([Rows(schema: schema, action: .merge, rows: plain)]).datasets == ["DataStructure TEST:SMALL(1.0) Append"])
    }

    @Test func beginsAnotherDatasetWhereAKeyComesAgain() throws {
        var rows = plain
        rows.append(["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2022", "OBS_VALUE": "3", "TITLE": "T", "CONTACT": "Yerevan", "UNIT": "PT"])
        rows.append(["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2022", "OBS_VALUE": "4", "TITLE": "T", "CONTACT": "Yerevan", "UNIT": "PT"])
        rows.append(["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2023", "OBS_VALUE": "4", "TITLE": "T", "CONTACT": "Another", "UNIT": "PT"])
        rows.append(["FREQ": "A", "REF_AREA": "398", "TIME_PERIOD": "2023", "OBS_VALUE": "4", "TITLE": "Another"])
        let given = Rows(schema: schema, action: .replace, rows: rows)
        let dump = try roundTrip([given])
        #expect(dump.rows == given.dump)
        #expect(dump.findings.isEmpty)
        #expect(dump.datasets == Array(repeating: "DataStructure TEST:SMALL(1.0) Replace", count: 5))
        let flat = try roundTrip([given], isFlat: true)
        #expect(flat.rows == given.dump)
        #expect(flat.datasets.count == 3)
    }

    @Test func writesTheRestFlatWhenSeriesAlternate() throws {
        let rows = (0..<1_000).map {
            [
                "FREQ": "A", "REF_AREA": $0 % 2 == 0 ? "051" : "398", "TIME_PERIOD": "\(1_000 + $0 / 2)", "OBS_VALUE": "\($0)", "UNIT": "PT",
                "CONTACT": "c\($0 % 2)",
            ]
        }
        let given = Rows(schema: schema, rows: rows)
        let dump = try roundTrip([given])
        #expect(dump.rows == given.dump)
        #expect(dump.datasets.count < 80)
        #expect(dump.findings.isEmpty)
    }

    @Test func refusesDuplicatesWithoutEnd() throws {
        let rows = Rows(schema: schema, rows: Array(repeating: plain[0], count: 70_000))
        #expect(#expect(throws: WriteError.self) { try write([rows], isFlat: true) }?.code == .limitExceeded)
    }

    @Test(arguments: [false, true]) func keepsPartialKeys(isFlat: Bool) throws {
        let rows = Rows(
            schema: schema, action: .delete,
            rows: [
                ["FREQ": "A", "REF_AREA": "051", "UNIT": "PT"], ["REF_AREA": "051"], [:],
                ["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2020", "UNIT": "PT"],
                ["FREQ": "A", "TIME_PERIOD": "2020", "OBS_VALUE": "-"], ["FREQ": "A", "REF_AREA": "051", "NOTE": "no time, but a note"],
            ])
        let dump = try roundTrip([rows], isFlat: isFlat)
        #expect(dump.rows == rows.dump)
        #expect(dump.findings.isEmpty)
    }

    @Test func keepsDatasetsOfSeveralStructures() throws {
        let sdg = SDGStructure.structures()
        let other = DatasetSchema(sdg.dataStructures[0], in: sdg)
        let second = Rows(schema: other, action: .append, rows: [["FREQ": "A", "SERIES": "S", "TIME_PERIOD": "2020", "OBS_VALUE": "1"]])
        let first = Rows(schema: schema, action: .replace, rows: plain)
        var set = smallStructure()
        set.merge(sdg)
        let dump = try format.dump(try write([first, second, first]), set)
        #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) Replace", "DataStructure IAEG-SDGs:SDG(1.4) Append", "DataStructure TEST:SMALL(1.0) Replace"])
        #expect(dump.rows == first.dump + second.dump + first.dump)
    }

    @Test func doesNotListValuesOfRowsThatWereWithheld() throws {
        let rows = Rows(schema: schema, rows: plain + [["FREQ": "A", "REF_AREA": "SECRET", "TIME_PERIOD": "2020", "STATUS": "SECRET", "CONTACT": "SECRET"]])
        let batch = try rows.batch()
        batch.retainRows { $0 != 3 }
        let sink = MemoryByteSink()
        let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader()))
        try writer.beginDataset(DatasetDescription(schema: schema, reference: schema.structure.reference))
        try writer.write(batch)
        try writer.finish()
        #expect(!String(decoding: sink.bytes, as: UTF8.self).contains("SECRET"))
    }

    @Test func writesAnEmptyMessageAndAnEmptyDataset() throws {
        #expect(try roundTrip([]).datasets.isEmpty)
        let dump = try roundTrip([Rows(schema: schema, action: .replace, rows: [])])
        #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) Replace"])
        #expect(dump.rows.isEmpty)
    }

    @Test(arguments: [false, true]) func survivesRandomTextOfAllKinds(isFlat: Bool) throws {
        var seed: UInt64 = 4_242
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let alphabet = ["a", "\\", "\"", "\n", "\r", "\u{1}", "\t", "\u{8}", "\u{C}", "ł", "漢", "🂡", " ", ":", "0123456789", "/", "\u{7F}", "\u{2028}"]
        let ids = schema.components.map(\.id)
        let rows = (0..<400).map { _ in
            Dictionary(
                uniqueKeysWithValues: ids.filter { _ in random(3) > 0 }.map {
                    ($0, (0..<(1 + random(4))).map { _ in alphabet[random(alphabet.count)] }.joined())
                })
        }
        let given = Rows(schema: schema, rows: rows)
        let dump = try roundTrip([given], isFlat: isFlat)
        #expect(dump.rows == given.dump, "seed 4242")
        // Every attribute of the dataset that changes begins another object, and the reader takes them all.
        #expect(dump.findings.isEmpty)
        #expect(try JSONSerialization.jsonObject(with: Data(try write([given], isFlat: isFlat))) is [String: Any])
    }

    @Test(arguments: [nil, "", "2025-11-22", "2025-11-22T08:00:00", "2025-11-22T08:00:00+04:00", "2025-11-22T08:00:00Z"])
    func writesAPreparedTimeTheSchemaTakes(prepared: String?) throws {
        let sink = MemoryByteSink()
        let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader(id: "A", prepared: prepared, senders: ["B"])))
        try writer.finish()
        let pattern = /"prepared":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"/
        #expect(String(decoding: sink.bytes, as: UTF8.self).firstMatch(of: pattern) != nil)
    }
}
