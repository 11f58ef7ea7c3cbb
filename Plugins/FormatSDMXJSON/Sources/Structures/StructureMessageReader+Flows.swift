import SluiceKit

/// Flows, agreements and constraints.
extension StructureMessageReader {
    func readDataflow(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> Dataflow {
        var flow = Dataflow(identity: identity, structure: try object.reference("structure"))
        flow.dimensionConstraint = try object.texts("dimensionConstraint")
        return flow
    }

    func readMetadataflow(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> Metadataflow {
        var flow = Metadataflow(identity: identity, structure: try object.reference("structure"))
        flow.targets = try object.texts("targets")
        return flow
    }

    /// `dataflow` and `dataProvider` in 2.0, `structureUsage` and `dataProvider` in 1.0, `metadataflow` and `metadataProvider` for metadata.
    func readProvisionAgreement(_ object: inout StructureObject, _ identity: ArtefactIdentity, isMetadata: Bool) throws(ReadError) -> ProvisionAgreement {
        var agreement = ProvisionAgreement(identity: identity, isMetadata: isMetadata)
        for name in isMetadata ? ["metadataflow"] : ["dataflow", "structureUsage"] where agreement.flow == nil { agreement.flow = try object.reference(name) }
        agreement.provider = try object.objectReference(isMetadata ? "metadataProvider" : "dataProvider")
        agreement.targets = isMetadata ? try object.texts("targets") : []
        return agreement
    }

    // MARK: Constraints

    func readConstraint(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> DataConstraint {
        var constraint = DataConstraint(identity: identity)
        for name in ["role", "type"] {
            guard let role = try object.text(name) else { continue }
            switch role.lowercased() {
            case "allowed": constraint.role = .allowed
            case "actual": constraint.role = .actual
            default: fault("its \(name) is neither Allowed nor Actual; it is taken as Allowed", text: role, advice: "Write one of the two.")
            }
        }
        if var attachment = try object.object("constraintAttachment", "constraint attachment") { try readAttachment(&attachment, &constraint) }
        for var element in try object.objects("cubeRegions", "cube region") { constraint.cubeRegions.append(try readRegion(&element)) }
        try object.forEachObject("dataKeySets", "key set") { (element) throws(ReadError) in constraint.keySets.append(try readKeySet(&element)) }
        if var calendar = try object.object("releaseCalendar", "release calendar") {
            constraint.releaseCalendar = ReleaseCalendar(
                periodicity: try calendar.text("periodicity") ?? "", offset: try calendar.text("offset") ?? "", tolerance: try calendar.text("tolerance") ?? "")
            calendar.finish()
        }
        if var period = try object.object("referencePeriod", "reference period") {
            if let start = try period.text("startTime"), let end = try period.text("endTime") {
                constraint.referencePeriod = ReferencePeriod(start: start, end: end)
            } else {
                fault("its reference period is not complete; it is left out", advice: "Give startTime and endTime.")
            }
            period.finish()
        }
        // 1.0: what constrains metadata is kept as it stands.
        for name in ["metadataKeySets", "metadataTargetRegions"] {
            for element in try object.elements(name) {
                constraint.others.append(RawPart(formatID: SDMXJSONStructureFormat(.v10).id, name: name, text: element.compactText))
            }
        }
        return constraint
    }

    private func readAttachment(_ attachment: inout StructureObject, _ constraint: inout DataConstraint) throws(ReadError) {
        for name in ["dataStructures", "metadataStructures", "dataflows", "metadataflows", "provisionAgreements"] {
            constraint.attachments += try attachment.references(name)
        }
        constraint.providerAttachment = try attachment.objectReference("dataProvider")
        for (name, isMetadata) in [("dataSet", false), ("metadataSet", true)] {
            guard var set = try attachment.object(name, "set reference") else { continue }
            if let id = try set.text("id") {
                constraint.setAttachments.append(SetReference(provider: try set.objectReference("dataProvider"), id: id, isMetadata: isMetadata))
            }
            set.finish()
        }
        if let address = try attachment.text("simpleDataSource") { constraint.dataSources.append(DataSource(address, isQueryable: false)) }
        for address in try attachment.texts("simpleDataSources") { constraint.dataSources.append(DataSource(address, isQueryable: false)) }
        for var element in try attachment.objects("queryableDataSources", "data source") {
            if let address = try element.text("dataURL") {
                var source = DataSource(address, isQueryable: true)
                source.isREST = try element.bool("isRESTDatasource") ?? false
                source.isWebService = try element.bool("isWebServiceDatasource") ?? false
                source.wsdlURL = try element.text("wsdlURL")
                source.wadlURL = try element.text("wadlURL")
                constraint.dataSources.append(source)
            } else {
                fault("a data source has no dataURL; it is left out", advice: "Give its address.")
            }
            element.finish()
        }
        attachment.finish()
    }

    private func readRegion(_ element: inout StructureObject) throws(ReadError) -> CubeRegion {
        let (include, isIncluded) = (try element.bool("include"), try element.bool("isIncluded"))
        var region = CubeRegion(isIncluded: include ?? isIncluded ?? true)
        region.annotations = try readAnnotations(&element)
        for (name, isDimension) in [("keyValues", true), ("components", false), ("attributes", false)] {
            for var item in try element.objects(name, "selection") {
                if let selection = try readSelection(&item, isDimension: isDimension) { region.selections.append(selection) }
            }
        }
        element.finish()
        return region
    }

    private func readSelection(_ item: inout StructureObject, isDimension: Bool) throws(ReadError) -> ComponentSelection? {
        guard let id = try item.text("id") else {
            fault("a selection names no component; it is left out", advice: "Give the id of the component.")
            return nil
        }
        var selection = ComponentSelection(component: id, isIncluded: try item.bool("include") ?? true)
        selection.isDimension = isDimension
        selection.removesPrefix = try item.bool("removePrefix")
        selection.validFrom = try item.period("validFrom")
        selection.validTo = try item.period("validTo")
        if let only = try item.text("value") { selection.values.append(ComponentSelection.Value(only)) }
        for value in try item.elements("values") { if let value = try readSelectedValue(value) { selection.values.append(value) } }
        if item.has("cascadeValues") {
            // 1.0: those of the values, or further ones, that stand for their narrower codes too.
            let positions = Dictionary(selection.values.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
            for cascading in try item.texts("cascadeValues") {
                if let index = positions[cascading] {
                    selection.values[index].cascade = .withRoot
                } else {
                    selection.values.append(ComponentSelection.Value(cascading, cascade: .withRoot))
                }
            }
        }
        if var range = try item.object("timeRange", "time range") { selection.timeRange = try readTimeRange(&range) }
        item.finish()
        return selection
    }

    private func readSelectedValue(_ value: JSONValue) throws(ReadError) -> ComponentSelection.Value? {
        if let text = value.text { return ComponentSelection.Value(text) }
        guard var element = object(value, "selected value", name: "values"), let text = try element.text("value") else { return nil }
        var selected = ComponentSelection.Value(text, cascade: try readCascade(&element, "cascadeValues") ?? .no)
        selected.language = try element.text("lang")
        selected.validFrom = try element.period("validFrom")
        selected.validTo = try element.period("validTo")
        element.finish()
        return selected
    }

    /// Before a period, after one, or from one to another.
    private func readTimeRange(_ element: inout StructureObject) throws(ReadError) -> ComponentSelection.TimeRange? {
        var range = ComponentSelection.TimeRange(start: nil, end: nil)
        for (name, isStart) in [("startPeriod", true), ("afterPeriod", true), ("endPeriod", false), ("beforePeriod", false)] {
            guard var period = try element.object(name, "period") else { continue }
            let text = try period.period("period")
            let isInclusive = try period.bool("isInclusive") ?? true
            period.finish()
            if isStart {
                range.start = text
                range.startIsInclusive = isInclusive
            } else {
                range.end = text
                range.endIsInclusive = isInclusive
            }
        }
        range.validFrom = try element.period("validFrom")
        range.validTo = try element.period("validTo")
        element.finish()
        guard range.start != nil || range.end != nil else {
            fault("a time range names no period; it is left out", advice: "Give the period from or to which it reaches.")
            return nil
        }
        return range
    }

    private func readKeySet(_ element: inout StructureObject) throws(ReadError) -> KeySet {
        var set = KeySet(isIncluded: try element.bool("isIncluded") ?? true, dataKeys: [])
        for var item in try element.objects("keys", "data key") {
            var selections: [ComponentSelection] = []
            var components: [ComponentSelection] = []
            for var value in try item.objects("keyValues", "selection") {
                if let selection = try readSelection(&value, isDimension: true) { selections.append(selection) }
            }
            for var value in try item.objects("components", "selection") {
                if let selection = try readSelection(&value, isDimension: false) { components.append(selection) }
            }
            var key = DataKey(selections: selections, components: components)
            key.annotations = try readAnnotations(&item)
            key.validFrom = try item.period("validFrom")
            key.validTo = try item.period("validTo")
            if try item.bool("include") == false {
                fault("a data key says that it is not included, which only its set may say", advice: "Use isIncluded of the set.")
            }
            item.finish()
            set.dataKeys.append(key)
        }
        element.finish()
        return set
    }
}
