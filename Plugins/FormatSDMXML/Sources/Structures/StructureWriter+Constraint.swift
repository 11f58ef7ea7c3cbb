import SluiceKit

/// Content constraints (2.1) and data constraints (3.x).
extension StructureWriter {
    /// The prefix of the elements in a region: 2.1 has them in the common namespace.
    private var prefix: String { isVersion3 ? "str:" : "com:" }

    func write(_ constraint: DataConstraint) throws(WriteError) {
        let element = isVersion3 ? "DataConstraint" : "ContentConstraint"
        if isVersion3, constraint.cubeRegions.count > 2 {
            throw WriteError(.unsupported, detail: "it has \(constraint.cubeRegions.count) cube regions, and SDMX-ML 3.x has at most 2; split it")
        }
        if isVersion3, Set(constraint.cubeRegions.map(\.isIncluded)).count < constraint.cubeRegions.count {
            throw WriteError(.unsupported, detail: "it has two cube regions that both include or both exclude, and SDMX-ML 3.x has one of each; split it")
        }
        if version == .v3_1, constraint.role == .actual {
            throw WriteError(
                .unsupported, detail: "it says what data there are, for which SDMX-ML 3.1 has no constraint with an id (it has AvailabilityConstraint)")
        }
        try start(element, constraint.identity, .dataConstraint) { () throws(WriteError) in
            if version == .v3_1 { return }
            try writer.write(attribute: isVersion3 ? "role" : "type", constraint.role == .allowed ? "Allowed" : "Actual")
        }
        try writeAttachment(constraint)
        if isVersion3 { try writeCalendar(constraint) }
        for set in constraint.keySets { try write(set) }
        for part in constraint.others where !isWritable(part) { lose("the \(part.name) of a constraint") }
        let kept = constraint.others.filter(isWritable)
        for part in kept where part.name == "MetadataKeySet" { try writer.write(text: part.text) }
        for region in constraint.cubeRegions { try write(region) }
        for part in kept where part.name != "MetadataKeySet" { try writer.write(text: part.text) }
        if !isVersion3 {
            try writeCalendar(constraint)
            if let period = constraint.referencePeriod {
                try writer.write("<str:ReferencePeriod")
                try writer.write(attribute: "startTime", period.start)
                try writer.write(attribute: "endTime", period.end)
                try writer.write("/>\n")
            }
        } else if constraint.referencePeriod != nil {
            lose("the reference period of a constraint")
        }
        try end(element)
    }

    private func writeCalendar(_ constraint: DataConstraint) throws(WriteError) {
        guard let calendar = constraint.releaseCalendar else { return }
        guard version != .v3_1 else { return lose("the release calendar of a constraint") }
        try writer.write("<str:ReleaseCalendar>")
        try element("str:Periodicity", calendar.periodicity)
        try element("str:Offset", calendar.offset)
        try element("str:Tolerance", calendar.tolerance)
        try end("ReleaseCalendar")
    }

