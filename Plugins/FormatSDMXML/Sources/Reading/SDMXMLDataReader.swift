import CLibxml2
import SluiceKit

/// Reads SDMX-ML data messages of 2.0, 2.1 and 3.x, structure-specific and generic, batch by batch.
final class SDMXMLDataReader: DatasetReader {
    private(set) var header = MessageHeader()

    let xml: XMLEvents
    let context: ReadContext
    private var dataHeader: DataHeader?
    private var rootKind: MessageKind?
    private var datasetCount = 0
    /// The dataset under the cursor; nil between datasets.
    private var assembler: DatasetAssembler?
    private var isMessageEnded = false
    private let format: SDMXMLDataFormat?
    /// How the dataset under the cursor is spelled.
    private(set) var content = MessageKind.Content.structureSpecificData
    private(set) var version = SDMXMLVersion.v2_1

    // Tables by name number; they grow as names appear.
    var roles: [ElementRole] = []
    var columns: [Int32] = []
    @exclusivity(unchecked) var lookup: ColumnLookup?
    /// The numbers of the attribute names `id` (in 2.0 `concept`) and `value`.
    @exclusivity(unchecked) private(set) var idName = UInt32.max
    @exclusivity(unchecked) private(set) var valueName = UInt32.max

    // The state of the dataset's elements.
    var parts = PartState()

    /// - Parameter format: what the message is expected to be; nil accepts every data message.
    init(
        _ source: any ByteSource, in context: ReadContext, format: SDMXMLDataFormat?, chunkBytes: Int = XMLEvents.chunkBytesDefault
    ) throws(ReadError) {
        xml = try XMLEvents(source, limits: context.limits, bytesMax: context.limits.messageBytesMax, chunkBytes: chunkBytes)
        self.context = context
        self.format = format
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
                    let read = try DataHeader(reading: xml, version: version, findings: context.findings)
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
        let kind = try xml.messageRoot()
        let accepted = format.map { $0.reads(kind) } ?? (SDMXMLDataFormat.format(of: kind) != nil)
        guard accepted, let version = kind.version else {
            let name = format.map { "a message of format \($0.id)" } ?? "a data message"
            throw kind.unsupported(line: xml.line, wanted: name)
        }
        rootKind = kind
        content = kind.content
        self.version = version
        idName = UInt32(xml.names.firstIndex { $0.namespace == .none && $0.local == idAttribute } ?? Int(UInt32.max))
    }

    private func beginDataset() throws(ReadError) -> DatasetDescription {
        datasetCount += 1
        guard let dataHeader else {
            throw ReadError(.malformed, line: xml.line, detail: "the dataset comes before the message's header; SDMX-ML puts the Header first")
        }
        if rootKind?.content == .messageGroup {
            guard !(xml.name.namespace == .other && xml.name.version != nil) else {
                throw ReadError(
                    .unsupported, line: xml.line,
                    detail:
                        "this dataset of a MessageGroup is cross-sectional, utility or metadata, which are not read; ask the sender for compact or generic data"
                )
            }
            content = xml.datasetContent()
        }
        let start = try DatasetStart(reading: xml, header: dataHeader, findings: context.findings)
        let position = Position(line: start.line, dataset: datasetCount)
        let schema = try context.schema(for: start.reference, at: position)
        var description = DatasetDescription(
            schema: schema, reference: start.reference ?? schema.structure.reference, structureID: start.structureID,
            action: start.action ?? ActionMeaning.implied(in: version), dimensionAtObservation: start.entry?.dimensionAtObservation, setID: start.setID)
        description.dates = start.dates
        description.provider = start.provider
        let assembler = DatasetAssembler(schema, ordinal: datasetCount, limits: context.limits, findings: context.findings)
        self.assembler = assembler
        lookup = ColumnLookup(schema)
        columns = xml.names.map { column(of: $0, in: schema) }
        parts = PartState()
        parts.observationColumn = schema.index(of: description.dimensionAtObservation)
        parts.measureColumn = schema.index(of: "OBS_VALUE") ?? (schema.measures.isEmpty ? nil : schema.measures.lowerBound)
        parts.hasExplicitMeasures = start.entry?.hasExplicitMeasures ?? false
        parts.datasetLine = UInt32(clamping: start.line)
        parts.isDelete = description.action == .delete
        if content == .structureSpecificData {
            for value in start.values { take(value, line: start.line, assembler) }
        }
        if start.isEmpty {
            parts.isDatasetEnded = true
            settleGroups(assembler)
        }
        return description
    }

    /// A dataset attribute of structure-specific data, given as an XML attribute of the dataset's own element.
    private func take(_ value: (name: UInt32, text: String), line: Int, _ assembler: DatasetAssembler) {
        let column = columns[Int(value.name)]
        if column >= 0 {
            assembler.dataset.set(Int(column), value.text)
        } else if column == PartState.unknown {
            assembler.reportUnknown(xml.names[Int(value.name)].local, value.text, line: UInt32(clamping: line), in: .dataset)
        }
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
            if event.kind == XMLEvents.start {
                parts.depth += 1
            } else if event.kind == XMLEvents.end {
                if parts.depth == 0 {
                    parts.isDatasetEnded = true
                    xml.leaveElement()
                }
                parts.depth -= 1
            }
        }
    }

    // MARK: Rows

    func read(into batch: Batch) throws(ReadError) -> Int {
        guard let assembler, !parts.isDatasetEnded || parts.hasLeftovers else { return 0 }
        assembler.beginBatch(batch)
        defer { assembler.endBatch(batch) }
        let before = batch.rowCount
        if !parts.isDatasetEnded {
            if content == .genericData { try readGeneric(assembler, into: batch) } else { try readStructureSpecific(assembler, into: batch) }
            if parts.isDatasetEnded { settleGroups(assembler) }
        }
        if parts.isDatasetEnded { try writeLeftovers(assembler, into: batch) }
        return batch.rowCount - before
    }

    // MARK: Names

    private var idAttribute: String { version < .v2_1 ? "concept" : "id" }

    private func noteName(_ name: XMLName) {
        let number = UInt32(roles.count)
        if name.namespace == .none, name.local == idAttribute { idName = number }
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
