import SluiceKit

extension StructureMessageWriter {
    func write(_ map: StructureMap) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(map)
        for (name, reference) in [("source" as StaticString, map.source), ("target", map.target)] {
            if let reference { json.text(name, try urn(reference, "\(name)", .dataStructure, .dataflow, .metadataStructure, .metadataflow)) }
        }
        let epochs = map.timeMaps.filter { if case .epoch = $0.method { true } else { false } }
        let patterns = map.timeMaps.filter { if case .pattern = $0.method { true } else { false } }
        try write("epochMaps", epochs, of: map)
        try write("datePatternMaps", patterns, of: map)
        if !map.frequencyFormats.isEmpty {
            json.beginArray("frequencyFormatMappings")
            for format in map.frequencyFormats {
                json.beginObject()
                try writeID(format.id)
                try checkID(format.frequency)
                json.text("frequencyId", format.frequency)
                json.text("datePattern", format.pattern)
                writeSupplement(format.supplement) { format.id.map { ObjectReference(map.reference, item: $0, itemClass: "FrequencyFormatMapping").urn } }
                json.endObject()
            }
            json.endArray()
        }
        try writeComponentMaps(map.componentMaps)
        try writeFixedValues(map.fixedValues)
        json.endObject()
    }

    private func writeID(_ id: String?) throws(Unwritable) {
        guard let id else { return }
        try checkID(id)
        json.text("id", id)
    }

    private func checkID(_ id: String) throws(Unwritable) {
        guard SchemaPattern.isID(id) else { throw Unwritable("the schema does not let the id \(id.prefix(60)) through") }
    }

    private func checkNested(_ ids: [String]) throws(Unwritable) {
        guard !ids.isEmpty, ids.allSatisfy({ SchemaPattern.isNestedID($0) }) else {
            throw Unwritable("a map names no component, or one whose id the schema does not let through")
        }
    }

    private func write(_ name: StaticString, _ maps: [StructureMap.TimeMap], of map: StructureMap) throws(Unwritable) {
        guard !maps.isEmpty else { return }
        json.beginArray(name)
        for time in maps {
            json.beginObject()
            try writeID(time.id)
            var itemClass = "EpochMap"
            switch time.method {
            case .epoch(let base, let period):
                let unit = period.lowercased()
                guard ["nanosecond", "millisecond", "microsecond", "second", "day"].contains(unit) else {
                    throw Unwritable("an epoch map counts in \(period.prefix(60)), which the schema does not know")
                }
                json.text("basePeriod", base)
                json.text("epochPeriod", unit)
            case .pattern(let pattern, let locale):
                itemClass = "DatePatternMap"
                json.text("sourcePattern", pattern)
                json.text("locale", locale)
            }
            guard !time.pairs.isEmpty else { throw Unwritable("a map of times names no components") }
            json.beginArray("mappedComponents")
            for pair in time.pairs {
                try checkNested([pair.source, pair.target])
                json.beginObject()
                json.text("source", pair.source)
                json.text("target", pair.target)
                json.endObject()
            }
            json.endArray()
            try writeFrequency(time)
            if let resolved = time.resolvePeriod {
                if ["startOfPeriod", "endOfPeriod", "midPeriod"].contains(resolved) {
                    json.text("resolvePeriod", resolved)
                } else {
                    lost("resolvePeriod \(resolved)")
                }
            }
            writeSupplement(time.supplement) { time.id.map { ObjectReference(map.reference, item: $0, itemClass: itemClass).urn } }
            json.endObject()
        }
        json.endArray()
    }

    private func writeFrequency(_ time: StructureMap.TimeMap) throws(Unwritable) {
        switch time.frequency {
        case .dimension(let dimension, let mapped):
            try checkID(dimension)
            for id in mapped { try checkID(id) }
            json.text("frequencyDimension", dimension)
            json.texts("mappedFrequencies", mapped)
        case .fixed(let frequency):
            try checkID(frequency)
            json.text("targetFrequencyID", frequency)
        case nil: throw Unwritable("a map of times names no frequency")
        }
    }

    private func writeComponentMaps(_ maps: [StructureMap.ComponentMap]) throws(Unwritable) {
        guard !maps.isEmpty else { return }
        json.beginArray("componentMaps")
        for map in maps {
            try checkNested(map.sources)
            try checkNested(map.targets)
            json.newLine()
            json.beginObject()
            json.texts("source", map.sources)
            json.texts("target", map.targets)
            if let representation = map.representationMap { json.text("representationMap", try urn(representation, "representation map", .representationMap)) }
            writeAnnotations(map.annotations)
            json.endObject()
        }
        json.endArray()
    }

    private func writeFixedValues(_ values: [StructureMap.FixedValue]) throws(Unwritable) {
        guard !values.isEmpty else { return }
        json.beginArray("fixedValueMaps")
        for fixed in values {
            try checkNested([fixed.component])
            json.beginObject()
            json.text(fixed.isSource ? "source" : "target", fixed.component)
            json.texts("values", fixed.values)
            writeAnnotations(fixed.annotations)
            json.endObject()
        }
        json.endArray()
    }

    // MARK: Values

    func write(_ map: RepresentationMap) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(map)
        for (name, sides) in [("source" as StaticString, map.sources), ("target", map.targets)] where !sides.isEmpty {
            json.beginArray(name)
            for side in sides {
                json.beginObject()
                switch side {
                case .list(let list): json.text("codelist", try urn(list, "\(name)", .codelist, .valueList))
                case .type(let type):
                    guard TextType(rawValue: type).map({ $0 != .attachmentConstraintReference }) ?? false else {
                        throw Unwritable("\(type.prefix(60)) is not a data type that SDMX-JSON knows")
                    }
                    json.text("dataType", type)
                }
                json.endObject()
            }
            json.endArray()
        }
        if !map.mappings.isEmpty {
            json.beginArray("representationMappings")
            for mapping in map.mappings {
                guard !mapping.sources.isEmpty else { throw Unwritable("a mapping has no source value") }
                json.newLine()
                json.beginObject()
                json.beginArray("sourceValues")
                for source in mapping.sources {
                    json.beginObject()
                    write(source)
                    json.endObject()
                }
                json.endArray()
                json.texts("targetValues", mapping.targets)
                writeEnd(of: mapping)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    func write(_ map: ItemSchemeMap) throws(Unwritable) {
        json.beginObject()
        try writeIdentity(map)
        for (name, reference) in [("source" as StaticString, map.source), ("target", map.target)] {
            guard let reference else { continue }
            switch map.artefactClass {
            case .categorySchemeMap: json.text(name, try urn(reference, "\(name)", .categoryScheme))
            case .organisationSchemeMap:
                json.text(
                    name,
                    try urn(reference, "\(name)", .agencyScheme, .dataProviderScheme, .dataConsumerScheme, .metadataProviderScheme, .organisationUnitScheme))
            case .reportingTaxonomyMap: json.text(name, try urn(reference, "\(name)", .reportingTaxonomy))
            default: json.text(name, try urn(reference, "\(name)", .conceptScheme))
            }
        }
        if !map.mappings.isEmpty {
            json.beginArray("itemMaps")
            for mapping in map.mappings {
                guard mapping.sources.count == 1, mapping.targets.count <= 1 else { throw Unwritable("a mapping has several source or target values") }
                json.newLine()
                json.beginObject()
                json.beginObject("sourceValue")
                write(mapping.sources[0])
                json.endObject()
                json.text("targetValue", mapping.targets.first)
                writeEnd(of: mapping)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    private func write(_ source: ValueMapping.Source) {
        json.text("value", source.value)
        json.bool("isRegEx", source.isRegularExpression)
        json.integer("startIndex", source.startIndex)
        json.integer("endIndex", source.endIndex)
    }

    private func writeEnd(of mapping: ValueMapping) {
        writeDateTime("validFrom", mapping.validFrom)
        writeDateTime("validTo", mapping.validTo)
        writeAnnotations(mapping.annotations)
    }
}
