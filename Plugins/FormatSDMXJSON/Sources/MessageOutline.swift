import SluiceKit

/// A component as a message's `structures` describe it.
struct MessageComponent {
    enum Level: Int { case dataSet, dimensionGroup, series, observation }
    var id: String
    var level: Level
    /// The listed values; nil where the datasets hold the values themselves.
    var values: ValueList?
    /// The dimensions on whose values an attribute depends, where it says so.
    var relationship: [String]?
    /// What stands for an attribute that was left out at the end of an array.
    var defaultValue: String?
    var keyPosition: Int?
}

/// One element of `structures`.
struct MessageStructure {
    var references: [ArtefactReference] = []
    /// By level: dataset, series, observation; so they stand in the keys.
    var dimensions: [MessageComponent] = []
    /// Nil where the message says nothing of measures.
    var measures: [MessageComponent]?
    var attributes: [MessageComponent] = []
    /// The datasets that it says are its own.
    var dataSets: [Int] = []

    func dimensions(_ level: MessageComponent.Level) -> Range<Int> {
        let lower = dimensions.firstIndex { $0.level.rawValue >= level.rawValue } ?? dimensions.count
        let upper = dimensions.firstIndex { $0.level.rawValue > level.rawValue } ?? dimensions.count
        return lower..<upper
    }
}

/// What an element of `dataSets` says before and behind its series and observations.
struct DatasetHead {
    struct Group {
        /// Indexes by position, -1 where the key leaves one out.
        var key: [Int32]
        var values: [MessageValue]
        var line: Int
    }
    var structure: Int?
    var action = DatasetAction.information
    /// An action that is none, as it stands.
    var unknownAction: String?
    var references: [ArtefactReference] = []
    var attributes: [MessageValue] = []
    var groups: [Group] = []
    var line = 0
}

/// A data message without its observations: header, structures, and the head of each dataset. The first pass makes it.
struct MessageOutline {
    var header = MessageHeader()
    var structures: [MessageStructure] = []
    var datasets: [DatasetHead] = []
    var hasDatasets = false
    /// What a service reported in place of data.
    var errorTitles: [String] = []
}
