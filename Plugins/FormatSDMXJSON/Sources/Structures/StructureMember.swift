import SluiceKit

/// The members of `data`, by name, in all versions of structure messages.
enum StructureMember {
    /// What is read into the model, with the names that writers use beside those of the schema.
    static let typed: [String: ArtefactClass] = [
        "dataStructures": .dataStructure, "metadataStructures": .metadataStructure, "categorySchemes": .categoryScheme, "conceptSchemes": .conceptScheme,
        "codelists": .codelist, "codeLists": .codelist, "geographicCodelists": .codelist, "geoGridCodelists": .codelist,
        "valueLists": .valueList, "valuelists": .valueList, "hierarchies": .hierarchy, "hierarchicalCodelists": .hierarchicalCodelist,
        "hierarchyAssociations": .hierarchyAssociation, "agencySchemes": .agencyScheme, "dataProviderSchemes": .dataProviderScheme,
        "dataConsumerSchemes": .dataConsumerScheme, "metadataProviderSchemes": .metadataProviderScheme, "organisationUnitSchemes": .organisationUnitScheme,
        "dataflows": .dataflow, "metadataflows": .metadataflow, "provisionAgreements": .provisionAgreement,
        "metadataProvisionAgreements": .metadataProvisionAgreement, "structureMaps": .structureMap, "representationMaps": .representationMap,
        "conceptSchemeMaps": .conceptSchemeMap, "categorySchemeMaps": .categorySchemeMap, "organisationSchemeMaps": .organisationSchemeMap,
        "reportingTaxonomyMaps": .reportingTaxonomyMap, "categorisations": .categorisation, "dataConstraints": .dataConstraint,
        "contentConstraints": .dataConstraint,
    ]

    /// What is kept as it stands; nil for a class that has no place in a URN.
    static let raw: [String: ArtefactClass?] = [
        "reportingTaxonomies": .reportingTaxonomy, "processes": .process, "metadataConstraints": .metadataConstraint,
        "attachmentConstraints": .attachmentConstraint, "structureSets": .structureSet, "availabilityConstraints": nil as ArtefactClass?,
        "customTypeSchemes": .customTypeScheme, "vtlMappingSchemes": .vtlMappingScheme, "namePersonalisationSchemes": .namePersonalisationScheme,
        "rulesetSchemes": .rulesetScheme, "transformationSchemes": .transformationScheme, "userDefinedOperatorSchemes": .userDefinedOperatorScheme,
    ]

    /// Members that only 1.0, only 2.1, or both 2.0 and 2.1 have.
    static let only10: Set<String> = ["hierarchicalCodelists", "structureSets", "attachmentConstraints", "contentConstraints"]
    static let only21: Set<String> = ["availabilityConstraints"]
    static let since20: Set<String> = [
        "geographicCodelists", "geoGridCodelists", "valueLists", "hierarchies", "hierarchyAssociations", "metadataProviderSchemes",
        "metadataProvisionAgreements", "structureMaps", "representationMaps", "conceptSchemeMaps", "categorySchemeMaps", "organisationSchemeMaps",
        "reportingTaxonomyMaps", "dataConstraints", "metadataConstraints", "customTypeSchemes", "vtlMappingSchemes", "namePersonalisationSchemes",
        "rulesetSchemes", "transformationSchemes", "userDefinedOperatorSchemes",
    ]

    static func isKnown(_ name: String) -> Bool { typed[name] != nil || raw[name] != nil }

    /// The version whose schema an address names.
    static func version(ofSchema address: String) -> SDMXJSONStructureFormat.Version? {
        // `…/v2.1.0/…/schemas/sdmx-json-structure-schema.json`, `…/schemas/2.0.0/…`, `https://json.sdmx.org/2.1/…`
        for part in address.split(separator: "/") {
            let number = part.first == "v" ? part.dropFirst() : part
            switch number {
            case "1.0", "1.0.0": return .v10
            case "2.0", "2.0.0": return .v20
            case "2.1", "2.1.0": return .v21
            default: continue
            }
        }
        return nil
    }
}
