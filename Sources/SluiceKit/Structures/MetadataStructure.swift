/// A metadata structure definition. SDMX 3.x has one tree of attributes; 2.1 has reports, each with a tree and the targets it is about.
public struct MetadataStructure: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .metadataStructure }
    public var identity: ArtefactIdentity
    /// SDMX 3.x.
    public var attributes: [MetadataAttribute]
    public var attributesSupplement = Supplement()
    /// SDMX 2.1.
    public var targets: [MetadataTarget] = []
    public var reports: [ReportStructure] = []

    public init(identity: ArtefactIdentity, attributes: [MetadataAttribute] = []) {
        self.identity = identity
        self.attributes = attributes
    }

    /// The attribute to which a path of ids leads (`CONTACT.NAME`), in the 3.x tree or in any report.
    public func attribute(_ path: String) -> MetadataAttribute? {
        let ids = path.split(separator: ".")
        for root in [attributes] + reports.map(\.attributes) {
            var level = root
            var found: MetadataAttribute?
            for id in ids {
                found = level.first { $0.id == id }
                guard let found else { break }
                level = found.children
            }
            if let found { return found }
        }
        return nil
    }
}

/// An attribute of a metadata structure with those below it.
public struct MetadataAttribute: Hashable, Sendable {
    public var id: String
    public var concept: ConceptReference?
    public var representation: Representation?
    /// `minOccurs` and `maxOccurs`; nil means 1, `Int.max` is unbounded.
    public var occursMin: Int?
    public var occursMax: Int?
    /// It only gives structure and has no value.
    public var isPresentational: Bool?
    public var supplement = Supplement()
    public var children: [MetadataAttribute] = []

    public init(id: String, concept: ConceptReference? = nil, representation: Representation? = nil) {
        self.id = id
        self.concept = concept
        self.representation = representation
    }
}

/// What a 2.1 report may be about.
public struct MetadataTarget: Hashable, Sendable {
    /// One part of the target's key.
    public struct Part: Hashable, Sendable {
        /// Spelled as in SDMX-ML 2.1.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case keyValues = "KeyDescriptorValuesTarget", dataset = "DataSetTarget", constraint = "ConstraintContentTarget"
            case reportPeriod = "ReportPeriodTarget", object = "IdentifiableObjectTarget"
        }
        public var kind: Kind
        public var id: String
        /// Of an object target: the class of the objects (`Dataflow`).
        public var objectType: String?
        public var representation: Representation?
        public var supplement = Supplement()
        public init(_ kind: Kind, id: String) {
            self.kind = kind
            self.id = id
        }
    }
    public var id: String
    public var parts: [Part]
    public var supplement = Supplement()

    public init(id: String, parts: [Part] = []) {
        self.id = id
        self.parts = parts
    }
}

/// A report of a 2.1 metadata structure.
public struct ReportStructure: Hashable, Sendable {
    public var id: String
    public var attributes: [MetadataAttribute]
    /// The ids of the metadata targets it may be about.
    public var targets: [String]
    public var supplement = Supplement()

    public init(id: String, attributes: [MetadataAttribute] = [], targets: [String] = []) {
        self.id = id
        self.attributes = attributes
        self.targets = targets
    }
}
