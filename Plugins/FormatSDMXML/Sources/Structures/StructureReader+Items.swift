import SluiceKit

/// Code lists, concept schemes and dataflows.
extension StructureReader {
    func readCodelist() throws(ReadError) -> Codelist {
        let isPartial = xmlBoolean(xml.attribute("isPartial")) ?? false
        var identity = try readIdentity()
        var codes: [Code] = []
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&identity.names, &identity.descriptions) { return }
            if xml.name.local == "Code" { codes.append(try readCode()) } else { noteNotKept("the element \(xml.name.local) of a code list") }
        }
        return Codelist(identity: identity, codes: codes, isPartial: isPartial)
    }

    private func readCode() throws(ReadError) -> Code {
        var code = Code(id: try readItemID())
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&code.names, &code.descriptions) { return }
            if xml.name.local == "Parent" { code.parent = try readLocalReference() } else { noteNotKept("the element \(xml.name.local) of a code") }
        }
        return code
    }

    func readConceptScheme() throws(ReadError) -> ConceptScheme {
        let isPartial = xmlBoolean(xml.attribute("isPartial")) ?? false
        var scheme = ConceptScheme(identity: try readIdentity(), isPartial: isPartial)
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&scheme.identity.names, &scheme.identity.descriptions) { return }
            if xml.name.local == "Concept" {
                scheme.concepts.append(try readConcept())
            } else {
                noteNotKept("the element \(xml.name.local) of a concept scheme")
            }
        }
        return scheme
    }

    private func readConcept() throws(ReadError) -> Concept {
        var concept = Concept(id: try readItemID())
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&concept.names, &concept.descriptions) { return }
            switch xml.name.local {
            case "Parent": concept.parent = try readLocalReference()
            case "CoreRepresentation": concept.coreRepresentation = try readRepresentation()
            default: noteNotKept("the element \(xml.name.local) of a concept")
            }
        }
        return concept
    }

    func readDataflow() throws(ReadError) -> Dataflow {
        var flow = Dataflow(identity: try readIdentity(), structure: nil)
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&flow.identity.names, &flow.identity.descriptions) { return }
            if xml.name.local == "Structure" {
                flow.structure = try xml.reference().maintainable(.dataStructure)
            } else {
                noteNotKept("the element \(xml.name.local) of a dataflow")
            }
        }
        return flow
    }

    private func readItemID() throws(ReadError) -> String {
        guard let id = xml.attribute("id"), !id.isEmpty else {
            throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no id")
        }
        if xml.attribute("uri") != nil { noteNotKept("the attribute uri") }
        return id
    }
}
