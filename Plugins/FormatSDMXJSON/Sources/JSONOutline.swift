import SluiceKit

/// A component as a message's `structures` describe it.
struct MessageComponent {
    enum Level: Int { case dataSet, dimensionGroup, series, observation }
    var id: String
    var level: Level
    /// The listed values; nil where the datasets hold the values themselves.
    var values: ValueList?
    /// To what an attribute belongs, where the message says so.
    var relationship: AttributeRelationship?
    /// What stands for an attribute that was left out at the end of an array.
    var defaultValue: String?
    var keyPosition: Int?
    // What is of use only where the data structure is not at hand and has to be made of the message.
    var names = LocalisedText()
    var isMandatory = false
    var roles: [String] = []
    var representation = Representation()

    var hasTimeRole: Bool { roles.contains { $0 == "TIME_PERIOD" || $0.lowercased() == "time" } }
}

/// One element of `structures`, or the one `structure` of 1.0.
struct MessageStructure {
    var references: [ArtefactReference] = []
    var names = LocalisedText()
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
        /// Positions of values; `IndexKey.leftOut` or `IndexKey.switchedOff` where there is none.
        var key: [Int32]
        var values: [MessageValue]
        var line: Int
    }
    var structure: Int?
    /// nil where the dataset does not say.
    var action: DatasetAction?
    /// An action that is none, as it stands.
    var unknownAction: String?
    var references: [ArtefactReference] = []
    var dates = DatasetDates()
    var attributes: [MessageValue] = []
    var groups: [Group] = []
    /// `series` or `observations` is there, be it empty.
    var hasKeys = false
    var line = 0
    /// Counted for an outline only.
    var counts = Counts()

    struct Counts {
        var series = 0
        var observations = 0
        /// Places of observations' arrays, and of series' attributes, that hold a value somewhere.
        var observationPlaces: Set<Int> = []
        var seriesPlaces: Set<Int> = []
    }
}

/// A data message without its observations: header, structures, and the head of each dataset. The first pass makes it.
struct JSONOutline {
    var header = MessageHeader()
    var structures: [MessageStructure] = []
    var datasets: [DatasetHead] = []
    var hasDatasets = false
    /// `structure` and `dataSets` stand in the message itself, as before 1.0 was settled, and not under `data`.
    var isBare = false
    /// There is a `structure`, as in 1.0, or there are `structures`, as in 2.x.
    var hasOneStructure = false
    var hasStructures = false
    /// The version that the schema's address names.
    var declaredVersion: SDMXJSONFormat.Version?
    /// What a service reported in place of data.
    var errorTitles: [String] = []

    /// The version, where it can be told: 1.0 by its shape, 2.0 and 2.1 by the schema that the message names.
    var version: SDMXJSONFormat.Version? {
        if hasStructures { return declaredVersion == .v1 ? nil : declaredVersion }
        return hasOneStructure || isBare ? .v1 : declaredVersion
    }
}
