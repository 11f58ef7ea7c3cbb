import FormatSDMXJSON
import SluiceKit
import SluiceKitTesting
import Testing

struct StructureWritingTests {
    @Test func keepsEverythingThat21Has() throws {
        let format = SDMXJSONStructureFormat(.v21)
        let first = format.read(try everyClass())
        #expect(first.findings.isEmpty, "\(first.findings)")
        #expect(first.set.count == 30)
        let written = try format.write(first.set)
        #expect(written.losses.isEmpty, "\(written.losses)")
        #expect(format.recognises(Array(written.bytes.prefix(4_096))))
        let again = format.read(written.bytes)
        #expect(again.findings.isEmpty)
        #expect(again.set == first.set)
        // Whatever the size of the pieces in which it comes.
        #expect(format.read(written.bytes, chunk: 7).set == first.set)
    }

    @Test func keepsEverythingThat20HasAndNamesTheRest() throws {
        let format = SDMXJSONStructureFormat(.v20)
        let first = SDMXJSONStructureFormat(.v21).read(try everyClass()).set
        let written = try format.write(first)
        let lost = ["dimensionConstraint", "isPartialLanguage", "availabilityConstraints", "evolvingStructure"]
        #expect(written.losses.count == lost.count)
        for word in lost { #expect(written.losses.contains { $0.message.contains(word) && $0.code == .structureNotKept }, "\(word)") }
        #expect(format.recognises(Array(written.bytes.prefix(4_096))))
        let again = format.read(written.bytes).set
        #expect(again.count == first.count - 1)
        #expect(again.constraints == first.constraints && again.structureMaps == first.structureMaps && again.conceptSchemes == first.conceptSchemes)
        let second = try format.write(again)
        #expect(second.losses.isEmpty)
        #expect(format.read(second.bytes).set == again)
    }

    @Test func writesStructuresOf10AsFarAsTheyGo() throws {
        let read = SDMXJSONStructureFormat(.v10).read(
            data:
                #""hierarchicalCodelists":[{"id":"H","agencyID":"T","name":"H"}],"structureSets":[{"id":"S","agencyID":"T","name":"S"}],"codelists":[{"id":"C","agencyID":"T","name":"C","isFinal":true}]"#
        )
        for version in [SDMXJSONStructureFormat.Version.v20, .v21] {
            let written = try SDMXJSONStructureFormat(version).write(read.set)
            #expect(written.losses.map(\.severity) == [.note, .warning, .warning])
            #expect(SDMXJSONStructureFormat(version).read(written.bytes).set.codelists.map(\.identity.id) == ["C"])
        }
        #expect(throws: WriteError.self) { try SDMXJSONStructureFormat(.v10).write(read.set) }
        #expect(throws: WriteError.self) { try SDMXJSONStructureFormat(.v20).writeStructures(read.set, header: MessageHeader(), to: MemoryByteSink()) }
    }

    @Test func leavesOutWhatTheSchemaWouldRefuseAndSaysWhy() throws {
        func refused(_ build: (inout StructureSet) -> Void) throws -> [String] {
            var set = StructureSet()
            build(&set)
            let written = try SDMXJSONStructureFormat(.v20).write(set)
            #expect(SDMXJSONStructureFormat(.v20).read(written.bytes).set.isEmpty)
            return written.losses.map(\.message)
        }
        let identity = ArtefactIdentity(agency: "T", id: "X", names: LocalisedText("X"))
        #expect(try refused { $0.add(Codelist(identity: identity, codes: [Code(id: "a b")])) }.first?.contains("id a b of a code") == true)
        #expect(try refused { $0.add(Codelist(identity: ArtefactIdentity(agency: "T", id: "X", version: "latest"))) }.first?.contains("version") == true)
        #expect(try refused { $0.add(OrganisationScheme(identity: identity, kind: .agency)) }.first?.contains("AGENCIES") == true)
        #expect(
            try refused { $0.add(DataStructure(identity: identity, dimensions: [Dimension(id: "A")])) }.first?.contains("dimension A has no concept") == true)
        var metadata = MetadataStructure(identity: identity)
        metadata.reports = [ReportStructure(id: "R")]
        #expect(try refused { $0.add(metadata) }.first?.contains("SDMX 2.1") == true)
        let mixed = DataConstraint(
            identity: identity,
            attachments: [
                ArtefactReference(.dataflow, agency: "T", id: "A", version: "1.0"), ArtefactReference(.dataStructure, agency: "T", id: "A", version: "1.0"),
            ])
        #expect(try refused { $0.add(mixed) }.first?.contains("several classes") == true)
        #expect(
            try refused { $0.add(Dataflow(identity: identity, structure: ArtefactReference(.dataStructure, agency: "T", id: "D", version: "*"))) }.count == 1)
    }

    @Test func completesTimesWithoutZone() throws {
        var set = StructureSet()
        var identity = ArtefactIdentity(agency: "T", id: "X", names: LocalisedText("X"))
        identity.validFrom = "2020-02-29"
        identity.validTo = "2021-01-01T12:00:00"
        set.add(Codelist(identity: identity))
        let read = SDMXJSONStructureFormat(.v20).read(try SDMXJSONStructureFormat(.v20).write(set).bytes)
        #expect(read.set.codelists.first?.identity.validFrom == "2020-02-29T00:00:00Z")
        #expect(read.set.codelists.first?.identity.validTo == "2021-01-01T12:00:00Z")
        identity.validTo = "tomorrow"
        var other = StructureSet()
        other.add(Codelist(identity: identity))
        #expect(try SDMXJSONStructureFormat(.v20).write(other).losses.count == 1)
    }

    @Test func multipliesKeysOutFor20() throws {
        let format = SDMXJSONStructureFormat(.v21)
        let read = format.read(
            data:
                #""dataConstraints":[{"id":"C","agencyID":"T","name":"C","dataKeySets":[{"isIncluded":true,"keys":[{"keyValues":[{"id":"A","values":["1","2"]},{"id":"B","values":["x","y"]}]}]}]}]"#
        )
        let before = try #require(read.set.constraints.first)
        let same = format.read(try format.write(read.set).bytes).set.constraints.first
        #expect(same == before)
        let older = SDMXJSONStructureFormat(.v20)
        let after = try #require(older.read(try older.write(read.set).bytes).set.constraints.first)
        #expect(after.keySets[0].dataKeys.count == 4)
        #expect(Set(after.keySets[0].keys) == Set(before.keySets[0].keys))
    }

    @Test func escapesWhateverATextHolds() throws {
        let text = "\"\\\u{0}\u{1}\u{8}\n\t\r\u{1F}é😀\u{2028}"
        var set = StructureSet()
        set.add(Codelist(identity: ArtefactIdentity(agency: "T", id: "X", names: LocalisedText(text, language: "hy-arevmda"))))
        for version in [SDMXJSONStructureFormat.Version.v20, .v21] {
            let format = SDMXJSONStructureFormat(version)
            #expect(format.read(try format.write(set).bytes).set == set)
        }
    }
}
