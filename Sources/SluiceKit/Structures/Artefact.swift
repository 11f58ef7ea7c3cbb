/// What every maintainable artefact carries.
public struct ArtefactIdentity: Hashable, Sendable {
    public var agency: String
    public var id: String
    /// `1.0` where the message gives none (the default of SDMX 2.1).
    public var version: String
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var supplement = Supplement()
    /// SDMX 2.1 only; in 3.x a version of three numbers without extension is final.
    public var isFinal: Bool?
    /// The artefact is only announced here; its content is at `structureURL` or `serviceURL`.
    public var isExternalReference: Bool?
    /// Not all languages are here (3.1).
    public var isPartialLanguage: Bool?
    public var validFrom: String?
    public var validTo: String?
    public var serviceURL: String?
    public var structureURL: String?

    public init(agency: String, id: String, version: String = "1.0", names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.agency = agency
        self.id = id
        self.version = version
        self.names = names
        self.descriptions = descriptions
    }

    /// Only announced, not given: another message's full artefact takes its place.
    public var isStub: Bool { isExternalReference == true }
}

/// An artefact that an agency maintains under agency, id and version.
public protocol MaintainableArtefact: Hashable, Sendable {
    var artefactClass: ArtefactClass { get }
    var identity: ArtefactIdentity { get }
}

extension MaintainableArtefact {
    public var reference: ArtefactReference { ArtefactReference(artefactClass, agency: identity.agency, id: identity.id, version: identity.version) }
}

/// A part of a message that Sluice does not interpret, as it stood: written back in the format it came from, named in a finding elsewhere.
public struct RawPart: Hashable, Sendable {
    /// The format's id (`sdmx-ml-2.1-structure`).
    public var formatID: String
    /// The element or member name.
    public var name: String
    /// The text, with the format's own conventional prefixes so that it stands for itself.
    public var text: String

    public init(formatID: String, name: String, text: String) {
        self.formatID = formatID
        self.name = name
        self.text = text
    }
}

/// An artefact of a class that Sluice keeps without interpreting it (Docs/Decisions/0011).
public struct OtherArtefact: Hashable, Sendable {
    /// Nil for what is not maintained under an id (3.1 `AvailabilityConstraint`).
    public var identity: ArtefactIdentity?
    /// Nil where the class has no place in a URN.
    public var artefactClass: ArtefactClass?
    public var raw: RawPart

    public init(identity: ArtefactIdentity?, artefactClass: ArtefactClass?, raw: RawPart) {
        self.identity = identity
        self.artefactClass = artefactClass
        self.raw = raw
    }

    public var reference: ArtefactReference? {
        guard let identity, let artefactClass else { return nil }
        return ArtefactReference(artefactClass, agency: identity.agency, id: identity.id, version: identity.version)
    }
    /// Class and name, for findings.
    public var description: String { identity.map { "\(raw.name) \($0.agency):\($0.id)(\($0.version))" } ?? raw.name }
}
