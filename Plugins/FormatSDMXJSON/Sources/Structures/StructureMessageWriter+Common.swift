import SluiceKit

extension StructureMessageWriter {
    // MARK: Identities

    /// Id, agency, version, names and what every artefact may carry; the artefact's object has to be open.
    func writeIdentity(_ artefact: some MaintainableArtefact) throws(Unwritable) {
        let identity = artefact.identity
        let artefactClass = artefact.artefactClass
        let kind = OrganisationScheme.Kind(artefactClass)
        let isName = [.categoryScheme, .codelist, .valueList, .conceptScheme].contains(artefactClass)
        guard isName ? SchemaPattern.isNCName(identity.id) : SchemaPattern.isID(identity.id) else { throw Unwritable("the schema does not let its id through") }
        guard SchemaPattern.isNestedNCName(identity.agency) else { throw Unwritable("the schema does not let the id of its agency through") }
        if let kind {
            guard kind.fixedID ?? identity.id == identity.id, identity.version == "1.0" else {
                throw Unwritable("schemes of this kind have the version 1.0 and the id \(kind.fixedID ?? identity.id)")
            }
        } else {
            guard SchemaPattern.isVersion(identity.version) else { throw Unwritable("the schema does not let its version through") }
        }
        json.text("id", identity.id)
        json.text("agencyID", identity.agency)
        json.text("version", identity.version)
        writeText("name", "names", identity.names, orElse: identity.id)
        writeText("description", "descriptions", identity.descriptions)
        if identity.isFinal == true { lost("isFinal (in SDMX 3 the version says it)", isRemark: true) }
        json.bool("isExternalReference", identity.isExternalReference)
        if is21 {
            json.bool("isPartialLanguage", identity.isPartialLanguage)
        } else if identity.isPartialLanguage == true {
            lost("isPartialLanguage", isRemark: true)
        }
        writeDateTime("validFrom", identity.validFrom)
        writeDateTime("validTo", identity.validTo)
        writeAnnotations(identity.supplement.annotations)
        writeLinks(identity, artefact.reference)
    }

    /// The link to itself first, as the field guide recommends, with the addresses that SDMX-ML has as attributes.
    private func writeLinks(_ identity: ArtefactIdentity, _ reference: ArtefactReference) {
        let urn = linkable(reference.urn)
        let hasOwn = urn ?? identity.structureURL != nil
        if !hasOwn, identity.supplement.uri != nil { lost("uri", isRemark: true) }
        guard hasOwn || identity.serviceURL != nil || !identity.supplement.links.isEmpty else { return }
        json.beginArray("links")
        if hasOwn {
            json.beginObject()
            json.text("rel", "self")
            json.text("href", identity.structureURL)
            json.text("urn", urn)
            json.text("uri", identity.supplement.uri)
            json.endObject()
        }
        if let address = identity.serviceURL {
            json.beginObject()
            json.text("rel", "service")
            json.text("href", address)
            json.endObject()
        }
        for link in identity.supplement.links { writeLink(link) }
        json.endArray()
    }

    private func writeLink(_ link: ArtefactLink) {
        let urn = link.urn.flatMap { linkable($0) }
        if link.urn != nil, urn == nil { lost("the URN of a link", isRemark: true) }
        guard !link.url.isEmpty || urn != nil else { return }
        json.beginObject()
        json.text("rel", link.relation)
        if !link.url.isEmpty { json.text("href", link.url) }
        json.text("urn", urn)
        json.text("type", link.mediaType)
        json.endObject()
    }

    /// Annotations and links of an item or component.
    /// - Parameter own: its URN, which its page (`uri`) stands beside.
    func writeSupplement(_ supplement: Supplement, own: () -> String?) {
        guard !supplement.isEmpty else { return }
        writeAnnotations(supplement.annotations)
        let urn = supplement.uri == nil ? nil : own().flatMap { linkable($0) }
        if supplement.uri != nil, urn == nil { lost("uri of an item", isRemark: true) }
        // A link without a usable URN and address says nothing.
        let links = supplement.links.filter { !$0.url.isEmpty || $0.urn.flatMap { linkable($0) } != nil }
        guard urn != nil || !links.isEmpty else { return }
        json.beginArray("links")
        if let urn {
            json.beginObject()
            json.text("rel", "self")
            json.text("urn", urn)
            json.text("uri", supplement.uri)
            json.endObject()
        }
        for link in links { writeLink(link) }
        json.endArray()
    }

    // MARK: Texts

