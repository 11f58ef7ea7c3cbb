/// The structures at hand: what one or several structure messages defined, resolvable by reference.
///
/// Each artefact is there once; `add` tells when another one of the same name says something else.
public struct StructureSet: Hashable, Sendable {
    /// What became of an artefact that was added.
    public enum Addition: Hashable, Sendable {
        case added
        /// It was there already and says the same.
        case same
        /// Another artefact of the same class, agency, id and version says something else; that one was kept.
        case conflict(ArtefactReference)
    }

    private(set) var codelistTable = ArtefactTable<Codelist>()
    private(set) var valueListTable = ArtefactTable<ValueList>()
    private(set) var conceptSchemeTable = ArtefactTable<ConceptScheme>()
    private(set) var categorySchemeTable = ArtefactTable<CategoryScheme>()
    private(set) var categorisationTable = ArtefactTable<Categorisation>()
    private(set) var organisationSchemeTable = ArtefactTable<OrganisationScheme>()
    private(set) var dataStructureTable = ArtefactTable<DataStructure>()
    private(set) var metadataStructureTable = ArtefactTable<MetadataStructure>()
    private(set) var dataflowTable = ArtefactTable<Dataflow>()
    private(set) var metadataflowTable = ArtefactTable<Metadataflow>()
    private(set) var provisionAgreementTable = ArtefactTable<ProvisionAgreement>()
    private(set) var constraintTable = ArtefactTable<DataConstraint>()
    private(set) var hierarchyTable = ArtefactTable<Hierarchy>()
    private(set) var hierarchicalCodelistTable = ArtefactTable<HierarchicalCodelist>()
    private(set) var hierarchyAssociationTable = ArtefactTable<HierarchyAssociation>()
    private(set) var structureMapTable = ArtefactTable<StructureMap>()
    private(set) var representationMapTable = ArtefactTable<RepresentationMap>()
    private(set) var itemSchemeMapTable = ArtefactTable<ItemSchemeMap>()
    /// What is kept without being interpreted, in the order it came.
    public private(set) var others: [OtherArtefact] = []
    /// Where artefacts came from, as told to `merge`; no part of what two sets are compared by.
    var origins: [ArtefactReference: String] = [:]
    private var otherPositions: [ArtefactReference: Int] = [:]

    public init() {}

    public var codelists: [Codelist] { codelistTable.all }
    public var valueLists: [ValueList] { valueListTable.all }
    public var conceptSchemes: [ConceptScheme] { conceptSchemeTable.all }
    public var categorySchemes: [CategoryScheme] { categorySchemeTable.all }
    public var categorisations: [Categorisation] { categorisationTable.all }
    public var organisationSchemes: [OrganisationScheme] { organisationSchemeTable.all }
    public var dataStructures: [DataStructure] { dataStructureTable.all }
    public var metadataStructures: [MetadataStructure] { metadataStructureTable.all }
    public var dataflows: [Dataflow] { dataflowTable.all }
    public var metadataflows: [Metadataflow] { metadataflowTable.all }
    public var provisionAgreements: [ProvisionAgreement] { provisionAgreementTable.all }
    public var constraints: [DataConstraint] { constraintTable.all }
    public var hierarchies: [Hierarchy] { hierarchyTable.all }
    public var hierarchicalCodelists: [HierarchicalCodelist] { hierarchicalCodelistTable.all }
    public var hierarchyAssociations: [HierarchyAssociation] { hierarchyAssociationTable.all }
    public var structureMaps: [StructureMap] { structureMapTable.all }
    public var representationMaps: [RepresentationMap] { representationMapTable.all }
    public var itemSchemeMaps: [ItemSchemeMap] { itemSchemeMapTable.all }

