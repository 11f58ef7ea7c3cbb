import SluiceKit

/// Structure, representation and item scheme maps of 3.x.
extension StructureWriter {
    func write(_ map: StructureMap) throws(WriteError) {
        guard let source = map.source, let target = map.target else { throw Self.withoutEnds }
        try start("StructureMap", map.identity, .structureMap)
        try write("Source", source)
        try write("Target", target)
        for part in map.timeMaps { if case .epoch = part.method { try write(part) } }
        for part in map.timeMaps { if case .pattern = part.method { try write(part) } }
        for format in map.frequencyFormats {
            try writer.write("<str:FrequencyFormatMapping")
            try writer.write(attribute: "id", format.id)
            try writer.write(attribute: "uri", format.supplement.uri)
            try writer.write(">")
            try write(format.supplement)
            try element("str:FrequencyId", format.frequency)
            try element("str:DatePattern", format.pattern)
            try end("FrequencyFormatMapping")
        }
        for part in map.componentMaps {
            guard !part.sources.isEmpty, !part.targets.isEmpty else { throw Self.withoutEnds }
            try writer.write("<str:ComponentMap>")
            try write(annotations: part.annotations)
            for id in part.sources { try element("str:Source", id) }
            for id in part.targets { try element("str:Target", id) }
            if let map = part.representationMap { try write("RepresentationMap", map) }
            try end("ComponentMap")
        }
        for part in map.fixedValues {
            try writer.write("<str:FixedValueMap>")
            try write(annotations: part.annotations)
            try element(part.isSource ? "str:Source" : "str:Target", part.component)
            for value in part.values { try element("str:Value", value) }
            try end("FixedValueMap")
        }
        try end("StructureMap")
    }

    private static let withoutEnds = WriteError(.unsupported, detail: "it lacks a source or target, which the schemas demand")

    private func write(_ map: StructureMap.TimeMap) throws(WriteError) {
        let name: String
        if case .epoch = map.method { name = "EpochMap" } else { name = "DatePatternMap" }
        try writer.write(text: "<str:\(name)")
        try writer.write(attribute: "id", map.id)
        try writer.write(attribute: "uri", map.supplement.uri)
        try writer.write(attribute: "resolvePeriod", map.resolvePeriod)
        switch map.method {
        case .epoch(let base, let period):
            try writer.write(attribute: "basePeriod", base)
            try writer.write(attribute: "epochPeriod", period)
        case .pattern(let pattern, let locale):
            try writer.write(attribute: "sourcePattern", pattern)
            try writer.write(attribute: "locale", locale)
        }
        try writer.write(">")
        try write(map.supplement)
        for pair in map.pairs {
            try element("str:Source", pair.source)
            try element("str:Target", pair.target)
        }
        switch map.frequency {
        case .dimension(let id, let mapped):
            try element("str:FrequencyDimension", id)
            for frequency in mapped { try element("str:MappedFrequencies", frequency) }
        case .fixed(let id): try element("str:TargetFrequencyID", id)
        case nil: throw WriteError(.unsupported, detail: "one of its time maps does not say the frequency, which the schemas demand")
        }
        try end(name)
    }

    func write(_ map: RepresentationMap) throws(WriteError) {
        guard !map.sources.isEmpty, !map.targets.isEmpty else { throw Self.withoutEnds }
        try start("RepresentationMap", map.identity, .representationMap)
        for (sides, name) in [(map.sources, "Source"), (map.targets, "Target")] {
            for side in sides {
                switch side {
                case .list(let list): try write(name + "Codelist", list)
                case .type(let type): try element("str:\(name)DataType", type)
                }
            }
        }
        for mapping in map.mappings { try write(mapping, "RepresentationMapping") }
        try end("RepresentationMap")
    }

    func write(_ map: ItemSchemeMap) throws(WriteError) {
        guard let source = map.source, let target = map.target else { throw Self.withoutEnds }
        try start(map.artefactClass.rawValue, map.identity, map.artefactClass)
        try write("Source", source)
        try write("Target", target)
        for mapping in map.mappings { try write(mapping, "ItemMap") }
        try end(map.artefactClass.rawValue)
    }

    private func write(_ mapping: ValueMapping, _ name: String) throws(WriteError) {
        guard !mapping.sources.isEmpty else { throw WriteError(.unsupported, detail: "one of its mappings has no source value") }
        try writer.write(text: "<str:\(name)")
        try writer.write(attribute: "validFrom", mapping.validFrom)
        try writer.write(attribute: "validTo", mapping.validTo)
        try writer.write(">")
        try write(annotations: mapping.annotations)
        for source in mapping.sources {
            try writer.write("<str:SourceValue")
            try writer.write(attribute: "isRegEx", source.isRegularExpression.map(String.init))
            try writer.write(attribute: "startIndex", source.startIndex.map(String.init))
            try writer.write(attribute: "endIndex", source.endIndex.map(String.init))
            try writer.write(">")
            try writer.write(escaped: source.value)
            try writer.write("</str:SourceValue>")
        }
        for target in mapping.targets { try element("str:TargetValue", target) }
        try end(name)
    }
}
