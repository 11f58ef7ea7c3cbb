/// A region of the cube given by values per component; within a region every selection must hold.
public struct CubeRegion: Hashable, Sendable {
    public var isIncluded: Bool
    public var selections: [ComponentSelection]
    public var annotations: [Annotation] = []

    public init(isIncluded: Bool = true, selections: [ComponentSelection] = []) {
        self.isIncluded = isIncluded
        self.selections = selections
    }
}

/// The values of one component that a region includes or excludes.
public struct ComponentSelection: Hashable, Sendable {
    public struct Value: Hashable, Sendable {
        public var id: String
        public var cascade: Cascade
        /// The language of a text (3.x).
        public var language: String?
        public var validFrom: String?
        public var validTo: String?
        /// With its narrower codes (`cascadeValues="true"`).
        public var cascades: Bool {
            get { cascade != .no }
            set { cascade = newValue ? .withRoot : .no }
        }
        public init(_ id: String, cascades: Bool = false) {
            self.id = id
            cascade = cascades ? .withRoot : .no
        }
        public init(_ id: String, cascade: Cascade) {
            self.id = id
            self.cascade = cascade
        }
    }
    public struct TimeRange: Hashable, Sendable {
        public var start: String?
        public var startIsInclusive: Bool
        public var end: String?
        public var endIsInclusive: Bool
        public var validFrom: String?
        public var validTo: String?
        public init(start: String?, startIsInclusive: Bool = true, end: String?, endIsInclusive: Bool = true) {
            self.start = start
            self.startIsInclusive = startIsInclusive
            self.end = end
            self.endIsInclusive = endIsInclusive
        }
    }
    public var component: String
    public var isIncluded: Bool
    /// False for an attribute or measure (`Attribute`, `Component`), which may be named without values.
    public var isDimension = true
    public var values: [Value]
    public var timeRange: TimeRange?
    /// Whether the prefix of an extended code list is left off the values (3.x).
    public var removesPrefix: Bool?
    public var validFrom: String?
    public var validTo: String?

    public init(component: String, isIncluded: Bool = true, values: [Value] = [], timeRange: TimeRange? = nil) {
        self.component = component
        self.isIncluded = isIncluded
        self.values = values
        self.timeRange = timeRange
    }
}
