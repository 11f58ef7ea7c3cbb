import SluiceKit

/// Data structure definitions (`structure:DataStructureComponentsType`).
extension StructureReader {
    func readDataStructure() throws(ReadError) -> DataStructure {
        let isEvolving = version == .v3_1 ? boolean("evolvingStructure") : nil
        var structure = DataStructure(identity: try readIdentity())
        structure.isEvolving = isEvolving
        var hasComponents = false
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "DataStructureComponents":
                hasComponents = true
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "DimensionList": try readDimensions(into: &structure)
                    case "Group": try readGroup(into: &structure)
                    case "AttributeList": try readAttributes(into: &structure)
                    case "MeasureList": try readMeasures(into: &structure)
                    default: noteFault("the element \(xml.name.local) of a data structure")
                    }
                }
            case "Metadata" where isVersion3: structure.metadata = try readReference(.metadataStructure, "a metadata structure")
            default: if try !readNameable(&structure.identity) { noteFault("the element \(xml.name.local) of a data structure") }
            }
        }
        checkName(structure.identity.names)
        if hasComponents, structure.dimensions.isEmpty || !isVersion3 && structure.measures.isEmpty {
            noteFault("a data structure without dimensions or measure")
        }
        // Key order is the order of the list (`position` is informative only), with time last.
        structure.dimensions = structure.dimensions.filter { $0.kind != .time } + structure.dimensions.filter { $0.kind == .time }
        return structure
    }

    /// What dimensions, measures and attributes share.
    struct Part {
        var id: String?
        var concept: ConceptReference?
        var representation: Representation?
        var roles: [ConceptReference] = []
        var supplement = Supplement()
        var relationship: AttributeRelationship?
        var optionalDimensions: [String] = []
        var attachmentGroups: [String] = []
        var measures: [String] = []
        var metadataAttribute: String?
    }

    private static let componentAttributes: [String: Set<String>] = [
        "Dimension": ["id", "urn", "uri", "position"], "MeasureDimension": ["id", "urn", "uri", "position"],
        "TimeDimension": ["id", "urn", "uri", "position"], "PrimaryMeasure": ["id", "urn", "uri"], "Measure": ["id", "urn", "uri", "usage"],
        "Attribute": ["id", "urn", "uri", "usage", "assignmentStatus"], "ReportingYearStartDay": ["id", "urn", "uri", "assignmentStatus"],
        "MetadataAttributeUsage": ["urn", "uri"],
    ]

    func readPart(enumeratedBy implied: ArtefactClass = .codelist) throws(ReadError) -> Part {
        let line = xml.line
        let element = xml.name.local
        var part = Part(id: xml.attribute("id"))
        checkAttributes(Self.componentAttributes[element] ?? [])
        part.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "ConceptIdentity": part.concept = try readConcept("a concept identity")
            case "LocalRepresentation": part.representation = try readRepresentation(enumeratedBy: implied)
            case "ConceptRole": if let role = try readConcept("a concept role") { part.roles.append(role) }
            case "AttributeRelationship": try readRelationship(into: &part)
            case "MeasureRelationship" where isVersion3:
                try xml.eachChild { () throws(ReadError) in
                    if xml.name.local == "Measure" { part.measures.append(try xml.text().trimmed) }
                }
            case "MetadataAttributeReference" where isVersion3: part.metadataAttribute = try xml.text().trimmed
            default: if try !readIdentifiable(&part.supplement) { noteFault("the element \(xml.name.local) of a component") }
            }
        }
        // SDMX 2.1, `structure:ComponentType`: where the id is left out, it is that of the concept.
        if part.id == nil { part.id = part.metadataAttribute ?? part.concept?.id }
        if part.id == nil, element != "TimeDimension", element != "PrimaryMeasure", element != "ReportingYearStartDay" {
            throw ReadError(.malformed, line: line, detail: "a \(element) of \(artefact) has neither an id nor a concept to take it from")
        }
        if part.concept == nil, element != "MetadataAttributeUsage" { noteFault("a \(element) without concept") }
        return part
    }

    private func readDescriptor(_ descriptor: DataStructure.Descriptor, of structure: inout DataStructure) throws(ReadError) {
        var supplement = structure.descriptorSupplements[descriptor] ?? Supplement()
        if try !readIdentifiable(&supplement) { noteFault("the element \(xml.name.local) of a list of components") }
        if !supplement.isEmpty { structure.descriptorSupplements[descriptor] = supplement }
    }

    private func readDimensions(into structure: inout DataStructure) throws(ReadError) {
        var whole = structure
        try xml.eachChild { () throws(ReadError) in
            let kind: Dimension.Kind
            switch xml.name.local {
            case "Dimension": kind = .regular
            case "MeasureDimension" where !isVersion3: kind = .measure
            case "TimeDimension": kind = .time
            default: return try readDescriptor(.dimensions, of: &whole)
            }
            let id = xml.attribute("id")
            let part = try readPart(enumeratedBy: kind == .measure ? .conceptScheme : .codelist)
            let own = kind == .time ? id ?? "TIME_PERIOD" : part.id ?? ""
            var dimension = Dimension(id: own, kind: kind, concept: part.concept, representation: part.representation)
            dimension.roles = part.roles
            dimension.supplement = part.supplement
            whole.dimensions.append(dimension)
        }
        structure = whole
    }

    private func readGroup(into structure: inout DataStructure) throws(ReadError) {
        guard let id = xml.attribute("id") else { throw ReadError(.malformed, line: xml.line, detail: "a group of \(artefact) has no id") }
        var group = DimensionGroup(id: id, dimensions: [])
        group.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "GroupDimension":
                try xml.eachChild { () throws(ReadError) in
                    if xml.name.local == "DimensionReference", let dimension = try readLocalReference() { group.dimensions.append(dimension) }
                }
            case "AttachmentConstraint" where !isVersion3:
                group.attachmentConstraint = try readReference(.attachmentConstraint, "an attachment constraint")
            default: if try !readIdentifiable(&group.supplement) { noteFault("the element \(xml.name.local) of a group") }
            }
        }
        structure.groups.append(group)
    }

    private func readMeasures(into structure: inout DataStructure) throws(ReadError) {
        var whole = structure
        try xml.eachChild { () throws(ReadError) in
            let isPrimary = xml.name.local == "PrimaryMeasure" && !isVersion3
            guard isPrimary || xml.name.local == "Measure" && isVersion3 else { return try readDescriptor(.measures, of: &whole) }
            let id = xml.attribute("id")
            let isMandatory = readUsage("usage") ?? false
            let part = try readPart()
            var measure = Measure(
                id: isPrimary ? id ?? "OBS_VALUE" : part.id ?? "", concept: part.concept, representation: part.representation, isMandatory: isMandatory)
            measure.roles = part.roles
            measure.supplement = part.supplement
            whole.measures.append(measure)
        }
        structure = whole
    }

    /// `assignmentStatus` in 2.1, `usage` in 3.x.
    private func readUsage(_ name: String) -> Bool? {
        guard let text = xml.attribute(name) else { return nil }
        switch text {
        case "Mandatory", "mandatory": return true
        case "Conditional", "optional": return false
        default:
            noteFault("\(name)=\"\(text)\"")
            return nil
        }
    }

    private func readAttributes(into structure: inout DataStructure) throws(ReadError) {
        var whole = structure
        try xml.eachChild { () throws(ReadError) in
            let element = xml.name.local
            guard element == "Attribute" || element == "MetadataAttributeUsage" && isVersion3 || element == "ReportingYearStartDay" && !isVersion3 else {
                return try readDescriptor(.attributes, of: &whole)
            }
            let usage = readUsage(isVersion3 ? "usage" : "assignmentStatus")
            if usage == nil, !isVersion3, element == "Attribute" { noteFault("an attribute without assignmentStatus") }
            let line = xml.line
            let part = try readPart()
            let id = element == "ReportingYearStartDay" ? "REPORTING_YEAR_START_DAY" : part.id ?? ""
            guard let relationship = part.relationship else {
                throw ReadError(
                    .malformed, line: line, detail: "the attribute \(id) of \(artefact) does not say to what it is attached (AttributeRelationship)")
            }
            var attribute = Attribute(
                id: id, concept: part.concept, representation: part.representation, isMandatory: usage ?? false, relationship: relationship)
            attribute.isMetadata = element == "MetadataAttributeUsage"
            attribute.optionalDimensions = part.optionalDimensions
            attribute.attachmentGroups = part.attachmentGroups
            attribute.measures = part.measures
            attribute.roles = part.roles
            attribute.supplement = part.supplement
            whole.attributes.append(attribute)
        }
        structure = whole
    }

    /// `structure:AttributeRelationshipType`.
    private func readRelationship(into part: inout Part) throws(ReadError) {
        var relationship: AttributeRelationship?
        var dimensions: [String] = []
        var changed = part
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "None" where !isVersion3, "Dataflow" where isVersion3: relationship = .dataset
            case "Dimension":
                let isOptional = isVersion3 && boolean("optional") == true
                if let id = try readLocalReference() {
                    dimensions.append(id)
                    if isOptional { changed.optionalDimensions.append(id) }
                }
            case "Group": relationship = try readLocalReference().map { .group($0) }
            case "PrimaryMeasure" where !isVersion3, "Observation" where isVersion3: relationship = .observation
            case "AttachmentGroup" where !isVersion3: if let id = try readLocalReference() { changed.attachmentGroups.append(id) }
            default: noteFault("the element \(xml.name.local) of an attribute relationship")
            }
        }
        changed.relationship = dimensions.isEmpty ? relationship : .dimensions(dimensions)
        part = changed
    }
}
