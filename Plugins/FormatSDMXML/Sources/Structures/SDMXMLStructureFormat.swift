import SluiceKit

/// Structure messages of one version of SDMX-ML, and registry messages of that version that hold structures.
struct SDMXMLStructureFormat: StructureFormat {
    let version: SDMXMLVersion

    static let all = [SDMXMLVersion.v2_0, .v2_1, .v3_0, .v3_1].map(SDMXMLStructureFormat.init)

    var id: String { "sdmx-ml-\(version.rawValue)-structure" }

    func recognises(_ head: [UInt8]) -> Bool {
        guard let kind = MessageKind.sniff(head) else { return false }
        return (kind.content == .structure || kind.content == .registry) && kind.version == version
    }

    func readStructures(_ source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> StructureSet {
        let xml = try XMLEvents(source, limits: limits, bytesMax: limits.structureBytesMax)
        return try StructureReader(xml, version: version, findings: findings).read()
    }

    func writeStructures(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink, findings: any FindingSink) throws(WriteError) {
        guard version != .v2_0 else { throw WriteError(.unsupported, detail: "\(id) is read but not written; write sdmx-ml-2.1-structure") }
        try StructureWriter(structures, version: version, header: header, to: sink, findings: findings).write()
    }
}
