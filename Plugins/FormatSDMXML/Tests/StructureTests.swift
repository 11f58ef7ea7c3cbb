import SluiceKit
import Testing

@testable import FormatSDMXML

@Suite
struct StructureTests {
    private static func message(_ content: String) -> [UInt8] {
        Array(
            """
            <mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
            <mes:Header><mes:ID>A</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-01-01</mes:Prepared><mes:Sender id="A"/></mes:Header>
            <mes:Structures>\(content)</mes:Structures></mes:Structure>
            """.utf8)
    }

    private func written(_ set: StructureSet) throws -> [UInt8] {
        let sink = MemoryByteSink()
        try SDMXMLStructureFormat(version: .v2_1).writeStructures(set, header: MessageHeader(id: "W"), to: sink)
        return sink.bytes
    }

    private static let codelist = """
        <str:Codelists><str:Codelist id="CL_AREA" agencyID="AM.ARMSTAT" version="1.2" isFinal="true" isPartial="true" validFrom="2026-01-01T00:00:00" uri="x">
        <com:Annotations><com:Annotation><com:AnnotationTitle>t</com:AnnotationTitle></com:Annotation></com:Annotations>
        <com:Name xml:lang="hy">Մարզեր</com:Name><com:Name>Regions &lt;of&gt; &#13; Armenia</com:Name><com:Description xml:lang="en"> two  blanks </com:Description>
        <str:Code id="AM"><com:Name>Armenia</com:Name></str:Code>
        <str:Code id="AM01"><com:Annotations/><com:Name/><str:Parent><Ref id="AM"/></str:Parent></str:Code></str:Codelist></str:Codelists>
        """

    @Test func keepsCodesWithHierarchyAndLanguages() throws {
        let set = try readStructures(Self.message(Self.codelist))
        let list = try #require(set.codelists.first)
        #expect(list.reference.description == "AM.ARMSTAT:CL_AREA(1.2)")
        #expect(list.identity.isFinal == true)
        #expect(list.isPartial)
        #expect(list.identity.validFrom == "2026-01-01T00:00:00")
        #expect(list.identity.names.text(in: "hy") == "Մարզեր")
        #expect(list.identity.names.text() == "Regions <of> \r Armenia")
        #expect(list.identity.descriptions.text() == " two  blanks ")
        #expect(list["AM01"]?.parent == "AM")
        #expect(list["AM01"]?.names.text() == "")
        #expect(try readStructures(try written(set)) == set)
    }

    @Test func keepsAnnotationsAndWhatItDoesNotInterpret() throws {
        let findings = FindingTally()
        let process = """
            <str:Processes><str:Process id="P" agencyID="A" version="2.0"><com:Name>n &amp; m</com:Name><str:ProcessStep id="S"><com:Name>s</com:Name></str:ProcessStep></str:Process></str:Processes>
            """
        let set = try readStructures(Self.message(Self.codelist + process), findings: findings)
        #expect(set.codelists.first?.identity.supplement.uri == "x")
        #expect(set.codelists.first?.identity.supplement.annotations.first?.title == "t")
        #expect(set.others.first?.reference?.description == "A:P(2.0)")
        // The code's empty list of annotations is all that is amiss.
        #expect(findings.countByCode == [.structureFault: 1])
        #expect(try readStructures(try written(set)) == set)
        let losses = FindingTally()
        try SDMXMLStructureFormat(version: .v3_0).writeStructures(set, header: MessageHeader(id: "W"), to: MemoryByteSink(), findings: losses)
        #expect(losses.samples.contains { $0.severity == .note && $0.offendingText == "isFinal" })
    }

    @Test func keepsConstraints() throws {
        let text = """
            <str:Constraints><str:ContentConstraint id="C" agencyID="A" type="Allowed"><com:Name>c</com:Name>
            <str:ConstraintAttachment><str:Dataflow><URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:F(1.0)</URN></str:Dataflow></str:ConstraintAttachment>
            <str:CubeRegion include="false"><com:KeyValue id="AREA"><com:Value cascadeValues="true">AM</com:Value><com:Value>AL</com:Value></com:KeyValue>
            <com:KeyValue id="TIME_PERIOD"><com:TimeRange><com:StartPeriod isInclusive="false">2001</com:StartPeriod><com:EndPeriod>2005</com:EndPeriod></com:TimeRange></com:KeyValue>
            <com:Attribute id="STATUS" include="false"/></str:CubeRegion>
            <str:CubeRegion><com:KeyValue id="TIME_PERIOD"><com:TimeRange><com:BeforePeriod>1999</com:BeforePeriod></com:TimeRange></com:KeyValue></str:CubeRegion>
            <str:DataKeySet isIncluded="false"><str:Key><com:KeyValue id="FREQ"><com:Value>A</com:Value></com:KeyValue><com:KeyValue id="AREA"><com:Value>AM</com:Value></com:KeyValue></str:Key></str:DataKeySet>
            </str:ContentConstraint><str:ContentConstraint id="D" agencyID="A"><com:Name>d</com:Name></str:ContentConstraint></str:Constraints>
            """
        let findings = FindingTally()
        let set = try readStructures(Self.message(text), findings: findings)
        #expect(findings.count == 0)
        let constraint = try #require(set.constraints.first)
        #expect(constraint.role == .allowed)
        #expect(constraint.attachments == [ArtefactReference(.dataflow, agency: "A", id: "F", version: "1.0")])
        let region = try #require(constraint.cubeRegions.first)
        #expect(!region.isIncluded)
        #expect(region.selections[0].values == [ComponentSelection.Value("AM", cascades: true), ComponentSelection.Value("AL")])
        #expect(region.selections[1].timeRange == ComponentSelection.TimeRange(start: "2001", startIsInclusive: false, end: "2005"))
        #expect(!region.selections[2].isIncluded)
        #expect(constraint.cubeRegions[1].selections[0].timeRange == ComponentSelection.TimeRange(start: nil, end: "1999"))
        #expect(constraint.keySets == [KeySet(isIncluded: false, keys: [["FREQ": "A", "AREA": "AM"]])])
        #expect(constraint.keySets.first?.keys == [["FREQ": "A", "AREA": "AM"]])
        // SDMX 2.1: without a type it says what there is, not what there may be.
        #expect(set.constraints[1].role == .actual)
        #expect(try readStructures(try written(set)) == set)
    }

