/// A data structure definition (SDMX 2.1 information model, §5.3).
public struct DataStructure: MaintainableArtefact {
    /// The lists of components, which may carry annotations of their own.
    public enum Descriptor: String, Hashable, Sendable, CaseIterable {
        case dimensions = "DimensionDescriptor", attributes = "AttributeDescriptor", measures = "MeasureDescriptor"
    }
    public var artefactClass: ArtefactClass { .dataStructure }
    public var identity: ArtefactIdentity
    /// In key order; the time dimension, where there is one, is last.
    public var dimensions: [Dimension]
    public var groups: [DimensionGroup]
    /// One in SDMX 2.1 (`OBS_VALUE`), any number in 3.x.
    public var measures: [Measure]
    public var attributes: [Attribute]
    /// The metadata structure whose attributes this structure uses (3.0 `Metadata`).
    public var metadata: ArtefactReference?
    /// Dimensions may be added without a new major version (3.1).
    public var isEvolving: Bool?
    public var descriptorSupplements: [Descriptor: Supplement] = [:]

    public init(identity: ArtefactIdentity, dimensions: [Dimension] = [], groups: [DimensionGroup] = [], measures: [Measure] = [], attributes: [Attribute] = [])
    {
        self.identity = identity
        self.dimensions = dimensions
        self.groups = groups
        self.measures = measures
        self.attributes = attributes
    }
}

/// A dimension of a data structure.
public struct Dimension: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case regular, time, measure }
    public var id: String
    public var kind: Kind
    public var concept: ConceptReference?
    public var representation: Representation?
    /// Concepts that say what part it plays (frequency, area).
    public var roles: [ConceptReference] = []
    public var supplement = Supplement()

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
    /// The constraint that names the keys instead of dimensions (2.1 `AttachmentConstraint`).
    public var attachmentConstraint: ArtefactReference?
    public var supplement = Supplement()

    public init(id: String, dimensions: [String]) {
        self.id = id
        self.dimensions = dimensions
    }
}

/// A measure of a data structure.
public struct Measure: Hashable, Sendable {
    public var id: String
    public var concept: ConceptReference?
    public var representation: Representation?
    public var isMandatory: Bool
    public var roles: [ConceptReference] = []
    public var supplement = Supplement()

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

/// An attribute of a data structure, its own or one of the metadata structure that it uses.
public struct Attribute: Hashable, Sendable {
    public var id: String
    public var concept: ConceptReference?
    public var representation: Representation?
    public var isMandatory: Bool
    public var relationship: AttributeRelationship
    /// An attribute of the metadata structure, used here (SDMX 3.0 `MetadataAttributeUsage`); nested ids are joined by dots.
    /// What it means stands in the metadata structure: `DatasetSchema` takes concept and representation from there.
    public var isMetadata = false
    /// Those of the relationship's dimensions that a value need not give (3.x).
    public var optionalDimensions: [String] = []
    /// The groups to which it may be attached as well (2.1 `AttachmentGroup`).
    public var attachmentGroups: [String] = []
    /// The measures that it describes (3.x `MeasureRelationship`); empty for all.
    public var measures: [String] = []
    public var roles: [ConceptReference] = []
    public var supplement = Supplement()

    public init(id: String, concept: ConceptReference? = nil, representation: Representation? = nil, isMandatory: Bool, relationship: AttributeRelationship) {
        self.id = id
        self.concept = concept
        self.representation = representation
        self.isMandatory = isMandatory
        self.relationship = relationship
    }
}
