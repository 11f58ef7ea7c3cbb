import SluiceKit

/// Key families of SDMX-ML 2.0 as data structures (SDMX 2.1, section 6, on the differences to 2.0).
extension StructureReader {
    func readKeyFamily() throws(ReadError) -> DataStructure {
        var structure = DataStructure(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            if xml.name.local == "Components" {
                try readComponents(of: &structure)
            } else if try !readNameable(&structure.identity) {
                noteFault("the element \(xml.name.local) of a key family")
            }
        }
        return structure
    }

    private func readComponents(of structure: inout DataStructure) throws(ReadError) {
        var whole = structure
        var time: Dimension?
        var attached: [(attribute: Attribute, level: String?, groups: [String])] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Dimension":
                let isMeasure = boolean("isMeasureDimension") == true
                let part = try readComponentOf20()
                // The measure dimension of 2.0 has a code list where that of 2.1 has concepts: it stays a coded dimension.
                if isMeasure { noteNotKept("that a dimension is the measure dimension of cross-sectional data") }
                whole.dimensions.append(Dimension(id: part.id, concept: part.concept, representation: part.representation))
                whole.dimensions[whole.dimensions.count - 1].supplement = part.supplement
            case "TimeDimension":
                let part = try readComponentOf20()
                time = Dimension(id: part.id, kind: .time, concept: part.concept, representation: part.representation)
                time?.supplement = part.supplement
            case "Group":
                var group = DimensionGroup(id: try readItemID(), dimensions: [])
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "DimensionRef": group.dimensions.append(try xml.text().trimmed)
                    case "AttachmentConstraintRef": noteNotKept("the attachment constraint of a group")
                    case "Description": noteNotKept("the description of a group")
                    default: if try !readIdentifiable(&group.supplement) { noteFault("the element \(xml.name.local) of a group") }
                    }
                }
                whole.groups.append(group)
            case "PrimaryMeasure":
                let part = try readComponentOf20()
                whole.measures.append(Measure(id: part.id, concept: part.concept, representation: part.representation))
            case "CrossSectionalMeasure": noteNotKept("the measures of cross-sectional data")
            case "Attribute":
                let level = xml.attribute("attachmentLevel")
                let isMandatory = xml.attribute("assignmentStatus") == "Mandatory"
                let part = try readComponentOf20()
                var attribute = Attribute(
                    id: part.id, concept: part.concept, representation: part.representation, isMandatory: isMandatory, relationship: .observation)
                attribute.supplement = part.supplement
                attached.append((attribute, level, part.groups))
            default: noteFault("the element \(xml.name.local) of a key family")
            }
        }
        if let time { whole.dimensions.append(time) }
        if whole.measures.isEmpty { noteFault("a key family without primary measure") }
        let seriesDimensions = whole.dimensions.filter { $0.kind != .time }.map(\.id)
        for (attribute, level, groups) in attached {
            var attribute = attribute
            switch level {
            case "DataSet": attribute.relationship = .dataset
            case "Series": attribute.relationship = .dimensions(seriesDimensions)
            case "Group":
                guard let group = groups.first else {
                    noteFault("an attribute of a group without AttachmentGroup")
                    break
                }
                attribute.relationship = .group(group)
                attribute.attachmentGroups = Array(groups.dropFirst())
            case "Observation": attribute.relationship = .observation
            default: noteFault("attachmentLevel=\"\(level ?? "")\"")
            }
            whole.attributes.append(attribute)
        }
        structure = whole
    }

    private static let attributesOf20: Set<String> = [
        "conceptRef", "conceptVersion", "conceptAgency", "conceptSchemeRef", "conceptSchemeAgency", "codelist", "codelistVersion", "codelistAgency",
        "isMeasureDimension", "isFrequencyDimension", "isEntityDimension", "isCountDimension", "isNonObservationTimeDimension", "isIdentityDimension",
        "crossSectionalAttachDataSet", "crossSectionalAttachGroup", "crossSectionalAttachSection", "crossSectionalAttachObservation",
        "attachmentLevel", "assignmentStatus", "isTimeFormat", "isEntityAttribute", "isNonObservationalTimeAttribute", "isCountAttribute",
        "isFrequencyAttribute", "isIdentityAttribute",
    ]

    /// What components of 2.0 share: the concept and code list stand in attributes, and the concept's id is the component's.
    private func readComponentOf20() throws(ReadError) -> (
        id: String, concept: ConceptReference, representation: Representation?, supplement: Supplement, groups: [String]
    ) {
        guard let id = xml.attribute("conceptRef"), !id.isEmpty else {
            throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no conceptRef")
        }
        checkAttributes(Self.attributesOf20)
        let scheme = xml.attribute("conceptSchemeRef")
        let agency = xml.attribute("conceptSchemeAgency") ?? xml.attribute("conceptAgency") ?? ""
        let concept = ConceptReference(
            scheme: ArtefactReference(.conceptScheme, agency: agency, id: scheme ?? Self.looseSchemeID, version: xml.attribute("conceptSchemeVersion")), id: id)
        var representation: Representation?
        if let list = xml.attribute("codelist"), !list.isEmpty {
            representation = Representation(
                enumeration: ArtefactReference(
                    .codelist, agency: xml.attribute("codelistAgency") ?? "", id: list, version: xml.attribute("codelistVersion")))
        }
        var supplement = Supplement()
        var groups: [String] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "TextFormat":
                var changed = representation ?? Representation()
                changed.textFormat = try readTextFormatOf20()
                representation = changed
            case "AttachmentGroup": groups.append(try xml.text().trimmed)
            case "AttachmentMeasure": noteNotKept("the cross-sectional measures of an attribute")
            default: if try !readIdentifiable(&supplement) { noteFault("the element \(xml.name.local) of a component") }
            }
        }
        return (id, concept, representation, supplement, groups)
    }
}
