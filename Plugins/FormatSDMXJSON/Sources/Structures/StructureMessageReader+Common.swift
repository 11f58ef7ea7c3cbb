import SluiceKit

/// What all artefacts, items and components share.
extension StructureMessageReader {
    /// Most languages of one text.
    static let languagesMax = 1_000

    /// Id, agency and version, by the members or by the URN of the link to itself; nil, with a finding, where they are not there.
    func readIdentity(_ object: inout StructureObject, _ artefactClass: ArtefactClass) throws(ReadError) -> ArtefactIdentity? {
        let name = artefactClass.rawValue
        let ownID = try object.text("id")
        artefact = "\(name) \(ownID ?? "without id")"
        let links = try readLinks(&object)
        let own = links.own.flatMap { ArtefactReference(urn: $0) }
        let fixedID = OrganisationScheme.Kind(artefactClass)?.fixedID
        guard let id = ownID ?? own?.id ?? fixedID, !id.isEmpty else {
            fault("the id is missing; the artefact is left out", advice: "Give the artefact its id.")
            return nil
        }
        guard let agency = try object.text("agencyID") ?? own?.agency, !agency.isEmpty else {
            fault("the agencyID is missing; the artefact is left out", advice: "Give the artefact the id of the agency that maintains it.")
            return nil
        }
        var identity = ArtefactIdentity(agency: agency, id: id, version: try object.text("version") ?? own?.version ?? "1.0")
        artefact = "\(name) \(agency):\(id)(\(identity.version))"
        identity.names = try readText(&object, "name", "names")
        identity.descriptions = try readText(&object, "description", "descriptions")
        identity.supplement = Supplement(annotations: try readAnnotations(&object), links: links.others, uri: links.uri)
        identity.structureURL = links.ownAddress
        identity.serviceURL = links.service
        identity.isFinal = try object.bool("isFinal")
        identity.isExternalReference = try object.bool("isExternalReference")
        identity.isPartialLanguage = try object.bool("isPartialLanguage")
        identity.validFrom = try object.dateTime("validFrom")
        identity.validTo = try object.dateTime("validTo")
        return identity
    }

    /// What an item or component carries beside what is its own, and its URN by its link to itself.
    func readSupplement(_ object: inout StructureObject) throws(ReadError) -> (supplement: Supplement, ownURN: String?) {
        let annotations = try readAnnotations(&object)
        guard object.has("links") else { return (Supplement(annotations: annotations), nil) }
        var links = try readLinks(&object)
        if let address = links.ownAddress { links.others.insert(ArtefactLink(relation: "self", url: address, urn: links.own, mediaType: links.ownType), at: 0) }
        if let address = links.service { links.others.append(ArtefactLink(relation: "service", url: address)) }
        return (Supplement(annotations: annotations, links: links.others, uri: links.uri), links.own)
    }

    /// The last id of an item's URN.
    static func ownID(_ urn: String?) -> String? { urn.flatMap { ObjectReference(urn: $0)?.item?.split(separator: ".").last }.map { String($0) } }

    /// The id of an item; nil, with a finding, where it has none.
    func readID(_ object: inout StructureObject, _ ownURN: String?) throws(ReadError) -> String? {
        if let id = try object.text("id") ?? Self.ownID(ownURN), !id.isEmpty { return id }
        fault("a \(object.kind) has no id; it is left out", advice: "Give it an id.")
        return nil
    }

    /// A text in several languages (`names`), with the one for the language asked for (`name`), whose language the message does not say.
    func readText(_ object: inout StructureObject, _ single: String, _ plural: String) throws(ReadError) -> LocalisedText {
        var result = LocalisedText()
        if let value = try object.take(plural) {
            if let members = value.members {
                guard members.count <= Self.languagesMax else {
                    throw ReadError(.limitExceeded, line: position.line, detail: "\(plural) in \(artefact) has more than \(Self.languagesMax) languages")
                }
                for member in members {
                    switch member.value {
                    case .string(let text):
                        guard text.utf8.count <= limits.valueBytesMax else {
                            throw ReadError(
                                .limitExceeded, line: position.line,
                                detail: "\(plural) in \(artefact) is longer than \(limits.valueBytesMax) bytes (valueBytesMax)")
                        }
                        result.set(text, language: member.name)
                    case .null: break
                    default: wrongType("\(plural).\(member.name)", in: object.kind, wanted: "a text", found: member.value)
                    }
                }
            } else {
                wrongType(plural, in: object.kind, wanted: "an object of languages", found: value)
            }
        }
        guard let text = try object.text(single) else { return result }
        if result.isEmpty {
            result.set(text, language: mainLanguage)
        } else if !result.entries.contains(where: { $0.text == text }) {
            if result.entries.contains(where: { $0.language.lowercased() == mainLanguage.lowercased() }) {
                notKept(single, in: object.kind, isRemark: true)
            } else {
                result.set(text, language: mainLanguage)
            }
        }
        return result
    }

    // MARK: Links

    /// The links of an object, those to itself apart.
    struct Links {
        /// The URN, the address and the media type of the object itself, and a page about it.
        var own: String?
        var ownAddress: String?
        var ownType: String?
        var uri: String?
        /// The address of the service that has it.
        var service: String?
        var others: [ArtefactLink] = []
    }

