import SluiceKit
import Testing

@testable import FormatSDMXML

/// Structure messages that lie, go round in circles or have no end.
@Suite
struct StructureHostileTests {
    private func message(_ content: String, _ version: String = "v3_0") -> [UInt8] {
        let namespace = "http://www.sdmx.org/resources/sdmxml/schemas/\(version)/"
        return Array(
            """
            <m:Structure xmlns:m="\(namespace)message" xmlns:s="\(namespace)structure" xmlns:c="\(namespace)common">
            <m:Header><m:ID>A</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01</m:Prepared><m:Sender id="A"/></m:Header>
            <m:Structures>\(content)</m:Structures></m:Structure>
            """.utf8)
    }
    private func list(_ id: String, _ content: String) -> String {
        "<s:Codelist id=\"\(id)\" agencyID=\"A\" version=\"1.0\"><c:Name>n</c:Name>\(content)</s:Codelist>"
    }
    private func code(_ id: String, _ parent: String? = nil) -> String {
        "<s:Code id=\"\(id)\"><c:Name>n</c:Name>\(parent.map { "<s:Parent>\($0)</s:Parent>" } ?? "")</s:Code>"
    }

    @Test func duplicatesCirclesAndStrangersAreNamed() throws {
        let findings = FindingTally()
        let content = list("ONE", code("A", "B") + code("B", "A") + code("C", "X") + code("C")) + list("ONE", code("OTHER"))
        let set = try StructureMessages.read(message("<s:Codelists>\(content)</s:Codelists>"), findings: findings)
        #expect(findings.countByCode == [.parentCycle: 1, .itemDuplicate: 1, .parentUnknown: 1, .artefactConflict: 1])
        #expect(set.codelists.count == 1)
        #expect(findings.samples.allSatisfy { $0.position.line == 3 })
    }

    @Test func listsThatTakeInEachOtherAreReadAndResolved() throws {
        let own = "<s:CodelistExtension><s:Codelist>urn:sdmx:org.sdmx.infomodel.codelist.Codelist=A:TWO(1.0)</s:Codelist></s:CodelistExtension>"
        let other = "<s:CodelistExtension><s:Codelist>urn:sdmx:org.sdmx.infomodel.codelist.Codelist=A:ONE(1.0)</s:Codelist></s:CodelistExtension>"
        let set = try StructureMessages.read(message("<s:Codelists>\(list("ONE", code("A") + own))\(list("TWO", code("B") + other))</s:Codelists>"))
        #expect(set.extensionCycles().count == 2)
        #expect(set.enumeration(set.codelists[0].reference)?.codes.map(\.id) == ["B", "A"])
        // 2.1 has no extensions: it gets the codes.
        let losses = FindingTally()
        let back = try StructureMessages.read(try StructureMessages.write(set, .v2_1, losses: losses))
        #expect(back.codelists.map { $0.codes.count } == [2, 2])
        #expect(losses.countByCode == [.structureNotKept: 1])
    }

    @Test func deepNestingIsRefusedAndDeepChainsAreRead() throws {
        let deep = String(repeating: "<s:Category id=\"X\"><c:Name>n</c:Name>", count: 100_000)
        let scheme = "<s:CategorySchemes><s:CategoryScheme id=\"C\" agencyID=\"A\"><c:Name>n</c:Name>\(deep)"
        let error = #expect(throws: ReadError.self) { try StructureMessages.read(message(scheme)) }
        #expect(error?.code == .limitExceeded)
        let chain = (0..<100_000).map { code("C\($0)", $0 > 0 ? "C\($0 - 1)" : nil) }.joined()
        let findings = FindingTally()
        let set = try StructureMessages.read(message("<s:Codelists>\(list("LONG", chain))</s:Codelists>"), findings: findings)
        #expect(findings.count == 0)
        #expect(set.codelists.first?["C99999"]?.parent == "C99998")
    }

    @Test(arguments: [
        "<s:Codelists><s:Codelist id=\"A\" version=\"1.0\"/></s:Codelists>", "<s:Codelists><s:Codelist id=\"\" agencyID=\"A\"/></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\"><s:Code/></s:Codelist></s:Codelists>",
        "<s:DataStructures><s:DataStructure id=\"A\" agencyID=\"A\"><s:DataStructureComponents><s:DimensionList><s:Dimension/></s:DimensionList></s:DataStructureComponents></s:DataStructure></s:DataStructures>",
        "<s:Processes><s:Process id=\"A\"/></s:Processes>",
    ])
    func whatHasNoIdentityIsRefused(_ content: String) {
        let error = #expect(throws: ReadError.self) { try StructureMessages.read(message(content)) }
        #expect(error?.code == .malformed)
        #expect(error?.line == 3)
    }

    @Test(arguments: [
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\"><c:Name>n</c:Name><s:Oddity/></s:Codelist></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A b\" agencyID=\"A\"><c:Name>n</c:Name></s:Codelist></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\" isFinal=\"true\"><c:Name>n</c:Name></s:Codelist></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\" version=\"x\"><c:Name>n</c:Name></s:Codelist></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\" isPartial=\"perhaps\"><c:Name>n</c:Name></s:Codelist></s:Codelists>",
        "<s:Codelists><s:Codelist id=\"A\" agencyID=\"A\"/></s:Codelists>",
        "<s:Codelists/><s:Codelists/>", "<s:Oddities/>", "<s:Codelists><s:Dataflow id=\"A\" agencyID=\"A\"><c:Name>n</c:Name></s:Dataflow></s:Codelists>",
        "<s:Dataflows><s:Dataflow id=\"A\" agencyID=\"A\"><c:Name>n</c:Name><s:Structure>urn:nonsense</s:Structure></s:Dataflow></s:Dataflows>",
    ])
    func whatBreaksTheGrammarIsNamed(_ content: String) throws {
        let findings = FindingTally()
        _ = try StructureMessages.read(message(content), findings: findings)
        #expect(findings.countByCode == [.structureFault: 1], "\(findings.samples.map(\.message))")
    }

    @Test func remarksStayBoundedHoweverManyKindsThereAre() throws {
        let codes = (0..<3_000).map { "<s:Code id=\"A\($0)\" ><c:Name>n</c:Name><s:Odd\($0)/></s:Code>" }.joined()
        let findings = FindingTally(samplesPerCodeMax: 10_000)
        _ = try StructureMessages.read(message("<s:Codelists>\(list("MANY", codes))</s:Codelists>"), findings: findings)
        #expect(findings.samples.count <= 257)
    }

    @Test func everyBeginningOfAMessageIsRefusedOrRead() throws {
        let bytes = message("<s:Codelists>\(list("ONE", code("A") + code("B", "A")))</s:Codelists>")
        for count in 0..<bytes.count {
            let error = #expect(throws: ReadError.self) {
                try SDMXMLStructureFormat(version: .v3_0).readStructures(
                    MemoryByteSource(Array(bytes[..<count])), limits: ReadLimits(), findings: FindingTally())
            }
            #expect(error != nil)
        }
    }
}
