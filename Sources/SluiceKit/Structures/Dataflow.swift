/// A dataflow: the name under which data of one structure are exchanged.
public struct Dataflow: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .dataflow }
    public var identity: ArtefactIdentity
    public var structure: ArtefactReference?
    /// The dimensions of an evolving structure that this flow uses (3.1 `DimensionConstraint`); empty for all.
    public var dimensionConstraint: [String] = []

    public init(identity: ArtefactIdentity, structure: ArtefactReference?) {
        self.identity = identity
        self.structure = structure
    }
}

/// A metadataflow: the name under which metadata of one structure are exchanged.
public struct Metadataflow: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .metadataflow }
    public var identity: ArtefactIdentity
    public var structure: ArtefactReference?
    /// What the metadata may be about: URNs in which parts may be `*` (3.0).
    public var targets: [String] = []

    public init(identity: ArtefactIdentity, structure: ArtefactReference?) {
        self.identity = identity
        self.structure = structure
    }
}

/// Says that a provider delivers data (or metadata) of a flow.
public struct ProvisionAgreement: MaintainableArtefact {
    public var identity: ArtefactIdentity
    /// A `MetadataProvisionAgreement` of 3.0.
    public var isMetadata: Bool
    public var flow: ArtefactReference?
    public var provider: ObjectReference?
    /// What metadata may be about, as in `Metadataflow`.
    public var targets: [String] = []
    public var artefactClass: ArtefactClass { isMetadata ? .metadataProvisionAgreement : .provisionAgreement }

    public init(identity: ArtefactIdentity, isMetadata: Bool = false, flow: ArtefactReference? = nil, provider: ObjectReference? = nil) {
        self.identity = identity
        self.isMetadata = isMetadata
        self.flow = flow
        self.provider = provider
    }
}
