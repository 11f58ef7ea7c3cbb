import SluiceKit

@testable import FormatSDMXML

/// A dataset as plain values, for comparison.
struct DumpedDataset: Equatable {
    var reference: String
    var action: DatasetAction
    var components: [String]
    /// One text per row: `id=value` of what is present, in column order.
    var rows: [String]
    var lines: [UInt64]
    /// Rows that are an observation and not only a series.
    var observationCount: Int
}

struct Dump {
    var header: MessageHeader
    var datasets: [DumpedDataset]
    var findings: FindingTally
    var rows: [String] { datasets.flatMap(\.rows) }
    var observationCount: Int { datasets.map(\.observationCount).reduce(0, +) }
}

func readStructures(_ bytes: [UInt8], findings: any FindingSink = FindingTally()) throws -> StructureSet {
    try SDMXMLStructureFormat(version: .v2_1).readStructures(MemoryByteSource(bytes), limits: ReadLimits(), findings: findings)
}

func reader(
    _ bytes: [UInt8], _ structures: StructureSet, limits: ReadLimits = ReadLimits(), chunkBytes: Int = XMLEvents.chunkBytesDefault, findings: FindingTally
) throws -> SDMXMLDataReader {
    try SDMXMLDataReader(
        MemoryByteSource(bytes), in: ReadContext(structures: structures, limits: limits, findings: findings), format: nil, chunkBytes: chunkBytes)
}

/// Reads a whole message in small batches.
func dump(
    _ bytes: [UInt8], _ structures: StructureSet, limits: ReadLimits = ReadLimits(), chunkBytes: Int = XMLEvents.chunkBytesDefault, capacity: Int = 100
) throws -> Dump {
    let findings = FindingTally()
    let reader = try reader(bytes, structures, limits: limits, chunkBytes: chunkBytes, findings: findings)
    var datasets: [DumpedDataset] = []
    while let description = try reader.nextDataset() {
        let schema = description.schema
        var dumped = DumpedDataset(
            reference: description.reference.description, action: description.action, components: schema.components.map(\.id), rows: [], lines: [],
            observationCount: 0)
        let batch = Batch(schema: schema, capacity: capacity)
        while try reader.read(into: batch) > 0 {
            for row in 0..<batch.rowCount {
                dumped.rows.append(rowText(batch, row))
                dumped.lines.append(batch.lines[row])
                let observation = schema.index(of: description.dimensionAtObservation)
                if observation.map({ !batch.isAbsent($0, row) }) ?? true { dumped.observationCount += 1 }
            }
            batch.removeAllRows()
        }
        datasets.append(dumped)
    }
    return Dump(header: reader.header, datasets: datasets, findings: findings)
}

func rowText(_ batch: Batch, _ row: Int) -> String {
    batch.schema.components.indices.compactMap { column in batch.string(column, row).map { "\(batch.schema.components[column].id)=\($0)" } }.joined(
        separator: "|")
}

/// Reads a message and writes it again, batch by batch.
func convert(
    _ bytes: [UInt8], _ structures: StructureSet, to format: SDMXMLDataFormat, isFlat: Bool = false, header: MessageHeader? = nil, capacity: Int = 100
) throws -> [UInt8] {
    let findings = FindingTally()
    let reader = try reader(bytes, structures, findings: findings)
    let sink = MemoryByteSink()
    var writer: (any DatasetWriter)?
    while let description = try reader.nextDataset() {
        let open = try writer ?? format.writer(to: sink, options: WriteOptions(header: header ?? reader.header, isFlat: isFlat))
        writer = open
        try open.beginDataset(description)
        let batch = Batch(schema: description.schema, capacity: capacity)
        while try reader.read(into: batch) > 0 {
            try open.write(batch)
            batch.removeAllRows()
        }
    }
    try writer?.finish()
    return sink.bytes
}
