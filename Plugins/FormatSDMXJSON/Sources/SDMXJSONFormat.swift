public import SluiceKit

/// SDMX-JSON 2.0 data.
public struct SDMXJSONFormat: DataFormat {
    public init() {}

    public var id: String { "sdmx-json-2.0" }
    public var mediaType: String { "application/vnd.sdmx.data+json;version=2.0.0" }
    public var fileExtension: String { "json" }
    /// What the indexes mean stands under `structures`, which may come behind the data.
    public var readsTwice: Bool { true }

    static let schemaAddress = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"

    /// An object that names the schema of data messages 2.x, or has `dataSets` or `structures` under `data`.
    public func recognises(_ head: [UInt8]) -> Bool {
        let bytes = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
        guard bytes.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.contains("1.0/sdmx-json-data-schema") || text.contains("sdmx-json-structure-schema") || text.contains("sdmx-json-metadata-schema") {
            return false
        }
        return text.contains("sdmx-json-data-schema") || (text.contains("\"data\"") && (text.contains("\"dataSets\"") || text.contains("\"structures\"")))
    }

    public func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        SDMXJSONReader(source, context: context)
    }

    public func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        SDMXJSONWriter(sink, options: options)
    }
}
