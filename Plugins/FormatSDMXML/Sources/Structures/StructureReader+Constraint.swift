import SluiceKit

/// Content constraints (2.1, `structure:ContentConstraintType`) and data constraints (3.x).
extension StructureReader {
    func readConstraint() throws(ReadError) -> DataConstraint {
        var role = DataConstraint.Role.actual
        // SDMX 2.1: where the type is left out, the constraint says what data there are (`Actual`). In 3.x the role has to be given.
        let text = xml.attribute(isVersion3 ? "role" : "type")
        switch text {
        case "Allowed": role = .allowed
        case "Actual": role = .actual
        // 3.1 has no role: what data there are is an AvailabilityConstraint there.
        case nil where version == .v3_1: role = .allowed
        case nil: if isVersion3 { noteFault("a data constraint without role") }
        case let other?: noteFault("the constraint type \"\(other)\"")
        }
        var constraint = DataConstraint(identity: try readIdentity(), role: role)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "ConstraintAttachment": try readAttachment(into: &constraint)
            case "CubeRegion": constraint.cubeRegions.append(try readCubeRegion())
            case "DataKeySet": constraint.keySets.append(try readKeySet())
            case "ReleaseCalendar": constraint.releaseCalendar = try readReleaseCalendar()
            case "ReferencePeriod" where !isVersion3:
                let (start, end) = (xml.attribute("startTime") ?? "", xml.attribute("endTime") ?? "")
                for text in [start, end] where HeaderValues.dateTime(text, allowsDate: false) != text { noteFault("the moment \"\(text)\"") }
                constraint.referencePeriod = ReferencePeriod(start: start, end: end)
            case "MetadataKeySet", "MetadataTargetRegion":
                let name = xml.name.local
                constraint.others.append(RawPart(formatID: formatID, name: name, text: try xml.rawElement()))
            default: if try !readNameable(&constraint.identity) { noteFault("the element \(xml.name.local) of a constraint") }
            }
        }
        return constraint
    }

    private func readReleaseCalendar() throws(ReadError) -> ReleaseCalendar {
        var calendar = ReleaseCalendar(periodicity: "", offset: "", tolerance: "")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Periodicity": calendar.periodicity = try xml.text()
            case "Offset": calendar.offset = try xml.text()
            case "Tolerance": calendar.tolerance = try xml.text()
            default: noteFault("the element \(xml.name.local) of a release calendar")
            }
        }
        return calendar
    }

    private func readAttachment(into constraint: inout DataConstraint) throws(ReadError) {
        var changed = constraint
        try xml.eachChild { () throws(ReadError) in
            let implied: ArtefactClass
            switch xml.name.local {
            case "DataStructure": implied = .dataStructure
            case "Dataflow": implied = .dataflow
            case "ProvisionAgreement": implied = .provisionAgreement
            case "MetadataStructure": implied = .metadataStructure
            case "Metadataflow": implied = .metadataflow
            case "MetadataProvisionAgreement": implied = .metadataProvisionAgreement
            case "DataProvider": return changed.providerAttachment = try readObject(.dataProviderScheme, "a data provider")
            case "DataSet", "MetadataSet": return changed.setAttachments.append(try readSetReference())
            case "SimpleDataSource": return changed.dataSources.append(DataSource(try xml.text().trimmed, isQueryable: false))
            case "QueryableDataSource": return changed.dataSources.append(try readDataSource())
            default: return noteFault("the attachment of a constraint to a \(xml.name.local)")
            }
            if let reference = try readReference(implied, "an attachment") { changed.attachments.append(reference) }
        }
        constraint = changed
    }

    private func readSetReference() throws(ReadError) -> SetReference {
        var reference = SetReference(provider: nil, id: "", isMetadata: xml.name.local == "MetadataSet")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "DataProvider": reference.provider = try readObject(.dataProviderScheme, "a data provider")
            case "ID": reference.id = try xml.text().trimmed
            default: noteFault("the element \(xml.name.local) of a reference to a dataset")
            }
        }
        return reference
    }

    private func readDataSource() throws(ReadError) -> DataSource {
        var source = DataSource("", isQueryable: true)
        source.isREST = boolean("isRESTDatasource") ?? false
        source.isWebService = boolean("isWebServiceDatasource") ?? false
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "DataURL": source.url = try xml.text().trimmed
            case "WSDLURL": source.wsdlURL = try xml.text().trimmed
            case "WADLURL": source.wadlURL = try xml.text().trimmed
            default: noteFault("the element \(xml.name.local) of a data source")
            }
        }
        return source
    }

    private func readCubeRegion() throws(ReadError) -> CubeRegion {
        var region = CubeRegion(isIncluded: boolean("include") ?? true)
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "KeyValue": region.selections.append(try readSelection(isDimension: true))
            case "Attribute" where !isVersion3, "Component" where isVersion3: region.selections.append(try readSelection(isDimension: false))
            case "Annotations" where isVersion3: region.annotations += try readAnnotations()
            default: noteFault("the element \(xml.name.local) of a cube region")
            }
        }
        return region
    }

    private func readSelection(isDimension: Bool) throws(ReadError) -> ComponentSelection {
        guard let id = xml.attribute("id") else { throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no id") }
        var selection = ComponentSelection(component: id, isIncluded: boolean("include") ?? true)
        selection.isDimension = isDimension
        selection.removesPrefix = boolean("removePrefix")
        selection.validFrom = xml.attribute("validFrom")
        selection.validTo = xml.attribute("validTo")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Value":
                var value = ComponentSelection.Value("", cascade: readCascade())
                value.validFrom = xml.attribute("validFrom")
                value.validTo = xml.attribute("validTo")
                value.language = xml.attribute("lang", in: .xml)
                value.id = try xml.text()
                selection.values.append(value)
            case "TimeRange": selection.timeRange = try readTimeRange()
            default: noteFault("the element \(xml.name.local) of a selection")
            }
        }
        return selection
    }

    private func readTimeRange() throws(ReadError) -> ComponentSelection.TimeRange {
        var range = ComponentSelection.TimeRange(start: nil, end: nil)
        range.validFrom = xml.attribute("validFrom")
        range.validTo = xml.attribute("validTo")
        try xml.eachChild { () throws(ReadError) in
            let isInclusive = boolean("isInclusive") ?? true
            switch xml.name.local {
            case "StartPeriod", "AfterPeriod":
                range.start = try xml.text().trimmed
                range.startIsInclusive = isInclusive
            case "EndPeriod", "BeforePeriod":
                range.end = try xml.text().trimmed
                range.endIsInclusive = isInclusive
            default: noteFault("the element \(xml.name.local) of a time range")
            }
        }
        return range
    }

    private func readKeySet() throws(ReadError) -> KeySet {
        let isIncluded = boolean("isIncluded")
        if isIncluded == nil { noteFault("a key set that does not say whether it is included") }
        var set = KeySet(isIncluded: isIncluded ?? true, dataKeys: [])
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "Key" else { return noteFault("the element \(xml.name.local) of a key set") }
            let (validFrom, validTo) = (xml.attribute("validFrom"), xml.attribute("validTo"))
            var selections: [ComponentSelection] = []
            var components: [ComponentSelection] = []
            var annotations: [Annotation] = []
            try xml.eachChild { () throws(ReadError) in
                switch xml.name.local {
                case "KeyValue": selections.append(try readSelection(isDimension: true))
                case "Component" where isVersion3: components.append(try readSelection(isDimension: false))
                case "Annotations" where isVersion3: annotations += try readAnnotations()
                default: noteFault("the element \(xml.name.local) of a key")
                }
            }
            var key = DataKey(selections: selections, components: components)
            key.annotations = annotations
            (key.validFrom, key.validTo) = (validFrom, validTo)
            set.dataKeys.append(key)
        }
        return set
    }
}
