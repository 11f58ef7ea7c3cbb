import SluiceKit

extension StructureMessageWriter {
    /// A URN as the schema's reference types ask for it, by class, agency, id and version.
    func urn(_ reference: ArtefactReference, _ role: String, _ allowed: ArtefactClass...) throws(Unwritable) -> String {
        guard allowed.contains(reference.artefactClass) else {
            throw Unwritable("its \(role), \(reference.artefactClass.rawValue) \(reference), is of a class that has no place there")
        }
        try check(reference, role)
        return reference.urn
    }

    private func check(_ reference: ArtefactReference, _ role: String) throws(Unwritable) {
        guard SchemaPattern.isNestedNCName(reference.agency), SchemaPattern.isID(reference.id) else {
            throw Unwritable("its \(role), \(reference), has no agency, or an id that the schema does not let through")
        }
        guard reference.version.map({ SchemaPattern.isVersionReference($0) }) ?? true else {
            throw Unwritable("its \(role), \(reference), asks for a version in a way that SDMX-JSON \(version.rawValue) does not know")
        }
    }

    func urn(_ concept: ConceptReference, _ role: String) throws(Unwritable) -> String {
        guard concept.scheme.artefactClass == .conceptScheme, SchemaPattern.isNestedID(concept.id) else {
            throw Unwritable("its \(role), \(concept.scheme).\(concept.id), is no concept")
        }
        try check(concept.scheme, role)
        return ObjectReference(concept.scheme, item: concept.id, itemClass: "Concept").urn
    }

    func urns(_ concepts: [ConceptReference], _ role: String) throws(Unwritable) -> [String] {
        var urns: [String] = []
        for concept in concepts { urns.append(try urn(concept, role)) }
        return unique(urns)
    }

    /// The URN of an item of one class.
    func urn(_ object: ObjectReference, _ role: String, item itemClass: String, of artefactClass: ArtefactClass) throws(Unwritable) -> String {
        guard let item = object.item, SchemaPattern.isNestedID(item), object.artefact.artefactClass == artefactClass else {
            throw Unwritable("its \(role), \(object), is no \(itemClass)")
        }
        try check(object.artefact, role)
        if OrganisationScheme.Kind(artefactClass) != nil,
            object.artefact.id != OrganisationScheme.Kind(artefactClass)?.fixedID || object.artefact.version ?? "1.0" != "1.0"
        {
            throw Unwritable("its \(role), \(object), is not in a scheme of the fixed id and version")
        }
        return ObjectReference(object.artefact, item: item, itemClass: itemClass).urn
    }

    /// The URN of any object that the schema's `urn` type lets through.
    func urn(_ object: ObjectReference, _ role: String) throws(Unwritable) -> String {
        guard let urn = linkable(object.urn) else {
            throw Unwritable("its \(role), \(object), is of a class that SDMX-JSON \(version.rawValue) has no place for")
        }
        return urn
    }

    /// The URN, if the schema's `urn` type lets it through.
    func linkable(_ urn: String) -> String? { URNPattern(urn).flatMap { $0.isReference(in: version) ? urn : nil } }
}

/// A URN taken apart, for the patterns of the schemas.
struct URNPattern {
    private let qualifiedClass: Substring
    private let agency: Substring
    private let id: Substring
    private let version: Substring
    private let items: Substring?

