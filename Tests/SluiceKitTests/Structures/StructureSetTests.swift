import SluiceKit
import Testing

@Suite
struct StructureSetTests {
    private func list(_ id: String, _ version: String = "1.0", _ codes: [Code] = [], isPartial: Bool = false) -> Codelist {
        Codelist(identity: ArtefactIdentity(agency: "A", id: id, version: version), codes: codes, isPartial: isPartial)
    }
    private func reference(_ id: String, _ version: String? = nil) -> ArtefactReference { ArtefactReference(.codelist, agency: "A", id: id, version: version) }

    @Test func takesTheBestVersionAndNotTheLastAdded() {
        var set = StructureSet()
        for version in ["1.10", "1.2.1", "1.9", "2.0.0-draft", "1.2"] { set.add(list("CL", version)) }
        func version(_ wanted: String?) -> String? { set.codelist(reference("CL", wanted))?.identity.version }
        #expect(version(nil) == "1.10")
        #expect(version("latest") == "1.10")
        #expect(version("*") == "2.0.0-draft")
        #expect(version("1.2") == "1.2")
        #expect(version("1.2.0") == "1.2")
        #expect(version("1.2.0+") == "1.2.1")
        #expect(version("1.2+.0") == "1.10")
        #expect(version("3.0") == nil)
    }

    @Test func oneArtefactTwiceIsFineAndTwoOfOneNameAreNot() throws {
        var first = StructureSet()
        #expect(first.add(list("CL", "1.0", [Code(id: "A")])) == .added)
        #expect(first.add(list("CL", "1.0", [Code(id: "A")])) == .same)
        var whole = StructureSet()
        let findings = FindingTally()
        whole.merge(first, from: "first.xml", findings: findings)
        whole.merge(first, from: "again.xml", findings: findings)
        #expect(findings.count == 0)
        var second = StructureSet()
        second.add(list("CL", "1.0", [Code(id: "B")]))
        whole.merge(second, from: "second.xml", findings: findings)
        let finding = try #require(findings.samples.first)
        #expect(finding.code == .artefactConflict)
        #expect(finding.message.contains("first.xml") && finding.message.contains("second.xml"))
        #expect(whole.codelist(reference("CL"))?.contains("A") == true)
        #expect(whole.count == 1)
    }

    @Test func partsOfAListAreJoinedAndStubsGiveWay() {
        var set = StructureSet()
        var stub = list("CL", "1.0")
        stub.identity.isExternalReference = true
        #expect(set.add(stub) == .added)
        #expect(set.add(list("CL", "1.0", [Code(id: "A")], isPartial: true)) == .added)
        #expect(set.add(list("CL", "1.0", [Code(id: "B")], isPartial: true)) == .added)
        #expect(set.add(stub) == .same)
        #expect(set.codelists.first?.codes.map(\.id) == ["A", "B"])
        #expect(set.codelists.first?.isPartial == true)
        // The whole list then takes the place of its parts, unless it contradicts them.
        #expect(set.add(list("CL", "1.0", [Code(id: "A"), Code(id: "B"), Code(id: "C")])) == .added)
        #expect(set.codelists.first?.isPartial == false)
        #expect(set.add(list("CL", "1.0", [Code(id: "D")], isPartial: true)) == .conflict(reference("CL", "1.0")))
    }

    @Test func namesReferencesThatLeadNowhere() {
        let scheme = ArtefactReference(.conceptScheme, agency: "A", id: "CS", version: "1.0")
        var structure = DataStructure(identity: ArtefactIdentity(agency: "A", id: "D"))
        structure.dimensions = [
            Dimension(id: "X", concept: ConceptReference(scheme: scheme, id: "X"), representation: Representation(enumeration: reference("CL", "1.0"))),
            Dimension(id: "Y", concept: ConceptReference(scheme: scheme, id: "Y")),
        ]
        var set = StructureSet()
        set.add(structure)
        #expect(set.unresolvedReferences().map(\.reason) == [.missing, .missing, .missing])
        set.add(ConceptScheme(identity: ArtefactIdentity(agency: "A", id: "CS"), concepts: [Concept(id: "X")]))
        var stub = list("CL")
        stub.identity.isExternalReference = true
        stub.identity.structureURL = "https://example.org/cl.xml"
        set.add(stub)
        #expect(set.unresolvedReferences().map(\.reason) == [.external("https://example.org/cl.xml"), .itemMissing])
        let findings = FindingTally()
        set.reportUnresolvedReferences(to: findings)
        #expect(findings.countByCode == [.referenceUnresolved: 2])
        #expect(findings.samples.last?.message.contains("the dimension Y") == true)
    }

    @Test func findsAmongManyWithoutSearchingAll() {
        var set = StructureSet()
        for number in 0..<50_000 { set.add(list("CL\(number)")) }
        for number in 0..<50_000 { #expect(set.codelist(reference("CL\(number)", "1.0")) != nil) }
    }

    @Test func metadataAttributesTakeTheirMeaningFromTheMetadataStructure() throws {
        var name = MetadataAttribute(id: "NAME", representation: Representation(textFormat: TextFormat(type: .string)))
        name.occursMax = 3
        var contact = MetadataAttribute(id: "CONTACT")
        contact.isPresentational = true
        contact.children = [name]
        var set = StructureSet()
        let metadata = MetadataStructure(identity: ArtefactIdentity(agency: "A", id: "M"), attributes: [contact])
        set.add(metadata)
        var structure = DataStructure(identity: ArtefactIdentity(agency: "A", id: "D"), dimensions: [Dimension(id: "X")])
        structure.metadata = metadata.reference
        var usage = Attribute(id: "CONTACT", isMandatory: false, relationship: .dataset)
        usage.isMetadata = true
        structure.attributes = [usage]
        let schema = DatasetSchema(structure, in: set)
        let component = try #require(schema.components.last)
        #expect(schema.components.map(\.id) == ["X", "CONTACT.NAME"])
        #expect(component.isMetadata && component.occursMax == 3 && component.textFormat?.type == .string)
    }
}
