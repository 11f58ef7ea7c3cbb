import SluiceKit

/// The containers of a message, in the order of the 2.1 schema; 3.x allows any order.
extension StructureWriter {
    private static let kept21: [(container: String, names: Set<String>)] = [
        ("StructureSets", ["StructureSet"]), ("ReportingTaxonomies", ["ReportingTaxonomy"]), ("Processes", ["Process"]),
    ]
    private static let keptLast21: [(container: String, names: Set<String>)] = [
        ("CustomTypes", ["CustomTypeScheme"]), ("VtlMappings", ["VtlMappingScheme"]), ("NamePersonalisations", ["NamePersonalisationScheme"]),
        ("Rulesets", ["RulesetScheme"]), ("Transformations", ["TransformationScheme"]), ("UserDefinedOperators", ["UserDefinedOperatorScheme"]),
    ]

    func writeContainers21() throws(WriteError) {
        try open("OrganisationSchemes") { part throws(WriteError) in
            try write(structures.organisationSchemes, in: part) { scheme throws(WriteError) in try write(scheme) }
        }
        try open("Dataflows") { part throws(WriteError) in try write(structures.dataflows, in: part) { flow throws(WriteError) in try write(flow) } }
        try open("Metadataflows") { part throws(WriteError) in
            try write(structures.metadataflows, in: part) { flow throws(WriteError) in try write(flow) }
        }
        try writeCategories()
        try open("Codelists") { part throws(WriteError) in try write(structures.codelists, in: part) { list throws(WriteError) in try write(list) } }
        try open("HierarchicalCodelists") { part throws(WriteError) in
            try write(structures.hierarchicalCodelists, in: part) { list throws(WriteError) in try write(list) }
            try write(structures.hierarchies, in: part) { hierarchy throws(WriteError) in try write(wrapped: hierarchy) }
        }
        try open("Concepts") { part throws(WriteError) in
            try write(structures.conceptSchemes, in: part) { scheme throws(WriteError) in try write(scheme) }
        }
        try open("MetadataStructures") { part throws(WriteError) in
            try write(structures.metadataStructures, in: part) { structure throws(WriteError) in try write(structure) }
        }
        try open("DataStructures") { part throws(WriteError) in
            try write(structures.dataStructures, in: part) { structure throws(WriteError) in try write(structure) }
        }
        for (container, names) in Self.kept21 { try open(container) { part throws(WriteError) in try write(kept: names, in: part) } }
        try open("Constraints") { part throws(WriteError) in
            try write(kept: ["AttachmentConstraint"], in: part)
            try write(structures.constraints, in: part) { constraint throws(WriteError) in try write(constraint) }
        }
        try open("ProvisionAgreements") { part throws(WriteError) in
            try write(structures.provisionAgreements, in: part) { agreement throws(WriteError) in try write(agreement) }
        }
        for (container, names) in Self.keptLast21 { try open(container) { part throws(WriteError) in try write(kept: names, in: part) } }
        loseUnwritableOthers(written: Set((Self.kept21 + Self.keptLast21).flatMap(\.names)).union(["AttachmentConstraint"]))
        lose(structures.valueLists)
        lose(structures.hierarchyAssociations)
        lose(structures.structureMaps)
        lose(structures.representationMaps)
        lose(structures.itemSchemeMaps)
    }

    private func writeCategories() throws(WriteError) {
        try open("CategorySchemes") { part throws(WriteError) in
            try write(structures.categorySchemes, in: part) { scheme throws(WriteError) in try write(scheme) }
        }
        try open("Categorisations") { part throws(WriteError) in
            try write(structures.categorisations, in: part) { categorisation throws(WriteError) in try write(categorisation) }
        }
    }

    private func lose(_ artefacts: [some MaintainableArtefact]) {
        for artefact in artefacts { lose("the \(artefact.artefactClass.rawValue) \(artefact.reference)") }
    }