    private func writeAttachment(_ constraint: DataConstraint) throws(WriteError) {
        if version == .v3_1, !constraint.dataSources.isEmpty { lose("the data sources of a constraint") }
        if isVersion3, !constraint.setAttachments.isEmpty { lose("the datasets to which a constraint is attached") }
        let sources = version == .v3_1 ? [] : constraint.dataSources
        let sets = isVersion3 ? [] : constraint.setAttachments
        let groups = [constraint.attachments.isEmpty, constraint.providerAttachment == nil, sets.isEmpty].filter { !$0 }.count
        guard groups > 0 || !sources.isEmpty else { return }
        guard groups <= 1, Set(constraint.attachments.map(\.artefactClass)).count <= 1 else {
            throw WriteError(.unsupported, detail: "it is attached to artefacts of several classes, and SDMX-ML allows one; split it")
        }
        try writer.write("<str:ConstraintAttachment>")
        for attachment in constraint.attachments {
            switch (attachment.artefactClass, isVersion3) {
            case (.dataStructure, _), (.dataflow, _), (.provisionAgreement, _), (.metadataStructure, false), (.metadataflow, false):
                try write(attachment.artefactClass.rawValue, attachment)
            default:
                throw WriteError(
                    .unsupported,
                    detail: "it is attached to a \(attachment.artefactClass.rawValue), to which SDMX-ML \(version.rawValue) does not attach such constraints")
            }
        }
        if let provider = constraint.providerAttachment { try write("DataProvider", provider) }
        for set in sets {
            try writer.write(set.isMetadata ? "<str:MetadataSet>" : "<str:DataSet>")
            guard let provider = set.provider else { throw WriteError(.unsupported, detail: "it is attached to a dataset without provider") }
            try writer.write("<com:DataProvider>")
            try write(reference: provider)
            try writer.write("</com:DataProvider>")
            try element("com:ID", set.id)
            try writer.write(set.isMetadata ? "</str:MetadataSet>" : "</str:DataSet>")
        }
        for source in sources { try write(source) }
        try end("ConstraintAttachment")
    }

    private func write(_ source: DataSource) throws(WriteError) {
        guard source.isQueryable else { return try element("str:SimpleDataSource", source.url) }
        try writer.write("<str:QueryableDataSource")
        try writer.write(attribute: "isRESTDatasource", String(source.isREST))
        try writer.write(attribute: "isWebServiceDatasource", String(source.isWebService))
        try writer.write(">")
        try element("com:DataURL", source.url)
        if let url = source.wsdlURL { try element("com:WSDLURL", url) }
        if let url = source.wadlURL { try element("com:WADLURL", url) }
        try end("QueryableDataSource")
    }

    private func write(_ set: KeySet) throws(WriteError) {
        // A key of 2.1 has one dimension at least.
        let keys = isVersion3 ? set.dataKeys : set.dataKeys.filter { !$0.selections.isEmpty }
        if keys.count < set.dataKeys.count { lose("keys without dimensions") }
        guard !keys.isEmpty else { return lose("a key set without keys") }
        try writer.write("<str:DataKeySet")
        try writer.write(attribute: "isIncluded", set.isIncluded ? "true" : "false")
        try writer.write(">\n")
        for key in keys {
            // Only 3.1 lets a key have several values: before, it is several keys.
            if version != .v3_1, key.selections.contains(where: { $0.values.count > 1 }) {
                for combination in KeySet(dataKeys: [key]).keys {
                    var single = KeySet(keys: [combination]).dataKeys[0]
                    (single.components, single.annotations, single.validFrom, single.validTo) = (key.components, key.annotations, key.validFrom, key.validTo)
                    try write(single)
                }
            } else {
                try write(key)
            }
        }
        try end("DataKeySet")
    }

    private func write(_ key: DataKey) throws(WriteError) {
        try writer.write("<str:Key")
        if isVersion3 {
            try writer.write(attribute: "validFrom", key.validFrom)
            try writer.write(attribute: "validTo", key.validTo)
        } else if key.validFrom != nil || key.validTo != nil {
            lose("the validity of keys")
        }
        try writer.write(">")
        if isVersion3 { try write(annotations: key.annotations) } else if !key.annotations.isEmpty { lose("annotations of keys", .note) }
        for selection in key.selections {
            try writer.write(text: "<\(prefix)KeyValue")
            try writer.write(attribute: "id", selection.component)
            if isVersion3 { try writer.write(attribute: "removePrefix", selection.removesPrefix.map(String.init)) }
            try writer.write(">")
            for value in selection.values { try element(prefix + "Value", value.id) }
            try writer.write(text: "</\(prefix)KeyValue>")
        }
        if isVersion3 {
            for component in key.components { try write(component, "Component") }
        } else if !key.components.isEmpty {
            lose("values of components beside keys")
        }
        try end("Key")
    }

