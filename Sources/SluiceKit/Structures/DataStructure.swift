/// A data structure definition (SDMX 2.1 information model, §5.3).
public struct DataStructure: MaintainableArtefact {
    public static var artefactClass: ArtefactClass { .dataStructure }
    public var identity: ArtefactIdentity
    /// In key order; the time dimension, where there is one, is last.
    public var dimensions: [Dimension]
    public var groups: [DimensionGroup]
    /// One in SDMX 2.1 (`OBS_VALUE`), any number in 3.x.
    public var measures: [Measure]
    public var attributes: [Attribute]

    public init(identity: ArtefactIdentity, dimensions: [Dimension] = [], groups: [DimensionGroup] = [], measures: [Measure] = [], attributes: [Attribute] = [])
    {
        self.identity = identity
        self.dimensions = dimensions
        self.groups = groups
        self.measures = measures
        self.attributes = attributes
    }
}

public struct Dimension: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case regular, time, measure }
    public var id: String
    public var kind: Kind
    public var concept: ConceptReference?
    public var representation: Representation?

    public init(id: String, kind: Kind = .regular, concept: ConceptReference? = nil, representation: Representation? = nil) {
        self.id = id
        self.kind = kind
        self.concept = concept
        self.representation = representation
    }
}

/// A named subset of the dimensions to which attributes attach.
public struct DimensionGroup: Hashable, Sendable {
    public var id: String
    public var dimensions: [String]

    public init(id: String, dimensions: [String]) {
        self.id = id
        self.dimensions = dimensions
    }
}

public struct Measure: Hashable, Sendable {
    public var id: String
    public var concept: ConceptReference?
    public var representation: Representation?
    public var isMandatory: Bool

    public init(id: String, concept: ConceptReference? = nil, representation: Representation? = nil, isMandatory: Bool = false) {
        self.id = id
        self.concept = concept
        self.representation = representation
        self.isMandatory = isMandatory
    }
}

/// To what an attribute's value belongs (SDMX 2.1 `AttributeRelationship`).
public enum AttributeRelationship: Hashable, Sendable {
    /// The whole dataset (`None` in 2.1, `Dataflow` in 3.x).
    case dataset
    /// The part of the key that these dimensions form; all but the time dimension means the series.
    case dimensions([String])
    case group(String)
    case observation
}

public struct Attribute: Hashable, Sendable {
    public var id: String
    public var concept: ConceptReference?
    public var representation: Representation?
    public var isMandatory: Bool
    public var relationship: AttributeRelationship
    /// An attribute of the metadata structure, used here (SDMX 3.0 `MetadataAttributeUsage`).
    public var isMetadata = false

    public init(id: String, concept: ConceptReference? = nil, representation: Representation? = nil, isMandatory: Bool, relationship: AttributeRelationship) {
        self.id = id
        self.concept = concept
        self.representation = representation
        self.isMandatory = isMandatory
        self.relationship = relationship
    }
}