    init?(_ urn: String) {
        let prefix = "urn:sdmx:org.sdmx.infomodel."
        guard urn.hasPrefix(prefix), let equals = urn.firstIndex(of: "=") else { return nil }
        qualifiedClass = urn[..<equals].dropFirst(prefix.count)
        let rest = urn[urn.index(after: equals)...]
        guard let colon = rest.firstIndex(of: ":"), let open = rest[colon...].firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") else {
            return nil
        }
        agency = rest[..<colon]
        id = rest[rest.index(after: colon)..<open]
        version = rest[rest.index(after: open)..<close]
        let tail = rest[rest.index(after: close)...]
        guard tail.isEmpty || tail.first == "." else { return nil }
        items = tail.isEmpty ? nil : tail.dropFirst()
    }

    /// The type `urn` of the schemas.
    func isReference(in format: SDMXJSONStructureFormat.Version) -> Bool {
        isOf(Self.classes, format) && SchemaPattern.isNestedNCName(String(agency)) && SchemaPattern.isID(id)
            && SchemaPattern.isVersionReference(String(version)) && (items.map { SchemaPattern.isNestedID(String($0)) } ?? true)
    }

    /// The type `WildcardObjectReferenceType`, in which each part may be `*`.
    func isTarget(in format: SDMXJSONStructureFormat.Version) -> Bool {
        (qualifiedClass.hasSuffix(".Any") && Self.packages.contains(String(qualifiedClass.dropLast(4))) || isOf(Self.classes, format))
            && (agency == "*" || SchemaPattern.isNestedNCName(String(agency))) && (id == "*" || SchemaPattern.isID(id))
            && (version == "*" || SchemaPattern.isVersionReference(String(version)))
            && (items.map(Self.isItemPattern) ?? true)
    }

    /// Ids or one `*`, then ids or one `*`.
    private static func isItemPattern(_ items: Substring) -> Bool {
        let parts = items.split(separator: ".", omittingEmptySubsequences: false)
        func isHalf(_ half: ArraySlice<Substring>) -> Bool { half.elementsEqual(["*"]) || half.allSatisfy { SchemaPattern.isID($0) } }
        let stars = parts.indices.filter { parts[$0] == "*" }
        guard let first = stars.first else { return isHalf(parts[...]) }
        return isHalf(parts[...first]) && isHalf(parts[(first + 1)...]) || isHalf(parts[..<first]) && isHalf(parts[first...])
    }

    private func isOf(_ classes: Set<String>, _ format: SDMXJSONStructureFormat.Version) -> Bool {
        switch qualifiedClass {
        // 2.0 spells it `Valuelist`, which no reference of 2.0 agrees with.
        case "codelist.ValueList", "registry.AvailabilityConstraint": format == .v21
        default: classes.contains(String(qualifiedClass))
        }
    }

    private static let packages: Set<String> = [
        "base", "codelist", "conceptscheme", "datastructure", "categoryscheme", "registry", "metadatastructure", "process", "structuremapping",
        "transformation",
    ]

    private static let classes: Set<String> = [
        "base.Agency", "base.OrganisationUnitScheme", "base.AgencyScheme", "base.DataProviderScheme", "base.MetadataProviderScheme",
        "base.DataConsumerScheme", "base.OrganisationUnit", "base.DataProvider", "base.MetadataProvider", "base.DataConsumer", "codelist.Codelist",
        "codelist.Hierarchy", "codelist.HierarchyAssociation", "codelist.Code", "codelist.HierarchicalCode", "codelist.Level",
        "conceptscheme.ConceptScheme", "conceptscheme.Concept", "datastructure.DataStructure", "datastructure.AttributeDescriptor",
        "datastructure.DataAttribute", "datastructure.GroupDimensionDescriptor", "datastructure.DimensionDescriptor", "datastructure.Dimension",
        "datastructure.TimeDimension", "datastructure.MeasureDescriptor", "datastructure.Measure", "datastructure.Dataflow",
        "categoryscheme.CategoryScheme", "categoryscheme.Category", "categoryscheme.Categorisation", "categoryscheme.ReportingTaxonomy",
        "categoryscheme.ReportingCategory", "registry.ProvisionAgreement", "registry.MetadataProvisionAgreement", "registry.DataConstraint",
        "registry.MetadataConstraint", "registry.Subscription", "metadatastructure.MetadataAttributeDescriptor", "metadatastructure.MetadataAttribute",
        "metadatastructure.MetadataStructure", "metadatastructure.Metadataflow", "process.Process", "process.ProcessStep", "process.Transition",
        "structuremapping.StructureMap", "structuremapping.ComponentMap", "structuremapping.EpochMap", "structuremapping.DatePatternMap",
        "structuremapping.ConceptSchemeMap", "structuremapping.OrganisationSchemeMap", "structuremapping.CategorySchemeMap",
        "structuremapping.ReportingTaxonomyMap", "structuremapping.RepresentationMap", "structuremapping.FrequencyFormatMapping",
        "transformation.TransformationScheme", "transformation.Transformation", "transformation.CustomTypeScheme", "transformation.CustomType",
        "transformation.NamePersonalisationScheme", "transformation.NamePersonalisation", "transformation.VtlMappingScheme",
        "transformation.VtlCodelistMapping", "transformation.VtlConceptMapping", "transformation.VtlDataflowMapping", "transformation.RulesetScheme",
        "transformation.Ruleset", "transformation.UserDefinedOperatorScheme", "transformation.UserDefinedOperator",
    ]
}