    private func write(_ region: CubeRegion) throws(WriteError) {
        try writer.write("<str:CubeRegion")
        try writer.write(attribute: "include", region.isIncluded ? "true" : "false")
        try writer.write(">\n")
        if isVersion3 { try write(annotations: region.annotations) } else if !region.annotations.isEmpty { lose("annotations of cube regions", .note) }
        // Only what is no dimension may be named without a value (`common:AttributeValueSetType`), and it comes last.
        func isKey(_ selection: ComponentSelection) -> Bool { selection.isDimension && (!selection.values.isEmpty || selection.timeRange != nil) }
        for selection in region.selections where isKey(selection) { try write(selection, "KeyValue") }
        for selection in region.selections where !isKey(selection) { try write(selection, isVersion3 ? "Component" : "Attribute") }
        try end("CubeRegion")
    }

    private func write(_ selection: ComponentSelection, _ name: String) throws(WriteError) {
        try writer.write(text: "<\(prefix)\(name)")
        try writer.write(attribute: "id", selection.component)
        try writer.write(attribute: "include", selection.isIncluded ? "true" : "false")
        if isVersion3 {
            try writer.write(attribute: "removePrefix", selection.removesPrefix.map(String.init))
            if name == "KeyValue" {
                try writer.write(attribute: "validFrom", selection.validFrom)
                try writer.write(attribute: "validTo", selection.validTo)
            }
        } else {
            if selection.removesPrefix != nil { lose("that prefixes are left off values") }
            if selection.validFrom != nil || selection.validTo != nil { lose("the validity of values in a region") }
        }
        try writer.write(">")
        if let range = selection.timeRange {
            try write(range, of: selection.component)
        } else {
            for value in selection.values { try write(value, isKey: name == "KeyValue") }
        }
        try writer.write(text: "</\(prefix)\(name)>\n")
    }

    private func write(_ value: ComponentSelection.Value, isKey: Bool) throws(WriteError) {
        try writer.write(text: "<\(prefix)Value")
        try write(cascade: value.cascade)
        if isVersion3 {
            if !isKey { try writer.write(attribute: "xml:lang", value.language) }
            try writer.write(attribute: "validFrom", value.validFrom)
            try writer.write(attribute: "validTo", value.validTo)
        } else if value.language != nil || value.validFrom != nil || value.validTo != nil {
            lose("the language or validity of values in a region")
        }
        try writer.write(">")
        try writer.write(escaped: value.id)
        try writer.write(text: "</\(prefix)Value>")
    }

    private func write(_ range: ComponentSelection.TimeRange, of component: String) throws(WriteError) {
        try writer.write(text: "<\(prefix)TimeRange")
        if isVersion3 {
            try writer.write(attribute: "validFrom", range.validFrom)
            try writer.write(attribute: "validTo", range.validTo)
        } else if range.validFrom != nil || range.validTo != nil {
            lose("the validity of time ranges")
        }
        try writer.write(">")
        switch (range.start, range.end) {
        case (let start?, let end?):
            try write("StartPeriod", start, range.startIsInclusive)
            try write("EndPeriod", end, range.endIsInclusive)
        case (let start?, nil): try write("AfterPeriod", start, range.startIsInclusive)
        case (nil, let end?): try write("BeforePeriod", end, range.endIsInclusive)
        case (nil, nil): throw WriteError(.unsupported, detail: "a time range of \(component) has neither start nor end")
        }
        try writer.write(text: "</\(prefix)TimeRange>")
    }

    private func write(_ name: String, _ period: String, _ isInclusive: Bool) throws(WriteError) {
        try writer.write(text: "<\(prefix)\(name)")
        try writer.write(attribute: "isInclusive", isInclusive ? "true" : "false")
        try writer.write(">")
        try writer.write(escaped: period)
        try writer.write(text: "</\(prefix)\(name)>")
    }
}
