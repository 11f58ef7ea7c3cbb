/// Names an artefact or something inside one: a category of a scheme, a dimension of a data structure.
public struct ObjectReference: Hashable, Sendable, CustomStringConvertible {
    public var artefact: ArtefactReference
    /// The ids of the items that lead to the object, joined by dots; nil for the artefact itself.
    public var item: String?
    /// The object's own class (`Category`, `Dimension`); nil for the artefact itself.
    public var itemClass: String?

    public init(_ artefact: ArtefactReference, item: String? = nil, itemClass: String? = nil) {
        self.artefact = artefact
        self.item = item
        self.itemClass = item == nil ? nil : itemClass ?? artefact.artefactClass.itemClass
    }

    /// Reads a URN of an artefact or of an item in it; nil when the class is not known or the URN is not complete.
    public init?(urn: String) {
        guard urn.hasPrefix(ArtefactReference.urnPrefix), let equals = urn.firstIndex(of: "=") else { return nil }
        let qualified = urn[..<equals].dropFirst(ArtefactReference.urnPrefix.count)
        guard let dot = qualified.lastIndex(of: ".") else { return nil }
        let name = String(qualified[qualified.index(after: dot)...])
        let rest = urn[urn.index(after: equals)...]
        let close = rest.lastIndex(of: ")")
        let end = close.map { rest.index(after: $0) } ?? rest.endIndex
        let tail = rest[end...]
        guard tail.isEmpty || tail.first == "." && tail.count > 1 else { return nil }
        let item = tail.isEmpty ? nil : String(tail.dropFirst())
        let wanted: ArtefactClass?
        if item == nil {
            wanted = ArtefactClass(named: name)
        } else {
            switch name {
            // In 2.1 these stand inside another artefact; with the package that tells.
            case "Hierarchy": wanted = .hierarchicalCodelist
            case "StructureMap", "ConceptSchemeMap", "CategorySchemeMap", "OrganisationSchemeMap", "ReportingTaxonomyMap": wanted = .structureSet
            default: wanted = ArtefactClass.holding(name) ?? ArtefactClass(named: name)
            }
        }
        guard let wanted, let artefact = ArtefactReference(wanted, short: String(rest[..<end])) else { return nil }
        self.init(artefact, item: item, itemClass: item == nil ? nil : name)
    }

    public var description: String { artefact.description + (item.map { "." + $0 } ?? "") }

    /// The full URN, with the class and package of the object.
    public var urn: String {
        guard let item else { return artefact.urn }
        let name = itemClass ?? artefact.artefactClass.itemClass ?? artefact.artefactClass.rawValue
        return "\(ArtefactReference.urnPrefix)\(artefact.artefactClass.package).\(name)=\(artefact.agency):\(artefact.id)(\(artefact.version ?? "1.0")).\(item)"
    }
}

/// Points at one concept of a scheme.
public struct ConceptReference: Hashable, Sendable {
    public var scheme: ArtefactReference
    public var id: String

    public init(scheme: ArtefactReference, id: String) {
        self.scheme = scheme
        self.id = id
    }
}
