import SluiceKit

/// The members that SDMX-JSON 2.1 knows in the artefacts that Sluice keeps without interpreting them.
enum RawMembers {
    /// A member that 2.1 does not know; nil when all are known.
    static func unknown(in value: JSONValue) -> String? {
        switch value {
        case .array(let elements): return elements.lazy.compactMap(unknown).first
        case .object(let members):
            for member in members {
                if languages.contains(member.name) {
                    // Its members are languages.
                    if let language = member.value.members?.first(where: { !SchemaPattern.isLanguage($0.name) }) { return "the language \(language.name)" }
                } else if !names.contains(member.name), !member.name.hasPrefix("x-") {
                    return member.name
                } else if let inner = unknown(in: member.value) {
                    return inner
                }
            }
            return nil
        default: return nil
        }
    }

    private static let languages: Set<String> = ["names", "descriptions", "texts", "titles", "conditions", "departments", "roles", "details"]

    private static let names: Set<String> = [
        "afterPeriod", "agencyID", "alias", "annotations", "beforePeriod", "cascadeValues", "codelist", "components", "computation", "concept",
        "condition", "conditions", "constraintAttachment", "cubeRegion", "customTypeScheme", "customTypes", "dataStructure", "dataType", "dataflow",
        "description", "descriptions", "endPeriod", "expression", "fromVtlMapping", "fromVtlSuperSpace", "genericDataflow", "href", "hreflang", "id",
        "include", "inputs", "isExternalReference", "isInclusive", "isPartial", "isPartialLanguage", "isPersistent", "keyValues", "keys", "lang",
        "links", "localID", "metadataProvider", "metadataProvisionAgreements", "metadataStructures", "metadataTargetRegions", "metadataflows",
        "method", "name", "namePersonalisationScheme", "namePersonalisations", "names", "nullValue", "objectReference", "obsCount",
        "operatorDefinition", "outputFormat", "outputs", "period", "personalisedName", "processSteps", "provisionAgreement", "provisioningMetadata",
        "rel", "removePrefix", "reportingCategories", "result", "rulesetDefinition", "rulesetSchemes", "rulesetScope", "rulesetType", "rulesets",
        "seriesCount", "softwareLanguage", "softwarePackage", "softwareVersion", "startPeriod", "structuralMetadata", "targetStep", "text", "texts",
        "timeRange", "title", "titles", "toVtlMapping", "toVtlSubSpace", "transformations", "transitions", "type", "uri", "urn",
        "userDefinedOperatorSchemes", "userDefinedOperators", "validFrom", "validTo", "value", "values", "version", "vtlArtefact", "vtlDefaultName",
        "vtlLiteralFormat", "vtlMappingScheme", "vtlMappings", "vtlScalarType", "vtlVersion",
    ]
}
