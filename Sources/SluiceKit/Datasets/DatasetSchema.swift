/// The columns of datasets of one data structure, in a fixed order: dimensions in key order (time last), measures, attributes.
public final class DatasetSchema: Sendable {
    public let structure: DataStructure
    /// The dataflow under which the data travel, where known.
    public let flow: ArtefactReference?
    public let components: [Component]
    public let constraints: [DataConstraint]
    /// Positions of all dimensions, time included; none in a schema of records.
    public let dimensions: Range<Int>
    /// Positions of what identifies a row: the dimensions, in a schema of records too.
    public let keys: Range<Int>
    public let measures: Range<Int>
    public let attributes: Range<Int>
    public let timeDimension: Int?
    private let positions: [String: Int]

    /// Whether the rows are records, each with a key of its own: there are as many keys as rows, so they are text of the row and not numbers of a dictionary.
    public var isOfRecords: Bool { dimensions.isEmpty && !keys.isEmpty }

    /// Resolves every component against `structures`; a code list that is not at hand leaves `codelist` nil.
    /// - Parameter ofRecords: makes a schema whose dimensions are columns of their rows alone, like mandatory attributes of the observation, and whose
    ///   attributes all belong to the observation.
    public init(_ structure: DataStructure, in structures: StructureSet, flow: ArtefactReference? = nil, ofRecords: Bool = false) {
        self.structure = structure
        self.flow = flow
        constraints = structures.constraints(on: structure, flow: flow)
        var components: [Component] = []
        func add(
            _ id: String, _ role: Component.Role, _ local: Representation?, _ concept: ConceptReference?, mandatory: Bool, codedAnyway: Bool,
            isMetadata: Bool = false
        ) {
            let resolvedConcept = concept.flatMap(structures.concept)
            let representation = local ?? resolvedConcept?.coreRepresentation
            let codelist = representation?.enumeration.flatMap(structures.enumeration)
            components.append(
                Component(
                    id: id, role: role, storage: codedAnyway || representation?.enumeration != nil ? .coded : .text, isMandatory: mandatory,
                    isMetadata: isMetadata, occursMax: representation?.occursMax ?? 1, codelist: codelist,
                    codelistReference: representation?.enumeration, textFormat: representation?.textFormat, names: resolvedConcept?.names ?? LocalisedText()))
        }
        let ordered = structure.dimensions.filter { $0.kind != .time } + structure.dimensions.filter { $0.kind == .time }
        for dimension in ordered {
            add(
                dimension.id, ofRecords ? .attribute(.observation) : dimension.kind == .time ? .timeDimension : .dimension, dimension.representation,
                dimension.concept, mandatory: true,
                codedAnyway: !ofRecords)
        }
        for measure in structure.measures {
            add(measure.id, .measure, measure.representation, measure.concept, mandatory: measure.isMandatory, codedAnyway: false)
        }
        for attribute in Self.attributes(of: structure, in: structures) {
            let relationship = ofRecords && attribute.relationship != .dataset ? .observation : attribute.relationship
            // A value that belongs to more than one observation repeats row after row: store it once.
            add(
                attribute.id, .attribute(relationship), attribute.representation, attribute.concept, mandatory: attribute.isMandatory,
                codedAnyway: relationship != .observation, isMetadata: attribute.isMetadata)
        }
        self.components = components
        keys = 0..<ordered.count
        dimensions = 0..<(ofRecords ? 0 : ordered.count)
        measures = ordered.count..<(ordered.count + structure.measures.count)
        attributes = measures.upperBound..<components.count
        timeDimension = !ofRecords && structure.dimensions.contains { $0.kind == .time } ? structure.dimensions.count - 1 : nil
        positions = Dictionary(components.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The attributes, those of the metadata structure with their meaning from there and each followed by those below it, ids joined by dots
    /// (SDMX 3.0, `MetadataAttributeUsage`).
    private static func attributes(of structure: DataStructure, in structures: StructureSet) -> [Attribute] {
        guard structure.attributes.contains(where: \.isMetadata), let metadata = structure.metadata.flatMap(structures.metadataStructure) else {
            return structure.attributes
        }
        var all: [Attribute] = []
        func add(_ usage: Attribute, _ id: String, _ defined: MetadataAttribute) {
            var attribute = usage
            attribute.id = id
            attribute.concept = defined.concept ?? usage.concept
            attribute.representation = defined.representation ?? usage.representation
            // How often a value may occur stands at the attribute, not in its representation.
            if let most = defined.occursMax {
                attribute.representation = attribute.representation ?? Representation()
                attribute.representation?.occursMax = most
            }
            if defined.isPresentational != true { all.append(attribute) }
            for child in defined.children { add(usage, id + "." + child.id, child) }
        }
        for attribute in structure.attributes {
            if attribute.isMetadata, let defined = metadata.attribute(attribute.id) {
                add(attribute, attribute.id, defined)
            } else {
                all.append(attribute)
            }
        }
        return all
    }

    /// The column of a component id.
    public func index(of id: String) -> Int? { positions[id] }

    /// The dimensions that form the series key: all but time (or all, where there is no time dimension).
    public var seriesDimensions: Range<Int> { dimensions.lowerBound..<(timeDimension ?? dimensions.upperBound) }

    /// Columns whose value belongs to the whole series (attributes attached to exactly the series dimensions).
    public func isSeriesAttribute(_ column: Int) -> Bool {
        guard case .attribute(.dimensions(let ids)) = components[column].role else { return false }
        return Set(ids) == Set(components[seriesDimensions].map(\.id))
    }

    /// Columns whose value belongs to part of the key: a group or fewer dimensions than the series.
    public func groupDimensions(of column: Int) -> [String]? {
        switch components[column].role {
        case .attribute(.group(let id)): structure.groups.first { $0.id == id }?.dimensions
        case .attribute(.dimensions(let ids)): isSeriesAttribute(column) ? nil : ids
        default: nil
        }
    }
}
