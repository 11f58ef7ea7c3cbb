import SluiceKit

/// What artefacts and items share.
extension StructureReader {
    /// The identity that the attributes of the element under the cursor give; names follow as children.
    func readIdentity() throws(ReadError) -> ArtefactIdentity {
        let line = xml.line
        let element = xml.name.local
        guard let id = xml.attribute("id"), !id.isEmpty, let agency = xml.attribute("agencyID"), !agency.isEmpty else {
            throw ReadError(
                .malformed, line: line,
                detail: "a \(element) has no \(xml.attribute("id")?.isEmpty == false ? "agencyID" : "id"); every maintained artefact needs both")
        }
        let version = xml.attribute("version")
        var identity = ArtefactIdentity(agency: agency, id: id, version: version.flatMap { $0.isEmpty ? nil : $0 } ?? "1.0")
        artefact = "\(element) \(agency):\(id)(\(identity.version))"
        if version == "" || version != nil && ArtefactVersion(identity.version) == nil { noteFault("the version \"\(version ?? "")\"") }
        if !Self.isID(id) { noteFault("the id \"\(id)\"") }
        if agency.contains(where: { $0 == " " || $0 == ":" || $0 == "(" }) { noteFault("the agency \"\(agency)\"") }
        checkArtefactAttributes()
        identity.isFinal = boolean("isFinal")
        identity.isExternalReference = boolean("isExternalReference")
        identity.isPartialLanguage = boolean("isPartialLanguage")
        identity.validFrom = xml.attribute("validFrom")
        identity.validTo = xml.attribute("validTo")
        identity.serviceURL = xml.attribute("serviceURL")
        identity.structureURL = xml.attribute("structureURL")
        identity.supplement.uri = xml.attribute("uri")
        return identity
    }

