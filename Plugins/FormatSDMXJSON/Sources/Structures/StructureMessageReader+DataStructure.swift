import SluiceKit

extension StructureMessageReader {
    func readDataStructure(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> DataStructure {
        var structure = DataStructure(identity: identity)
        structure.metadata = try object.reference("metadata")
        structure.isEvolving = try object.bool("evolvingStructure")
        if var components = try object.object("dataStructureComponents", "data structure") {
            if var list = try components.object("dimensionList", "dimension list") {
                structure.descriptorSupplements[.dimensions] = try readListSupplement(&list)
                structure.dimensions = try readDimensions(&list)
                list.finish()
            }
            for var element in try components.objects("groups", "group") {
                if let group = try readGroup(&element) { structure.groups.append(group) }
            }
            if var list = try components.object("measureList", "measure list") {
                structure.descriptorSupplements[.measures] = try readListSupplement(&list)
                // 1.0 has one measure, under a name of its own.
                if var element = try list.object("primaryMeasure", "measure"), let measure = try readMeasure(&element, fallback: "OBS_VALUE") {
                    structure.measures.append(measure)
                }
                for var element in try list.objects("measures", "measure") {
                    if let measure = try readMeasure(&element, fallback: nil) { structure.measures.append(measure) }
                }
                list.finish()
            }
            if var list = try components.object("attributeList", "attribute list") {
                structure.descriptorSupplements[.attributes] = try readListSupplement(&list)
                for name in ["attributes", "reportingYearStartDays"] {
                    for var element in try list.objects(name, "attribute") {
                        let fallback = name == "attributes" ? nil : "REPORTING_YEAR_START_DAY"
                        if let attribute = try readAttribute(&element, fallback: fallback) { structure.attributes.append(attribute) }
                    }
                }
                for var element in try list.objects("metadataAttributeUsages", "metadata attribute usage") {
                    if let attribute = try readUsage(&element) { structure.attributes.append(attribute) }
                }
                list.finish()
            }
            components.finish()
        }
        structure.reportFaults(to: findings, at: position)
        return structure
    }

    /// Of a list of components, whose id is fixed.
    func readListSupplement(_ list: inout StructureObject) throws(ReadError) -> Supplement? {
        try list.ignore("id")
        let supplement = try readSupplement(&list).supplement
        return supplement.isEmpty ? nil : supplement
    }

    // MARK: Components

    /// What every component has; nil, with a finding, where neither id nor concept is there.
    private func readComponent(_ element: inout StructureObject, fallback: String?) throws(ReadError) -> (
        id: String, concept: ConceptReference?, representation: Representation?, supplement: Supplement
    )? {
        let (supplement, ownURN) = try readSupplement(&element)
        let concept = try element.conceptReference("conceptIdentity")
        // SDMX 3.0, section 5: a component without an id has that of its concept.
        guard let id = try element.text("id") ?? Self.ownID(ownURN) ?? fallback ?? concept?.id, !id.isEmpty else {
            fault("a \(element.kind) has neither id nor concept; it is left out", advice: "Give it an id and a concept.")
            return nil
        }
        return (id, concept, try readRepresentation(&element, "localRepresentation"), supplement)
    }

    private func readDimensions(_ list: inout StructureObject) throws(ReadError) -> [Dimension] {
        var placed: [(dimension: Dimension, position: Int?)] = []
        func add(_ element: inout StructureObject, _ kind: Dimension.Kind, fallback: String?) throws(ReadError) {
            guard let component = try readComponent(&element, fallback: fallback) else { return }
            var kind = kind
            switch try element.text("type") {
            case "TimeDimension": kind = .time
            case "MeasureDimension": kind = .measure
            default: break
            }
            var dimension = Dimension(id: component.id, kind: kind, concept: component.concept, representation: component.representation)
            dimension.supplement = component.supplement
            dimension.roles = try element.conceptReferences("conceptRoles")
            placed.append((dimension, try element.integer("position")))
            element.finish()
        }
        for var element in try list.objects("dimensions", "dimension") { try add(&element, .regular, fallback: nil) }
        for var element in try list.objects("measureDimensions", "dimension") { try add(&element, .measure, fallback: nil) }
        for var element in try list.objects("timeDimensions", "dimension") { try add(&element, .time, fallback: "TIME_PERIOD") }
        if var element = try list.object("timeDimension", "dimension") { try add(&element, .time, fallback: "TIME_PERIOD") }
        // The order of a key is that of `position`, which counts from 0 or 1, where it is given throughout; the time dimension is last.
        if placed.allSatisfy({ $0.position != nil || $0.dimension.kind == .time }) {
            let numbered = placed.enumerated().sorted { left, right in
                let (first, second) = (left.element.position ?? Int.max, right.element.position ?? Int.max)
                return first == second ? left.offset < right.offset : first < second
            }
            placed = numbered.map(\.element)
        }
        return placed.map(\.dimension).filter { $0.kind != .time } + placed.map(\.dimension).filter { $0.kind == .time }
    }

    private func readGroup(_ element: inout StructureObject) throws(ReadError) -> DimensionGroup? {
        let (supplement, ownURN) = try readSupplement(&element)
        guard let id = try readID(&element, ownURN) else { return nil }
        var group = DimensionGroup(id: id, dimensions: try element.texts("groupDimensions"))
        group.attachmentConstraint = try element.reference("attachmentConstraint")
        group.supplement = supplement
        element.finish()
        return group
    }

    private func readMeasure(_ element: inout StructureObject, fallback: String?) throws(ReadError) -> Measure? {
        guard let component = try readComponent(&element, fallback: fallback) else { return nil }
        var measure = Measure(id: component.id, concept: component.concept, representation: component.representation, isMandatory: try readUsage(of: &element))
        measure.roles = try element.conceptReferences("conceptRoles")
        measure.supplement = component.supplement
        element.finish()
        return measure
    }

    /// `usage` in 2.0, `assignmentStatus` in 1.0; some writers have `isMandatory`.
    private func readUsage(of element: inout StructureObject) throws(ReadError) -> Bool {
        var isMandatory = try element.bool("isMandatory") ?? false
        for name in ["usage", "assignmentStatus"] {
            guard let text = try element.text(name) else { continue }
            switch text.lowercased() {
            case "mandatory": isMandatory = true
            case "optional", "conditional": isMandatory = false
            default: fault("\(name) of \(element.kind) is neither mandatory nor optional; it is taken as optional", text: text, advice: "Write one of the two.")
            }
        }
        return isMandatory
    }

    private func readAttribute(_ element: inout StructureObject, fallback: String?) throws(ReadError) -> Attribute? {
        guard let component = try readComponent(&element, fallback: fallback) else { return nil }
        var attribute = Attribute(
            id: component.id, concept: component.concept, representation: component.representation, isMandatory: try readUsage(of: &element),
            relationship: .observation)
        try readRelationship(&element, &attribute)
        attribute.measures = try element.texts("measureRelationship")
        attribute.roles = try element.conceptReferences("conceptRoles")
        attribute.supplement = component.supplement
        element.finish()
        return attribute
    }

    /// An attribute of the metadata structure, used here.
    private func readUsage(_ element: inout StructureObject) throws(ReadError) -> Attribute? {
        let supplement = try readSupplement(&element).supplement
        guard let id = try element.text("metadataAttributeReference") else {
            fault("a metadata attribute usage names no attribute; it is left out", advice: "Give metadataAttributeReference.")
            return nil
        }
        var attribute = Attribute(id: id, isMandatory: false, relationship: .observation)
        attribute.isMetadata = true
        attribute.supplement = supplement
        try readRelationship(&element, &attribute)
        element.finish()
        return attribute
    }

    private func readRelationship(_ element: inout StructureObject, _ attribute: inout Attribute) throws(ReadError) {
        guard var relation = try element.object("attributeRelationship", "attribute relationship") else {
            fault(
                "the attribute \(attribute.id) does not say what it belongs to; it is taken to belong to the observation", advice: "Give attributeRelationship."
            )
            return
        }
        attribute.attachmentGroups = try relation.texts("attachmentGroups")
        if relation.has("dimensions") {
            let dimensions = try relation.texts("dimensions")
            attribute.relationship = .dimensions(dimensions)
            for (index, flag) in try relation.elements("areDimensionsOptional").enumerated() where flag.bool == true && index < dimensions.count {
                attribute.optionalDimensions.append(dimensions[index])
            }
        } else if let group = try relation.text("group") {
            attribute.relationship = .group(group)
        } else if relation.has("observation") || relation.has("primaryMeasure") {
            attribute.relationship = .observation
        } else if relation.has("dataflow") || relation.has("none") || relation.has("dataSet") {
            attribute.relationship = .dataset
        } else {
            fault(
                "the attribute \(attribute.id) does not say what it belongs to; it is taken to belong to the observation",
                advice: "Complete attributeRelationship.")
        }
        try relation.ignore("observation", "primaryMeasure", "dataflow", "none", "dataSet")
        relation.finish()
    }

    // MARK: Metadata structures

    func readMetadataStructure(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> MetadataStructure {
        var structure = MetadataStructure(identity: identity)
        guard var components = try object.object("metadataStructureComponents", "metadata structure") else { return structure }
        if var list = try components.object("metadataAttributeList", "metadata attribute list") {
            structure.attributesSupplement = try readListSupplement(&list) ?? Supplement()
            structure.attributes = try readMetadataAttributes(&list)
            list.finish()
        }
        for var element in try components.objects("metadataTargets", "metadata target") {
            let (supplement, ownURN) = try readSupplement(&element)
            guard let id = try readID(&element, ownURN) else { continue }
            var target = MetadataTarget(id: id, parts: try readTargetParts(&element))
            target.supplement = supplement
            element.finish()
            structure.targets.append(target)
        }
        for var element in try components.objects("reportStructures", "report structure") {
            let (supplement, ownURN) = try readSupplement(&element)
            guard let id = try readID(&element, ownURN) else { continue }
            var report = ReportStructure(id: id, attributes: try readMetadataAttributes(&element))
            report.targets = try element.texts("metadataTargets").compactMap { itemID($0, "metadataTargets", in: "report structure") }
            report.supplement = supplement
            element.finish()
            structure.reports.append(report)
        }
        components.finish()
        return structure
    }

    private func readMetadataAttributes(_ parent: inout StructureObject) throws(ReadError) -> [MetadataAttribute] {
        var attributes: [MetadataAttribute] = []
        for var element in try parent.objects("metadataAttributes", "metadata attribute") {
            guard let component = try readComponent(&element, fallback: nil) else { continue }
            var attribute = MetadataAttribute(id: component.id, concept: component.concept, representation: component.representation)
            attribute.supplement = component.supplement
            attribute.occursMin = try element.occurrence("minOccurs")
            attribute.occursMax = try element.occurrence("maxOccurs")
            attribute.isPresentational = try element.bool("isPresentational")
            attribute.children = try readMetadataAttributes(&element)
            element.finish()
            attributes.append(attribute)
        }
        return attributes
    }

    private func readTargetParts(_ element: inout StructureObject) throws(ReadError) -> [MetadataTarget.Part] {
        let members: [(String, MetadataTarget.Part.Kind)] = [
            ("keyDescriptorValuesTargets", .keyValues), ("dataSetTargets", .dataset), ("constraintContentTargets", .constraint),
            ("reportPeriodTargets", .reportPeriod), ("identifiableObjectTargets", .object),
        ]
        var parts: [MetadataTarget.Part] = []
        for (name, kind) in members {
            for var item in try element.objects(name, "part of a metadata target") {
                let (supplement, ownURN) = try readSupplement(&item)
                guard let id = try item.text("id") ?? Self.ownID(ownURN) ?? kind.fixedID else {
                    fault("a part of a metadata target has no id; it is left out", advice: "Give it an id.")
                    continue
                }
                var part = MetadataTarget.Part(kind, id: id)
                part.objectType = try item.text("objectType")
                part.representation = try readRepresentation(&item, "localRepresentation")
                part.supplement = supplement
                item.finish()
                parts.append(part)
            }
        }
        return parts
    }
}

extension MetadataTarget.Part.Kind {
    /// The id that SDMX 2.1 fixes.
    fileprivate var fixedID: String? {
        switch self {
        case .keyValues: "DIMENSION_DESCRIPTOR_VALUES_TARGET"
        case .dataset: "DATA_SET_TARGET"
        case .constraint: "CONSTRAINT_CONTENT_TARGET"
        case .reportPeriod: "REPORT_PERIOD_TARGET"
        case .object: nil
        }
    }
}
