import SluiceKit

/// Flows, agreements and constraints.
extension StructureMessageWriter {
    func write(_ flow: Dataflow) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(flow)
        if let structure = flow.structure { json.text("structure", try urn(structure, "structure", .dataStructure)) }
        if !flow.dimensionConstraint.isEmpty {
            if !is21 {
                lost("dimensionConstraint")
            } else {
                guard flow.dimensionConstraint.allSatisfy({ SchemaPattern.isNCName($0) }) else {
                    throw Unwritable("the schema does not let its dimensions through")
                }
                json.texts("dimensionConstraint", flow.dimensionConstraint)
            }
        }
        json.endObject()
    }

    func write(_ flow: Metadataflow) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(flow)
        if let structure = flow.structure { json.text("structure", try urn(structure, "structure", .metadataStructure)) }
        try writeTargets(flow.targets)
        json.endObject()
    }

    private func writeTargets(_ targets: [String]) throws(Unwritable) {
        for target in targets where !(URNPattern(target)?.isTarget(in: version) ?? false) {
            throw Unwritable("its target \(target.prefix(200)) is not a URN that the schema lets through")
        }
        json.texts("targets", unique(targets))
    }

    func write(_ agreement: ProvisionAgreement) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(agreement)
        if agreement.isMetadata {
            if let flow = agreement.flow { json.text("metadataflow", try urn(flow, "metadataflow", .metadataflow)) }
            if let provider = agreement.provider {
                json.text("metadataProvider", try urn(provider, "provider", item: "MetadataProvider", of: .metadataProviderScheme))
            }
            try writeTargets(agreement.targets)
        } else {
            if let flow = agreement.flow { json.text("dataflow", try urn(flow, "dataflow", .dataflow)) }
            if let provider = agreement.provider { json.text("dataProvider", try urn(provider, "provider", item: "DataProvider", of: .dataProviderScheme)) }
            if !agreement.targets.isEmpty { lost("targets") }
        }
        json.endObject()
    }

    // MARK: Constraints

    func write(_ constraint: DataConstraint) throws(Unwritable) {
        guard !is21 || constraint.role == .allowed else {
            throw Unwritable("it says which data there are; SDMX 3.1 has availability constraints for that, which have no id")
        }
        guard constraint.cubeRegions.count <= 2 else { throw Unwritable("it has more than two cube regions") }
        json.beginObject()
        try writeIdentity(constraint)
        if !is21 { json.text("role", constraint.role == .actual ? "Actual" : "Allowed") }
        try writeAttachment(constraint)
        if let calendar = constraint.releaseCalendar {
            if is21 {
                lost("its release calendar")
            } else {
                json.beginObject("releaseCalendar")
                json.text("periodicity", calendar.periodicity)
                json.text("offset", calendar.offset)
                json.text("tolerance", calendar.tolerance)
                json.endObject()
            }
        }
        if constraint.referencePeriod != nil { lost("its reference period") }
        if !constraint.others.isEmpty { lost("what it says of metadata") }
        if !constraint.keySets.isEmpty {
            json.beginArray("dataKeySets")
            for set in constraint.keySets { try write(set) }
            json.endArray()
        }
        if !constraint.cubeRegions.isEmpty {
            json.beginArray("cubeRegions")
            for region in constraint.cubeRegions { try write(region) }
            json.endArray()
        }
        json.endObject()
    }

    /// One kind of artefact, or a provider, or a file: the schema has them as alternatives.
    private func writeAttachment(_ constraint: DataConstraint) throws(Unwritable) {
        if !constraint.setAttachments.isEmpty { lost("the sets of data that it is attached to") }
        let files = constraint.dataSources.filter { !$0.isQueryable }
        let services = constraint.dataSources.filter(\.isQueryable)
        let classes = Set(constraint.attachments.map(\.artefactClass))
        let kinds = classes.count + (constraint.providerAttachment == nil ? 0 : 1)
        guard kinds <= 1 else { throw Unwritable("it is attached to artefacts of several classes") }
        let sources = is21 ? [] : services
        let isFile = kinds == 0 && !files.isEmpty && !is21
        if constraint.dataSources.count > (isFile ? files.count : classes.isEmpty ? 0 : sources.count) { lost("where its data can be fetched") }
        guard kinds > 0 || isFile else { return }
        json.beginObject("constraintAttachment")
        if let provider = constraint.providerAttachment {
            json.text("dataProvider", try urn(provider, "data provider", item: "DataProvider", of: .dataProviderScheme))
        }
        var urns: [String] = []
        for attachment in constraint.attachments { urns.append(try urn(attachment, "attachment", .dataStructure, .dataflow, .provisionAgreement)) }
        switch classes.first {
        case .dataStructure: json.texts("dataStructures", unique(urns))
        case .dataflow: json.texts("dataflows", unique(urns))
        case .provisionAgreement: json.texts("provisionAgreements", unique(urns))
        default: break
        }
        if isFile { json.texts("simpleDataSources", unique(files.map(\.url))) }
        if !classes.isEmpty, !sources.isEmpty {
            json.beginArray("queryableDataSources")
            for source in sources {
                json.beginObject()
                json.bool("isRESTDatasource", source.isREST)
                json.bool("isWebServiceDatasource", source.isWebService)
                json.text("dataURL", source.url)
                json.text("wadlURL", source.wadlURL)
                json.text("wsdlURL", source.wsdlURL)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    private func write(_ region: CubeRegion) throws(Unwritable) {
        json.newLine()
        json.beginObject()
        json.bool("include", region.isIncluded)
        writeAnnotations(region.annotations)
        try writeSelections("keyValues", region.selections.filter(\.isDimension), .region)
        try writeSelections("components", region.selections.filter { !$0.isDimension }, .component)
        json.endObject()
    }

    /// Where a selection stands: what its values may say differs.
    private enum SelectionPlace { case region, component, keyComponent }

    private func writeSelections(_ name: StaticString, _ selections: [ComponentSelection], _ place: SelectionPlace) throws(Unwritable) {
        guard !selections.isEmpty else { return }
        json.beginArray(name)
        for selection in selections {
            try check(selection, isDimension: place == .region)
            json.beginObject()
            json.text("id", selection.component)
            json.bool("include", selection.isIncluded)
            json.bool("removePrefix", selection.removesPrefix)
            if place == .region {
                writePeriod("validFrom", selection.validFrom)
                writePeriod("validTo", selection.validTo)
            } else if selection.validFrom ?? selection.validTo != nil {
                lost("the validity of the selection of \(selection.component)")
            }
            if let range = selection.timeRange {
                guard selection.values.isEmpty else { throw Unwritable("it selects values and a time range of \(selection.component)") }
                try write(range)
            } else if !selection.values.isEmpty {
                json.beginArray("values")
                for value in selection.values { write(value, place) }
                json.endArray()
            }
            json.endObject()
        }
        json.endArray()
    }

    private func check(_ selection: ComponentSelection, isDimension: Bool) throws(Unwritable) {
        guard isDimension ? SchemaPattern.isNCName(selection.component) : SchemaPattern.isNestedNCName(selection.component) else {
            throw Unwritable("the schema does not let the id \(selection.component.prefix(60)) of a selection through")
        }
    }

    private func write(_ value: ComponentSelection.Value, _ place: SelectionPlace) {
        let hasValidity = value.validFrom ?? value.validTo != nil
        guard value.cascade != .no || value.language != nil || hasValidity else {
            json.text(value.id)
            return
        }
        json.beginObject()
        json.text("value", value.id)
        writeCascade(value.cascade)
        if let language = value.language {
            if let tag = tag(language), !(is21 && place == .region) { json.text("lang", tag) } else { lost("the language of a selected value") }
        }
        if place == .keyComponent {
            if hasValidity { lost("the validity of a value in a key") }
        } else {
            writePeriod("validFrom", value.validFrom)
            writePeriod("validTo", value.validTo)
        }
        json.endObject()
    }

    private func write(_ range: ComponentSelection.TimeRange) throws(Unwritable) {
        json.beginObject("timeRange")
        func write(_ name: StaticString, _ text: String, _ isInclusive: Bool) throws(Unwritable) {
            guard let period = SchemaPattern.observationalPeriod(text) else { throw Unwritable("the period \(text.prefix(60)) of a time range is none") }
            json.beginObject(name)
            json.text("period", period)
            json.bool("isInclusive", isInclusive)
            json.endObject()
        }
        switch (range.start, range.end) {
        case (let start?, let end?):
            try write("startPeriod", start, range.startIsInclusive)
            try write("endPeriod", end, range.endIsInclusive)
        case (let start?, nil): try write("afterPeriod", start, range.startIsInclusive)
        case (nil, let end?): try write("beforePeriod", end, range.endIsInclusive)
        case (nil, nil): throw Unwritable("a time range has no period")
        }
        if is21 {
            writePeriod("validFrom", range.validFrom)
            writePeriod("validTo", range.validTo)
        } else if range.validFrom ?? range.validTo != nil {
            lost("the validity of a time range")
        }
        json.endObject()
    }

    // MARK: Key sets

    private func write(_ set: KeySet) throws(Unwritable) {
        guard !set.dataKeys.isEmpty else { throw Unwritable("a key set of it has no keys") }
        json.newLine()
        json.beginObject()
        json.bool("isIncluded", set.isIncluded)
        json.beginArray("keys")
        for key in set.dataKeys {
            for selections in try combinations(key) {
                json.newLine()
                json.beginObject()
                writeAnnotations(key.annotations)
                json.beginArray("keyValues")
                for selection in selections { try writeKeyValue(selection) }
                json.endArray()
                try writeSelections("components", key.components, .keyComponent)
                writePeriod("validFrom", key.validFrom)
                writePeriod("validTo", key.validTo)
                json.endObject()
            }
        }
        json.endArray()
        json.endObject()
    }

    /// In 2.0 a dimension of a key has one value: a key with several stands for each combination of them.
    private func combinations(_ key: DataKey) throws(Unwritable) -> [[ComponentSelection]] {
        if is21 || key.selections.allSatisfy({ $0.values.count == 1 }) { return [key.selections] }
        var all: [[ComponentSelection]] = [[]]
        for selection in key.selections {
            guard all.count * selection.values.count <= DataKey.combinationsMax else {
                throw Unwritable("a key stands for more than \(DataKey.combinationsMax) combinations")
            }
            all = all.flatMap { key in
                selection.values.map { value in
                    var single = selection
                    single.values = [value]
                    return key + [single]
                }
            }
        }
        return all
    }

    private func writeKeyValue(_ selection: ComponentSelection) throws(Unwritable) {
        try check(selection, isDimension: true)
        guard !selection.values.isEmpty, selection.timeRange == nil else { throw Unwritable("a key gives no value of \(selection.component)") }
        guard selection.isIncluded || !is21 else { throw Unwritable("a key excludes a value of \(selection.component)") }
        if selection.values.contains(where: { $0.cascade != .no || $0.language != nil || $0.validFrom != nil || $0.validTo != nil }) {
            lost("what is said of the values of keys")
        }
        if selection.validFrom ?? selection.validTo != nil { lost("the validity of the values of keys") }
        json.beginObject()
        json.text("id", selection.component)
        if !selection.isIncluded { json.bool("include", false) }
        json.bool("removePrefix", selection.removesPrefix)
        if selection.values.count == 1 { json.text("value", selection.values[0].id) } else { json.texts("values", selection.values.map(\.id)) }
        json.endObject()
    }
}
