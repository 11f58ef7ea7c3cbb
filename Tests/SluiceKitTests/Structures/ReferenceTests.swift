import SluiceKit
import Testing

@Suite
struct ReferenceTests {
    /// Data may name a provision agreement: its dataflow tells the structure, whatever else is at hand.
    @Test func aProvisionAgreementLeadsToItsStructure() throws {
        func identity(_ id: String) -> ArtefactIdentity { ArtefactIdentity(agency: "AM", id: id, version: "1.0") }
        func reference(_ kind: ArtefactClass, _ id: String) -> ArtefactReference { ArtefactReference(kind, agency: "AM", id: id, version: "1.0") }
        var set = StructureSet()
        for id in ["ONE", "TWO"] {
            set.add(DataStructure(identity: identity(id), dimensions: [Dimension(id: "AREA")], measures: [Measure(id: "OBS_VALUE")]))
            set.add(Dataflow(identity: identity("DF_" + id), structure: reference(.dataStructure, id)))
            set.add(ProvisionAgreement(identity: identity("PA_" + id), flow: reference(.dataflow, "DF_" + id)))
        }
        let context = ReadContext(structures: set, findings: FindingTally())
        let schema = try context.schema(for: reference(.provisionAgreement, "PA_TWO"))
        #expect(schema.structure.identity.id == "TWO" && schema.flow?.id == "DF_TWO")
        let unknown = #expect(throws: ReadError.self) { try context.schema(for: reference(.provisionAgreement, "PA_THREE")) }
        #expect(unknown?.code == .structureUnknown)
    }

    @Test(arguments: [
        ("1.4", "1.4.0", true), ("1.4", "1.4.1", false), ("1.2+", "1.3.5", true), ("1.2+", "2.0", false), ("1.2+", "1.1", false),
        ("1.2+.0", "1.9.9", true), ("1.2+.0", "1.3.0-draft", false), ("1.2~.0", "1.3.0-draft", true), ("1.2.3+", "1.2.9", true),
        ("1.2.3+", "1.3.0", false), ("1+.0.0", "7.1", true), ("1+.0.0", "0.9", false), ("*", "0.1-a", true), ("latest", "3.0", true),
        ("2.0.0-draft", "2.0.0", false), ("2012", "2012", true), ("final", "final", true), ("final", "1.0", false),
    ])
    func acceptsTheVersionsAskedFor(_ wanted: String, _ version: String, _ isAccepted: Bool) {
        let reference = ArtefactReference(.codelist, agency: "A", id: "CL", version: wanted)
        #expect(reference.accepts(ArtefactReference(.codelist, agency: "A", id: "CL", version: version)) == isAccepted)
    }

    @Test func ordersVersionsAsSemanticVersioningDoes() throws {
        let ascending = ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-2", "1.0.0", "1.0.1", "1.2", "1.10", "2.0.0"]
        let versions = try ascending.map { try #require(ArtefactVersion($0)) }.sorted()
        #expect(versions.first?.numbers == [0, 9])
        #expect(try #require(ArtefactVersion("1.0.0-2")) < (try #require(ArtefactVersion("1.0.0-alpha"))))
        #expect(try #require(ArtefactVersion("1.10")) > (try #require(ArtefactVersion("1.9"))))
        #expect(ArtefactVersion("") == nil)
        #expect(ArtefactVersion("1..2") == nil)
        #expect(ArtefactVersion("99999999999999999999") == nil)
    }

    @Test(arguments: [
        "urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=A:CS(1.0).X.Y", "urn:sdmx:org.sdmx.infomodel.base.DataProvider=A.B:DATA_PROVIDERS(1.0).P",
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dimension=A:D(1.0+.0).FREQ", "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:F(2.1)",
        "urn:sdmx:org.sdmx.infomodel.registry.DataConstraint=A:C(1.0.0-draft)", "urn:sdmx:org.sdmx.infomodel.codelist.Code=A:CL(1.0).X",
    ])
    func readsURNsAndWritesThemAgain(_ urn: String) throws { #expect(try #require(ObjectReference(urn: urn)).urn == urn) }

    @Test(arguments: [
        "", "urn:", "urn:sdmx:org.sdmx.infomodel.x.Unheard=A:B(1.0)", "urn:sdmx:org.sdmx.infomodel.codelist.Code=A:CL(1.0).",
        "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=A:(1.0)",
    ])
    func takesNothingElseForAURN(_ text: String) { #expect(ObjectReference(urn: text) == nil) }

    @Test func contentConstraintsOfTwoOneAreDataConstraints() {
        #expect(ArtefactReference(urn: "urn:sdmx:org.sdmx.infomodel.registry.ContentConstraint=A:C(1.0)")?.artefactClass == .dataConstraint)
        #expect(ArtefactClass.dataConstraint.name(before3: true) == "ContentConstraint")
    }
}