    @Test func keepsEveryFormOfDataStructure() throws {
        var structure = Sample.structure
        let scheme = ArtefactReference(.conceptScheme, agency: "TEST", id: "CS", version: "1.0")
        structure.dimensions.insert(
            Dimension(
                id: "INDICATOR", kind: .measure, concept: ConceptReference(scheme: scheme, id: "INDICATOR"), representation: Representation(enumeration: scheme)
            ), at: 1)
        structure.dimensions[3].representation = Representation(textFormat: TextFormat(type: .observationalTimePeriod))
        var format = TextFormat(type: .decimal)
        format.minValue = "-1.5"
        format.maxValue = "10"
        format.decimals = 2
        format.pattern = "[0-9]+&"
        format.isSequence = true
        structure.measures[0].representation = Representation(textFormat: format)
        var concepts = ConceptScheme(identity: ArtefactIdentity(agency: "TEST", id: "CS", names: LocalisedText("Concepts")))
        var text = TextFormat(type: .string)
        text.isMultiLingual = true
        text.maxLength = 350
        concepts.concepts = [
            Concept(id: "COMMENT", names: LocalisedText("Comment"), coreRepresentation: Representation(textFormat: text)),
            Concept(id: "SUB", parent: "COMMENT", names: LocalisedText("s")),
        ]
        var set = StructureSet()
        set.add(structure)
        set.add(concepts)
        set.add(Dataflow(identity: ArtefactIdentity(agency: "TEST", id: "FLOW", names: LocalisedText("Flow")), structure: structure.reference))
        let findings = FindingTally()
        let read = try readStructures(try written(set), findings: findings)
        #expect(read == set)
        #expect(findings.count == 0)
    }

    @Test func takesTheIDOfAComponentFromItsConcept() throws {
        let text = """
            <str:DataStructures><str:DataStructure id="D" agencyID="A"><com:Name>d</com:Name><str:DataStructureComponents><str:DimensionList>
            <str:Dimension><str:ConceptIdentity><URN>urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=A:CS(2.0).FREQ</URN></str:ConceptIdentity></str:Dimension>
            <str:TimeDimension><str:ConceptIdentity><Ref id="TIME" maintainableParentID="CS" agencyID="A"/></str:ConceptIdentity></str:TimeDimension>
            <str:Dimension id="AREA"><str:ConceptIdentity><Ref id="REF" maintainableParentID="CS" agencyID="A"/></str:ConceptIdentity></str:Dimension>
            </str:DimensionList><str:MeasureList><str:PrimaryMeasure/></str:MeasureList></str:DataStructureComponents></str:DataStructure></str:DataStructures>
            """
        let structure = try #require(try readStructures(Self.message(text)).dataStructures.first)
        #expect(structure.dimensions.map(\.id) == ["FREQ", "AREA", "TIME_PERIOD"])
        #expect(structure.dimensions[0].concept?.scheme == ArtefactReference(.conceptScheme, agency: "A", id: "CS", version: "2.0"))
        #expect(structure.measures.map(\.id) == ["OBS_VALUE"])
    }

    @Test func refusesArtefactsWithoutIdentity() throws {
        for text in ["<str:Codelists><str:Codelist agencyID=\"A\"/></str:Codelists>", "<str:Codelists><str:Codelist id=\"A\"/></str:Codelists>"] {
            let error = #expect(throws: ReadError.self) { try readStructures(Self.message(text)) }
            #expect(error?.code == .malformed)
            #expect(error?.line == 3)
        }
    }

    @Test func refusesToWriteWhatTwoOneHasNoPlaceFor() throws {
        var several = Sample.structure
        several.measures.append(Measure(id: "SECOND"))
        var unfounded = Sample.structure
        unfounded.dimensions[0].concept = nil
        var renamed = Sample.structure
        renamed.dimensions[2].id = "PERIOD"
        for structure in [several, unfounded, renamed] {
            var set = StructureSet()
            set.add(structure)
            let error = #expect(throws: WriteError.self) { try written(set) }
            #expect(error?.code == .unsupported)
        }
    }
}