    /// `common:IDType`.
    static func isID(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "-")
                }
            }
    }

    func boolean(_ name: String) -> Bool? {
        guard let text = xml.attribute(name) else { return nil }
        let value = xmlBoolean(text)
        if value == nil { noteFault("\(name)=\"\(text)\"") }
        return value
    }

    /// Reads a child that every nameable thing may have; false when it is another one.
    func readNameable(_ names: inout LocalisedText, _ descriptions: inout LocalisedText, _ supplement: inout Supplement) throws(ReadError) -> Bool {
        switch xml.name.local {
        case "Name": try readText(into: &names)
        case "Description": try readText(into: &descriptions)
        default: return try readIdentifiable(&supplement)
        }
        return true
    }

    func readNameable(_ identity: inout ArtefactIdentity) throws(ReadError) -> Bool {
        try readNameable(&identity.names, &identity.descriptions, &identity.supplement)
    }

    func readIdentifiable(_ supplement: inout Supplement) throws(ReadError) -> Bool {
        switch xml.name.local {
        case "Annotations": supplement.annotations += try readAnnotations()
        case "Link" where isVersion3:
            var link = ArtefactLink(relation: xml.attribute("rel") ?? "", url: xml.attribute("url") ?? "")
            link.urn = xml.attribute("urn")
            link.mediaType = xml.attribute("type")
            supplement.links.append(link)
        default: return false
        }
        return true
    }

    /// A name or description; two in one language contradict each other.
    func readText(into texts: inout LocalisedText) throws(ReadError) {
        let language = xml.attribute("lang", in: .xml) ?? "en"
        let element = xml.name.local
        let text = try xml.text()
        if let present = texts.entries.first(where: { $0.language == language }), present.text != text { noteFault("a second \(element) in \(language)") }
        texts.set(text, language: language)
    }

    func readAnnotations() throws(ReadError) -> [Annotation] {
        var annotations: [Annotation] = []
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "Annotation" else { return noteFault("the element \(xml.name.local) among annotations") }
            var annotation = Annotation(id: xml.attribute("id"))
            try xml.eachChild { () throws(ReadError) in
                switch xml.name.local {
                case "AnnotationTitle": annotation.title = try xml.text()
                case "AnnotationType": annotation.type = try xml.text()
                case "AnnotationURL":
                    let language = xml.attribute("lang", in: .xml)
                    annotation.addresses.append(Annotation.Address(try xml.text(), language: language))
                case "AnnotationText": try readText(into: &annotation.texts)
                case "AnnotationValue" where isVersion3: annotation.value = try xml.text()
                default: noteFault("the element \(xml.name.local) of an annotation")
                }
            }
            annotations.append(annotation)
        }
        if annotations.isEmpty { noteFault("an element Annotations without annotation") }
        return annotations
    }

    /// `CoreRepresentation` and `LocalRepresentation`.
    func readRepresentation(enumeratedBy implied: ArtefactClass = .codelist) throws(ReadError) -> Representation {
        var representation = Representation()
        if let text = xml.attribute("minOccurs") { representation.occursMin = occurs(text, "minOccurs") }
        if let text = xml.attribute("maxOccurs") { representation.occursMax = occurs(text, "maxOccurs") }
        try xml.eachChild { () throws(ReadError) in
            switch xml.name.local {
            case "Enumeration": representation.enumeration = try readReference(implied, "an enumeration")
            case "TextFormat", "EnumerationFormat": representation.textFormat = try readTextFormat(sentinels: &representation.sentinels)
            default: noteFault("the element \(xml.name.local) of a representation")
            }
        }
        return representation
    }

    func occurs(_ text: String, _ name: String) -> Int? {
        if text == "unbounded" { return Int.max }
        let number = Int(text.trimmed)
        if (number ?? -1) < 0 { noteFault("\(name)=\"\(text)\"") }
        return number.map { max(0, $0) }
    }

    func readTextFormat(sentinels: inout [SentinelValue]) throws(ReadError) -> TextFormat {
        var format = TextFormat()
        if let type = xml.attribute("textType") {
            format.type = TextType(rawValue: type)
            if format.type == nil { noteFault("the text type \(type)") }
        }
        func number(_ name: String) -> Int? {
            guard let text = xml.attribute(name) else { return nil }
            let number = Int(text.trimmed)
            if number == nil { noteFault("the facet \(name)=\"\(text)\"") }
            return number
        }
        format.minLength = number("minLength")
        format.maxLength = number("maxLength")
        format.decimals = number("decimals")
        format.minValue = xml.attribute("minValue")
        format.maxValue = xml.attribute("maxValue")
        format.pattern = xml.attribute("pattern")
        format.isSequence = boolean("isSequence")
        format.interval = xml.attribute("interval")
        format.startValue = xml.attribute("startValue")
        format.endValue = xml.attribute("endValue")
        format.timeInterval = xml.attribute("timeInterval")
        format.startTime = xml.attribute("startTime")
        format.endTime = xml.attribute("endTime")
        format.isMultiLingual = boolean("isMultiLingual")
        try xml.eachChild { () throws(ReadError) in
            guard xml.name.local == "SentinelValue", isVersion3 else { return noteFault("the element \(xml.name.local) of a text format") }
            var sentinel = SentinelValue(xml.attribute("value") ?? "")
            try xml.eachChild { () throws(ReadError) in
                switch xml.name.local {
                case "Name": try readText(into: &sentinel.names)
                case "Description": try readText(into: &sentinel.descriptions)
                default: noteFault("the element \(xml.name.local) of a sentinel value")
                }
            }
            sentinels.append(sentinel)
        }
        return format
    }

    /// A name is mandatory for everything that has one.
    func checkName(_ names: LocalisedText) {
        if names.isEmpty { noteFault("something without a name") }
    }

    // MARK: References

    func readReference(_ implied: ArtefactClass, _ what: String) throws(ReadError) -> ArtefactReference? {
        let raw = try xml.reference()
        let reference = raw.maintainable(implied)
        if reference == nil { noteFault("\(what) that names nothing (\(raw.urn ?? raw.id ?? "empty"))") }
        return reference
    }

    func readObject(_ implied: ArtefactClass?, _ what: String) throws(ReadError) -> ObjectReference? {
        let raw = try xml.reference()
        let reference = raw.object(implied)
        if reference == nil { noteFault("\(what) that names nothing (\(raw.urn ?? raw.id ?? "empty"))") }
        return reference
    }

    func readConcept(_ what: String) throws(ReadError) -> ConceptReference? {
        let raw = try xml.reference()
        guard let item = raw.item(of: .conceptScheme) else {
            noteFault("\(what) that names no concept (\(raw.urn ?? raw.id ?? "empty"))")
            return nil
        }
        return ConceptReference(scheme: item.scheme, id: item.id)
    }

    /// The id of something in the same artefact: `Ref id="…"` in 2.1, the text in 3.x.
    func readLocalReference() throws(ReadError) -> String? {
        let raw = try xml.reference()
        if let id = raw.id, !id.isEmpty { return id }
        if let text = raw.text?.trimmed, !text.isEmpty, isVersion3 { return text }
        noteFault("a reference that names nothing")
        return nil
    }

    /// The id of an item or component.
    func readItemID() throws(ReadError) -> String {
        guard let id = xml.attribute("id"), !id.isEmpty else {
            throw ReadError(.malformed, line: xml.line, detail: "a \(xml.name.local) of \(artefact) has no id")
        }
        if !Self.isID(id) { noteFault("the id \"\(id)\"") }
        return id
    }
}
