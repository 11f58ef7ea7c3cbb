import SluiceKit

/// What artefacts and items share.
extension StructureWriter {
    /// The attributes of a maintainable artefact, and the children that come first.
    /// - Parameter isVersioned: false where the version has no place for one (organisation schemes of 3.x, categorisations of 3.1).
    func start(
        _ element: String, _ identity: ArtefactIdentity, _ artefactClass: ArtefactClass, isVersioned: Bool = true,
        attributes: () throws(WriteError) -> Void = {}
    )
        throws(WriteError)
    {
        guard isWritable(version: identity.version) else {
            throw WriteError(.unsupported, detail: "SDMX-ML \(version.rawValue) has no versions like \(identity.version)")
        }
        let urnVersion = isVersioned ? identity.version : "1.0"
        try writer.write(text: "<str:\(element)")
        try writer.write(attribute: "id", identity.id)
        try writer.write(
            attribute: "urn", urn(ObjectReference(ArtefactReference(artefactClass, agency: identity.agency, id: identity.id, version: urnVersion))))
        try writer.write(attribute: "uri", identity.supplement.uri)
        try writer.write(attribute: "agencyID", identity.agency)
        if isVersioned {
            try writer.write(attribute: "version", identity.version)
        } else if identity.version != "1.0" {
            lose("the version of a \(element)", .note)
        }
        let isFixed = artefactClass != .organisationUnitScheme && OrganisationScheme.Kind(artefactClass) != nil
        if isVersion3 || isFixed {
            if identity.isFinal == true { lose("isFinal", .note) } else if identity.isFinal == false, !isVersion3 { try writer.write(" isFinal=\"false\"") }
        } else {
            try writer.write(attribute: "isFinal", identity.isFinal.map(String.init))
        }
        if version == .v3_1 {
            try writer.write(attribute: "isPartialLanguage", identity.isPartialLanguage.map(String.init))
        } else if identity.isPartialLanguage == true {
            lose("isPartialLanguage", .note)
        }
        try writer.write(attribute: "isExternalReference", identity.isExternalReference.map(String.init))
        try writer.write(attribute: "serviceURL", identity.serviceURL)
        try writer.write(attribute: "structureURL", identity.structureURL)
        try writer.write(attribute: "validFrom", dateTime(identity.validFrom))
        try writer.write(attribute: "validTo", dateTime(identity.validTo))
        try attributes()
        try writer.write(">\n")
        try write(names: identity.names, identity.descriptions, identity.supplement, otherwise: identity.id)
    }

    func end(_ element: String) throws(WriteError) { try writer.write(text: "</str:\(element)>\n") }

    /// Validity is `xs:dateTime`; 2.0 gives dates and years, which begin at their first moment.
    private func dateTime(_ text: String?) -> String? {
        guard let text else { return nil }
        if let full = HeaderValues.dateTime(text, allowsDate: false) { return full }
        for rest in ["-01", "-01-01"] { if let full = HeaderValues.dateTime(text + rest, allowsDate: false) { return full } }
        lose("the validity \"\(text)\"", .note)
        return nil
    }

    /// Annotations, links, names and descriptions; a name is mandatory in SDMX-ML.
    func write(names: LocalisedText, _ descriptions: LocalisedText, _ supplement: Supplement, otherwise id: String) throws(WriteError) {
        try write(supplement)
        try writer.write(texts: names.isEmpty ? LocalisedText(id) : names, "<com:Name", "</com:Name>\n")
        try writer.write(texts: descriptions, "<com:Description", "</com:Description>\n")
    }

    func write(_ supplement: Supplement) throws(WriteError) {
        try write(annotations: supplement.annotations)
        if isVersion3 {
            for link in supplement.links {
                try writer.write("<com:Link")
                try writer.write(attribute: "rel", link.relation)
                try writer.write(attribute: "url", link.url)
                try writer.write(attribute: "urn", link.urn)
                try writer.write(attribute: "type", link.mediaType)
                try writer.write("/>\n")
            }
        } else if !supplement.links.isEmpty {
            lose("links", .note)
        }
    }

    func write(annotations: [Annotation]) throws(WriteError) {
        guard !annotations.isEmpty else { return }
        try writer.write("<com:Annotations>")
        for annotation in annotations {
            try writer.write("<com:Annotation")
            try writer.write(attribute: "id", annotation.id)
            try writer.write(">")
            if let title = annotation.title { try element("com:AnnotationTitle", title) }
            if let type = annotation.type { try element("com:AnnotationType", type) }
            for (index, address) in annotation.addresses.enumerated() {
                if !isVersion3, index > 0 || address.language != nil { lose("addresses of annotations by language", .note) }
                if !isVersion3, index > 0 { continue }
                try writer.write("<com:AnnotationURL")
                if isVersion3 { try writer.write(attribute: "xml:lang", address.language) }
                try writer.write(">")
                try writer.write(escaped: address.url)
                try writer.write("</com:AnnotationURL>")
            }
            try writer.write(texts: annotation.texts, "<com:AnnotationText", "</com:AnnotationText>")
            if let value = annotation.value {
                if isVersion3 { try element("com:AnnotationValue", value) } else { lose("values of annotations") }
            }
            try writer.write("</com:Annotation>")
        }
        try writer.write("</com:Annotations>\n")
    }

