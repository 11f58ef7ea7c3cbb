public import SluiceKit

/// One version of SDMX-JSON data messages.
public struct SDMXJSONFormat: DataFormat {
    public enum Version: String, Hashable, Sendable, CaseIterable { case v1 = "1.0", v2 = "2.0", v21 = "2.1" }
    public let version: Version

    public init(version: Version = .v2) { self.version = version }

    public var id: String { "sdmx-json-\(version.rawValue)" }
    public var mediaType: String { "application/vnd.sdmx.data+json;version=\(version.rawValue).0" }
    public var fileExtension: String { "json" }
    /// What the indexes mean stands under `structures`, which may come behind the data.
    public var readsTwice: Bool { true }

    /// The schema that a message of this version names.
    static func schemaAddress(_ version: Version) -> String {
        switch version {
        case .v1: "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/1.0/sdmx-json-data-schema.json"
        case .v2: "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
        case .v21: "https://json.sdmx.org/2.1/sdmx-json-data-schema.json"
        }
    }

    /// The version that a schema's address names.
    static func version(ofSchema address: some StringProtocol) -> Version? {
        guard address.contains("sdmx-json-data-schema") else { return nil }
        return address.contains("/1.0") ? .v1 : address.contains("/2.0") ? .v2 : address.contains("/2.1") ? .v21 : nil
    }

    /// An object that names the schema of a data message, or has the members of one. What does not tell its version is taken for 2.0.
    public func recognises(_ head: [UInt8]) -> Bool {
        let bytes = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
        guard bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.contains("sdmx-json-structure-schema") || text.contains("sdmx-json-metadata-schema") { return false }
        let has = { (member: String) in text.contains("\"\(member)\"") }
        if has("metadataSets") || (has("dataStructures") && !has("dataSets")) { return false }
        for address in text.split(separator: "\"") where address.contains("sdmx-json-data-schema") {
            return (Self.version(ofSchema: address) ?? .v2) == version
        }
        // Before 1.0 was settled the header was called so, and nothing stood under `data`.
        let isBare = has("header") && !has("data")
        guard isBare || has("data") || has("meta"), isBare || has("dataSets") || has("structures") || has("structure") else { return false }
        return (isBare || (text.contains(/"structure"\s*:\s*\{/) && !has("structures")) ? .v1 : .v2) == version
    }

    public func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        SDMXJSONReader(source, version: version, context: context)
    }

    public func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        SDMXJSONWriter(sink, version: version, options: options)
    }
}
