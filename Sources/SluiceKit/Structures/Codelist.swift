/// A code of a code list; `parent` is the id of the broader code in the same list.
public struct Code: Hashable, Sendable {
    public var id: String
    public var parent: String?
    public var names: LocalisedText
    public var descriptions: LocalisedText
    public var supplement = Supplement()
    /// The set of coordinates of a geographic code, or the cell of a grid code.
    public var geography: String?

    public init(id: String, parent: String? = nil, names: LocalisedText = LocalisedText(), descriptions: LocalisedText = LocalisedText()) {
        self.id = id
        self.parent = parent
        self.names = names
        self.descriptions = descriptions
    }
}

/// A code list with an index by code id.
public struct Codelist: MaintainableArtefact {
    public enum Kind: Hashable, Sendable {
        case plain
        /// Codes with sets of coordinates (3.0 `GeographicCodelist`).
        case geographic
        /// Codes that are cells of a grid (3.0 `GeoGridCodelist`), with the grid's definition.
        case grid(String)
    }
    public var identity: ArtefactIdentity
    public var kind = Kind.plain
    /// True when the maintainer delivered only part of the list; a code that is missing from it is not yet wrong.
    public var isPartial: Bool
    /// The lists whose codes this one takes in; `StructureSet.resolved` gives the list with them.
    public var extensions: [CodelistExtension] = []
    public private(set) var codes: [Code]
    private(set) var positions: [String: Int]

    /// One class for all kinds, as in the URNs of the 3.x schemas.
    public var artefactClass: ArtefactClass { .codelist }

    public init(identity: ArtefactIdentity, codes: [Code] = [], isPartial: Bool = false) {
        self.identity = identity
        self.isPartial = isPartial
        self.codes = codes
        positions = Dictionary(minimumCapacity: codes.count)
        for (position, code) in codes.enumerated() {
            // The first of two codes with one id counts.
            if let first = positions.updateValue(position, forKey: code.id) { positions[code.id] = first }
        }
    }

    public mutating func append(_ code: Code) {
        if positions[code.id] == nil { positions[code.id] = codes.count }
        codes.append(code)
    }

    public func contains(_ id: String) -> Bool { positions[id] != nil }
    public subscript(id: String) -> Code? { positions[id].map { codes[$0] } }

    /// Equal when they say the same; the index follows from the codes.
    public static func == (left: Codelist, right: Codelist) -> Bool {
        left.identity == right.identity && left.kind == right.kind && left.isPartial == right.isPartial && left.extensions == right.extensions
            && left.codes == right.codes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(reference)
        hasher.combine(codes.count)
    }
}

/// Codes taken in from another list (3.0 `CodelistExtensionType`).
public struct CodelistExtension: Hashable, Sendable {
    /// One code or, with `%` for any run of characters, several.
    public struct Member: Hashable, Sendable {
        public var value: String
        public var cascade: Cascade
        public init(_ value: String, cascade: Cascade = .no) {
            self.value = value
            self.cascade = cascade
        }
    }
    public enum Selection: Hashable, Sendable {
        case all
        case including([Member])
        case excluding([Member])
    }
    public var codelist: ArtefactReference
    /// Put before each id that is taken in.
    public var prefix: String?
    public var selection: Selection

    public init(_ codelist: ArtefactReference, prefix: String? = nil, selection: Selection = .all) {
        self.codelist = codelist
        self.prefix = prefix
        self.selection = selection
    }
}

/// Whether the narrower codes of a value are meant with it (`common:CascadeSelectionType`).
public enum Cascade: Hashable, Sendable {
    case no
    /// The value and all below it.
    case withRoot
    /// Only what is below it (3.0 `excluderoot`).
    case withoutRoot
}

/// A list of values that are no ids: signs, phrases (3.0 `ValueList`).
public struct ValueList: MaintainableArtefact {
    public var artefactClass: ArtefactClass { .valueList }
    public var identity: ArtefactIdentity
    /// `parent` is never set.
    public var items: [Code]

    public init(identity: ArtefactIdentity, items: [Code] = []) {
        self.identity = identity
        self.items = items
    }
}
