import FormatSDMXJSON
import SluiceKit
import SluiceKitTesting
import Testing

private let format = SDMXJSONStructureFormat(.v20)
private let list = #""id":"CL","agencyID":"TEST","version":"1.0","name":"List""#

struct StructureReadingTests {
    // MARK: Recognition

    @Test func tellsTheVersionByTheSchema() {
        for (address, version) in [
            ("https://raw.githubusercontent.com/sdmx-twg/sdmx-json/develop/structure-message/tools/schemas/1.0/sdmx-json-structure-schema.json", "1.0"),
            ("https://json.sdmx.org/2.0.0/sdmx-json-structure-schema.json", "2.0"), ("https://json.sdmx.org/2.1/sdmx-json-structure-schema.json", "2.1"),
            ("https://raw.githubusercontent.com/sdmx-twg/sdmx-json/v2.1.0/structure-message/tools/schemas/sdmx-json-structure-schema.json", "2.1"),
        ] {
            let head = Array(#"{"meta":{"schema":"\#(address)","id":"x"},"data":{"codelists":[{"id""#.utf8)
            for each in SDMXJSONStructureFormat.Version.allCases {
                #expect(SDMXJSONStructureFormat(each).recognises(head) == (each.rawValue == version), "\(address)")
            }
        }
        #expect(SDMXJSONStructureFormat(.v21).recognises(Array(#"{"$schema":"https://json.sdmx.org/2.1/sdmx-json-structure-schema.json","meta":{"#.utf8)))
    }

    @Test func tellsTheVersionByTheMembersWhereDataComeFirst() {
        func recognised(_ head: String) -> [String] {
            SDMXJSONStructureFormat.Version.allCases.filter { SDMXJSONStructureFormat($0).recognises(Array(head.utf8)) }.map(\.rawValue)
        }
        #expect(recognised(#"{"data":{"hierarchicalCodelists":[{"id":"#) == ["1.0"])
        #expect(recognised(#"{"data":{"codelists":[{"isFinal":true,"#) == ["1.0"])
        #expect(recognised("\u{FEFF}\n{\"data\":{\"valueLists\":[{") == ["2.0"])
        #expect(recognised(#"{"data":{"codelists":[{"id":"hierarchicalCodelists"}]},"meta":{"#) == ["2.0"])
        #expect(recognised(#"{"data":{"availabilityConstraints":[{"#) == ["2.1"])
        // What stands in the message counts more than the schema of another message that it names.
        #expect(recognised(#"{"data":{"dataflows":[]},"meta":{"schema":"https://x/metadata-message/2.0.0/sdmx-json-metadata-schema.json"}}"#) == ["2.0"])
    }

    @Test(arguments: [
        #"{"meta":{"schema":"https://json.sdmx.org/2.0.0/sdmx-json-data-schema.json"},"data":{"dataSets":[],"structures":[]}}"#,
        #"{"meta":{},"data":{"metadataSets":[{"codelists":[]}]}}"#, #"{"data":{"structure":{"dimensions":{}},"dataSets":[]}}"#,
        "[{\"data\":{\"codelists\":[]}}]",
        "<Structure/>", "", "{", "{\"codelists\":[]}", "\"data\"",
    ]) func recognisesNothingElse(text: String) {
        for version in SDMXJSONStructureFormat.Version.allCases { #expect(!SDMXJSONStructureFormat(version).recognises(Array(text.utf8))) }
    }

    @Test func refusesMessagesOfOtherKindsByName() throws {
        #expect(try #require(format.read(#"{"data":{"dataSets":[]}}"#).error).detail.contains("data message"))
        #expect(try #require(format.read(#"{"data":{"metadataSets":[]}}"#).error).detail.contains("metadata message"))
        #expect(format.read(#"{"codelists":[]}"#).error?.code == .unsupported)
        #expect(format.read("[]").error?.code == .unsupported)
        #expect(format.read(#"{"data":[]}"#).error?.code == .malformed)
    }

    // MARK: Texts

    @Test func takesLanguagesFromNamesAndFromTheMessage() throws {
        let read = format.read(
            data:
                #""codelists":[{\#(list),"codes":[{"id":"A","name":"Ա","names":{"en":"A","hy":"Ա"}},{"id":"B","name":"Բ"},{"id":"C","name":"Գ","names":{"en":"C"}}]}]"#,
            meta: #""contentLanguages":["hy","en"]"#)
        let codes = try #require(read.set.codelists.first).codes
        #expect(codes.map { $0.names.text(in: "hy") } == ["Ա", "Բ", "Գ"])
        #expect(codes.map { $0.names.entries.count } == [2, 1, 2])
        #expect(read.findings.isEmpty)
    }

    @Test func takesNullForAbsent() throws {
        let read = format.read(
            data:
                #""codelists":[{\#(list),"description":null,"isPartial":null,"annotations":null,"codes":[{"id":"A","name":"A","parent":null}]}],"dataflows":null"#
        )
        #expect(read.findings.isEmpty)
        #expect(read.set.codelists.first?.codes == [Code(id: "A", names: LocalisedText("A"))])
    }

    // MARK: What is wrong

    @Test func namesWrongTypesAndGoesOn() throws {
        let read = format.read(
            data:
                #""codelists":[{\#(list),"isPartial":"true","names":5,"annotations":{},"codes":[{"id":1,"name":"A"},"B",{"id":"C","name":["x"]},{"name":"D"}]}],"dataflows":{},"hierarchies":[1]"#
        )
        let found = try #require(read.set.codelists.first)
        #expect(found.isPartial)
        #expect(found.codes.map(\.id) == ["1", "C"])
        #expect(read.findings.count == 9)
        #expect(read.findings.allSatisfy { $0.code == .structureFault && $0.position.line == 1 })
        #expect(read.findings.contains { $0.component == "Codelist TEST:CL(1.0)" })
    }

    @Test func leavesOutArtefactsWithoutIdOrAgencyAndNamesThem() {
        let read = format.read(data: #""codelists":[{"name":"x"},{"id":"A","name":"x"},{"agencyID":"T","name":"x"},{\#(list)}]"#)
        #expect(read.set.count == 1)
        #expect(read.codes == [.structureFault, .structureFault, .structureFault])
    }

    @Test func takesIdsFromTheLinkToItself() {
        let read = format.read(
            data:
                #""codelists":[{"name":"x","links":[{"rel":"self","urn":"urn:sdmx:org.sdmx.infomodel.codelist.Codelist=T:CL(2.1)"}],"codes":[{"name":"A","links":[{"rel":"self","urn":"urn:sdmx:org.sdmx.infomodel.codelist.Code=T:CL(2.1).A"}]}]}]"#
        )
        #expect(read.set.codelists.first?.reference.description == "T:CL(2.1)")
        #expect(read.set.codelists.first?.codes.map(\.id) == ["A"])
    }

    @Test func namesUnknownMembersOncePerArtefact() {
        let read = format.read(
            data: #""codelists":[{\#(list),"x-own":1,"colour":1,"codes":[{"id":"A","name":"A","order":1},{"id":"B","name":"B","order":2}]}],"cubes":[]"#)
        #expect(read.findings.map(\.offendingText) == ["order", "x-own", "colour", "cubes"])
        #expect(read.findings.map(\.severity) == [.warning, .note, .warning, .warning])
    }

    @Test func namesCyclesAndRepeatedIds() {
        let read = format.read(
            data: #""codelists":[{\#(list),"codes":[{"id":"A","name":"A","parent":"B"},{"id":"B","name":"B","parent":"A"},{"id":"A","name":"A"}]}]"#)
        #expect(Set(read.codes).isSuperset(of: [.itemDuplicate]))
        let cyclic = format.read(data: #""codelists":[{\#(list),"codes":[{"id":"A","name":"A","parent":"B"},{"id":"B","name":"B","parent":"A"}]}]"#)
        #expect(cyclic.codes == [.parentCycle])
    }

    @Test func namesTheSameArtefactSayingSomethingElse() {
        let read = format.read(data: #""codelists":[{\#(list)},{\#(list),"description":"else"},{\#(list)}]"#)
        #expect(read.codes == [.artefactConflict])
        #expect(read.set.codelists.count == 1)
    }

    @Test func namesReferencesThatAreNone() {
        let read = format.read(
            data:
                #""dataflows":[{"id":"F","agencyID":"T","name":"F","structure":"DSD(1.0)"},{"id":"G","agencyID":"T","name":"F","structure":"urn:sdmx:org.sdmx.infomodel.datastructure.datastructure=T:D(1.0)"}]"#
        )
        #expect(read.codes == [.structureFault])
        #expect(read.set.dataflows.map { $0.structure?.id } == [nil, "D"])
    }

    @Test func passesOnWhatTheServiceReports() {
        let read = format.read(#"{"meta":{"id":"x"},"errors":[{"code":404,"title":"No results"}]}"#)
        #expect(read.error == nil)
        #expect(read.findings.first?.offendingText == "404: No results")
    }

    // MARK: 1.0

    @Test func readsTheSpellingsOf10() throws {
        let concept = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=T:CS(1.0)"
        let read = SDMXJSONStructureFormat(.v10).read(
            data: """
                "dataStructures":[{"id":"D","agencyID":"T","name":"D","isFinal":true,"dataStructureComponents":{
                 "dimensionList":{"id":"DimensionDescriptor","dimensions":[{"id":"B","position":1,"type":"Dimension","conceptIdentity":"\(concept).B",
                   "localRepresentation":{"textFormat":{"textType":"String","maxLength":5}}},{"id":"A","position":0,"conceptIdentity":"\(concept).A"}],
                  "measureDimensions":[{"id":"M","position":2,"conceptIdentity":"\(concept).M","localRepresentation":{"enumeration":"urn:sdmx:org.sdmx.infomodel.conceptscheme.ConceptScheme=T:MS(1.0)"}}],
                  "timeDimensions":[{"position":3,"conceptIdentity":"\(concept).TIME_PERIOD","localRepresentation":{"textFormat":{"textType":"ObservationalTimePeriod"}}}]},
                 "measureList":{"primaryMeasure":{"conceptIdentity":"\(concept).OBS_VALUE"}},
                 "attributeList":{"attributes":[{"id":"X","assignmentStatus":"Mandatory","attributeRelationship":{"primaryMeasure":"OBS_VALUE"},"conceptIdentity":"\(concept).X"},
                  {"id":"Y","assignmentStatus":"Conditional","attributeRelationship":{"none":{}},"conceptIdentity":"\(concept).Y"}]}}}],
                "contentConstraints":[{"id":"C","agencyID":"T","name":"C","type":"Actual","constraintAttachment":{"simpleDataSource":"https://example.org"},
                 "cubeRegions":[{"isIncluded":false,"keyValues":[{"id":"A","values":["1","2"],"cascadeValues":["2"]}],"attributes":[{"id":"X","values":["9"]}]}]}],
                "conceptSchemes":[{"id":"CS","agencyID":"T","name":"C","concepts":[{"id":"B","name":"B"},{"id":"A","name":"A","parent":"\(concept).B"}]}],
                "hierarchicalCodelists":[{"id":"H","agencyID":"T","name":"H","includedCodelists":{"CL":"urn:sdmx:org.sdmx.infomodel.codelist.Codelist=T:CL(1.0)"},
                 "hierarchies":[{"id":"H1","name":"H1","leveled":true,"level":{"id":"L","name":"L"},"hierarchicalCodes":[{"id":"1","codelistAliasRef":"CL","codeID":"A",
                  "level":"urn:sdmx:org.sdmx.infomodel.codelist.Level=T:H(1.0).H1.L"}]}]}],
                "structureSets":[{"id":"S","agencyID":"T","name":"S"}]
                """)
        #expect(read.findings.isEmpty, "\(read.findings)")
        let structure = try #require(read.set.dataStructures.first)
        #expect(structure.dimensions.map(\.id) == ["A", "B", "M", "TIME_PERIOD"])
        #expect(structure.dimensions.map(\.kind) == [.regular, .regular, .measure, .time])
        #expect(structure.measures.map(\.id) == ["OBS_VALUE"])
        #expect(structure.attributes.map(\.isMandatory) == [true, false])
        #expect(structure.attributes.map(\.relationship) == [.observation, .dataset])
        let constraint = try #require(read.set.constraints.first)
        #expect(constraint.role == .actual && constraint.cubeRegions[0].isIncluded == false)
        #expect(constraint.cubeRegions[0].selections.map(\.isDimension) == [true, false])
        #expect(constraint.cubeRegions[0].selections[0].values.map(\.cascades) == [false, true])
        #expect(read.set.conceptSchemes.first?.concepts.map(\.parent) == [nil, "B"])
        let hierarchy = try #require(read.set.hierarchicalCodelists.first?.members.first)
        #expect(hierarchy.tree.hasFormalLevels && hierarchy.tree.codes.first?.level == "L" && hierarchy.tree.codes.first?.alias == "CL")
        #expect(read.set.others.map(\.raw.name) == ["structureSets"])
    }
}
