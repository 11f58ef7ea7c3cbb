import SluiceKit

/// What an element of a dataset is, by its local name.
enum ElementRole: UInt8 {
    case series, observation, group
    // Generic only.
    case value, seriesKey, observationKey, groupKey, attributes, observationDimension, observationValue
    // Generic 2.0 only.
    case time
    // 3.x only.
    case component, partialKey, metadata
    case annotations
    case other

    init(_ local: String) {
        switch local {
        case "Series": self = .series
        case "Obs": self = .observation
        case "Group": self = .group
        case "Value": self = .value
        case "SeriesKey": self = .seriesKey
        case "ObsKey": self = .observationKey
        case "GroupKey": self = .groupKey
        case "Attributes": self = .attributes
        case "ObsDimension": self = .observationDimension
        case "ObsValue": self = .observationValue
        case "Time": self = .time
        case "Comp": self = .component
        case "Atts": self = .partialKey
        case "Metadata": self = .metadata
        case "Annotations": self = .annotations
        default: self = .other
        }
    }
}

/// Where in a dataset the reader stands; it may be asked to stop between any two observations and go on later.
struct PartState {
    static let unknown: Int32 = -1
    static let ignored: Int32 = -2

    /// Open elements below the dataset.
    var depth = 0
    var isDatasetEnded = false
    var isInSeries = false
    var isSeriesSealed = false
    var seriesHasObservations = false
    var seriesLine: UInt32 = 0
    /// Depth inside an element that is passed over; 0 when none is.
    var skipping = 0
    /// The row that is being filled; -1 when none is.
    var row = -1
    /// Depth at which the observation of `row` stands.
    var rowDepth = -1
    var observationColumn: Int?
    var measureColumn: Int?
    var hasExplicitMeasures = false
    var isDelete = false
    /// Whether a series or observation has been seen, after which groups come too late for what is before them.
    var hasSeenData = false
    /// The group, or partial key of 3.x, that is being read.
    var group: GroupIndex.Group?
    /// What a group says of the series that stand inside it (SDMX-ML 2.0).
    var enclosing: ValueStore?
    /// Metadata of a series that stand after its observations.
    var trailing = ValueStore()

    // Generic only.
    enum Holder { case none, dataset, groupKey, group, seriesKey, series, observation, time }
    var holder = Holder.none
    var unknowns: [(id: String, text: String, line: UInt32)] = []

    /// Positions of groups that no observation took.
    var leftovers: [Int] = []
    var nextLeftover = 0
    /// Values of the dataset that no row has taken: those of a dataset without rows, or metadata at its end.
    var datasetLeftover: ValueStore?
    var datasetLine: UInt32 = 0
    var hasLeftovers: Bool { nextLeftover < leftovers.count || datasetLeftover != nil }
}
