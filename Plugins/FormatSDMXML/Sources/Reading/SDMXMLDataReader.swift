import CLibxml2
import SluiceKit

/// Reads SDMX-ML data messages: structure-specific and generic, 2.1 (and the structure-specific one of 3.x), batch by batch.
final class SDMXMLDataReader: DatasetReader {
    private(set) var header = MessageHeader()

    let xml: XMLEvents
    let context: ReadContext
    private var dataHeader: DataHeader?
    private var rootKind: MessageKind?
    private var datasetCount = 0
    /// The dataset under the cursor; nil between datasets.
    var assembler: DatasetAssembler?
    /// Depth of the dataset's own element.
    private var isMessageEnded = false
    private var wanted: MessageKind.Content

    // Tables by name number; they grow as names appear.
    var roles: [ElementRole] = []
    var columns: [Int32] = []
    var lookup: ColumnLookup?
    /// The numbers of the attribute names `id` and `value`.
    private(set) var idName = UInt32.max
    private(set) var valueName = UInt32.max

    // The state of the dataset's elements.
    var parts = PartState()

    init(_ source: any ByteSource, in context: ReadContext, wanted: MessageKind.Content, chunkBytes: Int = XMLEvents.chunkBytesDefault) throws(ReadError) {
        xml = try XMLEvents(source, limits: context.limits, bytesMax: context.limits.messageBytesMax, chunkBytes: chunkBytes)
        self.context = context
        self.wanted = wanted
        xml.onName = { [unowned self] name in noteName(name) }
    }

    // MARK: Datasets

    func nextDataset() throws(ReadError) -> DatasetDescription? {
        if rootKind == nil { try readRoot() }
        if assembler != nil { try skipRest() }
        guard !isMessageEnded else { return nil }
        while try xml.next() {
            if xml.isStart {
                switch xml.name.local {
                case "DataSet": return try beginDataset()
                case "Header":
                    let read = try DataHeader(reading: xml, findings: context.findings)
                    dataHeader = read
                    header = read.message
                default: try xml.eachChild {}
                }
            }
        }
        isMessageEnded = true
        return nil
    }

    private func readRoot() throws(ReadError) {
        guard try xml.next() else { throw ReadError(.malformed, detail: "the message is empty") }
        let kind = MessageKind(xml.name)
        let isRead =
            kind.content == wanted && (kind.version == .v2_1 || kind.content == .structureSpecificData && (kind.version == .v3_0 || kind.version == .v3_1))
        guard isRead else {
            let name = wanted == .structureSpecificData ? "a structure-specific data message of SDMX-ML 2.1" : "a generic data message of SDMX-ML 2.1"
            throw kind.unsupported(line: xml.line, wanted: name)
        }
        rootKind = kind
    }

    private func beginDataset() throws(ReadError) -> DatasetDescription {
        datasetCount += 1
        let line = xml.line
        let position = Position(line: line, dataset: datasetCount)
        guard let dataHeader else {
            throw ReadError(.malformed, line: line, detail: "the dataset comes before the message's header; SDMX-ML puts the Header first")
        }
        func setAttribute(_ name: String) -> String? { xml.attribute(name, in: .structureSpecific) ?? xml.attribute(name) }
        let structureID = setAttribute("structureRef") ?? ""
        var entry = dataHeader.structures.first { $0.id == structureID }
        if entry == nil, dataHeader.structures.count == 1, let only = dataHeader.structures.first {
            entry = only
            context.findings.add(
                Finding(
                    .structureMismatch, severity: .warning, at: position, component: "structureRef", offendingText: structureID,
                    message: "The dataset refers to structure \"\(structureID)\", and the header names only \"\(only.id)\".",
                    advice: "Let structureRef repeat the structureID of the header; the dataset was read with \"\(only.id)\"."))
        }
        if entry == nil, !dataHeader.structures.isEmpty {
            throw ReadError(
                .structureUnknown, line: line,
                detail:
                    "the dataset refers to structure \"\(structureID)\", which the header does not name; let structureRef repeat a structureID of the header")
        }
        let schema = try context.schema(for: entry?.reference, at: position)
        let action = DataHeader.action(setAttribute("action"), at: line, context.findings) ?? dataHeader.action ?? .information
        let description = DatasetDescription(
            schema: schema, reference: entry?.reference ?? schema.structure.reference, structureID: structureID, action: action,
            dimensionAtObservation: entry?.dimensionAtObservation, setID: setAttribute("setID"))
        let assembler = DatasetAssembler(schema, ordinal: datasetCount, limits: context.limits, findings: context.findings)
        self.assembler = assembler
        lookup = ColumnLookup(schema)
        columns = xml.names.map { column(of: $0, in: schema) }
        parts = PartState()
        parts.observationColumn = schema.index(of: description.dimensionAtObservation)
        parts.measureColumn = schema.index(of: "OBS_VALUE") ?? (schema.measures.isEmpty ? nil : schema.measures.lowerBound)
        parts.hasExplicitMeasures = entry?.hasExplicitMeasures ?? false
        if wanted == .structureSpecificData { readDatasetAttributes(assembler) }
        return description
    }

    /// Passes over what is left of the dataset; its problems are no longer reported.
    private func skipRest() throws(ReadError) {
        defer { assembler = nil }
        while true {
            if parts.isDatasetEnded { return }
            xml.position += 1
            if xml.position >= xml.eventCount {
                guard try xml.refill() else { return }
            }
            let event = xml.event
            if event.kind == UInt32(SLUICE_XML_START) {
                parts.depth += 1
            } else if event.kind == UInt32(SLUICE_XML_END) {
                parts.depth -= 1
                if parts.depth < 0 { endDataset() }
            }
        }
    }

    /// The dataset's end tag has been read without `XMLEvents.next`, which has to know.
    func endDataset() {
        parts.isDatasetEnded = true
        xml.leaveElement()
    }

    // MARK: Rows

    func read(into batch: Batch) throws(ReadError) -> Int {
        guard let assembler, !parts.isDatasetEnded || parts.hasLeftovers else { return 0 }
        assembler.batchChanged()
        let before = batch.rowCount
        if !parts.isDatasetEnded {
            if wanted == .structureSpecificData { try readStructureSpecific(assembler, into: batch) } else { try readGeneric(assembler, into: batch) }
            if parts.isDatasetEnded { settleGroups(assembler) }
        }
        if parts.isDatasetEnded { try writeLeftovers(assembler, into: batch) }
        return batch.rowCount - before
    }

    // MARK: Names

    private func noteName(_ name: XMLName) {
        let number = UInt32(roles.count)
        if name.namespace == .none, name.local == "id" { idName = number }
        if name.namespace == .none, name.local == "value" { valueName = number }
        roles.append(ElementRole(name.local))
        if let assembler { columns.append(column(of: name, in: assembler.schema)) }
    }

    /// Unqualified attributes are components; qualified ones (`xsi:type`, `ss:setID`) belong to the message (SDMX 2.1, section 3A, `DataSetType`).
    private func column(of name: XMLName, in schema: DatasetSchema) -> Int32 {
        guard name.namespace == .none else { return PartState.ignored }
        if let index = schema.index(of: name.local) { return Int32(index) }
        // `type` of Group and Obs is the schema's own.
        if name.local == "type" { return PartState.ignored }
        if name.local == "OBS_VALUE", let first = schema.measures.first { return Int32(first) }
        return PartState.unknown
    }
}
