/// Which values of one or several sources become which values of the targets (3.x).
public struct RepresentationMap: MaintainableArtefact {
    /// A code list, value list or data type.
    public enum Side: Hashable, Sendable {
        case list(ArtefactReference)
        /// Spelled as in SDMX-ML (`TextType`).
        case type(String)
    }
    public var artefactClass: ArtefactClass { .representationMap }
    public var identity: ArtefactIdentity
    public var sources: [Side] = []
    public var targets: [Side] = []
    public var mappings: [ValueMapping] = []

    public init(identity: ArtefactIdentity) { self.identity = identity }
}

/// One row of a map: source values, in the order of the sources, and target values.
public struct ValueMapping: Hashable, Sendable {
    public struct Source: Hashable, Sendable {
        public var value: String
        public var isRegularExpression: Bool?
        /// The part of the source's text that counts.
        public var startIndex: Int?
        public var endIndex: Int?
        public init(_ value: String) { self.value = value }
    }
    public var sources: [Source]
    public var targets: [String]
    public var validFrom: String?
    public var validTo: String?
    public var annotations: [Annotation] = []

    public init(sources: [Source], targets: [String]) {
        self.sources = sources
        self.targets = targets
    }
}

/// Which items of one scheme are which of another: concepts, categories, organisations, reporting categories (3.x).
public struct ItemSchemeMap: MaintainableArtefact {
    public static let classes: [ArtefactClass] = [.conceptSchemeMap, .categorySchemeMap, .organisationSchemeMap, .reportingTaxonomyMap]
    /// One of `classes`.
    public var artefactClass: ArtefactClass
    public var identity: ArtefactIdentity
    public var source: ArtefactReference?
    public var target: ArtefactReference?
    public var mappings: [ValueMapping] = []

    public init(_ artefactClass: ArtefactClass, identity: ArtefactIdentity) {
        self.artefactClass = artefactClass
        self.identity = identity
    }
}
