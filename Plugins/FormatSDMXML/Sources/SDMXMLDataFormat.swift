import SluiceKit

/// One spelling of SDMX-ML data.
struct SDMXMLDataFormat: DataFormat {
    let id: String
    let mediaType: String
    let content: MessageKind.Content
    let version: SDMXMLVersion
    let isTimeSeries: Bool

    var fileExtension: String { "xml" }
    var readsTwice: Bool { false }

    private init(_ id: String, _ mediaType: String, _ content: MessageKind.Content, _ version: SDMXMLVersion, isTimeSeries: Bool = false) {
        self.id = id
        self.mediaType = "application/vnd.sdmx." + mediaType
        self.content = content
        self.version = version
        self.isTimeSeries = isTimeSeries
    }

    static let compact2_0 = SDMXMLDataFormat("sdmx-ml-2.0-compact", "compactdata+xml;version=2.0", .structureSpecificData, .v2_0)
    static let generic2_0 = SDMXMLDataFormat("sdmx-ml-2.0-generic", "genericdata+xml;version=2.0", .genericData, .v2_0)
    static let structureSpecific = SDMXMLDataFormat("sdmx-ml-2.1", "structurespecificdata+xml;version=2.1", .structureSpecificData, .v2_1)
    static let generic = SDMXMLDataFormat("sdmx-ml-2.1-generic", "genericdata+xml;version=2.1", .genericData, .v2_1)
    static let timeSeries = SDMXMLDataFormat(
        "sdmx-ml-2.1-timeseries", "structurespecifictimeseriesdata+xml;version=2.1", .structureSpecificData, .v2_1, isTimeSeries: true)
    static let genericTimeSeries = SDMXMLDataFormat(
        "sdmx-ml-2.1-generic-timeseries", "generictimeseriesdata+xml;version=2.1", .genericData, .v2_1, isTimeSeries: true)
    static let structureSpecific3_0 = SDMXMLDataFormat("sdmx-ml-3.0", "data+xml;version=3.0.0", .structureSpecificData, .v3_0)
    static let structureSpecific3_1 = SDMXMLDataFormat("sdmx-ml-3.1", "data+xml;version=3.1.0", .structureSpecificData, .v3_1)

    static let all = [
        compact2_0, generic2_0, structureSpecific, generic, timeSeries, genericTimeSeries, structureSpecific3_0, structureSpecific3_1,
    ]

    /// The format of a message of this kind; nil when it holds no data that Sluice reads.
    static func format(of kind: MessageKind) -> SDMXMLDataFormat? { all.first { $0.recognises(kind) } }

    func recognises(_ head: [UInt8]) -> Bool { MessageKind.sniff(head).map(recognises) ?? false }

    private func recognises(_ kind: MessageKind) -> Bool {
        // A message group whose first dataset is out of sight is taken for the more usual compact one; the reader looks again.
        let content = kind.content == .messageGroup ? .structureSpecificData : kind.content
        return content == self.content && kind.version == version && kind.isTimeSeries == isTimeSeries
    }

    /// Whether the reader of this format accepts a message of this kind: the time-series messages of 2.1 differ in nothing but their name.
    func reads(_ kind: MessageKind) -> Bool { kind.version == version && (kind.content == content || kind.content == .messageGroup) }

    func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        try SDMXMLDataReader(source, in: context, format: self)
    }

    func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        guard version >= .v2_1 else {
            throw WriteError(.unsupported, detail: "\(id) is read but not written; write sdmx-ml-2.1\(content == .genericData ? "-generic" : "")")
        }
        return DataMessageWriter(format: self, to: sink, options: options)
    }

    func outline(of source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> MessageOutline {
        try OutlineReader(source, limits: limits, format: self, findings: findings).read()
    }
}
