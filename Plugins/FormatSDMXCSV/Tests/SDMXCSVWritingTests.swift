import FormatSDMXCSV
import SluiceKit
import SluiceKitTesting
import Testing

private let v1 = SDMXCSVFormat(version: .v1)
private let v2 = SDMXCSVFormat(version: .v2)

@Suite struct SDMXCSVWritingTests {
    private let structures = SDGStructure.structures()
    private let header2 =
        "STRUCTURE,STRUCTURE_ID,ACTION," + (SDGStructure.dimensionIDs + ["TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "COMMENT_TS"]).joined(separator: ",")
        + ",OBS_STATUS,UNIT_MULT,NATURE,TIME_DETAIL,SOURCE_DETAIL,COMMENT_OBS,UPPER_BOUND,LOWER_BOUND\r\n"
    private let key = "A,N,EN_WBE_NDQTTOT,051,_T,_T,_T,_T,_T,_T,_T,_T,_T,_T,_T"

    @Test func writesBackWhatItRead() throws {
        let rows =
            "dataflow,A:F(1.0),R,\(key),2015,2.680,PV_USD,,E,0,N,,\"LFS, Armstat\",\"say \"\"so\"\"\n\",,\r\n"
            + "dataflow,A:F(1.0),D,\(key),2016,-,,,,,,,, spaces ,a longer text without anything special,\r\n"
            + "datastructure,IAEG-SDGs:SDG(1.4),I,\(key),2017,NaN,\"PV,USD\",Տվյալները ներկայացված են,,,,,,,,x\r\n"
        let text = Array((header2 + rows).utf8)
        #expect(String(decoding: try v2.convert(text, to: v2, structures), as: UTF8.self) == header2 + rows)
        #expect(String(decoding: try v2.convert(text, to: v2, structures, capacity: 1), as: UTF8.self) == header2 + rows)
    }

    /// Columns that say the same in all rows are written another way than those that do not; which they are must not show.
    @Test func writesBackWhateverIsTheSameInAllRows() throws {
        var generator = SeededGenerator(seed: 7)
        let choices = ["", "A", "a text that is longer than sixteen bytes", "\"LFS, Armstat\""]
        for _ in 0..<300 {
            // Per column: one value for all rows, or one drawn for each.
            let (steady, isBare) = (generator.chance(percent: 50) ? 60 : 90, generator.chance(percent: 30))
            let columns = (0..<27).map { column -> [String] in
                let isKey = column < 16
                if isBare, !isKey { return [""] }
                let values = isKey ? ["A", "_T", "a_code_of_more_than_sixteen_bytes"] : choices
                if generator.chance(percent: steady) { return [values.randomElement(using: &generator)!] }
                return values
            }
            let rows = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                "dataflow,A:F(1.0),R," + columns.map { $0.randomElement(using: &generator)! }.joined(separator: ",") + "\r\n"
            }
            let text = header2 + rows.joined()
            for capacity in [1, 3, 100] {
                #expect(String(decoding: try v2.convert(Array(text.utf8), to: v2, structures, capacity: capacity), as: UTF8.self) == text)
            }
        }
    }

    @Test func keepsRowsBetweenTheVersions() throws {
        let text = Array((header2 + "dataflow,A:F(1.0),I,\(key),2015,2.680,PV_USD,,E,0,N,,\"LFS, Armstat\",,,\r\n").utf8)
        let older = try v2.convert(text, to: v1, structures)
        #expect(String(decoding: older.prefix(14), as: UTF8.self) == "DATAFLOW,FREQ,")
        #expect(try v1.dump(older, structures) == v2.dump(text, structures))
    }

    @Test func namesTheFlowInVersion1EvenForAStructureReference() throws {
        let text = Array((header2 + "datastructure,IAEG-SDGs:SDG(1.4),I,\(key),2015,1,,,,,,,,,,\r\n").utf8)
        #expect(String(decoding: try v2.convert(text, to: v1, structures), as: UTF8.self).contains("\r\nIAEG-SDGs:SDG(1.4),A,"))
    }

    @Test func writesMergeAsTheAppendOfSDMX3() throws {
        let text = Array((header2 + "dataflow,A:F(1.0),M,\(key),2015,1,,,,,,,,,,\r\n").utf8)
        #expect(try v2.dump(try v2.convert(text, to: v2, structures), structures).datasets == ["Dataflow A:F(1.0) Merge"])
        #expect(
            String(decoding: try v2.convert(text, to: v2, structures), as: UTF8.self)
                == String(decoding: text, as: UTF8.self).replacing("(1.0),M", with: "(1.0),A"))
        #expect(try v2.convert(text, to: SDMXCSVFormat(version: .v21), structures) == text)
    }

