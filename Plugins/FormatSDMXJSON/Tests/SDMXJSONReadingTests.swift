import FormatSDMXJSON
import SluiceKit
import SluiceKitTesting
import Testing

private let format = SDMXJSONFormat()

/// Frequency, area, time; one measure; attributes of dataset, group, series and observation.
func smallStructure() -> StructureSet {
    var set = StructureSet()
    set.add(
        DataStructure(
            identity: ArtefactIdentity(agency: "TEST", id: "SMALL"),
            dimensions: [
                Dimension(id: "FREQ", representation: SDGStructure.coded("CL_FREQ")), Dimension(id: "REF_AREA", representation: SDGStructure.coded("CL_AREA")),
                Dimension(id: "TIME_PERIOD", kind: .time),
            ],
            groups: [DimensionGroup(id: "AREA", dimensions: ["REF_AREA"])],
            measures: [Measure(id: "OBS_VALUE")],
            attributes: [
                Attribute(id: "TITLE", isMandatory: false, relationship: .dataset),
                Attribute(id: "CONTACT", isMandatory: false, relationship: .group("AREA")),
                Attribute(id: "EVENT", isMandatory: false, relationship: .dimensions(["REF_AREA", "TIME_PERIOD"])),
                Attribute(id: "UNIT", representation: SDGStructure.coded("CL_UNIT"), isMandatory: true, relationship: .dimensions(["FREQ", "REF_AREA"])),
                Attribute(id: "STATUS", representation: SDGStructure.coded("CL_STATUS"), isMandatory: false, relationship: .observation),
                Attribute(id: "NOTE", isMandatory: false, relationship: .observation),
            ]))
    return set
}

