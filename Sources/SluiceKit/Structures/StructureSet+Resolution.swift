extension StructureSet {
    public func codelist(_ reference: ArtefactReference) -> Codelist? { codelistTable.best(reference) }
    public func valueList(_ reference: ArtefactReference) -> ValueList? { valueListTable.best(reference) }
    public func conceptScheme(_ reference: ArtefactReference) -> ConceptScheme? { conceptSchemeTable.best(reference) }
    public func categoryScheme(_ reference: ArtefactReference) -> CategoryScheme? { categorySchemeTable.best(reference) }
    public func organisationScheme(_ reference: ArtefactReference) -> OrganisationScheme? { organisationSchemeTable.best(reference) }
    public func dataStructure(_ reference: ArtefactReference) -> DataStructure? { dataStructureTable.best(reference) }
    /// The data structure that a dataflow leads to, where both are at hand.
    public func dataStructure(ofFlow reference: ArtefactReference) -> DataStructure? { dataflow(reference)?.structure.flatMap { dataStructure($0) } }
    public func metadataStructure(_ reference: ArtefactReference) -> MetadataStructure? { metadataStructureTable.best(reference) }
    public func dataflow(_ reference: ArtefactReference) -> Dataflow? { dataflowTable.best(reference) }
    public func metadataflow(_ reference: ArtefactReference) -> Metadataflow? { metadataflowTable.best(reference) }
    public func provisionAgreement(_ reference: ArtefactReference) -> ProvisionAgreement? { provisionAgreementTable.best(reference) }
    public func hierarchy(_ reference: ArtefactReference) -> Hierarchy? { hierarchyTable.best(reference) }
    public func representationMap(_ reference: ArtefactReference) -> RepresentationMap? { representationMapTable.best(reference) }
    public func structureMap(_ reference: ArtefactReference) -> StructureMap? { structureMapTable.best(reference) }

    public func concept(_ reference: ConceptReference) -> Concept? {
        conceptScheme(reference.scheme)?.concepts.first { $0.id == reference.id }
    }

    /// The identity of whatever artefact a reference means, the best version of it.
    public func identity(of reference: ArtefactReference) -> ArtefactIdentity? {
        switch reference.artefactClass {
        case .codelist: codelistTable.best(reference)?.identity
        case .valueList: valueListTable.best(reference)?.identity
        case .conceptScheme: conceptSchemeTable.best(reference)?.identity
        case .categoryScheme: categorySchemeTable.best(reference)?.identity
        case .categorisation: categorisationTable.best(reference)?.identity
        case .agencyScheme, .dataProviderScheme, .dataConsumerScheme, .metadataProviderScheme, .organisationUnitScheme:
            organisationSchemeTable.best(reference)?.identity
        case .dataStructure: dataStructureTable.best(reference)?.identity
        case .metadataStructure: metadataStructureTable.best(reference)?.identity
        case .dataflow: dataflowTable.best(reference)?.identity
        case .metadataflow: metadataflowTable.best(reference)?.identity
        case .provisionAgreement, .metadataProvisionAgreement: provisionAgreementTable.best(reference)?.identity
        case .dataConstraint: constraintTable.best(reference)?.identity
        case .hierarchy: hierarchyTable.best(reference)?.identity
        case .hierarchicalCodelist: hierarchicalCodelistTable.best(reference)?.identity
        case .hierarchyAssociation: hierarchyAssociationTable.best(reference)?.identity
        case .structureMap: structureMapTable.best(reference)?.identity
        case .representationMap: representationMapTable.best(reference)?.identity
        case .conceptSchemeMap, .categorySchemeMap, .organisationSchemeMap, .reportingTaxonomyMap: itemSchemeMapTable.best(reference)?.identity
        default: others.first { $0.reference.map(reference.accepts) ?? false }?.identity
        }
    }

    /// The values that an enumeration allows, as a code list: a code list with what it takes in from others, or a value list's values as codes.
    public func enumeration(_ reference: ArtefactReference) -> Codelist? {
        if let list = codelist(reference) { return resolved(list) }
        if let values = valueList(reference) { return Codelist(identity: values.identity, codes: values.items) }
        // SDMX 2.1 enumerates a measure dimension by the concepts of a scheme.
        if reference.artefactClass == .conceptScheme, let scheme = conceptScheme(reference) {
            let codes = scheme.concepts.map { Code(id: $0.id, parent: $0.parent, names: $0.names, descriptions: $0.descriptions) }
            return Codelist(identity: scheme.identity, codes: codes, isPartial: scheme.isPartial)
        }
        return nil
    }

    /// The constraints of role `allowed` that apply to data of this structure or flow.
    public func constraints(on structure: DataStructure, flow: ArtefactReference?) -> [DataConstraint] {
        // A flow asked for by wildcard is the flow that this means here.
        let flow = flow.map { dataflow($0)?.reference ?? $0 }
        return constraints.filter { constraint in
            constraint.role == .allowed && constraint.attachments.contains { $0.accepts(structure.reference) || (flow.map($0.accepts) ?? false) }
        }
    }
}
