import SluiceKit

/// Each class of artefact, its elements in the order of the schemas.
extension StructureWriter {
    func write(_ flow: Dataflow) throws(WriteError) {
        try writer.write("<str:Dataflow")
        try write(identity: flow.identity, .dataflow)
        try writer.write(">\n")
        try write(names: flow.identity.names, flow.identity.descriptions, otherwise: flow.identity.id)
        if let structure = flow.structure {
            try writer.write("<str:Structure>")
            try write(reference: structure)
            try writer.write("</str:Structure>\n")
        }
        try writer.write("</str:Dataflow>\n")
    }

    func write(_ list: Codelist) throws(WriteError) {
        try writer.write("<str:Codelist")
        try write(identity: list.identity, .codelist)
        if list.isPartial { try writer.write(" isPartial=\"true\"") }
        try writer.write(">\n")
        try write(names: list.identity.names, list.identity.descriptions, otherwise: list.identity.id)
        for code in list.codes {
            try writer.write("<str:Code")
            try writer.write(attribute: "id", code.id)
            try writer.write(">\n")
            try write(names: code.names, code.descriptions, otherwise: code.id)
            try write(parent: code.parent)
            try writer.write("</str:Code>\n")
        }
        try writer.write("</str:Codelist>\n")
    }

    func write(_ scheme: ConceptScheme) throws(WriteError) {
        try writer.write("<str:ConceptScheme")
        try write(identity: scheme.identity, .conceptScheme)
        if scheme.isPartial { try writer.write(" isPartial=\"true\"") }
        try writer.write(">\n")
        try write(names: scheme.identity.names, scheme.identity.descriptions, otherwise: scheme.identity.id)
        for concept in scheme.concepts {
            try writer.write("<str:Concept")
            try writer.write(attribute: "id", concept.id)
            try writer.write(">\n")
            try write(names: concept.names, concept.descriptions, otherwise: concept.id)
            try write(parent: concept.parent)
            if let representation = concept.coreRepresentation {
                try writer.write("<str:CoreRepresentation>")
                try write(representation: representation, in: .concept, of: "the concept \(concept.id)")
                try writer.write("</str:CoreRepresentation>\n")
            }
            try writer.write("</str:Concept>\n")
        }
        try writer.write("</str:ConceptScheme>\n")
    }

    private func write(parent: String?) throws(WriteError) {
        guard let parent else { return }
        try writer.write("<str:Parent><Ref")
        try writer.write(attribute: "id", parent)
        try writer.write("/></str:Parent>\n")
    }

    func write(_ constraint: DataConstraint) throws(WriteError) {
        try writer.write("<str:ContentConstraint")
        try write(identity: constraint.identity, .contentConstraint)
        try writer.write(attribute: "type", constraint.role == .allowed ? "Allowed" : "Actual")
        try writer.write(">\n")
        try write(names: constraint.identity.names, constraint.identity.descriptions, otherwise: constraint.identity.id)
        try write(attachments: constraint)
        for set in constraint.keySets { try write(set) }
        let attributes = attributeIDs(constraint)
        for region in constraint.cubeRegions { try write(region, attributes) }
        try writer.write("</str:ContentConstraint>\n")
    }

    private func write(attachments constraint: DataConstraint) throws(WriteError) {
        guard let first = constraint.attachments.first else { return }
        guard constraint.attachments.allSatisfy({ $0.artefactClass == first.artefactClass }) else {
            throw WriteError(
                .unsupported,
                detail: "the constraint \(constraint.reference) is attached to artefacts of several classes; SDMX-ML 2.1 allows one, so split the constraint")
        }
        let (start, end): (StaticString, StaticString)
        switch first.artefactClass {
        case .dataStructure: (start, end) = ("<str:DataStructure>", "</str:DataStructure>")
        case .dataflow: (start, end) = ("<str:Dataflow>", "</str:Dataflow>")
        case .provisionAgreement: (start, end) = ("<str:ProvisionAgreement>", "</str:ProvisionAgreement>")
        default:
            throw WriteError(
                .unsupported,
                detail:
                    "the constraint \(constraint.reference) is attached to a \(first.artefactClass.rawValue), to which SDMX-ML 2.1 does not attach constraints")
        }
        try writer.write("<str:ConstraintAttachment>")
        for attachment in constraint.attachments {
            try writer.write(start)
            try write(reference: attachment)
            try writer.write(end)
        }
        try writer.write("</str:ConstraintAttachment>\n")
    }

