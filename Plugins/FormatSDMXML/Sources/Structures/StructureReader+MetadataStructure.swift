import SluiceKit

/// Metadata structure definitions: one list of attributes in 3.x, targets and reports in 2.1.
extension StructureReader {
    func readMetadataStructure() throws(ReadError) -> MetadataStructure {
        var structure = MetadataStructure(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "MetadataStructureComponents" else {
                if try !readNameable(&structure.identity) { noteFault("the element \(xml.name.local) of a metadata structure") }
                return
            }
            try xml.eachChild { () throws(ReadError) in
                switch xml.name.local {
                case "MetadataAttributeList" where isVersion3:
                    try xml.eachChild { () throws(ReadError) in
                        if xml.name.local == "MetadataAttribute" {
                            structure.attributes.append(try readMetadataAttribute())
                        } else if try !readIdentifiable(&structure.attributesSupplement) {
                            noteFault("the element \(xml.name.local) of a list of metadata attributes")
                        }
                    }
                case "MetadataTarget" where !isVersion3: structure.targets.append(try readMetadataTarget())
                case "ReportStructure" where !isVersion3: structure.reports.append(try readReport())
                default: noteFault("the element \(xml.name.local) of a metadata structure")
                }
            }
        }
        return structure
    }

    private func readMetadataAttribute() throws(ReadError) -> MetadataAttribute {
        let line = xml.line
        let id = xml.attribute("id")
        var attribute = MetadataAttribute(id: id ?? "")
        if let text = xml.attribute("minOccurs") { attribute.occursMin = occurs(text, "minOccurs") }
        if let text = xml.attribute("maxOccurs") { attribute.occursMax = occurs(text, "maxOccurs") }
        attribute.isPresentational = boolean("isPresentational")
        attribute.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "ConceptIdentity": attribute.concept = try readConcept("a concept identity")
            case "LocalRepresentation": attribute.representation = try readRepresentation()
            case "MetadataAttribute": attribute.children.append(try readMetadataAttribute())
            default: if try !readIdentifiable(&attribute.supplement) { noteFault("the element \(xml.name.local) of a metadata attribute") }
            }
        }
        if id == nil { attribute.id = attribute.concept?.id ?? "" }
        guard !attribute.id.isEmpty else {
            throw ReadError(.malformed, line: line, detail: "a MetadataAttribute of \(artefact) has neither an id nor a concept to take it from")
        }
        return attribute
    }

    private func readMetadataTarget() throws(ReadError) -> MetadataTarget {
        var target = MetadataTarget(id: try readItemID())
        target.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            guard let kind = MetadataTarget.Part.Kind(rawValue: xml.name.local) else {
                if try !readIdentifiable(&target.supplement) { noteFault("the element \(xml.name.local) of a metadata target") }
                return
            }
            var part = MetadataTarget.Part(kind, id: xml.attribute("id") ?? kind.fixedID ?? "")
            part.objectType = xml.attribute("objectType")
            part.supplement.uri = xml.attribute("uri")
            if part.id.isEmpty { throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no id") }
            try xml.eachChild { () throws(ReadError) in
                if xml.name.local == "LocalRepresentation" {
                    part.representation = try readRepresentation()
                } else if try !readIdentifiable(&part.supplement) {
                    noteFault("the element \(xml.name.local) of a metadata target")
                }
            }
            target.parts.append(part)
        }
        return target
    }

    private func readReport() throws(ReadError) -> ReportStructure {
        var report = ReportStructure(id: try readItemID())
        report.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "MetadataAttribute": report.attributes.append(try readMetadataAttribute())
            case "MetadataTarget": if let id = try readLocalReference() { report.targets.append(id) }
            default: if try !readIdentifiable(&report.supplement) { noteFault("the element \(xml.name.local) of a report structure") }
            }
        }
        return report
    }
}

extension MetadataTarget.Part.Kind {
    /// The id that the 2.1 schemas fix for this kind of target.
    var fixedID: String? {
        switch self {
        case .keyValues: "DIMENSION_DESCRIPTOR_VALUES_TARGET"
        case .dataset: "DATA_SET_TARGET"
        case .constraint: "CONSTRAINT_CONTENT_TARGET"
        case .reportPeriod: "REPORT_PERIOD_TARGET"
        case .object: nil
        }
    }
}
