import SluiceKit

/// Structure messages of SDMX-ML 2.1.
struct SDMXMLStructureFormat: StructureFormat {
    var id: String { "sdmx-ml-2.1-structure" }

    func recognises(_ head: [UInt8]) -> Bool {
        guard let kind = MessageKind.sniff(head) else { return false }
        return kind.content == .structure && kind.version == .v2_1
    }

    func readStructures(_ source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> StructureSet {
        let xml = try XMLEvents(source, limits: limits, bytesMax: limits.structureBytesMax)
        return try StructureReader(xml, findings: findings).read()
    }

    func writeStructures(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink, findings: any FindingSink) throws(WriteError) {
        try StructureWriter(structures, header: header, to: sink).write()
    }
}
