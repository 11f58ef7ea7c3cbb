/// A data constraint (2.1: content constraint): which values or keys a dataflow, data structure or provision agreement may (or does) hold.
public struct DataConstraint: MaintainableArtefact {
    public enum Role: Hashable, Sendable { case allowed, actual }
    public var artefactClass: ArtefactClass { .dataConstraint }
    public var identity: ArtefactIdentity
    public var role: Role
    /// The artefacts it constrains.
    public var attachments: [ArtefactReference]
    /// The data provider, or the sets of data, that it constrains instead.
    public var providerAttachment: ObjectReference?
    public var setAttachments: [SetReference] = []
    /// Where the constrained data can be fetched.
    public var dataSources: [DataSource] = []
    public var cubeRegions: [CubeRegion]
    public var keySets: [KeySet]
    public var releaseCalendar: ReleaseCalendar?
    public var referencePeriod: ReferencePeriod?
    /// What constrains metadata (2.1 `MetadataKeySet`, `MetadataTargetRegion`), as it stood.
    public var others: [RawPart] = []

    public init(
        identity: ArtefactIdentity, role: Role = .allowed, attachments: [ArtefactReference] = [], cubeRegions: [CubeRegion] = [], keySets: [KeySet] = []
    ) {
        self.identity = identity
        self.role = role
        self.attachments = attachments
        self.cubeRegions = cubeRegions
        self.keySets = keySets
    }
}

/// A set of data or metadata of a provider (2.1 `common:SetReferenceType`).
public struct SetReference: Hashable, Sendable {
    public var provider: ObjectReference?
    public var id: String
    public var isMetadata: Bool

    public init(provider: ObjectReference?, id: String, isMetadata: Bool) {
        self.provider = provider
        self.id = id
        self.isMetadata = isMetadata
    }
}

/// An address from which data can be had: a file, or a service that answers queries.
public struct DataSource: Hashable, Sendable {
    public var url: String
    /// False for a file (`SimpleDataSource`).
    public var isQueryable: Bool
    public var isREST = false
    public var isWebService = false
    public var wsdlURL: String?
    public var wadlURL: String?

    public init(_ url: String, isQueryable: Bool) {
        self.url = url
        self.isQueryable = isQueryable
    }
}

/// When data are published (`structure:ReleaseCalendarType`); durations as text.
public struct ReleaseCalendar: Hashable, Sendable {
    public var periodicity: String
    public var offset: String
    public var tolerance: String

    public init(periodicity: String, offset: String, tolerance: String) {
        self.periodicity = periodicity
        self.offset = offset
        self.tolerance = tolerance
    }
}

/// The span of time that a constraint reports on (2.1).
public struct ReferencePeriod: Hashable, Sendable {
    public var start: String
    public var end: String

    public init(start: String, end: String) {
        self.start = start
        self.end = end
    }
}
