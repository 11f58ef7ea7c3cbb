/// What a data message says of itself: known without its data structure, for `sluice inspect` and for telling which structure to fetch.
public struct MessageOutline: Hashable, Sendable {
    /// One dataset of the message, in the message's own words.
    public struct Dataset: Hashable, Sendable {
        /// What the dataset says it is described by; nil when the message names nothing.
        public var reference: ArtefactReference?
        /// The message's own id of this structure (`structureID`), empty where it has none.
        public var structureID = ""
        /// nil when neither dataset nor header give one.
        public var action: DatasetAction?
        /// `TIME_PERIOD`, another dimension, or `AllDimensions`; nil when the message does not say.
        public var dimensionAtObservation: String?
        public var setID: String?
        public var dates = DatasetDates()
        public var provider: ArtefactReference?
        /// Ids of components for which the dataset has a value somewhere, in order of appearance.
        public var components: [String] = []
        public var seriesCount = 0
        public var groupCount = 0
        public var observationCount = 0
        /// Where the dataset begins; 0 where the format has no lines.
        public var line = 0

        public init() {}
    }

    /// The kind of message in words: `SDMX-ML 2.1 StructureSpecificData`.
    public var kind: String
    public var header = MessageHeader()
    /// The first `datasetsMax` datasets.
    public var datasets: [Dataset] = []
    /// How many datasets there are, those beyond `datasetsMax` included.
    public var datasetCount = 0

    /// Most datasets that are described one by one.
    public static let datasetsMax = 10_000
    /// Most component ids that are kept for one dataset.
    public static let componentsMax = 4_096

    public init(kind: String) { self.kind = kind }

    /// Adds a dataset, keeping to `datasetsMax`.
    public mutating func append(_ dataset: Dataset) {
        datasetCount += 1
        if datasets.count < Self.datasetsMax { datasets.append(dataset) }
    }
}
