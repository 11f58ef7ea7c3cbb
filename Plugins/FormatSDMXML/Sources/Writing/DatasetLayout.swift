import SluiceKit

/// At which level of a message each component of a dataset is written.
///
/// Attributes of a group, or of fewer dimensions than the series, are written with the series (or, in a flat dataset, with the
/// observation): a writer that sees rows one batch at a time does not know in advance which observations share them.
/// A row that has nothing but part of a key and such attributes is written as a group (`RowShape`).
struct DatasetLayout {
    let schema: DatasetSchema
    let dimensionAtObservation: String
    /// The dimension of the observation; nil when the dataset is flat.
    let observationColumn: Int?
    /// Dimensions of the series; in a flat dataset none.
    let seriesKey: [Int]
    let seriesAttributes: [Int]
    let datasetAttributes: [Int]
    /// Dimensions of the observation, then measures.
    let observationKey: [Int]
    let measures: [Int]
    let observationAttributes: [Int]
    /// The declared groups, each by its sorted columns.
    let groups: [(id: String, columns: [Int])]
    /// For each column, what precedes its value.
    let openings: [[UInt8]]
    /// Columns whose values 3.x never writes as XML attributes: arrays and texts in several languages.
    let needsElement: [Bool]
    let hasElements: Bool

    let version: SDMXMLVersion
    let isGeneric: Bool
    let isDelete: Bool
    var isFlat: Bool { observationColumn == nil }

    /// - Parameter dimensionAtObservation: what the message's header has said already.
    init(_ description: DatasetDescription, format: SDMXMLDataFormat, isFlat: Bool, dimensionAtObservation said: String?) throws(WriteError) {
        let schema = description.schema
        self.schema = schema
        version = format.version
        isGeneric = format.content == .genericData
        isDelete = description.action == .delete
        let named = format.isTimeSeries ? "TIME_PERIOD" : said ?? description.dimensionAtObservation
        var observation: Int?
        if !isFlat, named != DatasetDescription.allDimensions, schema.dimensions.count > 1 {
            observation = schema.index(of: named).flatMap { schema.dimensions.contains($0) ? $0 : nil } ?? schema.timeDimension
        }
        if format.isTimeSeries {
            guard let observation, observation == schema.timeDimension, schema.components[observation].id == "TIME_PERIOD" else {
                throw WriteError(
                    .unsupported,
                    detail:
                        "\(format.id) holds series over the time dimension TIME_PERIOD only; write \(format.content == .genericData ? "sdmx-ml-2.1-generic" : "sdmx-ml-2.1")"
                )
            }
        }
        observationColumn = observation
        dimensionAtObservation = observation.map { schema.components[$0].id } ?? DatasetDescription.allDimensions
        seriesKey = observation == nil ? [] : schema.dimensions.filter { $0 != observation }
        observationKey = observation.map { [$0] } ?? Array(schema.dimensions)
        measures = Array(schema.measures)
        var dataset: [Int] = []
        var series: [Int] = []
        var own: [Int] = []
        for column in schema.attributes {
            let dimensions: [String]?
            switch schema.components[column].role {
            case .attribute(.dataset):
                dataset.append(column)
                continue
            case .attribute(.dimensions(let ids)): dimensions = ids
            case .attribute(.group(let id)): dimensions = schema.structure.groups.first { $0.id == id }?.dimensions
            default: dimensions = nil
            }
            if let observation, let dimensions, !dimensions.contains(schema.components[observation].id) { series.append(column) } else { own.append(column) }
        }
        datasetAttributes = dataset
        seriesAttributes = series
        observationAttributes = own
        groups = schema.structure.groups.compactMap { group in
            let columns = group.dimensions.compactMap(schema.index)
            return columns.isEmpty || columns.count < group.dimensions.count || !HeaderValues.isID(group.id) ? nil : (group.id, columns.sorted())
        }
        for component in schema.components where !HeaderValues.isNCName(component.id) {
            throw WriteError(.unsupported, detail: "the component id \"\(component.id)\" is no XML name, so SDMX-ML has no place for it")
        }
        openings = schema.components.map { component in
            Array(format.content == .genericData ? "<gen:Value id=\"\(component.id)\" value=\"".utf8 : " \(component.id)=\"".utf8)
        }
        needsElement = schema.components.map { format.version >= .v3_0 && !$0.isDimension && ($0.isArray || $0.textFormat?.isMultiLingual == true) }
        hasElements = needsElement.contains(true)
    }
}
