import SluiceKit

/// What an element of a dataset is, by its local name.
enum ElementRole: UInt8 {
    case series, observation, group
    // Generic only.
    case value, seriesKey, observationKey, groupKey, attributes, observationDimension, observationValue
    // 3.x only.
    case component
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
        case "Comp": self = .component
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
    /// Values of this series for components that do not exist, reported once its key is known.
    var hasUnknowns = false
    /// Depth inside an element that is passed over; 0 when none is.
    var skipping = 0
    /// The row that is being filled; -1 when none is.
    var row = -1
    var observationColumn: Int?
    var measureColumn: Int?
    var hasExplicitMeasures = false
    var hasSeenData = false

    // Generic only.
    enum Holder { case none, dataset, groupKey, group, seriesKey, series, observation }
    var holder = Holder.none
    var group: GroupIndex.Group?
    var unknowns: [(id: String, text: String, line: UInt32)] = []

    /// Positions of groups that no observation took, in a dataset that has no observations at all.
    var leftovers: [Int] = []
    var nextLeftover = 0
    var hasOnlyDatasetAttributes = false
    var hasLeftovers: Bool { nextLeftover < leftovers.count || hasOnlyDatasetAttributes }
}
