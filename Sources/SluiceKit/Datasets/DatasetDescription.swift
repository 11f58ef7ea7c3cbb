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

/// The header of a data message (SDMX 2.1 `BaseHeaderType`); what a format has no place for is left out when writing.
public struct MessageHeader: Hashable, Sendable {
    public var id: String
    public var isTest: Bool
    /// ISO 8601, as it stood in the message.
    public var prepared: String?
    public var senders: [String]
    public var receivers: [String]
    public var names: LocalisedText
    public var dataSetID: String?
    public var extracted: String?
    public var sources: LocalisedText

    public init(id: String = "", isTest: Bool = false, prepared: String? = nil, senders: [String] = [], receivers: [String] = []) {
        self.id = id
        self.isTest = isTest
        self.prepared = prepared
        self.senders = senders
        self.receivers = receivers
        names = LocalisedText()
        dataSetID = nil
        extracted = nil
        sources = LocalisedText()
    }
}
