/// The structures at hand: what one or several structure messages defined, resolvable by reference.
public struct StructureSet: Hashable, Sendable {
    public private(set) var codelists: [Codelist] = []
    public private(set) var conceptSchemes: [ConceptScheme] = []
    public private(set) var dataStructures: [DataStructure] = []
    public private(set) var dataflows: [Dataflow] = []
    public private(set) var constraints: [DataConstraint] = []

    public init() {}

    public mutating func add(_ codelist: Codelist) { codelists.append(codelist) }
    public mutating func add(_ scheme: ConceptScheme) { conceptSchemes.append(scheme) }
    public mutating func add(_ structure: DataStructure) { dataStructures.append(structure) }
    public mutating func add(_ dataflow: Dataflow) { dataflows.append(dataflow) }
    public mutating func add(_ constraint: DataConstraint) { constraints.append(constraint) }

    public mutating func merge(_ other: StructureSet) {
        codelists += other.codelists
        conceptSchemes += other.conceptSchemes
        dataStructures += other.dataStructures
        dataflows += other.dataflows
        constraints += other.constraints
    }

    public var isEmpty: Bool { codelists.isEmpty && conceptSchemes.isEmpty && dataStructures.isEmpty && dataflows.isEmpty && constraints.isEmpty }

    public func codelist(_ reference: ArtefactReference) -> Codelist? { Self.best(codelists, for: reference) }
    public func dataStructure(_ reference: ArtefactReference) -> DataStructure? { Self.best(dataStructures, for: reference) }
    public func dataflow(_ reference: ArtefactReference) -> Dataflow? { Self.best(dataflows, for: reference) }
    public func concept(_ reference: ConceptReference) -> Concept? {
        Self.best(conceptSchemes, for: reference.scheme)?.concepts.first { $0.id == reference.id }
    }

    /// The constraints of role `allowed` that apply to data of this structure or flow.
    public func constraints(on structure: DataStructure, flow: ArtefactReference?) -> [DataConstraint] {
        constraints.filter { constraint in
            constraint.role == .allowed && constraint.attachments.contains { $0.accepts(structure.reference) || (flow.map($0.accepts) ?? false) }
        }
    }

    /// An exact match first, else the last version at hand that the reference accepts.
    private static func best<Artefact: MaintainableArtefact>(_ all: [Artefact], for reference: ArtefactReference) -> Artefact? {
        var found: Artefact?
        for candidate in all where reference.accepts(candidate.reference) {
            if candidate.reference == reference { return candidate }
            found = candidate
        }
        return found
    }
}