    /// An element with a text.
    func element(_ name: String, _ text: String) throws(WriteError) {
        try writer.write(text: "<\(name)>")
        try writer.write(escaped: text)
        try writer.write(text: "</\(name)>")
    }

    // MARK: Representations

    /// What a representation may say depends on what it represents.
    enum RepresentationPlace { case concept, component, attribute, metadataAttribute, time, measureDimension, target }

    /// `CoreRepresentation` and `LocalRepresentation`.
    func write(_ representation: Representation?, _ element: String, in place: RepresentationPlace, of owner: String) throws(WriteError) {
        guard let representation else { return }
        try writer.write(text: "<str:\(element)")
        let mayRepeat = isVersion3 && (place == .concept || place == .attribute)
        if mayRepeat {
            try writer.write(attribute: "minOccurs", representation.occursMin.map(String.init))
            try writer.write(attribute: "maxOccurs", representation.occursMax.map { $0 == .max ? "unbounded" : String($0) })
        } else if representation.occursMin ?? 1 > 1 || representation.occursMax ?? 1 > 1 {
            lose("several values of \(owner)")
        }
        try writer.write(">")
        if let enumeration = representation.enumeration {
            try writer.write("<str:Enumeration>")
            try write(reference: enumeration)
            try writer.write("</str:Enumeration>")
            if place != .measureDimension, place != .target, let format = representation.textFormat {
                try write("str:EnumerationFormat", format, [], in: place, isCoded: true, of: owner)
            }
        } else {
            try write("str:TextFormat", representation.textFormat ?? TextFormat(), representation.sentinels, in: place, isCoded: false, of: owner)
        }
        try writer.write(text: "</str:\(element)>\n")
    }

    func write(
        _ element: String, _ format: TextFormat, _ sentinels: [SentinelValue], in place: RepresentationPlace, isCoded: Bool, of owner: String
    ) throws(WriteError) {
        if format.type == .geospatialInformation, !isVersion3 {
            throw WriteError(.unsupported, detail: "\(owner) has a type of SDMX 3.0 (GeospatialInformation), for which SDMX-ML 2.1 has no place")
        }
        let isBasic = place == .concept || place == .metadataAttribute || place == .attribute && isVersion3
        try writer.write(text: "<\(element)")
        if format.type == .xhtml, isCoded || !isBasic {
            lose("the type XHTML of \(owner)")
        } else if format.type == .attachmentConstraintReference, isVersion3 {
            lose("the type AttachmentConstraintReference of \(owner)")
        } else {
            try writer.write(attribute: "textType", format.type?.rawValue)
        }
        if place != .target {
            try writer.write(attribute: "startTime", format.startTime)
            try writer.write(attribute: "endTime", format.endTime)
        }
        if place != .time, place != .target {
            try writer.write(attribute: "isSequence", format.isSequence.map(String.init))
            try writer.write(attribute: "interval", format.interval)
            try writer.write(attribute: "startValue", format.startValue)
            try writer.write(attribute: "endValue", format.endValue)
            try writer.write(attribute: "timeInterval", format.timeInterval)
            try writer.write(attribute: "minLength", positive(format.minLength))
            try writer.write(attribute: "maxLength", positive(format.maxLength))
            try writer.write(attribute: "minValue", format.minValue)
            try writer.write(attribute: "maxValue", format.maxValue)
            if isCoded {
                if format.decimals != nil { lose("the decimals of coded values", .note) }
            } else {
                try writer.write(attribute: "decimals", positive(format.decimals))
            }
            try writer.write(attribute: "pattern", format.pattern)
            // Prohibited everywhere else (`structure:SimpleComponentTextFormatType`).
            if isBasic, !isCoded {
                try writer.write(attribute: "isMultiLingual", format.isMultiLingual.map(String.init))
            } else if format.isMultiLingual == true {
                lose("isMultiLingual of \(owner)", .note)
            }
        }
        guard !sentinels.isEmpty else { return try writer.write("/>") }
        guard isVersion3 else {
            lose("sentinel values of \(owner)")
            return try writer.write("/>")
        }
        try writer.write(">")
        for sentinel in sentinels {
            try writer.write("<str:SentinelValue")
            try writer.write(attribute: "value", sentinel.value)
            try writer.write(">")
            try write(names: sentinel.names, sentinel.descriptions, Supplement(), otherwise: sentinel.value)
            try writer.write("</str:SentinelValue>")
        }
        try writer.write(text: "</\(element)>")
    }

    /// Lengths are `xs:positiveInteger`: none and nought say nothing.
    private func positive(_ number: Int?) -> String? {
        guard let number else { return nil }
        guard number > 0 else {
            lose("a length or number of decimals of \(number)", .note)
            return nil
        }
        return String(number)
    }
}