    @discardableResult public mutating func add(_ list: Codelist) -> Addition { codelistTable.add(list) }
    @discardableResult public mutating func add(_ list: ValueList) -> Addition { valueListTable.add(list) }
    @discardableResult public mutating func add(_ scheme: ConceptScheme) -> Addition { conceptSchemeTable.add(scheme) }
    @discardableResult public mutating func add(_ scheme: CategoryScheme) -> Addition { categorySchemeTable.add(scheme) }
    @discardableResult public mutating func add(_ categorisation: Categorisation) -> Addition { categorisationTable.add(categorisation) }
    @discardableResult public mutating func add(_ scheme: OrganisationScheme) -> Addition { organisationSchemeTable.add(scheme) }
    @discardableResult public mutating func add(_ structure: DataStructure) -> Addition { dataStructureTable.add(structure) }
    @discardableResult public mutating func add(_ structure: MetadataStructure) -> Addition { metadataStructureTable.add(structure) }
    @discardableResult public mutating func add(_ flow: Dataflow) -> Addition { dataflowTable.add(flow) }
    @discardableResult public mutating func add(_ flow: Metadataflow) -> Addition { metadataflowTable.add(flow) }
    @discardableResult public mutating func add(_ agreement: ProvisionAgreement) -> Addition { provisionAgreementTable.add(agreement) }
    @discardableResult public mutating func add(_ constraint: DataConstraint) -> Addition { constraintTable.add(constraint) }
    @discardableResult public mutating func add(_ hierarchy: Hierarchy) -> Addition { hierarchyTable.add(hierarchy) }
    @discardableResult public mutating func add(_ list: HierarchicalCodelist) -> Addition { hierarchicalCodelistTable.add(list) }
    @discardableResult public mutating func add(_ association: HierarchyAssociation) -> Addition { hierarchyAssociationTable.add(association) }
    @discardableResult public mutating func add(_ map: StructureMap) -> Addition { structureMapTable.add(map) }
    @discardableResult public mutating func add(_ map: RepresentationMap) -> Addition { representationMapTable.add(map) }
    @discardableResult public mutating func add(_ map: ItemSchemeMap) -> Addition { itemSchemeMapTable.add(map) }
    @discardableResult public mutating func add(_ other: OtherArtefact) -> Addition {
        if let reference = other.reference {
            if let position = otherPositions[reference] { return others[position] == other ? .same : .conflict(reference) }
            otherPositions[reference] = others.count
        }
        others.append(other)
        return .added
    }

    public static func == (left: StructureSet, right: StructureSet) -> Bool {
        left.codelistTable == right.codelistTable && left.valueListTable == right.valueListTable && left.conceptSchemeTable == right.conceptSchemeTable
            && left.categorySchemeTable == right.categorySchemeTable && left.categorisationTable == right.categorisationTable
            && left.organisationSchemeTable == right.organisationSchemeTable && left.dataStructureTable == right.dataStructureTable
            && left.metadataStructureTable == right.metadataStructureTable && left.dataflowTable == right.dataflowTable
            && left.metadataflowTable == right.metadataflowTable && left.provisionAgreementTable == right.provisionAgreementTable
            && left.constraintTable == right.constraintTable && left.hierarchyTable == right.hierarchyTable
            && left.hierarchicalCodelistTable == right.hierarchicalCodelistTable && left.hierarchyAssociationTable == right.hierarchyAssociationTable
            && left.structureMapTable == right.structureMapTable && left.representationMapTable == right.representationMapTable
            && left.itemSchemeMapTable == right.itemSchemeMapTable && left.others == right.others
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(codelistTable)
        hasher.combine(dataStructureTable)
        hasher.combine(dataflowTable)
        hasher.combine(others.count)
    }

    public var isEmpty: Bool { count == 0 }

    /// How many artefacts there are.
    public var count: Int {
        let lists = codelists.count + valueLists.count + conceptSchemes.count + categorySchemes.count + categorisations.count + organisationSchemes.count
        let structures = dataStructures.count + metadataStructures.count + dataflows.count + metadataflows.count + provisionAgreements.count
        let rest = constraints.count + hierarchies.count + hierarchicalCodelists.count + hierarchyAssociations.count
        return lists + structures + rest + structureMaps.count + representationMaps.count + itemSchemeMaps.count + others.count
    }
}