    /// A text in all its languages, and once more in the main one. Names are required of artefacts and most items: the id stands in for one that is not there.
    func writeText(_ single: StaticString, _ plural: StaticString, _ text: LocalisedText, orElse fallback: String? = nil) {
        var text = text
        if is21, text.entries.contains(where: { !SchemaPattern.isLanguage($0.language) }) {
            var kept = LocalisedText()
            for entry in text.entries {
                if SchemaPattern.isLanguage(entry.language) {
                    kept.set(entry.text, language: entry.language)
                } else {
                    lost("a text in \(entry.language), which is no language,")
                }
            }
            text = kept
        }
        guard let main = text.text() else {
            json.text(single, fallback)
            return
        }
        json.text(single, main)
        json.beginObject(plural)
        for entry in text.entries {
            note(language: entry.language)
            json.text(named: entry.language, entry.text)
        }
        json.endObject()
    }

    /// A language tag in lower case, as the pattern of single tags asks; nil when it is none.
    func tag(_ language: String?) -> String? { language.flatMap { SchemaPattern.lowerCaseLanguage($0) } }

    func writeDateTime(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        if let time = SchemaPattern.dateTime(text) { json.text(name, time) } else { lost("\(name) \(text), which is no time,") }
    }

    func writePeriod(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        if let period = SchemaPattern.standardPeriod(text) { json.text(name, period) } else { lost("\(name) \(text), which is no period,") }
    }

    // MARK: Annotations and contacts

    func writeAnnotations(_ annotations: [Annotation]) {
        guard !annotations.isEmpty else { return }
        json.beginArray("annotations")
        for annotation in annotations {
            json.beginObject()
            json.text("id", annotation.id)
            json.text("title", annotation.title)
            json.text("type", annotation.type)
            json.text("value", annotation.value)
            writeText("text", "texts", annotation.texts)
            if !annotation.addresses.isEmpty {
                json.beginArray("links")
                for address in annotation.addresses {
                    json.beginObject()
                    json.text("rel", "self")
                    json.text("href", address.url)
                    json.text("hreflang", tag(address.language))
                    json.endObject()
                }
                json.endArray()
            }
            json.endObject()
        }
        json.endArray()
    }

    func writeContacts(_ contacts: [Contact]) {
        guard !contacts.isEmpty else { return }
        json.beginArray("contacts")
        for contact in contacts {
            json.beginObject()
            if let id = contact.id { if SchemaPattern.isID(id) { json.text("id", id) } else { lost("the id of a contact", isRemark: true) } }
            writeText("name", "names", contact.names)
            writeText("department", "departments", contact.departments)
            writeText("role", "roles", contact.roles)
            json.texts("telephones", contact.telephones)
            json.texts("faxes", contact.faxes)
            json.texts("x400s", contact.x400s)
            json.texts("uris", contact.uris)
            let emails = contact.emails.filter { $0.contains("@") }
            if emails.count < contact.emails.count { lost("an e-mail address without @") }
            json.texts("emails", emails)
            json.endObject()
        }
        json.endArray()
    }

    // MARK: Representations

    /// Where a representation stands: the schemas allow different things.
    enum Place { case dimension, time, component, metadataAttribute }

    func writeRepresentation(_ name: StaticString, _ representation: Representation, _ place: Place) throws(Unwritable) {
        json.beginObject(name)
        if let enumeration = representation.enumeration, place != .time {
            switch place {
            case .component: json.text("enumeration", try urn(enumeration, "enumeration", .codelist, .valueList))
            default: json.text("enumeration", try urn(enumeration, "enumeration", .codelist))
            }
            if let format = representation.textFormat {
                json.beginObject("enumerationFormat")
                writeCodedFormat(format)
                json.endObject()
            }
            if !representation.sentinels.isEmpty { lost("sentinel values of an enumeration") }
        } else {
            if representation.enumeration != nil { lost("the enumeration of the time dimension") }
            json.beginObject("format")
            writeFormat(representation.textFormat ?? TextFormat(), place)
            writeSentinels(representation.sentinels)
            json.endObject()
        }
        if place == .component {
            json.integer("minOccurs", representation.occursMin)
            writeOccursMax(representation.occursMax)
        } else if representation.occursMin ?? 1 != 1 || representation.occursMax ?? 1 != 1 {
            lost("minOccurs and maxOccurs of a representation")
        }
        json.endObject()
    }