    func writeContainers3() throws(WriteError) {
        for kind in OrganisationScheme.Kind.allCases {
            try open(kind.artefactClass.rawValue + "s") { part throws(WriteError) in
                try write(structures.organisationSchemes.filter { $0.kind == kind }, in: part) { scheme throws(WriteError) in try write(scheme) }
            }
        }
        try writeCategories()
        for element in ["Codelist", "GeographicCodelist", "GeoGridCodelist"] {
            try open(element + "s") { part throws(WriteError) in
                try write(structures.codelists.filter { Self.element(of: $0.kind) == element }, in: part) { list throws(WriteError) in try write(list) }
            }
        }
        try open("ValueLists") { part throws(WriteError) in try write(structures.valueLists, in: part) { list throws(WriteError) in try write(list) } }
        try open("ConceptSchemes") { part throws(WriteError) in
            try write(structures.conceptSchemes, in: part) { scheme throws(WriteError) in try write(scheme) }
        }
        try open("Hierarchies") { part throws(WriteError) in
            try write(structures.hierarchies, in: part) { hierarchy throws(WriteError) in try write(hierarchy) }
            for list in structures.hierarchicalCodelists { try write(unwrapped: list, in: part) }
        }
        try open("HierarchyAssociations") { part throws(WriteError) in
            try write(structures.hierarchyAssociations, in: part) { association throws(WriteError) in try write(association) }
        }
        try open("MetadataStructures") { part throws(WriteError) in
            try write(structures.metadataStructures, in: part) { structure throws(WriteError) in try write(structure) }
        }
        try open("DataStructures") { part throws(WriteError) in
            try write(structures.dataStructures, in: part) { structure throws(WriteError) in try write(structure) }
        }
        try open("Dataflows") { part throws(WriteError) in try write(structures.dataflows, in: part) { flow throws(WriteError) in try write(flow) } }
        try open("Metadataflows") { part throws(WriteError) in
            try write(structures.metadataflows, in: part) { flow throws(WriteError) in try write(flow) }
        }
        for isMetadata in [false, true] {
            try open(isMetadata ? "MetadataProvisionAgreements" : "ProvisionAgreements") { part throws(WriteError) in
                try write(structures.provisionAgreements.filter { $0.isMetadata == isMetadata }, in: part) { agreement throws(WriteError) in
                    try write(agreement)
                }
            }
        }
        try open("DataConstraints") { part throws(WriteError) in
            try write(structures.constraints, in: part) { constraint throws(WriteError) in try write(constraint) }
        }
        try open("StructureMaps") { part throws(WriteError) in try write(structures.structureMaps, in: part) { map throws(WriteError) in try write(map) } }
        try open("RepresentationMaps") { part throws(WriteError) in
            try write(structures.representationMaps, in: part) { map throws(WriteError) in try write(map) }
        }
        for artefactClass in ItemSchemeMap.classes {
            try open(artefactClass.rawValue + "s") { part throws(WriteError) in
                try write(structures.itemSchemeMaps.filter { $0.artefactClass == artefactClass }, in: part) { map throws(WriteError) in try write(map) }
            }
        }
        try writeKept3()
    }

    /// In the order in which the classes first appear.
    private func writeKept3() throws(WriteError) {
        let containers = [
            "AvailabilityConstraint": "AvailabilityConstraints", "CustomTypeScheme": "CustomTypeSchemes", "MetadataConstraint": "MetadataConstraints",
            "NamePersonalisationScheme": "NamePersonalisationSchemes", "Process": "Processes", "ReportingTaxonomy": "ReportingTaxonomies",
            "RulesetScheme": "RulesetSchemes", "TransformationScheme": "TransformationSchemes",
            "UserDefinedOperatorScheme": "UserDefinedOperatorSchemes", "VtlMappingScheme": "VtlMappingSchemes",
        ]
        var done: Set<String> = []
        for other in structures.others {
            guard let container = containers[other.raw.name], done.insert(other.raw.name).inserted else { continue }
            try open(container) { part throws(WriteError) in try write(kept: [other.raw.name], in: part) }
        }
        loseUnwritableOthers(written: Set(containers.keys))
    }
}
