/// What a reader is given beside the bytes.
public struct ReadContext {
    public var structures: StructureSet
    /// The dataflow the caller asked for; overrides what the message names.
    public var flow: ArtefactReference?
    public var limits: ReadLimits
    public var findings: any FindingSink
    /// Of these structures, where many messages are read with them.
    public var schemas: SchemaShelf?
    /// Whether the rows are records, so that a reader that can should read them with a schema of records (`DatasetSchema.isOfRecords`); their number is
    /// then bounded by no dictionary.
    public var readsRecords = false

    public init(
        structures: StructureSet, flow: ArtefactReference? = nil, limits: ReadLimits = ReadLimits(), findings: any FindingSink, schemas: SchemaShelf? = nil
    ) {
        self.structures = structures
        self.schemas = schemas
        self.flow = flow
        self.limits = limits
        self.findings = findings
    }
}

/// Pulls datasets out of one message, batch by batch, in constant memory. Not shared between tasks.
public protocol DatasetReader: AnyObject {
    /// The message's header; known once `nextDataset` has been called. Formats without one give an empty header.
    var header: MessageHeader { get }
    /// Moves to the next dataset; nil when the message ended well. What is left of the current dataset is skipped.
    /// A change of action or structure from row to row (SDMX-CSV) begins a new dataset.
    func nextDataset() throws(ReadError) -> DatasetDescription?
    /// Adds rows to `batch` until it is full or the dataset ends; returns how many it added, 0 at the dataset's end.
    func read(into batch: Batch) throws(ReadError) -> Int
}

/// What a writer is told beside the data.
public struct WriteOptions: Sendable {
    public var header: MessageHeader
    /// Write `ObsDimension` level series where rows allow it (the default), or every observation flat.
    public var isFlat: Bool
    /// What only SDMX-CSV leaves open.
    public var csv = CSVOptions()

    public init(header: MessageHeader, isFlat: Bool = false) {
        self.header = header
        self.isFlat = isFlat
    }
}

/// How SDMX-CSV is to be spelled (field guide 2.1, "Optional parameters"); the defaults are the guide's own.
public struct CSVOptions: Hashable, Sendable {
    /// What stands beside a code: nothing, its name in a column of its own (not in 1.0), or its name behind it (`A: Annual`).
    public enum Labels: String, Hashable, Sendable, CaseIterable { case id, name, both }
    /// Which key columns stand before the components (not in 1.0).
    public enum Keys: String, Hashable, Sendable, CaseIterable { case none, obs, series, both }
    /// Time periods as they stand, or the day on which each begins.
    public enum TimeFormat: String, Hashable, Sendable, CaseIterable { case original, normalized }

    public var labels = Labels.id
    public var keys = Keys.none
    public var timeFormat = TimeFormat.original
    /// The language of names, where there is a choice (BCP 47).
    public var language = "en"
    /// What stands between cells: comma, semicolon, tab or bar.
    public var separator = UInt8(ascii: ",")
    /// What stands between the values of one cell; nil takes a semicolon, or a bar where that is the separator.
    public var subfieldSeparator: UInt8?

    public init() {}
}

/// Pushes datasets into one message. The order of calls is `beginDataset`, `write`…, `beginDataset`, …, `finish`.
/// Rows of one series that follow each other are written as one series. Not shared between tasks.
public protocol DatasetWriter: AnyObject {
    func beginDataset(_ description: DatasetDescription) throws(WriteError)
    func write(_ batch: Batch) throws(WriteError)
    /// Ends the message and flushes; without it the output is not complete.
    func finish() throws(WriteError)
}

/// A data format: one spelling of SDMX data, or plain CSV with a mapping.
public protocol DataFormat: Sendable {
    /// `sdmx-ml-2.1`, `sdmx-csv-2.0`, …: what `--from` and `--to` take.
    var id: String { get }
    var mediaType: String { get }
    var fileExtension: String { get }
    /// True when the reader needs `ByteSource.rewind`; the host spools a pipe into a file first.
    var readsTwice: Bool { get }
    /// Whether a message that starts with these bytes (at least 4 KiB where there are as many) is of this format.
    func recognises(_ head: [UInt8]) -> Bool
    func reader(of source: any ByteSource, in context: ReadContext) throws(ReadError) -> any DatasetReader
    func writer(to sink: any ByteSink, options: WriteOptions) throws(WriteError) -> any DatasetWriter
    /// Describes a message without its data structure, streaming: header, datasets, what they refer to, and how much they hold.
    func outline(of source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> MessageOutline
}

/// A format of structure messages.
public protocol StructureFormat: Sendable {
    var id: String { get }
    func recognises(_ head: [UInt8]) -> Bool
    /// Reads a whole structure message; what it does not keep is named in a finding.
    func readStructures(_ source: any ByteSource, limits: ReadLimits, findings: any FindingSink) throws(ReadError) -> StructureSet
    /// Writes a whole structure message. What the format has no place for is left out and named: a warning where meaning is lost, a note where
    /// only a remark is. Written artefacts are complete: one that cannot be is refused, or left out with a warning.
    func writeStructures(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink, findings: any FindingSink) throws(WriteError)
}

extension StructureFormat {
    /// Writes a whole structure message, or refuses: what the format has no place for is an error here (`unsupported`, with the first such thing).
    public func writeStructures(_ structures: StructureSet, header: MessageHeader, to sink: any ByteSink) throws(WriteError) {
        let losses = FindingTally(samplesPerCodeMax: 1)
        try writeStructures(structures, header: header, to: sink, findings: losses)
        let count = (losses.countBySeverity[.warning] ?? 0) + losses.errorCount
        guard count > 0, let first = losses.samples.first(where: { $0.severity > .note }) ?? losses.samples.first else { return }
        throw WriteError(.unsupported, detail: first.message + (count > 1 ? " (and \(count - 1) more)" : ""))
    }
}
