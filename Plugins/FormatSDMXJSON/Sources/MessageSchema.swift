import SluiceKit

/// A data structure made of what a message says of its components, for messages whose structure is not at hand.
///
/// Dimensions, measures and attributes with their names, relationships and formats, and code lists of the codes that the message lists. What a message
/// does not use it does not list, so such code lists are partial and nothing is known to be mandatory beyond what the message calls so.
enum MessageSchema {
    /// - Parameter structures: all elements of the message that describe the same structure; a message may list different components in each.
    static func make(_ structures: [MessageStructure], _ reference: ArtefactReference?, flow: ArtefactReference?) -> DatasetSchema {
        let named = structures.lazy.flatMap(\.references).first { $0.artefactClass == .dataStructure }
        let identity = ArtefactIdentity(
            agency: (named ?? reference).flatMap { $0.agency.isEmpty ? nil : $0.agency } ?? "MESSAGE", id: (named ?? reference)?.id ?? "STRUCTURE",
            version: (named ?? reference)?.version ?? "1.0",
            names: structures.first?.names ?? LocalisedText())
        var set = StructureSet()
        var concepts = ConceptScheme(identity: ArtefactIdentity(agency: identity.agency, id: identity.id + "_CONCEPTS", version: identity.version))
        var structure = DataStructure(identity: identity)
        let dimensions = inKeyOrder(merged(structures.map(\.dimensions)))
        let time = dimensions.first { $0.id == "TIME_PERIOD" } ?? dimensions.first(where: \.hasTimeRole)
        let measures = merged(structures.map { $0.measures ?? [MessageComponent(id: ImpliedMeasure.idDefault, level: .observation)] })
        let attributes = merged(structures.map(\.attributes))
        func concept(_ component: MessageComponent) -> ConceptReference? {
            guard !component.names.isEmpty else { return nil }
            concepts.concepts.append(Concept(id: component.id, names: component.names))
            return ConceptReference(scheme: concepts.reference, id: component.id)
        }
        func representation(_ component: MessageComponent) -> Representation {
            var representation = component.representation
            guard let values = component.values, !values.codes.isEmpty, component.id != time?.id else { return representation }
            var codelist = Codelist(
                identity: ArtefactIdentity(agency: identity.agency, id: "CL_" + component.id, version: identity.version), isPartial: true)
            for (index, names) in values.codes.sorted(by: { $0.key < $1.key }) { codelist.append(Code(id: values.text(index), names: names)) }
            set.add(codelist)
            representation.enumeration = codelist.reference
            return representation
        }
        for dimension in dimensions.filter({ $0.id != time?.id }) + (time.map { [$0] } ?? []) {
            let kind: Dimension.Kind = dimension.id == time?.id ? .time : .regular
            structure.dimensions.append(Dimension(id: dimension.id, kind: kind, concept: concept(dimension), representation: representation(dimension)))
        }
        for measure in measures {
            structure.measures.append(
                Measure(id: measure.id, concept: concept(measure), representation: representation(measure), isMandatory: measure.isMandatory))
        }
        let series = structure.dimensions.filter { $0.kind != .time }.map(\.id)
        for attribute in attributes {
            let atSeries = dimensions.filter { $0.level.rawValue <= MessageComponent.Level.series.rawValue }.map(\.id)
            var relationship = attribute.relationship ?? implied(attribute.level, atSeries)
            // All dimensions but time are a series, in whatever order they were named.
            if case .dimensions(let ids) = relationship, Set(ids) == Set(series) { relationship = .dimensions(series) }
            structure.attributes.append(
                Attribute(
                    id: attribute.id, concept: concept(attribute), representation: representation(attribute), isMandatory: attribute.isMandatory,
                    relationship: relationship))
        }
        set.add(concepts)
        set.add(structure)
        return DatasetSchema(structure, in: set, flow: flow)
    }

    /// Where a message says nothing of what an attribute depends on, it depends on what its level has.
    private static func implied(_ level: MessageComponent.Level, _ atSeries: [String]) -> AttributeRelationship {
        switch level {
        case .dataSet: .dataset
        case .series, .dimensionGroup: atSeries.isEmpty ? .observation : .dimensions(atSeries)
        case .observation: .observation
        }
    }

    /// The components of several lists, each once.
    private static func merged(_ lists: [[MessageComponent]]) -> [MessageComponent] {
        var merged: [MessageComponent] = []
        var positions: [String: Int] = [:]
        for component in lists.joined() {
            guard let position = positions[component.id] else {
                positions[component.id] = merged.count
                merged.append(component)
                continue
            }
            if merged[position].values?.codes.isEmpty ?? true { merged[position].values = component.values }
        }
        return merged
    }

    /// By `keyPosition`, which is the position in the data structure; those without one, as time before 1.0, behind.
    private static func inKeyOrder(_ dimensions: [MessageComponent]) -> [MessageComponent] {
        dimensions.enumerated().sorted { ($0.element.keyPosition ?? .max, $0.offset) < ($1.element.keyPosition ?? .max, $1.offset) }.map(\.element)
    }
}

extension FindingCode {
    /// A message was read with a structure made of its own words.
    static let structureFromMessage = FindingCode(rawValue: "structure.from-message")
}