    @Test func refusesWhatTheFormatHasNoPlaceFor() throws {
        let deletion = Array((header2 + "dataflow,A:F(1.0),D,\(key),2015,1,,,,,,,,,,\r\n").utf8)
        #expect(#expect(throws: WriteError.self) { try v2.convert(deletion, to: v1, structures) }?.code == .unsupported)
        var other = StructureSet()
        other.add(
            DataStructure(
                identity: ArtefactIdentity(agency: "A", id: "D"), dimensions: [Dimension(id: "OTHER")], measures: [Measure(id: "M1"), Measure(id: "M2")]))
        let schema = DatasetSchema(other.dataStructures[0], in: other)
        let description = DatasetDescription(schema: schema, reference: ArtefactReference(.dataStructure, agency: "A", id: "D", version: "1.0"))
        let options = WriteOptions(header: MessageHeader())
        #expect(#expect(throws: WriteError.self) { try v1.writer(to: MemoryByteSink(), options: options).beginDataset(description) }?.code == .unsupported)
    }

    @Test func writesRowsThatWereNotWithheldOnly() throws {
        let text = Array((header2 + "dataflow,A:F(1.0),I,\(key),2015,1,,,,,,,,,,\r\ndataflow,A:F(1.0),I,\(key),SECRET,2,,,,,,,,,,\r\n").utf8)
        let reader = try v2.reader(of: MemoryByteSource(text), in: ReadContext(structures: structures, findings: AllFindings()))
        let description = try #require(try reader.nextDataset())
        let batch = Batch(schema: description.schema)
        #expect(try reader.read(into: batch) == 2)
        batch.retainRows { $0 == 0 }
        let sink = MemoryByteSink()
        let writer = try v2.writer(to: sink, options: WriteOptions(header: MessageHeader()))
        try writer.beginDataset(description)
        try writer.write(batch)
        try writer.finish()
        #expect(!String(decoding: sink.bytes, as: UTF8.self).contains("SECRET"))
    }

    @Test func survivesRandomTextOfAllKinds() throws {
        var seed: UInt64 = 42
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let alphabet = ["a", ",", "\"", "\n", "\r", "ł", "漢", " ", ";", "0123456789"]
        let schema = DatasetSchema(structures.dataStructures[0], in: structures)
        let batch = Batch(schema: schema)
        for _ in 0..<300 {
            let row = batch.appendRow()
            for column in schema.components.indices where random(3) > 0 {
                let text = (0..<(1 + random(7))).map { _ in alphabet[random(alphabet.count)] }.joined()
                try Array(text.utf8).withUnsafeBytes { try batch.set(column, row, $0) }
            }
        }
        for format in [v1, v2, SDMXCSVFormat(version: .v21)] {
            let sink = MemoryByteSink()
            let writer = try format.writer(to: sink, options: WriteOptions(header: MessageHeader()))
            try writer.beginDataset(DatasetDescription(schema: schema, reference: ArtefactReference(.dataflow, agency: "A", id: "F", version: "1.0")))
            try writer.write(batch)
            try writer.finish()
            let expected = (0..<batch.rowCount).map { row in
                schema.components.indices.compactMap { column in batch.string(column, row).map { "\(schema.components[column].id)=\($0)" } }.joined(
                    separator: "|")
            }
            #expect(try format.dump(sink.bytes, structures).rows == expected, "seed 42")
        }
    }
}