    /// The ids of attributes of the constrained structures, as far as these are at hand: a region names attributes and dimensions apart.
    private func attributeIDs(_ constraint: DataConstraint) -> Set<String> {
        var ids: Set<String> = []
        for attachment in constraint.attachments {
            let structure = attachment.artefactClass == .dataflow ? structures.dataflow(attachment)?.structure : attachment
            if let structure, structure.artefactClass == .dataStructure { ids.formUnion(structures.dataStructure(structure)?.attributes.map(\.id) ?? []) }
        }
        return ids
    }

    private func write(_ set: KeySet) throws(WriteError) {
        try writer.write("<str:DataKeySet")
        try writer.write(attribute: "isIncluded", set.isIncluded ? "true" : "false")
        try writer.write(">\n")
        for key in set.keys {
            try writer.write("<str:Key>")
            for (id, value) in key.sorted(by: { $0.key < $1.key }) {
                try writer.write("<com:KeyValue")
                try writer.write(attribute: "id", id)
                try writer.write("><com:Value>")
                try writer.write(escaped: value)
                try writer.write("</com:Value></com:KeyValue>")
            }
            try writer.write("</str:Key>\n")
        }
        try writer.write("</str:DataKeySet>\n")
    }

    private func write(_ region: CubeRegion, _ attributes: Set<String>) throws(WriteError) {
        try writer.write("<str:CubeRegion")
        try writer.write(attribute: "include", region.isIncluded ? "true" : "false")
        try writer.write(">\n")
        // Only an attribute may be named without a value (`common:AttributeValueSetType`), and attributes come last.
        func isAttribute(_ selection: ComponentSelection) -> Bool {
            attributes.contains(selection.component) || selection.values.isEmpty && selection.timeRange == nil
        }
        for selection in region.selections where !isAttribute(selection) { try write(selection, "<com:KeyValue", "</com:KeyValue>\n") }
        for selection in region.selections where isAttribute(selection) { try write(selection, "<com:Attribute", "</com:Attribute>\n") }
        try writer.write("</str:CubeRegion>\n")
    }

    private func write(_ selection: ComponentSelection, _ start: StaticString, _ end: StaticString) throws(WriteError) {
        try writer.write(start)
        try writer.write(attribute: "id", selection.component)
        try writer.write(attribute: "include", selection.isIncluded ? "true" : "false")
        try writer.write(">")
        if let range = selection.timeRange {
            try writer.write("<com:TimeRange>")
            switch (range.start, range.end) {
            case (let start?, let end?):
                try write("<com:StartPeriod", start, range.startIsInclusive, "</com:StartPeriod>")
                try write("<com:EndPeriod", end, range.endIsInclusive, "</com:EndPeriod>")
            case (let start?, nil): try write("<com:AfterPeriod", start, range.startIsInclusive, "</com:AfterPeriod>")
            case (nil, let end?): try write("<com:BeforePeriod", end, range.endIsInclusive, "</com:BeforePeriod>")
            case (nil, nil): throw WriteError(.unsupported, detail: "a time range of \(selection.component) has neither start nor end")
            }
            try writer.write("</com:TimeRange>")
        } else {
            for value in selection.values {
                try writer.write("<com:Value")
                if value.cascades { try writer.write(" cascadeValues=\"true\"") }
                try writer.write(">")
                try writer.write(escaped: value.id)
                try writer.write("</com:Value>")
            }
        }
        try writer.write(end)
    }

    private func write(_ start: StaticString, _ period: String, _ isInclusive: Bool, _ end: StaticString) throws(WriteError) {
        try writer.write(start)
        try writer.write(attribute: "isInclusive", isInclusive ? "true" : "false")
        try writer.write(">")
        try writer.write(escaped: period)
        try writer.write(end)
    }
}
