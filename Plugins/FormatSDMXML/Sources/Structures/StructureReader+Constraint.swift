import SluiceKit

/// Content constraints (`structure:ContentConstraintType`).
extension StructureReader {
    func readConstraint() throws(ReadError) -> DataConstraint {
        // SDMX 2.1: where the type is left out, the constraint says what data there are (`Actual`).
        let role: DataConstraint.Role = xml.attribute("type") == "Allowed" ? .allowed : .actual
        var constraint = DataConstraint(identity: try readIdentity(), role: role)
        try xml.eachChild { () throws(ReadError) in
            if try readNameable(&constraint.identity.names, &constraint.identity.descriptions) { return }
            switch xml.name.local {
            case "ConstraintAttachment": try readAttachment(into: &constraint)
            case "CubeRegion": constraint.cubeRegions.append(try readCubeRegion())
            case "DataKeySet": constraint.keySets.append(try readKeySet())
            default: noteNotKept("the element \(xml.name.local) of a content constraint")
            }
        }
        return constraint
    }

    private func readAttachment(into constraint: inout DataConstraint) throws(ReadError) {
        var attachments: [ArtefactReference] = []
        try xml.eachChild { () throws(ReadError) in
            let implied: ArtefactClass
            switch xml.name.local {
            case "DataStructure": implied = .dataStructure
            case "Dataflow": implied = .dataflow
            case "ProvisionAgreement": implied = .provisionAgreement
            default: return noteNotKept("the attachment of a content constraint to a \(xml.name.local)")
            }
            if let reference = try xml.reference().maintainable(implied) { attachments.append(reference) }
        }
        constraint.attachments += attachments
    }

    private func readCubeRegion() throws(ReadError) -> CubeRegion {
        var region = CubeRegion(isIncluded: xmlBoolean(xml.attribute("include")) ?? true)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "KeyValue", "Attribute": region.selections.append(try readSelection())
            default: noteNotKept("the element \(xml.name.local) of a cube region")
            }
        }
        return region
    }

    private func readSelection() throws(ReadError) -> ComponentSelection {
        guard let id = xml.attribute("id") else { throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no id") }
        var selection = ComponentSelection(component: id, isIncluded: xmlBoolean(xml.attribute("include")) ?? true)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Value":
                let cascades = xmlBoolean(xml.attribute("cascadeValues")) ?? false
                selection.values.append(ComponentSelection.Value(try xml.text(), cascades: cascades))
            case "TimeRange": selection.timeRange = try readTimeRange()
            default: noteNotKept("the element \(xml.name.local) of a selection")
            }
        }
        return selection
    }

    private func readTimeRange() throws(ReadError) -> ComponentSelection.TimeRange {
        var range = ComponentSelection.TimeRange(start: nil, end: nil)
        try xml.eachChild { () throws(ReadError) in
            let isInclusive = xmlBoolean(xml.attribute("isInclusive")) ?? true
            switch xml.name.local {
            case "StartPeriod", "AfterPeriod":
                range.start = try xml.text().trimmed
                range.startIsInclusive = isInclusive
            case "EndPeriod", "BeforePeriod":
                range.end = try xml.text().trimmed
                range.endIsInclusive = isInclusive
            default: break
            }
        }
        return range
    }

    private func readKeySet() throws(ReadError) -> KeySet {
        var set = KeySet(isIncluded: xmlBoolean(xml.attribute("isIncluded")) ?? true, dataKeys: [])
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "Key" else { return noteNotKept("the element \(xml.name.local) of a key set") }
            var key: [String: String] = [:]
            try xml.eachChild { () throws(ReadError) in
                guard xml.name.local == "KeyValue", let id = xml.attribute("id") else { return noteNotKept("the element \(xml.name.local) of a key") }
                try xml.eachChild { () throws(ReadError) in
                    if xml.name.local == "Value" { key[id] = try xml.text() } else { noteNotKept("the element \(xml.name.local) of a key value") }
                }
            }
            set.dataKeys += KeySet(keys: [key]).dataKeys
        }
        return set
    }
}
