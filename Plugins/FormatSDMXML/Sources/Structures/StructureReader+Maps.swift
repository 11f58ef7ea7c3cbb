import SluiceKit

/// Structure, representation and item scheme maps of 3.x.
extension StructureReader {
    func readStructureMap() throws(ReadError) -> StructureMap {
        var map = StructureMap(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Source": map.source = try readReference(.dataStructure, "a source structure")
            case "Target": map.target = try readReference(.dataStructure, "a target structure")
            case "EpochMap", "DatePatternMap": map.timeMaps.append(try readTimeMap())
            case "FrequencyFormatMapping": map.frequencyFormats.append(try readFrequencyFormat())
            case "ComponentMap":
                var part = StructureMap.ComponentMap(sources: [], targets: [])
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "Source": part.sources.append(try xml.text().trimmed)
                    case "Target": part.targets.append(try xml.text().trimmed)
                    case "RepresentationMap": part.representationMap = try readReference(.representationMap, "a representation map")
                    case "Annotations": part.annotations += try readAnnotations()
                    default: noteFault("the element \(xml.name.local) of a component map")
                    }
                }
                map.componentMaps.append(part)
            case "FixedValueMap":
                var part = StructureMap.FixedValue(component: "", isSource: false, values: [])
                try xml.eachChild { () throws(ReadError) in
                    switch xml.name.local {
                    case "Source", "Target":
                        part.isSource = xml.name.local == "Source"
                        part.component = try xml.text().trimmed
                    case "Value": part.values.append(try xml.text())
                    case "Annotations": part.annotations += try readAnnotations()
                    default: noteFault("the element \(xml.name.local) of a fixed value map")
                    }
                }
                map.fixedValues.append(part)
            default: if try !readNameable(&map.identity) { noteFault("the element \(xml.name.local) of a structure map") }
            }
        }
        return map
    }

    private func readFrequencyFormat() throws(ReadError) -> StructureMap.FrequencyFormat {
        var format = StructureMap.FrequencyFormat(frequency: "", pattern: "")
        format.id = xml.attribute("id")
        format.supplement.uri = xml.attribute("uri")
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "FrequencyId": format.frequency = try xml.text().trimmed
            case "DatePattern": format.pattern = try xml.text()
            default: if try !readIdentifiable(&format.supplement) { noteFault("the element \(xml.name.local) of a frequency format") }
            }
        }
        return format
    }

    private func readTimeMap() throws(ReadError) -> StructureMap.TimeMap {
        let method: StructureMap.TimeMap.Method =
            xml.name.local == "EpochMap"
            ? .epoch(base: xml.attribute("basePeriod") ?? "", period: xml.attribute("epochPeriod") ?? "")
            : .pattern(xml.attribute("sourcePattern") ?? "", locale: xml.attribute("locale") ?? "")
        var map = StructureMap.TimeMap(method)
        map.id = xml.attribute("id")
        map.supplement.uri = xml.attribute("uri")
        map.resolvePeriod = xml.attribute("resolvePeriod")
        var source = ""
        var dimension: String?
        var mapped: [String] = []
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Source": source = try xml.text().trimmed
            case "Target": map.pairs.append(StructureMap.TimeMap.Pair(source: source, target: try xml.text().trimmed))
            case "FrequencyDimension": dimension = try xml.text().trimmed
            case "MappedFrequencies": mapped.append(try xml.text().trimmed)
            case "TargetFrequencyID": map.frequency = .fixed(try xml.text().trimmed)
            default: if try !readIdentifiable(&map.supplement) { noteFault("the element \(xml.name.local) of a time map") }
            }
        }
        if let dimension { map.frequency = .dimension(dimension, mapped: mapped) }
        return map
    }

    func readRepresentationMap() throws(ReadError) -> RepresentationMap {
        var map = RepresentationMap(identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "SourceCodelist": if let list = try readReference(.codelist, "a source list") { map.sources.append(.list(list)) }
            case "SourceDataType": map.sources.append(.type(try xml.text().trimmed))
            case "TargetCodelist": if let list = try readReference(.codelist, "a target list") { map.targets.append(.list(list)) }
            case "TargetDataType": map.targets.append(.type(try xml.text().trimmed))
            case "RepresentationMapping": map.mappings.append(try readValueMapping())
            default: if try !readNameable(&map.identity) { noteFault("the element \(xml.name.local) of a representation map") }
            }
        }
        return map
    }

    func readItemSchemeMap() throws(ReadError) -> ItemSchemeMap {
        let artefactClass = ArtefactClass(named: xml.name.local) ?? .conceptSchemeMap
        let implied: ArtefactClass =
            switch artefactClass {
            case .categorySchemeMap: .categoryScheme
            case .organisationSchemeMap: .agencyScheme
            case .reportingTaxonomyMap: .reportingTaxonomy
            default: .conceptScheme
            }
        var map = ItemSchemeMap(artefactClass, identity: try readIdentity())
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Source": map.source = try readReference(implied, "a source scheme")
            case "Target": map.target = try readReference(implied, "a target scheme")
            case "ItemMap": map.mappings.append(try readValueMapping())
            default: if try !readNameable(&map.identity) { noteFault("the element \(xml.name.local) of a \(artefactClass.rawValue)") }
            }
        }
        return map
    }

    private func readValueMapping() throws(ReadError) -> ValueMapping {
        var mapping = ValueMapping(sources: [], targets: [])
        mapping.validFrom = xml.attribute("validFrom")
        mapping.validTo = xml.attribute("validTo")
        func number(_ name: String) -> Int? {
            guard let text = xml.attribute(name) else { return nil }
            let number = Int(text.trimmed)
            if number == nil { noteFault("\(name)=\"\(text)\"") }
            return number
        }
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "SourceValue":
                var source = ValueMapping.Source("")
                source.isRegularExpression = boolean("isRegEx")
                source.startIndex = number("startIndex")
                source.endIndex = number("endIndex")
                source.value = try xml.text()
                mapping.sources.append(source)
            case "TargetValue": mapping.targets.append(try xml.text())
            case "Annotations": mapping.annotations += try readAnnotations()
            default: noteFault("the element \(xml.name.local) of a mapping")
            }
        }
        return mapping
    }
}
