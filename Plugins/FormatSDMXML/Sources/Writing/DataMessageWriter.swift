import SluiceKit

/// What a data message needs around its rows: root element, header, the dataset's element.
///
/// The header names the structure before the first dataset, so a message written as a stream holds data of one structure only.
struct DataMessageWriter {
    enum Spelling { case structureSpecific, generic }
    let spelling: Spelling
    let writer: ByteWriter
    let options: WriteOptions
    private(set) var layout: DatasetLayout?
    private var description: DatasetDescription?
    private var reference: ArtefactReference?

    init(_ spelling: Spelling, to sink: any ByteSink, options: WriteOptions) {
        self.spelling = spelling
        self.options = options
        writer = ByteWriter(sink)
    }

    private var root: StaticString { spelling == .structureSpecific ? "StructureSpecificData" : "GenericData" }
    private static let structureID = "S1"

    /// Takes the next dataset, writing the header before the first.
    mutating func begin(_ next: DatasetDescription) throws(WriteError) -> DatasetLayout {
        let layout = try DatasetLayout(next, spelling: spelling, isFlat: options.isFlat)
        if let first = self.layout {
            guard first.schema.structure.reference == next.schema.structure.reference, reference == Self.reference(of: next),
                first.dimensionAtObservation == layout.dimensionAtObservation
            else {
                throw WriteError(
                    .unsupported,
                    detail:
                        "an SDMX-ML message written as a stream holds data of one structure, and the next dataset is of \(next.reference), not \(reference?.description ?? ""); write it to a file of its own"
                )
            }
        } else {
            reference = Self.reference(of: next)
            try writeHeader(next, layout)
        }
        self.layout = layout
        description = next
        return layout
    }

    /// What the header names: the message's own reference where it is complete, else the data structure.
    private static func reference(of description: DatasetDescription) -> ArtefactReference {
        let own = description.reference
        let isNameable = own.artefactClass == .dataStructure || own.artefactClass == .dataflow || own.artefactClass == .provisionAgreement
        return isNameable && !own.agency.isEmpty && HeaderValues.isID(own.id) ? own : description.schema.structure.reference
    }

    private func writeHeader(_ description: DatasetDescription, _ layout: DatasetLayout) throws(WriteError) {
        let reference = Self.reference(of: description)
        let namespace = reference.urn + ":ObsLevelDim:" + layout.dimensionAtObservation
        try writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:")
        try writer.write(root)
        try writer.write(
            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\" xmlns:com=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common\""
        )
        if spelling == .structureSpecific {
            try writer.write(" xmlns:ss=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific\"")
            try writer.write(attribute: "xmlns:ns1", namespace)
        } else {
            try writer.write(" xmlns:gen=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic\"")
        }
        try writer.write(">\n<mes:Header>\n")
        let header = options.header
        try writer.writeHeaderStart(header, otherwiseSender: description.schema.structure.identity.agency)
        try writer.write("<mes:Structure")
        try writer.write(attribute: "structureID", Self.structureID)
        if spelling == .structureSpecific { try writer.write(attribute: "namespace", namespace) }
        try writer.write(attribute: "dimensionAtObservation", layout.dimensionAtObservation)
        try writer.write("><com:")
        let (element, end): (StaticString, StaticString) =
            switch reference.artefactClass {
            case .dataflow: ("StructureUsage", "</com:StructureUsage></mes:Structure>\n")
            // So spelled by the 2.1 schemas.
            case .provisionAgreement: ("ProvisionAgrement", "</com:ProvisionAgrement></mes:Structure>\n")
            default: ("Structure", "</com:Structure></mes:Structure>\n")
            }
        try writer.write(element)
        try writer.write("><Ref")
        try writer.write(attribute: "agencyID", reference.agency)
        try writer.write(attribute: "id", reference.id)
        try writer.write(attribute: "version", reference.version)
        try writer.write(attribute: "class", reference.artefactClass.rawValue)
        try writer.write("/>")
        try writer.write(end)
        try writer.write("<mes:DataSetAction>")
        try writer.write(escaped: Self.action(description.action))
        try writer.write("</mes:DataSetAction>\n")
        if let id = header.dataSetID ?? description.setID, !id.isEmpty {
            try writer.write("<mes:DataSetID>")
            try writer.write(escaped: HeaderValues.id(id, otherwise: "_"))
            try writer.write("</mes:DataSetID>\n")
        }
        if let extracted = HeaderValues.dateTime(header.extracted, allowsDate: false) {
            try writer.write("<mes:Extracted>")
            try writer.write(escaped: extracted)
            try writer.write("</mes:Extracted>\n")
        }
        try writer.writeSources(header)
        try writer.write("</mes:Header>\n")
    }

    /// SDMX 2.1 knows no Merge; Append is the action by which 2.1 adds to what is there, and 3.x reads it as Merge.
    private static func action(_ action: DatasetAction) -> String { action == .merge ? DatasetAction.append.rawValue : action.rawValue }

    /// Writes the dataset's start tag up to, but without, its `>`.
    func writeDatasetStart() throws(WriteError) {
        guard let description else { return }
        try writer.write("<mes:DataSet")
        let setID = description.setID.map { HeaderValues.id($0, otherwise: "_") }
        if spelling == .structureSpecific {
            try writer.write(" ss:dataScope=\"DataStructure\" xsi:type=\"ns1:DataSetType\"")
            try writer.write(attribute: "ss:structureRef", Self.structureID)
            try writer.write(attribute: "ss:action", Self.action(description.action))
            try writer.write(attribute: "ss:setID", setID)
        } else {
            try writer.write(attribute: "structureRef", Self.structureID)
            try writer.write(attribute: "action", Self.action(description.action))
            try writer.write(attribute: "setID", setID)
        }
    }

    func finish() throws(WriteError) {
        guard layout != nil else {
            throw WriteError(
                .unsupported,
                detail: "an SDMX-ML data message names its structure in the header, and there is no dataset to name one; write at least an empty dataset")
        }
        try writer.write("</mes:")
        try writer.write(root)
        try writer.write(">\n")
        try writer.flush()
    }
}

extension ByteWriter {
    /// ID to Name of a header, in the order of `message:BaseHeaderType`.
    func writeHeaderStart(_ header: MessageHeader, otherwiseSender: String) throws(WriteError) {
        try write("<mes:ID>")
        try write(escaped: HeaderValues.id(header.id, otherwise: "SLUICE"))
        try write("</mes:ID>\n<mes:Test>")
        try write(header.isTest ? "true" : "false")
        try write("</mes:Test>\n<mes:Prepared>")
        try write(escaped: HeaderValues.dateTime(header.prepared, allowsDate: true) ?? HeaderValues.now())
        try write("</mes:Prepared>\n<mes:Sender")
        try write(attribute: "id", HeaderValues.id(header.senders.first?.id ?? otherwiseSender, otherwise: "UNKNOWN"))
        try write("/>\n")
        for receiver in header.receivers {
            try write("<mes:Receiver")
            try write(attribute: "id", HeaderValues.id(receiver.id, otherwise: "UNKNOWN"))
            try write("/>\n")
        }
        try write(texts: header.names, "<com:Name", "</com:Name>\n")
    }

    func writeSources(_ header: MessageHeader) throws(WriteError) { try write(texts: header.sources, "<mes:Source", "</mes:Source>\n") }

    /// One element per language.
    func write(texts: LocalisedText, _ start: StaticString, _ end: StaticString) throws(WriteError) {
        for entry in texts.entries {
            try write(start)
            try write(attribute: "xml:lang", entry.language)
            try write(">")
            try write(escaped: entry.text)
            try write(end)
        }
    }
}
