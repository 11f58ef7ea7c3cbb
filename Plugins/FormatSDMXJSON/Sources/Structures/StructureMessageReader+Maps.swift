import SluiceKit

extension StructureMessageReader {
    func readStructureMap(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> StructureMap {
        var map = StructureMap(identity: identity)
        map.source = try object.reference("source")
        map.target = try object.reference("target")
        for var element in try object.objects("epochMaps", "epoch map") {
            let base = try element.text("basePeriod")
            let period = try element.text("epochPeriod")?.lowercased()
            guard let base, let period else {
                fault("an epoch map is not complete; it is left out", advice: "Give basePeriod and epochPeriod.")
                continue
            }
            map.timeMaps.append(try readTimeMap(&element, .epoch(base: base, period: period)))
        }
        for var element in try object.objects("datePatternMaps", "date pattern map") {
            guard let pattern = try element.text("sourcePattern") else {
                fault("a date pattern map has no pattern; it is left out", advice: "Give sourcePattern.")
                continue
            }
            map.timeMaps.append(try readTimeMap(&element, .pattern(pattern, locale: try element.text("locale") ?? "en")))
        }
        for var element in try object.objects("frequencyFormatMappings", "frequency format") {
            let (supplement, ownURN) = try readSupplement(&element)
            let frequency = try element.text("frequencyId")
            guard let frequency, let pattern = try element.text("datePattern") else {
                fault("a frequency format is not complete; it is left out", advice: "Give frequencyId and datePattern.")
                continue
            }
            var format = StructureMap.FrequencyFormat(frequency: frequency, pattern: pattern)
            format.id = try element.text("id") ?? Self.ownID(ownURN)
            format.supplement = supplement
            element.finish()
            map.frequencyFormats.append(format)
        }
        try object.forEachObject("componentMaps", "component map") { (element) throws(ReadError) in
            var component = StructureMap.ComponentMap(sources: try element.texts("source"), targets: try element.texts("target"))
            component.representationMap = try element.reference("representationMap")
            component.annotations = try readAnnotations(&element)
            element.finish()
            map.componentMaps.append(component)
        }
        try readFixedValues(&object, &map)
        return map
    }

    private func readFixedValues(_ object: inout StructureObject, _ map: inout StructureMap) throws(ReadError) {
        for var element in try object.objects("fixedValueMaps", "fixed value map") {
            let source = try element.text("source")
            let target = try element.text("target")
            guard let component = source ?? target else {
                fault("a fixed value map names no component; it is left out", advice: "Give source or target.")
                continue
            }
            var values = try element.texts("values")
            if let only = try element.text("value") { values.append(only) }
            var fixed = StructureMap.FixedValue(component: component, isSource: source != nil, values: values)
            fixed.annotations = try readAnnotations(&element)
            element.finish()
            map.fixedValues.append(fixed)
        }
    }

    private func readTimeMap(_ element: inout StructureObject, _ method: StructureMap.TimeMap.Method) throws(ReadError) -> StructureMap.TimeMap {
        var map = StructureMap.TimeMap(method)
        let (supplement, ownURN) = try readSupplement(&element)
        map.id = try element.text("id") ?? Self.ownID(ownURN)
        map.supplement = supplement
        for var pair in try element.objects("mappedComponents", "mapped component") {
            let source = try pair.text("source")
            if let source, let target = try pair.text("target") {
                map.pairs.append(StructureMap.TimeMap.Pair(source: source, target: target))
            } else {
                fault("a mapped component is not complete; it is left out", advice: "Give source and target.")
            }
            pair.finish()
        }
        map.resolvePeriod = try element.text("resolvePeriod")
        if let dimension = try element.text("frequencyDimension") {
            map.frequency = .dimension(dimension, mapped: try element.texts("mappedFrequencies"))
        } else if let frequency = try element.text("targetFrequencyID") {
            map.frequency = .fixed(frequency)
        }
        element.finish()
        return map
    }

    // MARK: Values

    func readRepresentationMap(_ object: inout StructureObject, _ identity: ArtefactIdentity) throws(ReadError) -> RepresentationMap {
        var map = RepresentationMap(identity: identity)
        map.sources = try readSides(&object, "source")
        map.targets = try readSides(&object, "target")
        let start = offset
        try object.forEachObject("representationMappings", "value mapping") { (element) throws(ReadError) in
            var mapping = ValueMapping(sources: [], targets: [])
            for var source in try element.objects("sourceValues", "source value") {
                if let value = try readSourceValue(&source) { mapping.sources.append(value) }
            }
            mapping.targets = try element.texts("targetValues")
            try readMappingEnd(&element, &mapping)
            map.mappings.append(mapping)
        }
        offset = start
        return map
    }

    private func readSides(_ object: inout StructureObject, _ name: String) throws(ReadError) -> [RepresentationMap.Side] {
        var sides: [RepresentationMap.Side] = []
        for var element in try object.objects(name, "side of a map") {
            if let list = try element.reference("codelist") {
                sides.append(.list(list))
            } else if let type = try element.text("dataType") {
                sides.append(.type(type))
            } else if !element.has("codelist") {
                fault("a \(name) is neither a list nor a data type; it is left out", advice: "Give codelist or dataType.")
            }
            element.finish()
        }
        return sides
    }

    func readItemSchemeMap(_ object: inout StructureObject, _ identity: ArtefactIdentity, _ artefactClass: ArtefactClass) throws(ReadError) -> ItemSchemeMap {
        var map = ItemSchemeMap(artefactClass, identity: identity)
        map.source = try object.reference("source")
        map.target = try object.reference("target")
        let start = offset
        try object.forEachObject("itemMaps", "item map") { (element) throws(ReadError) in
            var mapping = ValueMapping(sources: [], targets: [])
            if var source = try element.object("sourceValue", "source value"), let value = try readSourceValue(&source) { mapping.sources = [value] }
            if let target = try element.text("targetValue") { mapping.targets = [target] }
            try readMappingEnd(&element, &mapping)
            map.mappings.append(mapping)
        }
        offset = start
        return map
    }

    private func readSourceValue(_ source: inout StructureObject) throws(ReadError) -> ValueMapping.Source? {
        guard let text = try source.text("value") else {
            fault("a source value is missing; it is left out", advice: "Give value.")
            return nil
        }
        var value = ValueMapping.Source(text)
        value.isRegularExpression = try source.bool("isRegEx")
        value.startIndex = try source.integer("startIndex")
        value.endIndex = try source.integer("endIndex")
        source.finish()
        return value
    }

    private func readMappingEnd(_ element: inout StructureObject, _ mapping: inout ValueMapping) throws(ReadError) {
        mapping.annotations = try readAnnotations(&element)
        mapping.validFrom = try element.dateTime("validFrom")
        mapping.validTo = try element.dateTime("validTo")
        element.finish()
    }
}
