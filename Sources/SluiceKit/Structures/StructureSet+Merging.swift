extension StructureSet {
    /// Adds all of another set; what contradicts an artefact that is here already is left out.
    public mutating func merge(_ other: StructureSet) { merge(other, from: nil, findings: FindingTally(samplesPerCodeMax: 0)) }

    /// Adds all of another set; an artefact that contradicts one that is here already is left out and named in a finding.
    /// - Parameter origin: where the other set comes from, for the finding (`structures/sdg.xml`).
    public mutating func merge(_ other: StructureSet, from origin: String?, findings: any FindingSink) {
        let earlier = origins
        func judge(_ addition: Addition) {
            guard case .conflict(let reference) = addition else { return }
            findings.add(.artefactConflict(reference, from: origin, with: earlier[reference]))
        }
        if let origin {
            for reference in other.references where origins[reference] == nil { origins[reference] = origin }
        }
        for artefact in other.codelists { judge(add(artefact)) }
        for artefact in other.valueLists { judge(add(artefact)) }
        for artefact in other.conceptSchemes { judge(add(artefact)) }
        for artefact in other.categorySchemes { judge(add(artefact)) }
        for artefact in other.categorisations { judge(add(artefact)) }
        for artefact in other.organisationSchemes { judge(add(artefact)) }
        for artefact in other.dataStructures { judge(add(artefact)) }
        for artefact in other.metadataStructures { judge(add(artefact)) }
        for artefact in other.dataflows { judge(add(artefact)) }
        for artefact in other.metadataflows { judge(add(artefact)) }
        for artefact in other.provisionAgreements { judge(add(artefact)) }
        for artefact in other.constraints { judge(add(artefact)) }
        for artefact in other.hierarchies { judge(add(artefact)) }
        for artefact in other.hierarchicalCodelists { judge(add(artefact)) }
        for artefact in other.hierarchyAssociations { judge(add(artefact)) }
        for artefact in other.structureMaps { judge(add(artefact)) }
        for artefact in other.representationMaps { judge(add(artefact)) }
        for artefact in other.itemSchemeMaps { judge(add(artefact)) }
        for artefact in other.others { judge(add(artefact)) }
    }
}

extension StructureSet {
    /// Every artefact's own name, class by class.
    public var references: [ArtefactReference] {
        var all = codelists.map(\.reference) + valueLists.map(\.reference) + conceptSchemes.map(\.reference) + categorySchemes.map(\.reference)
        all += categorisations.map(\.reference) + organisationSchemes.map(\.reference) + dataStructures.map(\.reference)
        all += metadataStructures.map(\.reference) + dataflows.map(\.reference) + metadataflows.map(\.reference)
        all += provisionAgreements.map(\.reference) + constraints.map(\.reference) + hierarchies.map(\.reference)
        all += hierarchicalCodelists.map(\.reference) + hierarchyAssociations.map(\.reference) + structureMaps.map(\.reference)
        all += representationMaps.map(\.reference) + itemSchemeMaps.map(\.reference) + others.compactMap(\.reference)
        return all
    }
}

extension Finding {
    /// The same artefact twice, saying different things.
    public static func artefactConflict(
        _ reference: ArtefactReference, from origin: String?, with earlier: String? = nil, at position: Position = Position()
    ) -> Finding {
        let name = "\(reference.artefactClass.rawValue) \(reference)"
        return Finding(
            .artefactConflict, at: position, component: name, offendingText: reference.description,
            message:
                "The \(name)\(origin.map { " of \($0)" } ?? "") is not the same as the \(name)\(earlier.map { " of \($0)" } ?? "") that is at hand already; the first one is used.",
            advice: "Remove one of the two, or give the changed one a new version.")
    }
}

extension FindingCode {
    // Found in structures.
    public static let artefactConflict = FindingCode(rawValue: "artefact.conflict")
    public static let itemDuplicate = FindingCode(rawValue: "item.duplicate")
    public static let parentUnknown = FindingCode(rawValue: "parent.unknown")
    public static let parentCycle = FindingCode(rawValue: "parent.cycle")
    public static let extensionCycle = FindingCode(rawValue: "extension.cycle")
    public static let structureFault = FindingCode(rawValue: "structure.fault")
}