private let meta = #""meta":{"id":"M1","test":true,"prepared":"2025-11-22T00:00:00Z","sender":{"id":"AM"},"receivers":[{"id":"UN"}],"names":{"en":"A name"}}"#
private let links = #""links":[{"rel":"datastructure","urn":"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=TEST:SMALL(1.0)"}]"#
private let structures = #"""
    "structures":[{"dataSets":[0],\#(links),"dimensions":{
    "observation":[{"id":"TIME_PERIOD","keyPosition":2,"values":[{"id":"2020","name":"2020","start":"2020-01-01T00:00:00Z","end":"2020-12-31T23:59:59Z"},{"value":"2021-01"},{"value":2022}]}],
    "series":[{"id":"REF_AREA","keyPosition":1,"values":[{"id":"051","name":"Armenia"},{"id":"398","name":"Kazakhstan"}]}],
    "dataSet":[{"id":"FREQ","keyPosition":0,"values":[{"id":"A","name":"Annual"}]}]},
    "measures":{"observation":[{"id":"OBS_VALUE"}]},
    "attributes":{"dataSet":[{"id":"TITLE","relationship":{"dataflow":{}}}],
    "dimensionGroup":[{"id":"CONTACT","relationship":{"dimensions":["REF_AREA"]}},{"id":"EVENT","relationship":{"dimensions":["REF_AREA","TIME_PERIOD"]},"values":[{"value":"Census"}]}],
    "series":[{"id":"UNIT","relationship":{"dimensions":["FREQ","REF_AREA"]},"values":[{"id":"PT","name":"Percent"}]}],
    "observation":[{"id":"STATUS","relationship":{"observation":{}},"default":"A","values":[null,{"id":"A","name":"Normal"},{"values":["X","Y"]}]},
    {"id":"NOTE","relationship":{"observation":{}}}]}}]
    """#
private let dataSet = #"""
    {"structure":0,"action":"Replace","links":[],"attributes":["A title"],"dimensionGroupAttributes":{":0:":["Yerevan"],":0:1":[null,0]},
    "series":{"0":{"attributes":[0],"observations":{"0":["2.680",1,"first"],"1":[2.5000],"2":[null,0,null]}},
    "1":{"observations":{"0":[1e3,1,"say \"so\""]}}}}
    """#
private let expected = [
    "FREQ=A|REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=2.680|TITLE=A title|CONTACT=Yerevan|UNIT=PT|STATUS=A|NOTE=first",
    "FREQ=A|REF_AREA=051|TIME_PERIOD=2021-01|OBS_VALUE=2.5000|TITLE=A title|CONTACT=Yerevan|EVENT=Census|UNIT=PT|STATUS=A",
    "FREQ=A|REF_AREA=051|TIME_PERIOD=2022|TITLE=A title|CONTACT=Yerevan|UNIT=PT",
    "FREQ=A|REF_AREA=398|TIME_PERIOD=2020|OBS_VALUE=1e3|TITLE=A title|STATUS=A|NOTE=say \"so\"",
]

private func message(_ dataSets: String, _ structures: String = structures) -> String { "{\(meta),\"data\":{\(structures),\"dataSets\":[\(dataSets)]}}" }

@Suite struct SDMXJSONReadingTests {
    @Test(arguments: [1, 2, 3, 7, 4_096]) func readsSeriesWithAttributesOfAllLevels(chunk: Int) throws {
        for text in [message(dataSet), "{\"data\":{\"dataSets\":[\(dataSet)],\(structures)},\(meta)}"] {
            for capacity in [1, 2, 100] {
                let dump = try format.dump(Array(text.utf8), smallStructure(), chunk: chunk, capacity: capacity)
                #expect(dump.rows == expected)
                #expect(dump.datasets == ["DataStructure TEST:SMALL(1.0) Replace"])
                #expect(dump.findings.isEmpty)
            }
        }
    }

    @Test func readsTheHeader() throws {
        let reader = try format.reader(
            of: MemoryByteSource(Array(message(dataSet).utf8)), in: ReadContext(structures: smallStructure(), findings: AllFindings()))
        let description = try #require(try reader.nextDataset())
        #expect(description.dimensionAtObservation == "TIME_PERIOD")
        #expect(reader.header.id == "M1")
        #expect(reader.header.isTest)
        #expect(reader.header.senders == ["AM"])
        #expect(reader.header.receivers == ["UN"])
        #expect(reader.header.names.text() == "A name")
        #expect(reader.header.prepared == "2025-11-22T00:00:00Z")
        #expect(try reader.nextDataset() == nil)
    }

    @Test func readsObservationsWithoutSeries() throws {
        let flat =
            #"{"structure":0,"action":"Replace","links":[],"attributes":["A title"],"dimensionGroupAttributes":{":0:":["Yerevan"],":0:1":[null,0]},"observations":{"0:0":["2.680",1,"first"],"0:1":[2.5000],"0:2":[null,0],"1:0":[1e3,1,"say \"so\""]}}"#
        let dump = try format.dump(message(flat), smallStructure())
        #expect(dump.rows == expected.map { $0.replacing("|UNIT=PT", with: "") })
    }

    @Test func readsMembersInAnyOrder() throws {
        let late = #"""
            {"observations":null,"series":{"0":{"observations":{"0":["2.680",1,"first"],"1":[2.5000],"2":[null,0,null]},"attributes":[0]},
            "1":{"observations":{"0":[1e3,1,"say \"so\""]}}},"comment":[{"deep":["}"]}],
            "dimensionGroupAttributes":{":0:":["Yerevan"],":0:1":[null,0]},"attributes":["A title"],"action":"Replace","structure":0}
            """#
        #expect(try format.dump(message(late), smallStructure()).rows == expected)
        let error = format.failure(Array(message(late).utf8), smallStructure())
        #expect(error == nil)
    }

    @Test func refusesSeriesAttributesThatComeTooLate() {
        let late = #"{"structure":0,"series":{"0":{"observations":{"0":[1],"1":[2],"2":[3]},"attributes":[0]}}}"#
        let error = #expect(throws: ReadError.self) { try format.dump(message(late), smallStructure(), capacity: 2) }
        #expect(error?.code == .unsupported)
        #expect(error?.detail.contains("before") == true)
    }

    @Test func takesTheNextBatchInTheMiddleOfASeries() throws {
        let reader = try format.reader(
            of: MemoryByteSource(Array(message(dataSet).utf8)), in: ReadContext(structures: smallStructure(), findings: AllFindings()))
        let description = try #require(try reader.nextDataset())
        var rows: [String] = []
        while true {
            // Another batch has other dictionaries: what the series has in common is carried over.
            let batch = Batch(schema: description.schema, capacity: 1)
            guard try reader.read(into: batch) > 0 else { break }
            rows.append(
                description.schema.components.indices.compactMap { column in batch.string(column, 0).map { "\(description.schema.components[column].id)=\($0)" }
                }.joined(separator: "|"))
        }
        #expect(rows == expected)
    }

    @Test func skipsWhatIsLeftOfADataset() throws {
        let two = message(dataSet + "," + #"{"structure":0,"action":"Delete","series":{"1":{}}}"#)
        let reader = try format.reader(of: MemoryByteSource(Array(two.utf8)), in: ReadContext(structures: smallStructure(), findings: AllFindings()))
        let first = try #require(try reader.nextDataset())
        #expect(try reader.read(into: Batch(schema: first.schema, capacity: 2)) == 2)
        let second = try #require(try reader.nextDataset())
        #expect(second.action == .delete)
        let batch = Batch(schema: second.schema)
        #expect(try reader.read(into: batch) == 1)
        #expect(batch.string(1, 0) == "398" && batch.isAbsent(2, 0))
        #expect(try reader.read(into: batch) == 0)
        #expect(try reader.nextDataset() == nil)
    }

    @Test func reportsPositionsThatAreNotListed() throws {
        let wrong =
            #"{"structure":0,"series":{"0":{"attributes":[7],"observations":{"9":[1],"0":[1,-1],"1":[1,"A"],"2":[1,1.5],"1:1":[1],"x":[2]}},"0:0":{"observations":{"0":[5]}}}}"#
        let dump = try format.dump(message(wrong), smallStructure())
        #expect(dump.rows.count == 4)
        #expect(dump.codes.allSatisfy { $0 == .indexOutOfRange })
        #expect(dump.findings.map(\.component) == ["UNIT", "TIME_PERIOD", "STATUS", "STATUS", "STATUS", nil, nil, nil])
        #expect(dump.rows[0] == "FREQ=A|REF_AREA=051|OBS_VALUE=1|STATUS=A")
    }

    @Test func readsKeysThatStandTwiceAndSaysSo() throws {
        let twice = #"{"structure":0,"series":{"0":{"observations":{"0":[1],"1":[2],"0":[3]}},"1":{"observations":{"0":[4]}},"0":{"observations":{"0":[5]}}}}"#
        let dump = try format.dump(message(twice), smallStructure())
        #expect(dump.rows.count == 5)
        #expect(dump.codes == [.memberDuplicate, .memberDuplicate])
        #expect(dump.findings.map(\.offendingText) == ["0", "0"])
        let flat = try format.dump(message(#"{"structure":0,"observations":{"0:0":[1],"0:1":[1],"0:0":[2]}}"#), smallStructure())
        #expect(flat.rows.count == 3)
        #expect(flat.codes == [.memberDuplicate])
    }

    @Test func refusesMembersThatStandTwiceWhereTheyDecideHowToRead() {
        func failure(_ text: String) -> ReadError? { format.failure(Array(text.utf8), smallStructure()) }
        let ok = "{\(meta),\"data\":{\(structures),\"dataSets\":[]}}"
        #expect(failure(ok) == nil)
        for (from, to) in [
            (#""test":true"#, #""test":true,"test":false"#), (#""dataSets":[]"#, #""dataSets":[],"dataSets":[]"#),
            (#""dataSets":[]"#, #""dataSets":[],"structures":[]"#),
            (#"{"id":"OBS_VALUE"}"#, #"{"id":"OBS_VALUE","id":"OTHER"}"#), (#"{"id":"OBS_VALUE"}"#, #"{"id":"OBS_VALUE"},{"id":"OBS_VALUE"}"#),
            (#"{"value":"2021-01"}"#, #"{"value":"2021-01","value":"2021-02"}"#), (#""measures""#, #""dimensions":{},"measures""#),
        ] {
            let error = failure(ok.replacing(from, with: to))
            #expect(error?.code == .malformed, "\(to)")
            #expect(error?.detail.contains("twice") == true, "\(to)")
            #expect(error?.byteOffset ?? 0 > 0)
        }
        #expect(failure(message(#"{"structure":0,"action":"Append","action":"Delete"}"#))?.code == .malformed)
        #expect(failure(message(#"{"structure":0,"series":{"0":{"attributes":[0],"attributes":[0]}}}"#))?.code == .malformed)
    }

    @Test func keepsSeveralValuesAndLanguages() throws {
        let text =
            #"{"structure":0,"series":{"0":{"observations":{"0":[[1],1,{"fr":"Un","en":"One"}],"1":[[1,2],2,{"fr":"Deux"}],"2":[true,[1],["x",null]]}}}}"#
        let dump = try format.dump(message(text), smallStructure())
        #expect(
            dump.rows == [
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=1|STATUS=A|NOTE=fr\u{1E}Un\u{1F}en\u{1E}One",
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2021-01|OBS_VALUE=1\u{1F}2|STATUS=X\u{1F}Y|NOTE=fr\u{1E}Deux",
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2022|OBS_VALUE=true|STATUS=A|NOTE=x\u{1F}",
            ])
        #expect(dump.findings.isEmpty)
    }

    /// Values of part of the key that fit no observation, of a dimension that is switched off, and of the dataset alone.
    @Test func keepsValuesThatBelongToNoObservation() throws {
        let groups = #""dimensionGroupAttributes":{":0:":["Yerevan"],":1:":["Astana"],"~:1:":["Almaty"],":0:2":[null,0]}"#
        let one = #"{"structure":0,"action":"Merge","attributes":["A title"],\#(groups),"series":{"0":{"observations":{"0":[1]}}}}"#
        let dump = try SDMXJSONFormat(version: .v21).dump(message(one), smallStructure())
        #expect(
            dump.rows == [
                "FREQ=A|REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=1|TITLE=A title|CONTACT=Yerevan|STATUS=A", "REF_AREA=398|CONTACT=Astana",
                "FREQ=~|REF_AREA=398|CONTACT=Almaty", "REF_AREA=051|TIME_PERIOD=2022|EVENT=Census",
            ])
        let two = try format.dump(message(#"{"structure":0,"attributes":["A title"],\#(groups)}"#), smallStructure())
        #expect(two.rows.first == "TITLE=A title")
        #expect(two.rows.count == 5)
        #expect(try format.dump(message(#"{"structure":0,"action":"Delete"}"#), smallStructure()).rows == [""])
        #expect(try format.dump(message(#"{"structure":0,"action":"Delete","series":{}}"#), smallStructure()).rows.isEmpty)
        let series = #"{"structure":0,"action":"Delete","attributes":["-"],"series":{"0":{"attributes":[0],"observations":{"0":[]}},"1":{}}}"#
        #expect(
            try format.dump(message(series), smallStructure()).rows == [
                "FREQ=A|REF_AREA=051|UNIT=PT", "FREQ=A|REF_AREA=051|TIME_PERIOD=2020", "FREQ=A|REF_AREA=398", "TITLE=-",
            ])
    }

    @Test func readsHeaderAndDatesOfADataset() throws {
        let contact =
            #""contact":[{"name":"Desk","names":{"en":"Desk","hy":"Գրասեղան"},"department":"D","role":"R","telephones":["1"],"faxes":["2"],"uris":["u"],"emails":["e"],"x400s":["x"]}]"#
        let text = message(
            #"{"structure":0,"validFrom":"2020-01-01T00:00:00Z","validTo":"b","reportingBegin":"c","reportingEnd":"d","publicationYear":2005,"publicationPeriod":"2005-Q1","series":{}}"#
        )
        .replacing(#""sender":{"id":"AM"}"#, with: #""sender":{"id":"AM","name":"A","names":{"en":"Armstat"},\#(contact)}"#)
        let reader = try format.reader(of: MemoryByteSource(Array(text.utf8)), in: ReadContext(structures: smallStructure(), findings: AllFindings()))
        let description = try #require(try reader.nextDataset())
        #expect(description.dates.validFrom == "2020-01-01T00:00:00Z" && description.dates.validTo == "b" && description.dates.publicationYear == "2005")
        #expect(description.dates.reportingBegin == "c" && description.dates.reportingEnd == "d" && description.dates.publicationPeriod == "2005-Q1")
        let sender = try #require(reader.header.senders.first)
        #expect(sender.names.text() == "Armstat")
        let desk = try #require(sender.contacts.first)
        #expect(desk.names.text(in: "hy") == "Գրասեղան" && desk.departments.text() == "D" && desk.roles.text() == "R")
        #expect(desk.telephones == ["1"] && desk.faxes == ["2"] && desk.uris == ["u"] && desk.emails == ["e"] && desk.x400s == ["x"])
    }

    @Test func readsVersion1WithAndWithoutData() throws {
        let one = #"""
            "structure":{"links":[{"rel":"dataflow","href":"https://x.org/rest/dataflow/TEST/FLOW/1.0"}],"dimensions":{"dataset":[{"id":"FREQ","keyPosition":0,"values":[{"id":"A","name":"Annual"}]}],
            "series":[{"id":"REF_AREA","keyPosition":1,"values":[{"id":"051","name":"Armenia"}]}],"observation":[{"id":"TIME_PERIOD","role":"time","values":[{"id":"2020","name":"2020"}]}]},
            "attributes":{"observation":[{"id":"NOTE","values":[{"name":"Of 1.0"},{"id":null,"name":"By name"}]}],"series":[],"dataSet":[]}},
            "dataSets":[{"action":"Append","series":{"0":{"observations":{"0":[2.680,1]}}}}]
            """#
        let v1 = SDMXJSONFormat(version: .v1)
        for text in ["{\"header\":{\"id\":\"X\"},\(one)}", "{\(meta),\"data\":{\(one)}}"] {
            #expect(v1.recognises(Array(text.utf8)) && !format.recognises(Array(text.utf8)))
            let dump = try v1.dump(text, smallStructure())
            #expect(dump.rows == ["FREQ=A|REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=2.680|NOTE=By name"])
            #expect(dump.datasets == ["Dataflow TEST:FLOW(1.0) Append"])
            #expect(dump.findings.isEmpty)
            #expect(format.failure(Array(text.utf8), smallStructure())?.detail.contains("ask for sdmx-json-1.0") == true)
            // Without a structure the message's own words have to do.
            let own = try v1.dump(text, StructureSet())
            #expect(own.rows == dump.rows)
            #expect(own.findings.map(\.severity) == [.note])
        }
        #expect(v1.failure(Array(message(dataSet).utf8), smallStructure())?.detail.contains("sdmx-json-2.0") == true)
    }

    @Test func refusesAnotherVersionByItsName() {
        func named(_ version: String, _ format: SDMXJSONFormat) -> String? {
            let text = message(dataSet).replacing(#""meta":{"#, with: #""meta":{"schema":"https://json.sdmx.org/\#(version)/sdmx-json-data-schema.json","#)
            return format.failure(Array(text.utf8), smallStructure())?.detail
        }
        #expect(named("2.0.0", format) == nil)
        #expect(named("2.1", format)?.contains("ask for sdmx-json-2.1") == true)
        #expect(named("2.0.0", SDMXJSONFormat(version: .v21))?.contains("ask for sdmx-json-2.0") == true)
        #expect(named("2.1", SDMXJSONFormat(version: .v1))?.contains("ask for sdmx-json-2.1") == true)
    }

    /// Names, codes, types and what the attributes belong to, all out of the message.
    @Test func makesAStructureOfTheMessageWhereNoneIsAtHand() throws {
        let reader = try format.reader(
            of: MemoryByteSource(Array(message(dataSet).utf8)), in: ReadContext(structures: StructureSet(), findings: AllFindings()))
        let schema = try #require(try reader.nextDataset()).schema
        #expect(schema.structure.reference.description == "TEST:SMALL(1.0)")
        #expect(schema.components.map(\.id) == ["FREQ", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "TITLE", "CONTACT", "EVENT", "UNIT", "STATUS", "NOTE"])
        #expect(schema.timeDimension == 2)
        #expect(schema.components[1].codelist?["051"]?.names.text() == "Armenia")
        #expect(schema.components[1].codelist?.isPartial == true)
        #expect(schema.components[2].codelistReference == nil)
        #expect(schema.components[4].role == .attribute(.dataset))
        #expect(schema.components[5].role == .attribute(.dimensions(["REF_AREA"])))
        #expect(schema.isSeriesAttribute(7))
        #expect(try format.dump(message(dataSet), StructureSet()).rows == expected)
    }

    @Test func reportsComponentsThatAreUnknownOrMissing() throws {
        let other = structures.replacing("\"id\":\"NOTE\"", with: "\"id\":\"REMARK\"").replacing(
            #""dataSet":[{"id":"FREQ","keyPosition":0,"values":[{"id":"A","name":"Annual"}]}]"#, with: #""dataSet":[]"#)
        let dump = try format.dump(message(#"{"structure":0,"series":{"0":{"observations":{"0":[1,1,"lost"]}}}}"#, other), smallStructure())
        #expect(dump.rows == ["REF_AREA=051|TIME_PERIOD=2020|OBS_VALUE=1|STATUS=A"])
        #expect(dump.findings.map(\.component) == ["REMARK", "FREQ"])
        #expect(dump.codes == [.componentUnknown, .dimensionMissing])
    }

    @Test func saysWhatIsWrongWithTheMessage() {
        func failure(_ text: String) -> ReadError? { format.failure(Array(text.utf8), smallStructure()) }
        #expect(failure("[]")?.code == .unsupported)
        #expect(failure("{}")?.code == .unsupported)
        #expect(failure(#"{"errors":[{"code":404,"title":"No data"}]}"#)?.detail.contains("No data") == true)
        #expect(failure(#"{"data":{"structure":{},"dataSets":[]}}"#)?.detail.contains("1.0") == true)
        #expect(failure(message(#"{"structure":4,"series":{}}"#))?.code == .malformed)
        #expect(failure(message(dataSet).replacing(#"{"id":"A","name":"Annual"}"#, with: #"{"id":"A"},{"id":"M"}"#))?.code == .malformed)
        #expect(failure(message(dataSet).replacing(#"":0:1""#, with: #"":0""#))?.code == .malformed)
        #expect(failure(String(message(dataSet).dropLast(2)))?.code == .truncated)
        #expect(failure(message(dataSet).replacing(#"[2.5000]"#, with: #"[2.5000,]"#))?.code == .malformed)
        #expect(failure(message(dataSet) + "x")?.code == .malformed)
        #expect(failure(message(#"{"structure":0,"action":"Merge","series":{}}"#)) == nil)
        var others = StructureSet()
        for id in ["ONE", "TWO"] { others.add(DataStructure(identity: ArtefactIdentity(agency: "OTHER", id: id))) }
        #expect(format.failure(Array(message(dataSet).utf8), others)?.code == .structureUnknown)
        for mark in ["\\u0000", "\\u001d", "\\u001e", "\\u001f"] {
            #expect(failure(message(dataSet).replacing("first", with: "fi\(mark)rst"))?.code == .malformed)
            #expect(failure(message(dataSet).replacing("Census", with: "\(mark)"))?.code == .malformed)
        }
    }

    @Test func readsWithTheStructureWhereTheFlowIsNotAtHand() throws {
        let flow = #"{"rel":"dataflow","urn":"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=TEST:FLOW(2.0)"},"#
        let text = message(dataSet).replacing("\"links\":[{\"rel\"", with: "\"links\":[\(flow){\"rel\"")
        var set = smallStructure()
        set.add(DataStructure(identity: ArtefactIdentity(agency: "TEST", id: "ANOTHER")))
        #expect(try format.dump(text, set).datasets == ["Dataflow TEST:FLOW(2.0) Replace"])
    }

    @Test(arguments: [1, 4_096]) func saysWhatIsInAMessageWithoutItsStructure(chunk: Int) throws {
        let outline = try format.outline(
            of: MemoryByteSource(Array(message(dataSet).utf8), chunkBytesMax: chunk), limits: ReadLimits(), findings: AllFindings())
        #expect(outline.kind == "SDMX-JSON 2.0 data" && outline.header.id == "M1")
        let dataset = try #require(outline.datasets.first)
        #expect(dataset.seriesCount == 2 && dataset.observationCount == 4 && dataset.groupCount == 2)
        #expect(dataset.action == .replace && dataset.dimensionAtObservation == "TIME_PERIOD")
        #expect(dataset.reference?.description == "TEST:SMALL(1.0)")
        #expect(dataset.components == ["FREQ", "REF_AREA", "TIME_PERIOD", "TITLE", "CONTACT", "EVENT", "UNIT", "OBS_VALUE", "STATUS", "NOTE"])
        #expect(throws: ReadError.self) {
            try format.outline(of: MemoryByteSource(Array(message(dataSet).dropLast(4).utf8)), limits: ReadLimits(), findings: AllFindings())
        }
    }

    @Test func recognisesItsOwnKindOnly() {
        #expect(format.recognises(Array(message(dataSet).utf8)))
        #expect(format.recognises(Array("\u{FEFF}\n {\"meta\":{\"schema\":\"…/2.0.0/sdmx-json-data-schema.json\"".utf8)))
        #expect(!format.recognises(Array("{\"meta\":{\"schema\":\"…/1.0/sdmx-json-data-schema.json\"},\"data\":{\"dataSets\":".utf8)))
        #expect(!format.recognises(Array("{\"meta\":{\"schema\":\"…/2.0.0/sdmx-json-structure-schema.json\"},\"data\":{\"dataStructures\":".utf8)))
        #expect(!format.recognises(Array("[]".utf8)))
        #expect(!format.recognises(Array("DATAFLOW,A".utf8)))
        #expect(!format.recognises([]))
    }
}

@Suite struct SDMXJSONFixtureTests {
    /// `Fixtures/flat.json` has everything behind what needs it: structures and header behind the data, group attributes behind the observations.
    @Test(arguments: [1, 4_096]) func readsAMessageWrittenBackToFront(chunk: Int) throws {
        let dump = try format.dump(try fixture("flat.json"), smallStructure(), chunk: chunk)
        #expect(dump.datasets == ["Dataflow TEST:FLOW(1.0) Delete"])
        #expect(
            dump.rows == [
                // A group's attribute in a Delete is deleted for the group: it does not narrow what is deleted of the observation.
                "FREQ=A|REF_AREA=398|TIME_PERIOD=2020", "FREQ=M|REF_AREA=051|TIME_PERIOD=2021-01|OBS_VALUE=2.680|NOTE=behind the data",
                "REF_AREA=051|CONTACT=Yerevan",
            ])
        #expect(dump.lines == [8, 8, 9])
        #expect(dump.findings.isEmpty)
    }
}
