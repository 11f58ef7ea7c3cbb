import SluiceKit

/// The measure of a message that does not list its measures: 1.0 has one place for it, and 2.x lets it out "if there is only one measure with the
/// ID OBS_VALUE" (field guide 2.1, "structure").
enum ImpliedMeasure {
    static let idDefault = "OBS_VALUE"

    /// The data structure's only measure, whatever it is called, or the one that is called so.
    static func id(in schema: DatasetSchema) -> String? {
        if schema.measures.count == 1 { return schema.components[schema.measures.lowerBound].id }
        return schema.components[schema.measures].contains { $0.id == idDefault } ? idDefault : nil
    }
}
