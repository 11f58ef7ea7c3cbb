/// A content constraint: which values or keys a dataflow, data structure or provision agreement may (or does) hold.
public struct DataConstraint: MaintainableArtefact {
    public enum Role: Hashable, Sendable { case allowed, actual }
    public static var artefactClass: ArtefactClass { .contentConstraint }
    public var identity: ArtefactIdentity
    public var role: Role
    /// The artefacts it constrains.
    public var attachments: [ArtefactReference]
    public var cubeRegions: [CubeRegion]
    public var keySets: [KeySet]

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

/// A region of the cube given by values per component; within a region every selection must hold.
public struct CubeRegion: Hashable, Sendable {
    public var isIncluded: Bool
    public var selections: [ComponentSelection]

    public init(isIncluded: Bool = true, selections: [ComponentSelection] = []) {
        self.isIncluded = isIncluded
        self.selections = selections
    }
}

/// The values of one component that a region includes or excludes.
public struct ComponentSelection: Hashable, Sendable {
    public struct Value: Hashable, Sendable {
        public var id: String
        /// With its narrower codes (`cascadeValues="true"`).
        public var cascades: Bool
        public init(_ id: String, cascades: Bool = false) {
            self.id = id
            self.cascades = cascades
        }
    }
    public struct TimeRange: Hashable, Sendable {
        public var start: String?
        public var startIsInclusive: Bool
        public var end: String?
        public var endIsInclusive: Bool
        public init(start: String?, startIsInclusive: Bool = true, end: String?, endIsInclusive: Bool = true) {
            self.start = start
            self.startIsInclusive = startIsInclusive
            self.end = end
            self.endIsInclusive = endIsInclusive
        }
    }
    public var component: String
    public var isIncluded: Bool
    public var values: [Value]
    public var timeRange: TimeRange?

    public init(component: String, isIncluded: Bool = true, values: [Value] = [], timeRange: TimeRange? = nil) {
        self.component = component
        self.isIncluded = isIncluded
        self.values = values
        self.timeRange = timeRange
    }
}

/// A set of (partial) keys: each key maps dimension ids to code ids.
public struct KeySet: Hashable, Sendable {
    public var isIncluded: Bool
    public var keys: [[String: String]]

    public init(isIncluded: Bool = true, keys: [[String: String]] = []) {
        self.isIncluded = isIncluded
        self.keys = keys
    }
}
