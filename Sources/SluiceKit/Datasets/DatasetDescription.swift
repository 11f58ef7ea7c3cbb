/// What a dataset does to the data already held (SDMX 2.1 `ActionType`, SDMX-CSV 2.0 `ACTION`).
public enum DatasetAction: String, Hashable, Sendable, CaseIterable {
    case append = "Append", replace = "Replace", delete = "Delete", information = "Information", merge = "Merge"
}

/// A dataset as its message introduces it.
public struct DatasetDescription: Sendable {
    public var schema: DatasetSchema
    /// The reference that the message gave: a data structure, dataflow or provision agreement.
    public var reference: ArtefactReference
    /// The message's own id of this structure (`structureID`), empty where it has none.
    public var structureID: String
    public var action: DatasetAction
    /// `TIME_PERIOD`, another dimension, or `AllDimensions`.
    public var dimensionAtObservation: String
    public var setID: String?
    public var dates = DatasetDates()
    /// Who provides the data, where the message says so (`DataProvider`).
    public var provider: ArtefactReference?

    public init(
        schema: DatasetSchema, reference: ArtefactReference, structureID: String = "", action: DatasetAction = .information,
        dimensionAtObservation: String? = nil,
        setID: String? = nil
    ) {
        self.schema = schema
        self.reference = reference
        self.structureID = structureID
        self.action = action
        self.dimensionAtObservation = dimensionAtObservation ?? (schema.timeDimension.map { schema.components[$0].id } ?? Self.allDimensions)
        self.setID = setID
    }

    public static let allDimensions = "AllDimensions"
}

/// What a dataset says of its own dates (SDMX 2.1 `common:SetAttributeGroup`, SDMX-JSON `dataSet`), as they stood in the message.
public struct DatasetDates: Hashable, Sendable {
    public var reportingBegin: String?
    public var reportingEnd: String?
    public var validFrom: String?
    public var validTo: String?
    public var publicationYear: String?
    public var publicationPeriod: String?
    public init() {}
}
