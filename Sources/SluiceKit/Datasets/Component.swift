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
