/// A reference whose target is not at hand, or is only announced.
public struct UnresolvedReference: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case missing
        /// The artefact is there, the item in it is not.
        case itemMissing
        /// Only a stub is there (`isExternalReference`); its address, where it gives one.
        case external(String?)
    }
    public var source: ArtefactReference
    public var target: ObjectReference
    /// What in the source refers to it: `the dimension FREQ`.
    public var part: String
    public var reason: Reason
}

extension StructureSet {
    /// The references that lead nowhere, each once per source and part, in the order of the artefacts. Items of partial schemes are not missed.
    public func unresolvedReferences() -> [UnresolvedReference] {
        var unresolved: [UnresolvedReference] = []
        var seen: Set<UnresolvedReference> = []
        var items = ItemLookup(structures: self)
        eachReference { source, target, part in
            guard let reason = items.fault(of: target) else { return }
            let found = UnresolvedReference(source: source, target: target, part: part, reason: reason)
            if seen.insert(found).inserted { unresolved.append(found) }
        }
        return unresolved
    }

    /// Names each unresolved reference in a warning, and code lists that take in themselves in an error.
    public func reportUnresolvedReferences(to findings: any FindingSink) {
        for list in extensionCycles() {
            findings.add(
                Finding(
                    .extensionCycle, component: "Codelist \(list)", offendingText: list.description,
                    message: "The code list \(list) takes in itself by way of its extensions; its codes end where the circle closes.",
                    advice: "Remove one of the extensions."))
        }
        for reference in unresolvedReferences() {
            let source = "\(reference.source.artefactClass.rawValue) \(reference.source)"
            let target = "\(reference.target.itemClass ?? reference.target.artefact.artefactClass.rawValue) \(reference.target)"
            let (message, advice): (String, String) =
                switch reference.reason {
                case .missing: ("is not among the structures", "Give the structure message that defines it.")
                case .itemMissing: ("is not in its scheme", "Correct the id, or give the version of the scheme that has it.")
                case .external(let address):
                    ("is only announced, not given", "Fetch it\(address.map { " from \($0)" } ?? "") and give it together with the other structures.")
                }
            findings.add(
                Finding(
                    .referenceUnresolved, severity: .warning, component: source, offendingText: reference.target.description,
                    message: "The \(target) to which \(reference.part) of the \(source) refers \(message).", advice: advice))
        }
    }

    /// Calls `body` with every reference of every artefact: from where, to what, and which part refers.
    public func eachReference(_ body: (ArtefactReference, ObjectReference, String) -> Void) {
        func whole(_ source: ArtefactReference, _ target: ArtefactReference?, _ part: String) {
            if let target { body(source, ObjectReference(target), part) }
        }
        func concept(_ source: ArtefactReference, _ target: ConceptReference?, _ part: String) {
            if let target { body(source, ObjectReference(target.scheme, item: target.id), part) }
        }
        func component(
            _ source: ArtefactReference, _ id: String, _ kind: String, _ identity: ConceptReference?, _ roles: [ConceptReference], _ own: Representation?
        ) {
            concept(source, identity, "the \(kind) \(id)")
            for role in roles { concept(source, role, "a role of the \(kind) \(id)") }
            whole(source, own?.enumeration, "the \(kind) \(id)")
        }
        for list in codelists {
            for part in list.extensions { whole(list.reference, part.codelist, "an extension") }
        }
        for scheme in conceptSchemes {
            for item in scheme.concepts { whole(scheme.reference, item.coreRepresentation?.enumeration, "the concept \(item.id)") }
        }
        for structure in dataStructures {
            let source = structure.reference
            for dimension in structure.dimensions {
                component(source, dimension.id, "dimension", dimension.concept, dimension.roles, dimension.representation)
            }
            for measure in structure.measures { component(source, measure.id, "measure", measure.concept, measure.roles, measure.representation) }
            for attribute in structure.attributes {
                component(source, attribute.id, "attribute", attribute.concept, attribute.roles, attribute.representation)
                if attribute.isMetadata, let metadata = structure.metadata {
                    body(source, ObjectReference(metadata, item: attribute.id), "the metadata attribute \(attribute.id)")
                }
            }
            for group in structure.groups { whole(source, group.attachmentConstraint, "the group \(group.id)") }
            whole(source, structure.metadata, "the metadata structure")
        }
        for structure in metadataStructures {
            func walk(_ attributes: [MetadataAttribute]) {
                for attribute in attributes {
                    component(structure.reference, attribute.id, "attribute", attribute.concept, [], attribute.representation)
                    walk(attribute.children)
                }
            }
            walk(structure.attributes)
            for report in structure.reports { walk(report.attributes) }
        }
        for flow in dataflows { whole(flow.reference, flow.structure, "the structure") }
        for flow in metadataflows { whole(flow.reference, flow.structure, "the structure") }
        for agreement in provisionAgreements {
            whole(agreement.reference, agreement.flow, "the flow")
            if let provider = agreement.provider { body(agreement.reference, provider, "the provider") }
        }
        for constraint in constraints {
            for attachment in constraint.attachments { whole(constraint.reference, attachment, "the attachment") }
            if let provider = constraint.providerAttachment { body(constraint.reference, provider, "the attachment") }
        }
        for categorisation in categorisations {
            if let source = categorisation.source { body(categorisation.reference, source, "the source") }
            if let target = categorisation.target { body(categorisation.reference, target, "the target") }
        }
        eachHierarchyReference(body)
        for map in structureMaps {
            whole(map.reference, map.source, "the source")
            whole(map.reference, map.target, "the target")
            for part in map.componentMaps { whole(map.reference, part.representationMap, "the map of \(part.sources.joined(separator: ", "))") }
        }
        for map in representationMaps {
            for side in map.sources + map.targets { if case .list(let list) = side { whole(map.reference, list, "a source or target") } }
        }
        for map in itemSchemeMaps {
            whole(map.reference, map.source, "the source")
            whole(map.reference, map.target, "the target")
        }
    }

