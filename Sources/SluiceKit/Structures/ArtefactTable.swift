/// The artefacts of one kind in the order they came, found by id without a search through all.
public struct ArtefactTable<Artefact: MaintainableArtefact>: Hashable, Sendable {
    public private(set) var all: [Artefact] = []
    private var positionsByID: [String: [Int]] = [:]
    private var positionByReference: [ArtefactReference: Int] = [:]

    public init() {}

    public static func == (left: Self, right: Self) -> Bool { left.all == right.all }
    public func hash(into hasher: inout Hasher) { hasher.combine(all.count) }

    /// Adds an artefact, or says how it stands to the one of the same class, agency, id and version that is there already: the first one stays,
    /// unless it is a stub or the two are parts of one code list.
    mutating func add(_ artefact: Artefact) -> StructureSet.Addition {
        let reference = artefact.reference
        guard let position = positionByReference[reference] else {
            positionByReference[reference] = all.count
            positionsByID[reference.id, default: []].append(all.count)
            all.append(artefact)
            return .added
        }
        let present = all[position]
        if present == artefact || artefact.identity.isStub { return .same }
        if present.identity.isStub {
            all[position] = artefact
            return .added
        }
        if let part = artefact as? any PartialArtefact, let joined = part.joined(to: present) as? Artefact {
            all[position] = joined
            return .added
        }
        return .conflict(present.reference)
    }

    /// The best of what a reference accepts: full before stub, then an exact match, then by `VersionPattern` the latest, stable before draft.
    public func best(_ reference: ArtefactReference) -> Artefact? {
        if let exact = positionByReference[reference], !all[exact].identity.isStub { return all[exact] }
        guard let positions = positionsByID[reference.id] else { return nil }
        let pattern = VersionPattern(reference.version)
        var found: Artefact?
        for position in positions {
            let candidate = all[position]
            guard reference.accepts(candidate.reference) else { continue }
            guard let current = found else {
                found = candidate
                continue
            }
            if candidate.identity.isStub != current.identity.isStub {
                if current.identity.isStub { found = candidate }
            } else if pattern.prefers(candidate.identity.version, to: current.identity.version) {
                found = candidate
            }
        }
        return found
    }

    /// All that a reference accepts, as a constraint on `*` does.
    public func accepted(by reference: ArtefactReference) -> [Artefact] {
        (positionsByID[reference.id] ?? []).map { all[$0] }.filter { reference.accepts($0.reference) }
    }
}

/// An artefact that messages may give in parts (`isPartial`).
protocol PartialArtefact: MaintainableArtefact {
    /// Both parts together; nil when they contradict each other.
    func joined(to other: any MaintainableArtefact) -> Self?
}

extension Codelist: PartialArtefact {
    func joined(to other: any MaintainableArtefact) -> Codelist? {
        guard let other = other as? Codelist, isPartial || other.isPartial, kind == other.kind, identity == other.identity, extensions == other.extensions
        else { return nil }
        // A whole list next to one of its parts: the part has to be in it.
        let (whole, part) = other.isPartial && !isPartial ? (self, other) : (other, self)
        var base = whole
        for code in part.codes {
            if let present = base[code.id] {
                guard present == code else { return nil }
            } else {
                guard base.isPartial else { return nil }
                base.append(code)
            }
        }
        return base
    }
}

extension ConceptScheme: PartialArtefact {
    func joined(to other: any MaintainableArtefact) -> ConceptScheme? {
        guard let other = other as? ConceptScheme, isPartial || other.isPartial, identity == other.identity else { return nil }
        let (whole, part) = other.isPartial && !isPartial ? (self, other) : (other, self)
        var joined = whole
        let known = Dictionary(whole.concepts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for concept in part.concepts {
            if let present = known[concept.id] {
                guard present == concept else { return nil }
            } else {
                guard whole.isPartial else { return nil }
                joined.concepts.append(concept)
            }
        }
        return joined
    }
}
