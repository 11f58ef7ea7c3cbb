/// An agency, data provider, data consumer, metadata provider or organisation unit.
public struct Organisation: Hashable, Sendable {
    public var id: String
    public var parent: String?
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var supplement = Supplement()
    public var contacts: [Contact] = []

    public init(id: String, parent: String? = nil, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.id = id
        self.parent = parent
        self.names = names
        self.descriptions = descriptions
    }
}

/// A scheme of organisations of one kind; all but those of units have a fixed id (`AGENCIES`, …) and no version of their own.
public struct OrganisationScheme: MaintainableArtefact {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case agency, dataProvider, dataConsumer, metadataProvider, unit

        public var artefactClass: ArtefactClass {
            switch self {
            case .agency: .agencyScheme
            case .dataProvider: .dataProviderScheme
            case .dataConsumer: .dataConsumerScheme
            case .metadataProvider: .metadataProviderScheme
            case .unit: .organisationUnitScheme
            }
        }

        public init?(_ artefactClass: ArtefactClass) {
            guard let kind = Self.allCases.first(where: { $0.artefactClass == artefactClass }) else { return nil }
            self = kind
        }

        /// The id that the schemas fix.
        public var fixedID: String? {
            switch self {
            case .agency: "AGENCIES"
            case .dataProvider: "DATA_PROVIDERS"
            case .dataConsumer: "DATA_CONSUMERS"
            case .metadataProvider: "METADATA_PROVIDERS"
            case .unit: nil
            }
        }
    }
    public var identity: ArtefactIdentity
    public var kind: Kind
    public var isPartial = false
    public var organisations: [Organisation]
    public var artefactClass: ArtefactClass { kind.artefactClass }

    public init(identity: ArtefactIdentity, kind: Kind, organisations: [Organisation] = []) {
        self.identity = identity
        self.kind = kind
        self.organisations = organisations
    }
}
