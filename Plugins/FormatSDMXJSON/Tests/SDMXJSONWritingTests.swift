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

private func write(_ datasets: [Rows], isFlat: Bool = false, _ format: SDMXJSONFormat = format) throws -> [UInt8] {
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
        for action in [DatasetAction.information, .merge, .replace, .delete, .append] {
            for version in SDMXJSONFormat.Version.allCases {
                let format = SDMXJSONFormat(version: version)
                // 1.0 cannot delete attributes of a series beside observations.
                if version == .v1, action == .delete { continue }
                let rows = Rows(schema: schema, action: action, rows: plain)
                let dump = try format.dump(try write([rows], isFlat: isFlat, format), smallStructure())
                #expect(dump.rows == rows.dump, "\(version) \(action)")
                let meant: DatasetAction = version == .v1 && action == .merge ? .append : version != .v1 && action == .append ? .merge : action
                #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) \(meant.rawValue)"])
                #expect(dump.findings.isEmpty)
            }
        }
    }

    @Test(arguments: zip(SDMXJSONFormat.Version.allCases, ["Append", "Append", "Merge"])) func namesAMergeByTheVersion(
        version: SDMXJSONFormat.Version, name: String
    ) throws {
        let written = String(decoding: try write([Rows(schema: schema, action: .merge, rows: plain)], SDMXJSONFormat(version: version)), as: UTF8.self)
        #expect(written.contains("\"action\":\"\(name)\""))
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
                ["FREQ": "A", "REF_AREA": "398"], ["REF_AREA": "398", "TITLE": "-"], ["TITLE": "-"], ["OBS_VALUE": "-"],
                ["TIME_PERIOD": "2020", "OBS_VALUE": "-"],
                ["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "2020", "TITLE": "-", "OBS_VALUE": "-", "CONTACT": "-"],
            ])
        for version in [SDMXJSONFormat.Version.v2, .v21] {
            let format = SDMXJSONFormat(version: version)
            for action in [DatasetAction.delete, .replace] {
                var rows = rows
                rows.action = action
                // A row of nothing is a Delete of everything, and in no other action a row.
                if action == .replace { rows.rows.removeAll { $0.isEmpty } }
                let dump = try format.dump(try write([rows], isFlat: isFlat, format), smallStructure())
                // Rows of part of the key come behind the others.
                #expect(dump.rows.sorted() == rows.dump.sorted(), "\(version) \(action)")
                #expect(dump.codes.allSatisfy { $0 == .dimensionMissing && action == .replace })
            }
        }
    }

    /// Values of part of the key, alone and several of one key, without a word of what they belong to lost.
    @Test func keepsPartialKeysBesideObservations() throws {
        var rows = plain
        rows.insert(["REF_AREA": "051", "CONTACT": "Yerevan"], at: 0)
        rows.insert(["REF_AREA": "051", "CONTACT": "Gyumri"], at: 2)
        rows += [
            ["REF_AREA": "051", "TIME_PERIOD": "2020", "EVENT": "Census"], ["TITLE": "Alone"], ["FREQ": "A", "REF_AREA": "999", "UNIT": "PT", "CONTACT": "c"],
        ]
        let given = Rows(schema: schema, action: .merge, rows: rows)
        for version in [SDMXJSONFormat.Version.v2, .v21] {
            let format = SDMXJSONFormat(version: version)
            let written = try write([given], format)
            #expect(try format.dump(written, smallStructure()).rows.sorted() == given.dump.sorted())
            // And without the structure: the message describes all its parts as one.
            #expect(
                try Set(format.dump(written, StructureSet()).rows.map { Set($0.split(separator: "|")) })
                    == Set(given.dump.map { Set($0.split(separator: "|")) }))
        }
        #expect(#expect(throws: WriteError.self) { try write([given], SDMXJSONFormat(version: .v1)) }?.detail.contains("sdmx-json-2.0") == true)
    }

    @Test func keepsDimensionsThatAreSwitchedOff() throws {
        let rows = Rows(schema: schema, action: .merge, rows: [["FREQ": "~", "REF_AREA": "051", "TIME_PERIOD": "~", "CONTACT": "Yerevan"]])
        let v21 = SDMXJSONFormat(version: .v21)
        #expect(try v21.dump(try write([rows], v21), smallStructure()).rows == rows.dump)
        #expect(try roundTrip([rows]).rows == ["REF_AREA=051|CONTACT=Yerevan"])
        var deletion = rows
        deletion.action = .delete
        #expect(try v21.dump(try write([deletion], v21), smallStructure()).rows == deletion.dump)
        #expect(#expect(throws: WriteError.self) { try write([deletion]) }?.detail.contains("sdmx-json-2.1") == true)
    }

    @Test func keepsSeveralValuesAndLanguages() throws {
        var set = smallStructure()
        var many = SDGStructure.coded("CL_FLAG")
        many.occursMax = 5
        var texts = Representation(textFormat: TextFormat(type: .string))
        texts.textFormat?.isMultiLingual = true
        texts.occursMax = .max
        var structure = set.dataStructures[0]
        structure.identity.id = "MANY"
        structure.attributes += [
            Attribute(id: "FLAGS", representation: many, isMandatory: false, relationship: .observation),
            Attribute(id: "SERIES_FLAGS", representation: many, isMandatory: false, relationship: .dimensions(["FREQ", "REF_AREA"])),
            Attribute(id: "TEXTS", representation: texts, isMandatory: false, relationship: .dataset),
            Attribute(id: "NAMES", representation: texts, isMandatory: false, relationship: .observation),
        ]
        set.add(structure)
        let key = ["FREQ": "A", "REF_AREA": "051"]
        let rows = [
            [
                "TIME_PERIOD": "2020", "OBS_VALUE": "1", "FLAGS": "A\u{1F}B", "SERIES_FLAGS": "X\u{1F}Y", "TEXTS": "en\u{1E}One\u{1F}hy\u{1E}Մեկ",
                "NOTE": "en\u{1E}a\u{1F}fr\u{1E}b",
            ],
            [
                "TIME_PERIOD": "2021", "OBS_VALUE": "2", "FLAGS": "B", "SERIES_FLAGS": "X\u{1F}Y", "TEXTS": "en\u{1E}One\u{1F}hy\u{1E}Մեկ",
                "NAMES": "n\u{1D}m\u{1F}\u{1F}o",
            ],
            ["TIME_PERIOD": "2022", "OBS_VALUE": "3", "NAMES": "en\u{1E}One\u{1F}hy\u{1E}Մեկ\u{1F}en\u{1E}Two", "TEXTS": "en\u{1E}One\u{1F}hy\u{1E}Մեկ"],
        ].map { $0.merging(key) { first, _ in first } }
        let given = Rows(
            schema: DatasetSchema(structure, in: set), action: .replace, rows: rows + [["REF_AREA": "398", "FLAGS": "A\u{1F}C", "NAMES": "en\u{1E}One"]])
        for version in [SDMXJSONFormat.Version.v2, .v21] {
            for isFlat in [false, true] {
                let format = SDMXJSONFormat(version: version)
                let written = try write([given], isFlat: isFlat, format)
                #expect(try format.dump(written, set).rows == given.dump, "\(String(decoding: written, as: UTF8.self))")
            }
        }
        #expect(#expect(throws: WriteError.self) { try write([given], SDMXJSONFormat(version: .v1)) }?.detail.contains("1.0 has one value") == true)
    }

    @Test func writesNumbersWhereTheirTextSurvives() throws {
        let texts = ["2.680", "-1e5", "NaN", "007", "1,5", "12345678901234567890", ".5", "0", "", "1e400"]
        let rows = Rows(
            schema: schema, rows: texts.enumerated().map { ["FREQ": "A", "REF_AREA": "051", "TIME_PERIOD": "\(2000 + $0.offset)", "OBS_VALUE": $0.element] })
        let written = String(decoding: try write([rows]), as: UTF8.self)
        for expected in ["[2.680]", "[-1e5]", "[\"NaN\"]", "[\"007\"]", "[\"1,5\"]", "[\"12345678901234567890\"]", "[\".5\"]", "[0]"] {
            #expect(written.contains(expected))
        }
        for version in SDMXJSONFormat.Version.allCases {
            let format = SDMXJSONFormat(version: version)
            #expect(try format.dump(try write([rows], format), smallStructure()).rows == rows.dump)
        }
    }

    @Test func version1HasOneStructure() throws {
        let sdg = SDGStructure.structures()
        let other = Rows(schema: DatasetSchema(sdg.dataStructures[0], in: sdg), rows: [["FREQ": "A"]])
        #expect(#expect(throws: WriteError.self) { try write([Rows(schema: schema, rows: plain), other], SDMXJSONFormat(version: .v1)) }?.code == .unsupported)
        var alternating = plain + plain
        alternating[0]["TITLE"] = "Another"
        let v1 = SDMXJSONFormat(version: .v1)
        let given = Rows(schema: schema, action: .append, rows: alternating)
        #expect(try v1.dump(try write([given, given], v1), smallStructure()).rows == given.dump + given.dump)
    }

    @Test func keepsHeaderAndDates() throws {
        var sender = MessageHeader.Party("AM", names: LocalisedText("Armstat"))
        var contact = Contact(names: LocalisedText("Desk"), departments: LocalisedText("D", language: "fr"), roles: LocalisedText("R"))
        contact.telephones = ["1"]
        contact.emails = ["a@b.org"]
        sender.contacts = [contact]
        var header = MessageHeader(id: "A", isTest: true, prepared: "2025-11-22T00:00:00Z", senders: [sender], receivers: ["UN", "EU"])
        header.names.set("Nom", language: "fr")
        for version in SDMXJSONFormat.Version.allCases {
            let format = SDMXJSONFormat(version: version)
            let sink = MemoryByteSink()
            let writer = try format.writer(to: sink, options: WriteOptions(header: header))
            var description = DatasetDescription(schema: schema, reference: schema.structure.reference, action: .replace)
            description.dates.validFrom = "2020-01-01T00:00:00Z"
            description.dates.publicationYear = "2021"
            description.dates.reportingEnd = "2020-Q1"
            try writer.beginDataset(description)
            try writer.finish()
            let reader = try format.reader(of: MemoryByteSource(sink.bytes), in: ReadContext(structures: smallStructure(), findings: AllFindings()))
            #expect(try reader.nextDataset()?.dates == description.dates)
            #expect(reader.header == header)
        }
    }

    @Test func keepsDatasetsOfSeveralStructures() throws {
        let sdg = SDGStructure.structures()
        let other = DatasetSchema(sdg.dataStructures[0], in: sdg)
        let second = Rows(schema: other, action: .append, rows: [["FREQ": "A", "SERIES": "S", "TIME_PERIOD": "2020", "OBS_VALUE": "1"]])
        let first = Rows(schema: schema, action: .replace, rows: plain)
        var set = smallStructure()
        set.merge(sdg)
        let dump = try format.dump(try write([first, second, first]), set)
        #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) Replace", "DataStructure IAEG-SDGs:SDG(1.4) Merge", "DataStructure TEST:SMALL(1.0) Replace"])
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
        let given = Rows(schema: schema, action: .delete, rows: rows)
        let dump = try roundTrip([given], isFlat: isFlat)
        #expect(dump.rows.sorted() == given.dump.sorted(), "seed 4242")
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
