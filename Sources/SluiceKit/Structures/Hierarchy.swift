/// Codes of one or several lists in a tree of their own.
public struct CodeHierarchy: Hashable, Sendable {
    /// Levels from the top down.
    public var levels: [HierarchyLevel] = []
    public var hasFormalLevels: Bool
    public var codes: [HierarchicalCode] = []

    public init(hasFormalLevels: Bool = false) { self.hasFormalLevels = hasFormalLevels }
}

/// A named level of a hierarchy.
public struct HierarchyLevel: Hashable, Sendable {
    public var id: String
    public var names = LocalisedText()
    public var descriptions = LocalisedText()
    public var supplement = Supplement()
    public var codingFormat: TextFormat?

    public init(id: String) { self.id = id }
}

/// A place in a hierarchy, taken by a code.
public struct HierarchicalCode: Hashable, Sendable {
    public var id: String
    public var code: ObjectReference?
    /// 2.1: the code as the alias of an included list and an id in it.
    public var alias: String?
    public var aliasedCode: String?
    public var level: String?
    /// 2.1 only.
    public var version: String?
    public var validFrom: String?
    public var validTo: String?
    public var supplement = Supplement()
    public var children: [HierarchicalCode] = []

    public init(id: String, code: ObjectReference? = nil) {
        self.id = id
        self.code = code
    }
}

/// A hierarchy of its own (3.x).
public struct Hierarchy: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .hierarchy }
    public var identity: ArtefactIdentity
    public var tree: CodeHierarchy

    public init(identity: ArtefactIdentity, tree: CodeHierarchy = CodeHierarchy()) {
        self.identity = identity
        self.tree = tree
    }
}

/// A hierarchical code list (2.1): several hierarchies over the lists that it includes.
public struct HierarchicalCodelist: MaintainableArtefact {
    /// A code list under a short name.
    public struct Inclusion: Hashable, Sendable {
        public var alias: String?
        public var codelist: ArtefactReference
        public init(_ codelist: ArtefactReference, alias: String?) {
            self.codelist = codelist
            self.alias = alias
        }
    }
    /// One of its hierarchies, named but not maintained on its own.
    public struct Member: Hashable, Sendable {
        public var id: String
        public var names = LocalisedText()
        public var descriptions = LocalisedText()
        public var supplement = Supplement()
        public var tree = CodeHierarchy()
        public init(id: String) { self.id = id }
    }
    public var artefactClass: ArtefactClass { .hierarchicalCodelist }
    public var identity: ArtefactIdentity
    public var inclusions: [Inclusion] = []
    public var members: [Member] = []

    public init(identity: ArtefactIdentity) { self.identity = identity }
}

/// Says that a hierarchy is used for an object, perhaps within a context (3.x).
public struct HierarchyAssociation: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .hierarchyAssociation }
    public var identity: ArtefactIdentity
    public var hierarchy: ArtefactReference?
    public var object: ObjectReference?
    public var context: ObjectReference?

    public init(identity: ArtefactIdentity) { self.identity = identity }
}
