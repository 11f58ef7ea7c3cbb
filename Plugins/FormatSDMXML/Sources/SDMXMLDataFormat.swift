import SluiceKit

/// One spelling of SDMX-ML data.
struct SDMXMLDataFormat: DataFormat {
    let id: String
    let mediaType: String
    private let content: MessageKind.Content
    private let versions: [SDMXMLVersion]

    var fileExtension: String { "xml" }
    var readsTwice: Bool { false }

    static let structureSpecific = SDMXMLDataFormat(
        id: "sdmx-ml-2.1", mediaType: "application/vnd.sdmx.structurespecificdata+xml;version=2.1", content: .structureSpecificData, versions: [.v2_1])
    static let generic = SDMXMLDataFormat(
        id: "sdmx-ml-2.1-generic", mediaType: "application/vnd.sdmx.genericdata+xml;version=2.1", content: .genericData, versions: [.v2_1])
    /// Read only: the differences to 2.1 lie in namespaces and in how the header refers to the structure.
    static let structureSpecific3 = SDMXMLDataFormat(
        id: "sdmx-ml-3.0", mediaType: "application/vnd.sdmx.data+xml;version=3.0.0", content: .structureSpecificData, versions: [.v3_0, .v3_1])

    func recognises(_ head: [UInt8]) -> Bool {
        guard let kind = MessageKind.sniff(head), let version = kind.version else { return false }
        return kind.content == content && versions.contains(version)
    }

    func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader {
        try SDMXMLDataReader(source, in: context, wanted: content)
    }

    func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter {
        switch (content, versions.contains(.v2_1)) {
        case (.structureSpecificData, true): return StructureSpecificWriter(to: sink, options: options)
        case (.genericData, true): return GenericWriter(to: sink, options: options)
        default: throw WriteError(.unsupported, detail: "\(id) is read but not written; write sdmx-ml-2.1")
        }
    }
}
