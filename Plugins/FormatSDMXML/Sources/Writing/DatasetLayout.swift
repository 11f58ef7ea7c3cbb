import SluiceKit

/// At which level of a message each component of a dataset is written.
///
/// Attributes of a group, or of fewer dimensions than the series, are written with the series (or, in a flat dataset, with the
/// observation): SDMX-ML puts `Group` elements before all series, and a writer that sees rows one batch at a time does not know them then.
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
    /// For each column, what precedes its value.
    let openings: [[UInt8]]

    var isFlat: Bool { observationColumn == nil }

    init(_ description: DatasetDescription, spelling: DataMessageWriter.Spelling, isFlat: Bool) throws(WriteError) {
        let schema = description.schema
        self.schema = schema
        let named = description.dimensionAtObservation
        var observation: Int?
        if !isFlat, named != DatasetDescription.allDimensions, schema.dimensions.count > 1 {
            observation = schema.index(of: named).flatMap { schema.dimensions.contains($0) ? $0 : nil } ?? schema.timeDimension
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
        for component in schema.components where !HeaderValues.isNCName(component.id) {
            throw WriteError(.unsupported, detail: "the component id \"\(component.id)\" is no XML name, so SDMX-ML 2.1 has no place for it")
        }
        openings = schema.components.map { component in
            Array(spelling == .structureSpecific ? " \(component.id)=\"".utf8 : "<gen:Value id=\"\(component.id)\" value=\"".utf8)
        }
    }
}

extension DatasetLayout {
    /// A row about its series and not about an observation of it.
    func isSeriesAlone(_ batch: Batch, _ row: Int) -> Bool {
        for column in observationKey where !batch.isAbsent(column, row) { return false }
        for column in measures where !batch.isAbsent(column, row) { return false }
        for column in observationAttributes where !batch.isAbsent(column, row) { return false }
        return true
    }

    /// A row that has nothing but attributes of the dataset.
    func isEmptyRow(_ batch: Batch, _ row: Int) -> Bool {
        for column in seriesKey where !batch.isAbsent(column, row) { return false }
        for column in seriesAttributes where !batch.isAbsent(column, row) { return false }
        return isSeriesAlone(batch, row)
    }
}
