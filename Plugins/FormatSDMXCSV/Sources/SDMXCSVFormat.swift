public import SluiceKit

/// One version of SDMX-CSV.
public struct SDMXCSVFormat: DataFormat {
    public enum Version: Hashable, Sendable { case v1, v2 }
    public let version: Version

    public init(version: Version) { self.version = version }

    public var id: String { version == .v1 ? "sdmx-csv-1.0" : "sdmx-csv-2.0" }
    public var mediaType: String { "application/vnd.sdmx.data+csv;version=\(version == .v1 ? "1.0.0" : "2.0.0")" }
    public var fileExtension: String { "csv" }
    public var readsTwice: Bool { false }

    /// The field guides fix the first term of the header: `DATAFLOW` in 1.0, `STRUCTURE` followed by `STRUCTURE_ID` in 2.0.
    public func recognises(_ head: [UInt8]) -> Bool {
        guard let opening = head.withUnsafeBytes(Opening.init), opening.version == version else { return false }
        return version == .v1 || String(decoding: head.prefix(256), as: UTF8.self).contains("STRUCTURE_ID")
    }

    public func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        SDMXCSVReader(source, version: version, context: context)
    }

    public func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        SDMXCSVWriter(sink, version: version)
    }
}

/// What the first header cell tells: the version, the separator behind it, and the sub-field separator in its brackets.
struct Opening {
    static let separators: [UInt8] = Array(",;\t|".utf8)

    let version: SDMXCSVFormat.Version
    let separator: UInt8
    let subfieldSeparator: UInt8?

    init?(_ head: UnsafeRawBufferPointer) {
        var rest = head[...]
        func take(_ text: StaticString) -> Bool {
            let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        _ = take("\u{FEFF}")
        let isQuoted = take("\"")
        if take("DATAFLOW") {
            version = .v1
            subfieldSeparator = nil
        } else if take("STRUCTURE") {
            version = .v2
            if take("[") {
                guard rest.count >= 2, rest[rest.startIndex + 1] == UInt8(ascii: "]") else { return nil }
                subfieldSeparator = rest.first
                rest = rest.dropFirst(2)
            } else {
                subfieldSeparator = nil
            }
        } else {
            return nil
        }
        if isQuoted, !take("\"") { return nil }
        let next = rest.first ?? 0x0A
        if next == 0x0A || next == 0x0D { separator = UInt8(ascii: ",") } else if Self.separators.contains(next) { separator = next } else { return nil }
    }
}
