public import SluiceKit

/// One version of SDMX-CSV.
public struct SDMXCSVFormat: DataFormat {
    public enum Version: String, Hashable, Sendable, CaseIterable { case v1 = "1.0", v2 = "2.0", v21 = "2.1" }
    public let version: Version

    public init(version: Version) { self.version = version }

    public var id: String { "sdmx-csv-\(version.rawValue)" }
    public var mediaType: String { "application/vnd.sdmx.data+csv;version=\(version.rawValue).0" }
    public var fileExtension: String { "csv" }
    public var readsTwice: Bool { false }

    /// The field guides fix the first term of the header: `DATAFLOW` in 1.0, `STRUCTURE` followed by `STRUCTURE_ID` in 2.x.
    ///
    /// Nothing in a header tells 2.1 from 2.0; a first row whose action is `M`, which 2.0 has not, does. All else is taken for 2.0.
    public func recognises(_ head: [UInt8]) -> Bool {
        guard let opening = head.withUnsafeBytes(Opening.init) else { return false }
        guard opening.generation == .second else { return version == .v1 }
        guard version != .v1, Self.namesStructureID(head) else { return false }
        return Self.beginsWithMerge(head, opening) == (version == .v21)
    }

    private static func namesStructureID(_ head: [UInt8]) -> Bool {
        let opening = head.prefix(256)
        return opening.indices.contains { opening[$0...].starts(with: "STRUCTURE_ID".utf8) }
    }

    /// Whether the first row's action is `M`.
    private static func beginsWithMerge(_ head: [UInt8], _ opening: Opening) -> Bool {
        let scanner = CSVScanner(MemoryByteSource(head), separator: opening.separator)
        do {
            guard try scanner.nextRow() else { return false }
            let action = (0..<scanner.cellCount).first { scanner.cell($0).elementsEqual("ACTION".utf8) }
            guard let action, try scanner.nextRow(), action < scanner.cellCount else { return false }
            return scanner.cell(action).elementsEqual("M".utf8)
        } catch {
            // A head that breaks off in a quote, or is no CSV at all; the reader will say so.
            return false
        }
    }

    public func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        SDMXCSVReader(source, version: version, context: context)
    }

    public func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        try SDMXCSVWriter(sink, version: version, options: options.csv)
    }
}
