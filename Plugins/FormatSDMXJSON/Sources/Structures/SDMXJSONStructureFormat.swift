public import SluiceKit

/// SDMX-JSON structure messages: 1.0 (for SDMX 2.1, reading only), 2.0 (for 3.0) and 2.1 (for 3.1).
///
/// One reader takes the members of all three, because messages in the wild mix them; the version decides what is written.
public struct SDMXJSONStructureFormat: StructureFormat {
    public enum Version: String, Hashable, Sendable, CaseIterable {
        case v10 = "1.0", v20 = "2.0", v21 = "2.1"
    }
    public let version: Version

    public init(_ version: Version) { self.version = version }

    public var id: String { "sdmx-json-\(version.rawValue)-structure" }

    /// An object with artefacts under `data`, else one that names the schema of structure messages; the version is that of the schema it names,
    /// else that of the members.
    public func recognises(_ head: [UInt8]) -> Bool { StructureMessageHead(head).version == version }

    public func readStructures(_ source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> StructureSet {
        let reader = StructureMessageReader(try MessageText(source, limits: limits), version: version, limits: limits, findings: findings)
        return try reader.read()
    }

    /// The artefacts are written into memory first, so that the languages they use can stand before them.
    public func writeStructures(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink, findings: any FindingSink) throws(WriteError) {
        guard version != .v10 else {
            throw WriteError(.unsupported, detail: "SDMX-JSON 1.0 structure messages are read, not written; write sdmx-json-2.0-structure")
        }
        try StructureMessageWriter(version: version, findings: findings).write(structures, header: header, to: sink)
    }

    /// Where the schema of a version is.
    static func schemaAddress(_ version: Version) -> String {
        switch version {
        case .v10: "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/1.0/sdmx-json-structure-schema.json"
        case .v20: "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
        case .v21: "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json"
        }
    }
}
