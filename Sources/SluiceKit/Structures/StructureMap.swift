/// How data of one structure become data of another (3.x).
public struct StructureMap: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .structureMap }
    public var identity: ArtefactIdentity
    /// A data structure or dataflow.
    public var source: ArtefactReference?
    public var target: ArtefactReference?
    public var timeMaps: [TimeMap] = []
    public var frequencyFormats: [FrequencyFormat] = []
    public var componentMaps: [ComponentMap] = []
    public var fixedValues: [FixedValue] = []

    public init(identity: ArtefactIdentity) { self.identity = identity }
}

extension StructureMap {
    /// How source components become target components: value for value, or by a representation map.
    public struct ComponentMap: Hashable, Sendable {
        public var sources: [String]
        public var targets: [String]
        public var representationMap: ArtefactReference?
        public var annotations: [Annotation] = []
        public init(sources: [String], targets: [String], representationMap: ArtefactReference? = nil) {
            self.sources = sources
            self.targets = targets
            self.representationMap = representationMap
        }
    }

    /// A component that always has the same values.
    public struct FixedValue: Hashable, Sendable {
        public var component: String
        /// Whether the component is one of the source.
        public var isSource: Bool
        public var values: [String]
        public var annotations: [Annotation] = []
        public init(component: String, isSource: Bool, values: [String]) {
            self.component = component
            self.isSource = isSource
            self.values = values
        }
    }

    /// The pattern in which periods of a frequency are written.
    public struct FrequencyFormat: Hashable, Sendable {
        public var id: String?
        public var frequency: String
        public var pattern: String
        public var supplement = Supplement()
        public init(frequency: String, pattern: String) {
            self.frequency = frequency
            self.pattern = pattern
        }
    }

    /// How a time of the source becomes a period of the target.
    public struct TimeMap: Hashable, Sendable {
        public enum Method: Hashable, Sendable {
            /// The source counts periods from a beginning.
            case epoch(base: String, period: String)
            /// The source is written in a pattern of a locale.
            case pattern(String, locale: String)
        }
        public struct Pair: Hashable, Sendable {
            public var source: String
            public var target: String
            public init(source: String, target: String) {
                self.source = source
                self.target = target
            }
        }
        public enum Frequency: Hashable, Sendable {
            /// The target's dimension that says the frequency, and for which of its values the map is meant.
            case dimension(String, mapped: [String])
            case fixed(String)
        }
        public var id: String?
        public var method: Method
        public var pairs: [Pair] = []
        public var frequency: Frequency?
        /// `startOfPeriod`, `endOfPeriod`, `midPeriod`.
        public var resolvePeriod: String?
        public var supplement = Supplement()
        public init(_ method: Method) { self.method = method }
    }
}
