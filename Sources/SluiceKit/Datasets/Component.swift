/// One column of a dataset: a dimension, measure or attribute with its representation resolved.
public struct Component: Sendable {
    public enum Role: Hashable, Sendable {
        case dimension
        case timeDimension
        case measure
        case attribute(AttributeRelationship)
    }
    /// How a batch stores the column.
    public enum Storage: Hashable, Sendable {
        /// As numbers into the dataset's dictionary: dimensions, enumerated attributes, and attributes that repeat by series.
        case coded
        /// As text per row: measures and free-text attributes of observations.
        case text
    }
    public let id: String
    public let role: Role
    public let storage: Storage
    public let isMandatory: Bool
    /// An attribute of a metadata structure that the data structure uses (SDMX 3.0 `MetadataAttributeUsage`); nested ids are joined by dots.
    public let isMetadata: Bool
    /// Most values a cell may hold; above 1 it is an array (`CellValues`), `Int.max` where unbounded.
    public let occursMax: Int
    public var isArray: Bool { occursMax > 1 }
    /// The code list that enumerates it, where it could be resolved.
    public let codelist: Codelist?
    /// The code list that its representation names, resolved or not.
    public let codelistReference: ArtefactReference?
    public let textFormat: TextFormat?
    /// The name of its concept, for people.
    public let names: LocalisedText

    public var isDimension: Bool { role == .dimension || role == .timeDimension }
    public var isAttribute: Bool { if case .attribute = role { true } else { false } }
}
