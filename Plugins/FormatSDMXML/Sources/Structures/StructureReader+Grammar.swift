import CLibxml2
import SluiceKit

/// What stands where: the containers of each version, the attributes of artefacts, the header. A message that breaks these rules is still read;
/// the break is named.
extension StructureReader {
    /// The artefacts that a container of this version holds; nil when there is no such container.
    func content(of container: String) -> Set<String>? {
        if isVersion3 {
            switch container {
            case "Hierarchies": return ["Hierarchy"]
            case "Processes": return ["Process"]
            case "ReportingTaxonomies": return ["ReportingTaxonomy"]
            case "AvailabilityConstraints": return version == .v3_1 ? ["AvailabilityConstraint"] : nil
            default: return container.hasSuffix("s") && Self.classes3.contains(String(container.dropLast())) ? [String(container.dropLast())] : nil
            }
        }
        return Self.content21.first { $0.container == container }?.artefacts
    }

    private static let classes3: Set<String> = [
        "AgencyScheme", "Categorisation", "CategorySchemeMap", "CategoryScheme", "Codelist", "ConceptSchemeMap", "ConceptScheme", "CustomTypeScheme",
        "DataConstraint", "DataConsumerScheme", "Dataflow", "DataProviderScheme", "DataStructure", "GeographicCodelist", "GeoGridCodelist",
        "HierarchyAssociation", "MetadataConstraint", "Metadataflow", "MetadataProviderScheme", "MetadataProvisionAgreement", "MetadataStructure",
        "NamePersonalisationScheme", "OrganisationSchemeMap", "OrganisationUnitScheme", "ProvisionAgreement", "ReportingTaxonomyMap",
        "RepresentationMap", "RulesetScheme", "StructureMap", "TransformationScheme", "UserDefinedOperatorScheme", "ValueList", "VtlMappingScheme",
    ]
    /// In the order of the schema.
    private static let content21: [(container: String, artefacts: Set<String>)] = [
        ("OrganisationSchemes", ["AgencyScheme", "DataConsumerScheme", "DataProviderScheme", "OrganisationUnitScheme"]), ("Dataflows", ["Dataflow"]),
        ("Metadataflows", ["Metadataflow"]), ("CategorySchemes", ["CategoryScheme"]), ("Categorisations", ["Categorisation"]), ("Codelists", ["Codelist"]),
        ("HierarchicalCodelists", ["HierarchicalCodelist"]), ("Concepts", ["ConceptScheme"]), ("MetadataStructures", ["MetadataStructure"]),
        ("DataStructures", ["DataStructure"]), ("StructureSets", ["StructureSet"]), ("ReportingTaxonomies", ["ReportingTaxonomy"]), ("Processes", ["Process"]),
        ("Constraints", ["AttachmentConstraint", "ContentConstraint"]), ("ProvisionAgreements", ["ProvisionAgreement"]),
        ("CustomTypes", ["CustomTypeScheme"]), ("VtlMappings", ["VtlMappingScheme"]), ("NamePersonalisations", ["NamePersonalisationScheme"]),
        ("Rulesets", ["RulesetScheme"]), ("Transformations", ["TransformationScheme"]), ("UserDefinedOperators", ["UserDefinedOperatorScheme"]),
    ]

    /// Whether a container may stand after these (`structure:StructuresType`: a sequence in 2.1, once each in any order in 3.x).
    func isInPlace(_ container: String, after previous: [String]) -> Bool {
        if isVersion3 { return !previous.contains(container) }
        guard let last = previous.last, let before = Self.content21.firstIndex(where: { $0.container == last }),
            let here = Self.content21.firstIndex(where: { $0.container == container })
        else { return true }
        return before < here
    }

    /// Notes attributes that no artefact of this name has in this version.
    func checkArtefactAttributes() {
        let element = xml.name.local
        for name in xml.attributeNames where !isAttribute(name, of: element) { noteFault("the attribute \(name) of a \(element)") }
    }

    private func isAttribute(_ name: String, of element: String) -> Bool {
        switch name {
        case "id", "urn", "uri", "agencyID", "version", "validFrom", "validTo", "isExternalReference": return true
        case "serviceURL", "structureURL": return version != .v2_0
        case "isFinal": return !isVersion3
        case "isPartialLanguage": return version == .v3_1
        case "isPartial": return version != .v2_0 && (element.hasSuffix("Scheme") || element.hasSuffix("Codelist") || element == "ReportingTaxonomy")
        case "type": return element == "ContentConstraint" && !isVersion3
        case "role": return version == .v3_0 && element.hasSuffix("Constraint") || version == .v3_1 && element == "MetadataConstraint"
        case "evolvingStructure": return version == .v3_1 && element == "DataStructure"
        case "hasFormalLevels": return isVersion3 && element == "Hierarchy"
        case "geoType": return isVersion3 && element.hasPrefix("Geo")
        case "vtlVersion": return element.hasSuffix("Scheme")
        case "seriesCount", "obsCount": return element == "AvailabilityConstraint"
        default: return false
        }
    }

    /// Notes attributes of a component or item beyond those that it may have.
    func checkAttributes(_ allowed: Set<String>) {
        for name in xml.attributeNames where !allowed.contains(name) { noteFault("the attribute \(name) of a \(xml.name.local)") }
    }

    /// Reads the header for its faults only: a structure set has no place for it.
    func checkHeader() throws(ReadError) {
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "ID":
                let id = try xml.text()
                if !HeaderValues.isID(id) { noteFault("the message id \"\(id)\"") }
            case "Test":
                let text = try xml.text()
                if xmlBoolean(text) == nil { noteFault("the text \"\(text)\" of Test") }
            case "Prepared":
                let text = try xml.text().trimmed
                if HeaderValues.dateTime(text, allowsDate: true) == nil { noteFault("the moment \"\(text)\" of Prepared") }
            case "Sender", "Receiver":
                if let id = xml.attribute("id"), !HeaderValues.isID(id) { noteFault("the party id \"\(id)\"") }
            case "Name", "Source": break
            case "Truncated", "DataSetAgency", "DataSetID", "DataSetAction", "Extracted", "ReportingBegin", "ReportingEnd", "KeyFamilyRef", "KeyFamilyAgency":
                if version != .v2_0 { noteFault("the element \(xml.name.local) in the header of a structure message") }
            default: noteFault("the element \(xml.name.local) in the header of a structure message")
            }
        }
    }
}

extension XMLEvents {
    /// The names of the attributes without namespace of the element under the cursor.
    var attributeNames: [String] {
        guard isStart else { return [] }
        let event = event
        return (Int(event.first)..<Int(event.first) + Int(event.count)).compactMap { index in
            let name = names[Int(attributes[index].name)]
            return name.namespace == .none ? name.local : nil
        }
    }
}