    private func eachHierarchyReference(_ body: (ArtefactReference, ObjectReference, String) -> Void) {
        func walk(_ source: ArtefactReference, _ codes: [HierarchicalCode]) {
            for code in codes {
                if let target = code.code { body(source, target, "the code \(code.id)") }
                walk(source, code.children)
            }
        }
        for hierarchy in hierarchies { walk(hierarchy.reference, hierarchy.tree.codes) }
        for list in hierarchicalCodelists {
            for inclusion in list.inclusions { body(list.reference, ObjectReference(inclusion.codelist), "the included list") }
            for member in list.members { walk(list.reference, member.tree.codes) }
        }
        for association in hierarchyAssociations {
            if let hierarchy = association.hierarchy { body(association.reference, ObjectReference(hierarchy), "the hierarchy") }
            if let object = association.object { body(association.reference, object, "the object") }
            if let context = association.context { body(association.reference, context, "the context") }
        }
    }
}

/// Looks items up, each scheme indexed once.
private struct ItemLookup {
    let structures: StructureSet
    private var known: [ArtefactReference: Set<String>?] = [:]

    init(structures: StructureSet) { self.structures = structures }

    mutating func fault(of target: ObjectReference) -> UnresolvedReference.Reason? {
        guard let identity = structures.identity(of: target.artefact) else {
            // A place that implies a code list may mean a value list or a geographic one.
            return structures.enumeration(target.artefact) == nil ? .missing : nil
        }
        if identity.isStub { return .external(identity.structureURL ?? identity.serviceURL) }
        guard let item = target.item, let ids = ids(target.artefact), !ids.contains(item) else { return nil }
        return .itemMissing
    }

    /// The ids of a scheme's items; nil where not all of them are at hand, or where items are not looked up.
    private mutating func ids(_ scheme: ArtefactReference) -> Set<String>? {
        if let found = known[scheme] { return found }
        let found = collect(scheme)
        known[scheme] = .some(found)
        return found
    }

    private func collect(_ scheme: ArtefactReference) -> Set<String>? {
        switch scheme.artefactClass {
        case .conceptScheme:
            guard let scheme = structures.conceptScheme(scheme), !scheme.isPartial else { return nil }
            return Set(scheme.concepts.map(\.id))
        case .codelist:
            guard let list = structures.enumeration(scheme), !list.isPartial else { return nil }
            return Set(list.codes.map(\.id))
        case .categoryScheme:
            guard let scheme = structures.categoryScheme(scheme), !scheme.isPartial else { return nil }
            var ids: Set<String> = []
            func walk(_ categories: [Category], _ path: String) {
                for category in categories {
                    ids.insert(path + category.id)
                    walk(category.children, path + category.id + ".")
                }
            }
            walk(scheme.categories, "")
            return ids
        case .agencyScheme, .dataProviderScheme, .dataConsumerScheme, .metadataProviderScheme, .organisationUnitScheme:
            guard let scheme = structures.organisationScheme(scheme), !scheme.isPartial else { return nil }
            return Set(scheme.organisations.map(\.id))
        default: return nil
        }
    }
}