    func writeOccursMax(_ count: Int?) {
        guard let count else { return }
        if count == Int.max { json.text("maxOccurs", "unbounded") } else if count >= 1 { json.integer("maxOccurs", count) } else { lost("maxOccurs 0") }
    }

    private func writeSentinels(_ sentinels: [SentinelValue]) {
        guard !sentinels.isEmpty else { return }
        json.beginArray("sentinelValues")
        for sentinel in sentinels {
            json.beginObject()
            json.text("value", sentinel.value)
            writeText("name", "names", sentinel.names, orElse: sentinel.value)
            writeText("description", "descriptions", sentinel.descriptions)
            json.endObject()
        }
        json.endArray()
    }

    private func writeFormat(_ format: TextFormat, _ place: Place) {
        let targets: [TextType] = [.keyValues, .identifiableReference, .dataSetReference, .attachmentConstraintReference]
        switch place {
        case .time:
            let type = format.type ?? (is21 ? .observationalTimePeriod : nil)
            writeType(type) { $0.isTime }
            writePeriod("startTime", format.startTime)
            writePeriod("endTime", format.endTime)
            var rest = format
            (rest.type, rest.startTime, rest.endTime) = (nil, nil, nil)
            if rest != TextFormat() { lost("facets of the time dimension") }
            return
        case .dimension: writeType(format.type) { $0 != .xhtml && !targets.contains($0) }
        case .component, .metadataAttribute: writeType(format.type) { !targets.contains($0) }
        }
        writeFacets(format, integers: false, interval: place == .dimension)
        if let decimals = format.decimals { if decimals >= 1 { json.integer("decimals", decimals) } else { lost("decimals \(decimals)") } }
        if place == .dimension {
            if format.isMultiLingual == true { lost("isMultiLingual of a dimension") }
        } else {
            json.bool("isMultiLingual", format.isMultiLingual)
        }
    }

    /// The format of ids: whole numbers only.
    func writeCodedFormat(_ format: TextFormat) {
        writeType(format.type) { $0.isCode }
        writeFacets(format, integers: true, interval: true)
        if format.decimals != nil { lost("decimals of an enumeration") }
        if format.isMultiLingual == true { lost("isMultiLingual of an enumeration") }
    }

    private func writeType(_ type: TextType?, _ isAllowed: (TextType) -> Bool) {
        guard let type else { return }
        if isAllowed(type) { json.text("dataType", type.rawValue) } else { lost("the data type \(type.rawValue) in that place") }
    }

    private func writeFacets(_ format: TextFormat, integers: Bool, interval intervalIsInteger: Bool) {
        func number(_ name: StaticString, _ text: String?, _ isWhole: Bool) {
            guard let text else { return }
            if isWhole ? SchemaPattern.isInteger(text) : SchemaPattern.isNumber(text) { json.raw(name, text) } else { lost("\(name) \(text)") }
        }
        func length(_ name: StaticString, _ count: Int?) {
            guard let count else { return }
            if count >= 1 { json.integer(name, count) } else { lost("\(name) \(count)") }
        }
        json.bool("isSequence", format.isSequence)
        number("interval", format.interval, intervalIsInteger)
        number("startValue", format.startValue, integers)
        number("endValue", format.endValue, integers)
        if let interval = format.timeInterval {
            if SchemaPattern.isDuration(interval) { json.text("timeInterval", interval) } else { lost("timeInterval \(interval)") }
        }
        writePeriod("startTime", format.startTime)
        writePeriod("endTime", format.endTime)
        length("minLength", format.minLength)
        length("maxLength", format.maxLength)
        number("minValue", format.minValue, integers)
        number("maxValue", format.maxValue, integers)
        json.text("pattern", format.pattern)
    }
}

extension TextType {
    fileprivate var isTime: Bool {
        switch self {
        case .observationalTimePeriod, .standardTimePeriod, .basicTimePeriod, .gregorianTimePeriod, .gregorianYear, .gregorianYearMonth, .gregorianDay,
            .reportingTimePeriod, .reportingYear, .reportingSemester, .reportingTrimester, .reportingQuarter, .reportingMonth, .reportingWeek, .reportingDay,
            .dateTime, .timeRange:
            true
        default: false
        }
    }

    /// `CodeDataType`: what ids may be.
    fileprivate var isCode: Bool {
        switch self {
        case .decimal, .float, .double, .dateTime, .timeRange, .time, .geospatialInformation, .xhtml, .keyValues, .identifiableReference, .dataSetReference,
            .attachmentConstraintReference:
            false
        default: true
        }
    }
}
