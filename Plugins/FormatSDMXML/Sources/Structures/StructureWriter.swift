import SluiceKit

/// Writes a structure message of SDMX-ML 2.1 that follows the official schemas.
///
/// What those schemas demand and a structure set may lack is refused with the artefact's name, except for names: an artefact without
/// any is named by its id.
struct StructureWriter {
    let structures: StructureSet
    let writer: ByteWriter
    private let header: MessageHeader

    init(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink) {
        self.structures = structures
        self.header = header
        writer = ByteWriter(sink)
    }

    func write() throws(WriteError) {
        try writer.write(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:Structure xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\" xmlns:str=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure\" xmlns:com=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common\">\n<mes:Header>\n"
        )
        try writer.writeHeaderStart(header, otherwiseSender: "UNKNOWN")
        try writer.writeSources(header)
        try writer.write("</mes:Header>\n")
        if !structures.isEmpty {
            try writer.write("<mes:Structures>\n")
            try write(structures.dataflows, "<str:Dataflows>\n", "</str:Dataflows>\n") { flow throws(WriteError) in try write(flow) }
            try write(structures.codelists, "<str:Codelists>\n", "</str:Codelists>\n") { list throws(WriteError) in try write(list) }
            try write(structures.conceptSchemes, "<str:Concepts>\n", "</str:Concepts>\n") { scheme throws(WriteError) in try write(scheme) }
            try write(structures.dataStructures, "<str:DataStructures>\n", "</str:DataStructures>\n") { structure throws(WriteError) in try write(structure) }
            try write(structures.constraints, "<str:Constraints>\n", "</str:Constraints>\n") { constraint throws(WriteError) in try write(constraint) }
            try writer.write("</mes:Structures>\n")
        }
        try writer.write("</mes:Structure>\n")
        try writer.flush()
    }

    private func write<Artefact>(
        _ artefacts: [Artefact], _ start: StaticString, _ end: StaticString, _ body: (Artefact) throws(WriteError) -> Void
    ) throws(WriteError) {
        guard !artefacts.isEmpty else { return }
        try writer.write(start)
        for artefact in artefacts { try body(artefact) }
        try writer.write(end)
    }

    // MARK: What artefacts share

    /// The attributes of a maintainable artefact.
    func write(identity: ArtefactIdentity, _ artefactClass: ArtefactClass) throws(WriteError) {
        try writer.write(attribute: "id", identity.id)
        try writer.write(attribute: "urn", ArtefactReference(artefactClass, agency: identity.agency, id: identity.id, version: identity.version).urn)
        try writer.write(attribute: "agencyID", identity.agency)
        try writer.write(attribute: "version", identity.version)
        try writer.write(attribute: "isFinal", identity.isFinal.map(String.init))
        try writer.write(attribute: "isExternalReference", identity.isExternalReference.map(String.init))
        try writer.write(attribute: "validFrom", identity.validFrom)
        try writer.write(attribute: "validTo", identity.validTo)
    }

    /// Names and descriptions; a name is mandatory in SDMX-ML.
    func write(names: LocalisedText, _ descriptions: LocalisedText, otherwise id: String) throws(WriteError) {
        try writer.write(texts: names.isEmpty ? LocalisedText(id) : names, "<com:Name", "</com:Name>\n")
        try writer.write(texts: descriptions, "<com:Description", "</com:Description>\n")
    }

    func write(reference: ArtefactReference) throws(WriteError) {
        try writer.write("<Ref")
        try writer.write(attribute: "id", reference.id)
        try writer.write(attribute: "version", reference.version)
        try writer.write(attribute: "agencyID", reference.agency)
        try writer.write(attribute: "package", reference.artefactClass.package)
        try writer.write(attribute: "class", reference.artefactClass.rawValue)
        try writer.write("/>")
    }

    func write(concept: ConceptReference) throws(WriteError) {
        try writer.write("<str:ConceptIdentity><Ref")
        try writer.write(attribute: "id", concept.id)
        try writer.write(attribute: "maintainableParentID", concept.scheme.id)
        try writer.write(attribute: "maintainableParentVersion", concept.scheme.version)
        try writer.write(attribute: "agencyID", concept.scheme.agency)
        try writer.write(" package=\"conceptscheme\" class=\"Concept\"/></str:ConceptIdentity>\n")
    }

    /// What a representation may say depends on what it represents.
    enum RepresentationPlace { case concept, component, time, measureDimension }

    /// The content of `CoreRepresentation` and `LocalRepresentation`.
    func write(representation: Representation, in place: RepresentationPlace, of owner: String) throws(WriteError) {
        if let enumeration = representation.enumeration {
            try writer.write("<str:Enumeration>")
            try write(reference: enumeration)
            try writer.write("</str:Enumeration>")
            if place != .measureDimension, let format = representation.textFormat { try write("<str:EnumerationFormat", format, in: place, of: owner) }
        } else {
            try write("<str:TextFormat", representation.textFormat ?? TextFormat(), in: place, of: owner)
        }
    }

    private func write(_ start: StaticString, _ format: TextFormat, in place: RepresentationPlace, of owner: String) throws(WriteError) {
        if format.type == .geospatialInformation {
            throw WriteError(.unsupported, detail: "\(owner) has a type of SDMX 3.0 (GeospatialInformation), for which SDMX-ML 2.1 has no place")
        }
        try writer.write(start)
        try writer.write(attribute: "textType", format.type?.rawValue)
        try writer.write(attribute: "startTime", format.startTime)
        try writer.write(attribute: "endTime", format.endTime)
        if place != .time {
            try writer.write(attribute: "isSequence", format.isSequence.map(String.init))
            try writer.write(attribute: "interval", format.interval)
            try writer.write(attribute: "startValue", format.startValue)
            try writer.write(attribute: "endValue", format.endValue)
            try writer.write(attribute: "timeInterval", format.timeInterval)
            try writer.write(attribute: "minLength", format.minLength.map { String($0) })
            try writer.write(attribute: "maxLength", format.maxLength.map { String($0) })
            try writer.write(attribute: "minValue", format.minValue)
            try writer.write(attribute: "maxValue", format.maxValue)
            try writer.write(attribute: "decimals", format.decimals.map { String($0) })
            try writer.write(attribute: "pattern", format.pattern)
            // Prohibited everywhere else (`structure:SimpleComponentTextFormatType`).
            if place == .concept { try writer.write(attribute: "isMultiLingual", format.isMultiLingual.map(String.init)) }
        }
        try writer.write("/>")
    }
}
