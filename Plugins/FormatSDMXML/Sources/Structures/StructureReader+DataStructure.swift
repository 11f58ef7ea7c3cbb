import SluiceKit

/// Data structure definitions (`structure:DataStructureComponentsType`).
extension StructureReader {
    func readDataStructure() throws(ReadError) -> DataStructure {
        var structure = DataStructure(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&structure.identity.names, &structure.identity.descriptions) { return }
            guard xml.name.local == "DataStructureComponents" else { return noteNotKept("the element \(xml.name.local) of a data structure") }
            try xml.eachChild { () throws(ReadError) in
                switch xml.name.local {
                case "DimensionList": try readDimensions(into: &structure)
                case "Group": try readGroup(into: &structure)
                case "AttributeList": try readAttributes(into: &structure)
                case "MeasureList": try readMeasures(into: &structure)
                default: noteNotKept("the element \(xml.name.local) of a data structure")
                }
            }
        }
        // Key order is the order of the list (`position` is informative only), with time last.
        structure.dimensions = structure.dimensions.filter { $0.kind != .time } + structure.dimensions.filter { $0.kind == .time }
        return structure
    }

    /// What dimensions, measures and attributes share.
    private struct Part {
        var id: String?
        var concept: ConceptReference?
        var representation: Representation?
        var relationship: AttributeRelationship?
    }

    private func readPart(enumeratedBy implied: ArtefactClass = .codelist) throws(ReadError) -> Part {
        let line = xml.line
        let element = xml.name.local
        var part = Part(id: xml.attribute("id"))
        if xml.attribute("uri") != nil { noteNotKept("the attribute uri") }
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "ConceptIdentity":
                if let item = try xml.reference().item(of: .conceptScheme) { part.concept = ConceptReference(scheme: item.scheme, id: item.id) }
            case "LocalRepresentation": part.representation = try readRepresentation(enumeratedBy: implied)
            case "AttributeRelationship": part.relationship = try readRelationship()
            case "ConceptRole": noteNotKept("concept roles")
            case "Annotations": noteNotKept("annotations")
            default: noteNotKept("the element \(xml.name.local) of a component")
            }
        }
        // SDMX 2.1, `structure:ComponentType`: where the id is left out, it is that of the concept.
        if part.id == nil { part.id = part.concept?.id }
        if part.id == nil, element != "TimeDimension", element != "PrimaryMeasure", element != "ReportingYearStartDay" {
            throw ReadError(.malformed, line: line, detail: "a \(element) of \(artefact) has neither an id nor a concept to take it from")
        }
        return part
    }

    private func readDimensions(into structure: inout DataStructure) throws(ReadError) {
        var read: [Dimension] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Dimension":
                let part = try readPart()
                read.append(Dimension(id: part.id ?? "", concept: part.concept, representation: part.representation))
            case "MeasureDimension":
                let part = try readPart(enumeratedBy: .conceptScheme)
                read.append(Dimension(id: part.id ?? "", kind: .measure, concept: part.concept, representation: part.representation))
            case "TimeDimension":
                let id = xml.attribute("id")
                let part = try readPart()
                read.append(Dimension(id: id ?? "TIME_PERIOD", kind: .time, concept: part.concept, representation: part.representation))
            case "Annotations": noteNotKept("annotations")
            default: noteNotKept("the element \(xml.name.local) of a dimension list")
            }
        }
        structure.dimensions += read
    }

    private func readGroup(into structure: inout DataStructure) throws(ReadError) {
        guard let id = xml.attribute("id") else { throw ReadError(.malformed, line: xml.line, detail: "a group of \(artefact) has no id") }
        var dimensions: [String] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "GroupDimension":
                try xml.eachChild { () throws(ReadError) in
                    if xml.name.local == "DimensionReference", let dimension = try readLocalReference() { dimensions.append(dimension) }
                }
            case "Annotations": noteNotKept("annotations")
            default: noteNotKept("the element \(xml.name.local) of a group")
            }
        }
        structure.groups.append(DimensionGroup(id: id, dimensions: dimensions))
    }

    private func readMeasures(into structure: inout DataStructure) throws(ReadError) {
        var read: [Measure] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "PrimaryMeasure":
                let id = xml.attribute("id")
                let part = try readPart()
                read.append(Measure(id: id ?? "OBS_VALUE", concept: part.concept, representation: part.representation))
            case "Annotations": noteNotKept("annotations")
            default: noteNotKept("the element \(xml.name.local) of a measure list")
            }
        }
        structure.measures += read
    }

    private func readAttributes(into structure: inout DataStructure) throws(ReadError) {
        var read: [Attribute] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Attribute", "ReportingYearStartDay":
                let isMandatory = xml.attribute("assignmentStatus") == "Mandatory"
                let fixedID = xml.name.local == "ReportingYearStartDay" ? "REPORTING_YEAR_START_DAY" : ""
                let line = xml.line
                let part = try readPart()
                let id = part.id ?? fixedID
                if part.relationship == nil {
                    throw ReadError(
                        .malformed, line: line, detail: "the attribute \(id) of \(artefact) does not say to what it is attached (AttributeRelationship)")
                }
                read.append(
                    Attribute(
                        id: fixedID.isEmpty ? id : fixedID, concept: part.concept, representation: part.representation, isMandatory: isMandatory,
                        relationship: part.relationship ?? .observation))
            case "Annotations": noteNotKept("annotations")
            default: noteNotKept("the element \(xml.name.local) of an attribute list")
            }
        }
        structure.attributes += read
    }

    /// `structure:AttributeRelationshipType`.
    private func readRelationship() throws(ReadError) -> AttributeRelationship? {
        var relationship: AttributeRelationship?
        var dimensions: [String] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "None": relationship = .dataset
            case "Dimension": if let id = try readLocalReference() { dimensions.append(id) }
            case "Group": relationship = try readLocalReference().map { .group($0) }
            case "PrimaryMeasure": relationship = .observation
            case "AttachmentGroup": noteNotKept("the groups to which an attribute of dimensions may also be attached (AttachmentGroup)")
            default: noteNotKept("the element \(xml.name.local) of an attribute relationship")
            }
        }
        return dimensions.isEmpty ? relationship : .dimensions(dimensions)
    }
}