    func readLinks(_ object: inout StructureObject) throws(ReadError) -> Links {
        var links = Links()
        for var link in try object.objects("links", "link") {
            let relation = try link.text("rel")
            let address = try link.text("href")
            let urn = try link.text("urn")
            let uri = try link.text("uri")
            let type = try link.text("type")
            for name in ["title", "titles", "hreflang"] where try link.take(name) != nil { notKept(name, in: "link", isRemark: true) }
            link.finish()
            if relation == "self", links.own == nil, links.ownAddress == nil {
                links.own = urn
                links.ownAddress = address
                links.ownType = type
                // Registries give the address of the message's schema here, which says nothing of the artefact.
                if let uri, !uri.hasSuffix("-schema.json") { links.uri = uri }
            } else if relation == "service", links.service == nil, urn == nil, let address {
                links.service = address
            } else if address ?? urn ?? uri != nil {
                if address != nil, uri != nil { notKept("uri", in: "link", isRemark: true) }
                links.others.append(ArtefactLink(relation: relation ?? "related", url: address ?? uri ?? "", urn: urn, mediaType: type))
            }
        }
        return links
    }

    // MARK: Annotations and contacts

    func readAnnotations(_ object: inout StructureObject) throws(ReadError) -> [Annotation] {
        guard object.has("annotations") else { return [] }
        var annotations: [Annotation] = []
        for var element in try object.objects("annotations", "annotation") {
            var annotation = Annotation(id: try element.text("id"), title: try element.text("title"), type: try element.text("type"))
            annotation.value = try element.text("value")
            annotation.texts = try readText(&element, "text", "texts")
            for var link in try element.objects("links", "link of an annotation") {
                let address = try link.text("href")
                let uri = try link.text("uri")
                if let address = address ?? uri {
                    annotation.addresses.append(Annotation.Address(address, language: try link.text("hreflang")))
                    if let relation = try link.text("rel"), relation != "self" { notKept("rel", in: "link of an annotation", isRemark: true) }
                    try link.ignore("type")
                    if address != uri, uri?.hasSuffix("-schema.json") == false { notKept("uri", in: "link of an annotation", isRemark: true) }
                    for name in ["urn", "title", "titles"] where try link.take(name) != nil { notKept(name, in: "link of an annotation", isRemark: true) }
                }
                link.finish()
            }
            element.finish()
            annotations.append(annotation)
        }
        return annotations
    }

    func readContacts(_ object: inout StructureObject) throws(ReadError) -> [Contact] {
        var contacts: [Contact] = []
        for var element in try object.objects("contacts", "contact") {
            var contact = Contact(
                id: try element.text("id"), names: try readText(&element, "name", "names"), departments: try readText(&element, "department", "departments"),
                roles: try readText(&element, "role", "roles"))
            contact.telephones = try element.texts("telephones")
            contact.faxes = try element.texts("faxes")
            contact.x400s = try element.texts("x400s")
            contact.uris = try element.texts("uris")
            contact.emails = try element.texts("emails")
            element.finish()
            contacts.append(contact)
        }
        return contacts
    }

    // MARK: Representations

    /// `enumeration` with `enumerationFormat`, or `format` (1.0: `textFormat`).
    func readRepresentation(_ object: inout StructureObject, _ name: String) throws(ReadError) -> Representation? {
        guard var element = try object.object(name, "representation") else { return nil }
        var representation = Representation(enumeration: try element.reference("enumeration"))
        for name in ["enumerationFormat", "format", "textFormat"] {
            guard var format = try element.object(name, "text format") else { continue }
            representation.textFormat = try readTextFormat(&format)
            for var sentinel in try format.objects("sentinelValues", "sentinel value") {
                let value = try sentinel.take("value")
                representation.sentinels.append(
                    SentinelValue(
                        value?.text ?? value?.compactText ?? "", names: try readText(&sentinel, "name", "names"),
                        descriptions: try readText(&sentinel, "description", "descriptions")))
                sentinel.finish()
            }
            format.finish()
        }
        representation.occursMin = try element.occurrence("minOccurs")
        representation.occursMax = try element.occurrence("maxOccurs")
        element.finish()
        return representation == Representation() ? nil : representation
    }

    func readTextFormat(_ object: inout StructureObject) throws(ReadError) -> TextFormat {
        var format = TextFormat()
        let (dataType, textType) = (try object.text("dataType"), try object.text("textType"))
        if let type = dataType ?? textType {
            format.type = TextType(rawValue: type)
            if format.type == nil {
                fault("\(type) is not a data type of SDMX; it is left out", text: type, advice: "Take one of the types of the SDMX schemas.")
            }
        }
        format.minLength = try object.integer("minLength")
        format.maxLength = try object.integer("maxLength")
        format.minValue = try object.number("minValue")
        format.maxValue = try object.number("maxValue")
        format.decimals = try object.integer("decimals")
        format.pattern = try object.text("pattern")
        format.isSequence = try object.bool("isSequence")
        format.interval = try object.number("interval")
        format.startValue = try object.number("startValue")
        format.endValue = try object.number("endValue")
        format.timeInterval = try object.text("timeInterval")
        format.startTime = try object.period("startTime")
        format.endTime = try object.period("endTime")
        format.isMultiLingual = try object.bool("isMultiLingual")
        return format
    }
}
