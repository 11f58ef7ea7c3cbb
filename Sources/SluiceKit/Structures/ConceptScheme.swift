/// A concept, the meaning behind a component.
public struct Concept: Hashable, Sendable {
    /// Where ISO 11179 registers the concept.
    public struct ISOReference: Hashable, Sendable {
        public var agency: String
        public var scheme: String
        public var id: String
        public init(agency: String, scheme: String, id: String) {
            self.agency = agency
            self.scheme = scheme
            self.id = id
        }
    }
    public var id: String
    public var parent: String?
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var supplement = Supplement()
    public var coreRepresentation: Representation?
    public var isoReference: ISOReference?

    public init(
        id: String, parent: String? = nil, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText(),
        coreRepresentation: Representation? = nil
    ) {
        self.id = id
        self.parent = parent
        self.names = names
        self.descriptions = descriptions
        self.coreRepresentation = coreRepresentation
    }
}

/// A scheme of concepts.
public struct ConceptScheme: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .conceptScheme }
    public var identity: ArtefactIdentity
    public var isPartial: Bool
    public var concepts: [Concept]

    public init(identity: ArtefactIdentity, concepts: [Concept] = [], isPartial: Bool = false) {
        self.identity = identity
        self.isPartial = isPartial
        self.concepts = concepts
    }
}
