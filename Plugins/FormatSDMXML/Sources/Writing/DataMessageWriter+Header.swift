import SluiceKit

extension DataMessageWriter {
    /// The root element's name.
    private var root: StaticString {
        switch (format.content, format.isTimeSeries) {
        case (.genericData, false): "GenericData"
        case (.genericData, true): "GenericTimeSeriesData"
        case (_, true): "StructureSpecificTimeSeriesData"
        default: "StructureSpecificData"
        }
    }

    /// Root element and header, in the order of `message:BaseHeaderType`, which is the same in 2.1 and 3.x.
    func writeHeader(_ description: DatasetDescription, _ layout: DatasetLayout, _ reference: ArtefactReference) throws(WriteError) {
        let namespace = reference.urn + ":ObsLevelDim:" + layout.dimensionAtObservation
        let schemas = "http://www.sdmx.org/resources/sdmxml/schemas/v\(format.version.rawValue.replacing(".", with: "_"))/"
        try writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:")
        try writer.write(root)
        try writer.write(attribute: "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        try writer.write(attribute: "xmlns:mes", schemas + "message")
        try writer.write(attribute: "xmlns:com", schemas + "common")
        if format.content == .genericData {
            try writer.write(attribute: "xmlns:gen", schemas + "data/generic")
        } else {
            try writer.write(attribute: "xmlns:ss", schemas + "data/structurespecific")
            try writer.write(attribute: "xmlns:ns1", namespace)
        }
        try writer.write(">\n<mes:Header>\n")
        let header = options.header
        try writer.writeHeaderStart(header, otherwiseSender: description.schema.structure.identity.agency)
        try writer.write("<mes:Structure")
        try writer.write(attribute: "structureID", Self.structureID)
        if format.content != .genericData { try writer.write(attribute: "namespace", namespace) }
        try writer.write(attribute: "dimensionAtObservation", layout.dimensionAtObservation)
        try writer.write(UInt8(ascii: ">"))
        try write(reference)
        try writer.write("</mes:Structure>\n")
        try writer.write(element: "mes:DataSetAction", ActionMeaning.name(description.action, in: format.version))
        let dataSetID = header.dataSetID ?? description.setID
        try writer.write(element: "mes:DataSetID", dataSetID.flatMap { $0.isEmpty ? nil : HeaderValues.id($0, otherwise: "_") })
        try writer.write(element: "mes:Extracted", HeaderValues.dateTime(header.extracted, allowsDate: false))
        try writer.write(element: "mes:ReportingBegin", HeaderValues.period(header.reportingBegin))
        try writer.write(element: "mes:ReportingEnd", HeaderValues.period(header.reportingEnd))
        try writer.write(element: "mes:EmbargoDate", HeaderValues.dateTime(header.embargoDate, allowsDate: false))
        try writer.writeSources(header)
        try writer.write("</mes:Header>\n")
    }

    /// The reference of `common:PayloadStructureType`: a `Ref` in 2.1, a URN since 3.0.
    private func write(_ reference: ArtefactReference) throws(WriteError) {
        let element: StaticString =
            switch reference.artefactClass {
            case .dataflow: "com:StructureUsage"
            // So spelled by the 2.1 schemas.
            case .provisionAgreement: format.version == .v2_1 ? "com:ProvisionAgrement" : "com:ProvisionAgreement"
            default: "com:Structure"
            }
        guard format.version == .v2_1 else { return try writer.write(element: element, reference.urn) }
        try writer.write(UInt8(ascii: "<"))
        try writer.write(element)
        try writer.write("><Ref")
        try writer.write(attribute: "agencyID", reference.agency)
        try writer.write(attribute: "id", reference.id)
        try writer.write(attribute: "version", reference.version)
        try writer.write(attribute: "class", reference.artefactClass.rawValue)
        try writer.write("/></")
        try writer.write(element)
        try writer.write(UInt8(ascii: ">"))
    }

    func writeRootEnd() throws(WriteError) {
        try writer.write("</mes:")
        try writer.write(root)
        try writer.write(">\n")
    }
}

extension ByteWriter {
    /// ID to Name of a header, in the order of `message:BaseHeaderType`. It has room for one sender: the first.
    func writeHeaderStart(_ header: MessageHeader, otherwiseSender: String) throws(WriteError) {
        try write(element: "mes:ID", HeaderValues.id(header.id, otherwise: "SLUICE"))
        try write(element: "mes:Test", header.isTest ? "true" : "false")
        try write(element: "mes:Prepared", HeaderValues.dateTime(header.prepared, allowsDate: true) ?? HeaderValues.now())
        try write(party: header.senders.first ?? MessageHeader.Party(otherwiseSender), "mes:Sender")
        for receiver in header.receivers { try write(party: receiver, "mes:Receiver") }
        try write(texts: header.names, "<com:Name", "</com:Name>\n")
    }

    func writeSources(_ header: MessageHeader) throws(WriteError) { try write(texts: header.sources, "<mes:Source", "</mes:Source>\n") }

    private func write(party: MessageHeader.Party, _ element: StaticString) throws(WriteError) {
        try write(UInt8(ascii: "<"))
        try write(element)
        try write(attribute: "id", HeaderValues.id(party.id, otherwise: "UNKNOWN"))
        if party.names.isEmpty, party.contacts.isEmpty { return try write("/>\n") }
        try write(">\n")
        try write(texts: party.names, "<com:Name", "</com:Name>\n")
        for contact in party.contacts {
            try write("<mes:Contact>\n")
            try write(texts: contact.names, "<com:Name", "</com:Name>\n")
            try write(texts: contact.departments, "<mes:Department", "</mes:Department>\n")
            try write(texts: contact.roles, "<mes:Role", "</mes:Role>\n")
            for text in contact.telephones { try write(element: "mes:Telephone", text) }
            for text in contact.faxes { try write(element: "mes:Fax", text) }
            for text in contact.x400s { try write(element: "mes:X400", text) }
            for text in contact.uris { try write(element: "mes:URI", text) }
            for text in contact.emails { try write(element: "mes:Email", text) }
            try write("</mes:Contact>\n")
        }
        try write("</")
        try write(element)
        try write(">\n")
    }
}
