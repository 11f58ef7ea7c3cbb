/// A category with the categories below it.
public struct Category: Hashable, Sendable {
    public var id: String
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var supplement = Supplement()
    public var children: [Category] = []

    public init(id: String, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.id = id
        self.names = names
        self.descriptions = descriptions
    }
}

/// A scheme of categories, by which artefacts are found.
public struct CategoryScheme: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .categoryScheme }
    public var identity: ArtefactIdentity
    public var isPartial = false
    public var categories: [Category]

    public init(identity: ArtefactIdentity, categories: [Category] = []) {
        self.identity = identity
        self.categories = categories
    }
}

/// Puts an artefact (`source`) into a category (`target`).
public struct Categorisation: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .categorisation }
    public var identity: ArtefactIdentity
    public var source: ObjectReference?
    public var target: ObjectReference?

    public init(identity: ArtefactIdentity, source: ObjectReference? = nil, target: ObjectReference? = nil) {
        self.identity = identity
        self.source = source
        self.target = target
    }
}
