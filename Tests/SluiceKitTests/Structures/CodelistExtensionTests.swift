import SluiceKit
import Testing

@Suite
struct CodelistExtensionTests {
    private let base = Codelist(
        identity: ArtefactIdentity(agency: "A", id: "BASE"),
        codes: [
            Code(id: "W", names: LocalisedText("World")), Code(id: "E", parent: "W"), Code(id: "E1", parent: "E"), Code(id: "E2", parent: "E"),
            Code(id: "F", parent: "W"),
        ])

    private func extended(_ selection: CodelistExtension.Selection, prefix: String? = nil, own: [Code] = []) -> Codelist {
        var set = StructureSet()
        set.add(base)
        var list = Codelist(identity: ArtefactIdentity(agency: "A", id: "MINE"), codes: own)
        list.extensions = [CodelistExtension(base.reference, prefix: prefix, selection: selection)]
        set.add(list)
        return set.enumeration(list.reference) ?? list
    }
    private func ids(_ list: Codelist) -> [String] { list.codes.map(\.id) }

    @Test func takesInAllWithPrefixAndParents() {
        let list = extended(.all, prefix: "X_", own: [Code(id: "OWN")])
        #expect(ids(list) == ["X_W", "X_E", "X_E1", "X_E2", "X_F", "OWN"])
        #expect(list["X_E1"]?.parent == "X_E")
        #expect(!list.isPartial)
    }

    @Test func selectsByWildcardAndCascade() {
        #expect(ids(extended(.including([.init("E%")]))) == ["E", "E1", "E2"])
        #expect(ids(extended(.including([.init("%2")]))) == ["E2"])
        #expect(ids(extended(.including([.init("E", cascade: .withRoot)]))) == ["E", "E1", "E2"])
        #expect(ids(extended(.including([.init("E", cascade: .withoutRoot)]))) == ["E1", "E2"])
        #expect(ids(extended(.excluding([.init("E", cascade: .withRoot)]))) == ["W", "F"])
        // What was above is not there: the code stands at the top.
        #expect(extended(.including([.init("E1")]))["E1"]?.parent == nil)
    }

    @Test func ownCodesWin() {
        let list = extended(.all, own: [Code(id: "W", names: LocalisedText("Mine"))])
        #expect(ids(list).count == 5)
        #expect(list["W"]?.names.text() == "Mine")
    }

    @Test func circlesEnd() {
        var set = StructureSet()
        for (id, other) in [("A", "B"), ("B", "C"), ("C", "A")] {
            var list = Codelist(identity: ArtefactIdentity(agency: "A", id: id), codes: [Code(id: "CODE_" + id)])
            list.extensions = [CodelistExtension(ArtefactReference(.codelist, agency: "A", id: other, version: "1.0"))]
            set.add(list)
        }
        let list = set.enumeration(ArtefactReference(.codelist, agency: "A", id: "A", version: nil))
        #expect(list?.codes.map(\.id) == ["CODE_C", "CODE_B", "CODE_A"])
        #expect(list?.isPartial == true)
        #expect(set.extensionCycles().count == 3)
    }

    @Test func aMissingListLeavesTheRestPartial() {
        var list = base
        list.extensions = [CodelistExtension(ArtefactReference(.codelist, agency: "A", id: "NOWHERE", version: "1.0"))]
        #expect(StructureSet().resolved(list).isPartial)
    }
}
