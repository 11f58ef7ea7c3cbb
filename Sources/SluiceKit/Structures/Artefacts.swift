/// What every maintainable artefact carries.
public struct ArtefactIdentity: Hashable, Sendable {
    public var agency: String
    public var id: String
    public var version: String
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var isFinal: Bool?
    public var isExternalReference: Bool?
    public var validFrom: String?
    public var validTo: String?

    public init(agency: String, id: String, version: String = "1.0", names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.agency = agency
        self.id = id
        self.version = version
        self.names = names
        self.descriptions = descriptions
    }
}

/// An artefact that an agency maintains under agency, id and version.
public protocol MaintainableArtefact: Hashable, Sendable {
    static var artefactClass: ArtefactClass { get }
    var identity: ArtefactIdentity { get }
}

extension MaintainableArtefact {
    public var reference: ArtefactReference { ArtefactReference(Self.artefactClass, agency: identity.agency, id: identity.id, version: identity.version) }
}

/// A code of a code list; `parent` is the id of the broader code in the same list.
public struct Code: Hashable, Sendable {
    public var id: String
    public var parent: String?
    public var names: LocalisedText
    public var descriptions: LocalisedText

    public init(id: String, parent: String? = nil, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.id = id
        self.parent = parent
        self.names = names
        self.descriptions = descriptions
    }
}

/// A code list with an index by code id.
public struct Codelist: MaintainableArtefact {
    public static var artefactClass: ArtefactClass { .codelist }
    public var identity: ArtefactIdentity
    /// True when the maintainer delivered only part of the list; a code that is missing from it is not yet wrong.
    public var isPartial: Bool
    public private(set) var codes: [Code]
    private var positions: [String: Int]

    public init(identity: ArtefactIdentity, codes: [Code] = [], isPartial: Bool = false) {
        self.identity = identity
        self.isPartial = isPartial
        self.codes = codes
        positions = Dictionary(codes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public mutating func append(_ code: Code) {
        if positions[code.id] == nil { positions[code.id] = codes.count }
        codes.append(code)
    }

    public func contains(_ id: String) -> Bool { positions[id] != nil }
    public subscript(id: String) -> Code? { positions[id].map { codes[$0] } }
}

/// A concept, the meaning behind a component.
public struct Concept: Hashable, Sendable {
    public var id: String
    public var parent: String?
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var coreRepresentation: Representation?

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
    public static var artefactClass: ArtefactClass { .conceptScheme }
    public var identity: ArtefactIdentity
    public var isPartial: Bool
    public var concepts: [Concept]

    public init(identity: ArtefactIdentity, concepts: [Concept] = [], isPartial: Bool = false) {
        self.identity = identity
        self.isPartial = isPartial
        self.concepts = concepts
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

/// A dataflow: the name under which data of one structure are exchanged.
public struct Dataflow: MaintainableArtefact {
    public static var artefactClass: ArtefactClass { .dataflow }
    public var identity: ArtefactIdentity
    public var structure: ArtefactReference?

    public init(identity: ArtefactIdentity, structure: ArtefactReference?) {
        self.identity = identity
        self.structure = structure
    }
}
