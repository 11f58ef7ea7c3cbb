import SluiceKit

/// Carries an artefact that was kept as it stood from 2.1 to 3.x and back, for the classes of which only the spelling of references differs:
/// VTL schemes, processes and reporting taxonomies. Anything else, or anything unexpected in one, is not translated.
struct RawTranslation {
    static let classes: Set<String> = [
        "TransformationScheme", "RulesetScheme", "UserDefinedOperatorScheme", "NamePersonalisationScheme", "CustomTypeScheme", "VtlMappingScheme",
        "Process", "ReportingTaxonomy",
    ]
    /// The elements that hold references, with the class of what they refer to.
    private static let references: [String: ArtefactClass] = [
        "VtlMappingScheme": .vtlMappingScheme, "NamePersonalisationScheme": .namePersonalisationScheme, "CustomTypeScheme": .customTypeScheme,
        "RulesetScheme": .rulesetScheme, "UserDefinedOperatorScheme": .userDefinedOperatorScheme, "Dataflow": .dataflow, "Codelist": .codelist,
        "Concept": .conceptScheme, "StructuralMetadata": .dataStructure, "ProvisioningMetadata": .dataflow,
    ]
    let toVersion3: Bool

    /// The text for the other version; nil when there is something in it that the other version does not have.
    func translate(_ part: RawPart) -> String? {
        guard Self.classes.contains(part.name) else { return nil }
        let namespace = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
        // Any version's namespaces do: only the prefixes are written again.
        let whole = "<x xmlns:mes=\"\(namespace)message\" xmlns:str=\"\(namespace)structure\" xmlns:com=\"\(namespace)common\">\(part.text)</x>"
        let bytes = Array(whole.utf8)
        guard let xml = try? XMLEvents(MemoryByteSource(bytes), limits: ReadLimits(), bytesMax: bytes.count), (try? xml.next()) == true else { return nil }
        var translated: String?
        do throws(ReadError) {
            try xml.eachChild { () throws(ReadError) in
                var text = ""
                translated = try copy(xml, into: &text, isRoot: true) ? text : nil
            }
        } catch { return nil }
        return translated
    }

    /// Copies the element under the cursor; false when the other version has no place for it.
    private func copy(_ xml: XMLEvents, into text: inout String, isRoot: Bool = false) throws(ReadError) -> Bool {
        let name = xml.name
        let prefix: String
        switch name.namespace {
        case .structure: prefix = "str:"
        case .common: prefix = "com:"
        default: return false
        }
        if ["Link", "AnnotationValue"].contains(name.local), !toVersion3 { return false }
        text += "<" + prefix + name.local
        for attribute in ["id", "uri", "agencyID", "version", "isExternalReference", "serviceURL", "structureURL", "validFrom", "validTo", "isPartial"] {
            append(attribute, xml.attribute(attribute), to: &text)
        }
        for attribute in ["vtlVersion", "isPersistent", "alias", "method", "vtlArtefact", "rulesetType", "rulesetScope", "localID", "softwarePackage"] {
            append(attribute, xml.attribute(attribute), to: &text)
        }
        for attribute in ["softwareLanguage", "softwareVersion", "rel", "url", "type"] { append(attribute, xml.attribute(attribute), to: &text) }
        append("xml:lang", xml.attribute("lang", in: .xml), to: &text)
        text += ">"
        let holdsReference = !isRoot && (name.local == "ObjectReference" || Self.references[name.local] != nil)
        if holdsReference || name.local == "TargetStep" {
            guard let reference = try reference(xml, name.local) else { return false }
            text += reference
        } else {
            guard try copyContent(xml, into: &text) else { return false }
        }
        text += "</" + prefix + name.local + ">"
        return true
    }

    private func copyContent(_ xml: XMLEvents, into text: inout String) throws(ReadError) -> Bool {
        let level = xml.depth
        var isWhole = true
        while try xml.next() {
            if xml.isStart {
                if try !copy(xml, into: &text) { isWhole = false }
            } else if xml.isText {
                append(xml.eventText, to: &text)
            } else if xml.isEnd, xml.depth < level {
                break
            }
        }
        return isWhole
    }

    private func reference(_ xml: XMLEvents, _ element: String) throws(ReadError) -> String? {
        let raw = try xml.reference()
        if element == "TargetStep" {
            guard let id = raw.id ?? raw.text?.trimmed, !id.isEmpty else { return nil }
            return toVersion3 ? id : "<Ref id=\"\(id)\"/>"
        }
        guard let object = raw.object(Self.references[element]) else { return nil }
        guard object.artefact.artefactClass != .hierarchicalCodelist, !object.artefact.agency.isEmpty else { return nil }
        return toVersion3 ? object.urn : "<URN>\(object.urn)</URN>"
    }

    private func append(_ name: String, _ value: String?, to text: inout String) {
        guard let value else { return }
        text += " " + name + "=\""
        append(value, to: &text)
        text += "\""
    }

    private func append(_ value: String, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "\r": text += "&#13;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
