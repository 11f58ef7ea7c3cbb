import SluiceKit

extension StructureMessageReader {
    func reference(_ urn: String, _ name: String, in kind: StaticString) -> ArtefactReference? {
        if let reference = ArtefactReference(urn: urn) ?? ArtefactReference(urn: Self.spelledRight(urn)) { return reference }
        badReference(urn, name, in: kind, wanted: "an artefact")
        return nil
    }

    func objectReference(_ urn: String, _ name: String, in kind: StaticString) -> ObjectReference? {
        if let reference = ObjectReference(urn: urn) ?? ObjectReference(urn: Self.spelledRight(urn)) { return reference }
        badReference(urn, name, in: kind, wanted: "an artefact or item")
        return nil
    }

    func conceptReference(_ urn: String, _ name: String, in kind: StaticString) -> ConceptReference? {
        if let reference = ObjectReference(urn: urn) ?? ObjectReference(urn: Self.spelledRight(urn)), let item = reference.item,
            reference.artefact.artefactClass == .conceptScheme
        {
            return ConceptReference(scheme: reference.artefact, id: item)
        }
        badReference(urn, name, in: kind, wanted: "a concept")
        return nil
    }

    /// The last id of a URN, or the id that stands for itself.
    func itemID(_ text: String, _ name: String, in kind: StaticString) -> String? {
        guard text.hasPrefix("urn:") else { return text }
        guard let item = ObjectReference(urn: text)?.item else {
            badReference(text, name, in: kind, wanted: "an item")
            return nil
        }
        return item.split(separator: ".").last.map { String($0) }
    }

    private func badReference(_ urn: String, _ name: String, in kind: StaticString, wanted: String) {
        fault("\(name) of \(kind) is not the URN of \(wanted); it is left out", text: urn, advice: "Correct the URN.")
    }

    /// A URN with its class spelled as the information model has it: the schema 2.0 writes `Valuelist`, the field guide `dataflow`.
    private static func spelledRight(_ urn: String) -> String {
        guard let equals = urn.firstIndex(of: "="), let dot = urn[..<equals].lastIndex(of: ".") else { return urn }
        let start = urn.index(after: dot)
        let name = urn[start..<equals].lowercased()
        guard let known = ArtefactClass.allCases.first(where: { $0.rawValue.lowercased() == name || $0.itemClass?.lowercased() == name }) else { return urn }
        return urn[..<start] + (known.rawValue.lowercased() == name ? known.rawValue : known.itemClass ?? "") + urn[equals...]
    }
}
