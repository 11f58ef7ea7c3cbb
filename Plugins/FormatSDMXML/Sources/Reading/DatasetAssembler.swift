import SluiceKit

/// Puts the values of dataset, groups, series and observations together into rows of a batch.
///
/// What belongs to many rows is kept as bytes and turned into codes once per series and batch (`RowRun`).
/// An observation's own value goes before its series', which goes before its group's, which goes before the dataset's.
final class DatasetAssembler {
    let schema: DatasetSchema
    @exclusivity(unchecked) var dataset = ValueStore()
    @exclusivity(unchecked) var series = ValueStore()
    var groups: GroupIndex
    @exclusivity(unchecked) private(set) var rowCount = 0
    private let findings: any FindingSink
    private let ordinal: Int
    private let run: RowRun
    /// Whether the run has the values of `series`.
    @exclusivity(unchecked) private var isPrepared = false
    /// Whether each row has to be looked up among the groups: where observations stand alone, or a group names the observation's own dimension.
    @exclusivity(unchecked) var matchesGroupsByRow = false

    init(_ schema: DatasetSchema, ordinal: Int, limits: ReadLimits, findings: any FindingSink) {
        self.schema = schema
        self.ordinal = ordinal
        self.findings = findings
        groups = GroupIndex(bytesMax: limits.groupBytesMax)
        run = RowRun(columnCount: schema.components.count)
    }

    // MARK: Batches

    /// To be called when rows go to a batch that may have been cleared or changed.
    func beginBatch(_ batch: Batch) {
        run.use(batch)
        isPrepared = false
    }

    /// To be called before the rows of a batch are looked at.
    func endBatch(_ batch: Batch) { run.finish(batch) }

    // MARK: Series

    func beginSeries() {
        series.removeAll()
        isPrepared = false
    }

    /// All that the series says of itself has been read: adds what groups and dataset say of it.
    /// - Parameter enclosing: what a group says inside which the series stands (SDMX-ML 2.0).
    func sealSeries(enclosing: ValueStore?) {
        if let enclosing { series.setIfAbsent(all: enclosing) }
        groups.apply(to: &series)
        series.setIfAbsent(all: dataset)
        isPrepared = false
    }

    // MARK: Rows

    /// Adds a row that has what its series has.
    @inline(__always)
    func beginRow(_ batch: Batch, line: UInt32) throws(ReadError) -> Int {
        if !isPrepared { try prepare(batch) }
        rowCount += 1
        return run.addRow(batch, line: line)
    }

    private func prepare(_ batch: Batch) throws(ReadError) {
        try run.begin(series, batch)
        isPrepared = true
    }

    /// Gives a row a value of its own.
    @inline(__always)
    func set(_ column: Int, _ row: Int, _ bytes: UnsafeRawBufferPointer, _ batch: Batch) throws(ReadError) { try run.set(column, row, bytes, batch) }

    func isAbsent(_ column: Int, _ row: Int, _ batch: Batch) -> Bool { run.isAbsent(column, row, batch) }

    @inline(__always)
    func endRow(_ batch: Batch, _ row: Int) throws(ReadError) {
        if matchesGroupsByRow, !groups.isEmpty {
            run.finish(batch)
            try groups.apply(to: batch, row: row)
        }
    }

    /// Adds a row that is no observation: it has the values of the first store, then those of the next that the first has not, and so on.
    func addRow(_ stores: [ValueStore], _ batch: Batch, line: UInt32) throws(ReadError) {
        beginSeries()
        for store in stores { series.setIfAbsent(all: store) }
        _ = try beginRow(batch, line: line)
        isPrepared = false
    }

    /// The key of the series in hand.
    var seriesKey: ValueStore {
        var key = ValueStore()
        for value in series.values where schema.dimensions.contains(value.column) { key.setIfAbsent(value, of: series) }
        return key
    }

    // MARK: Findings

    enum Place { case dataset, group(String), series, observation(Batch, Int) }

    /// A value for something that the structure does not have.
    func reportUnknown(_ id: String, _ text: String, line: UInt32, in place: Place) {
        var position = Position(line: Int(line), dataset: ordinal)
        var seriesKey: String?
        var time: String?
        let holder: String
        switch place {
        case .dataset: holder = "dataset"
        case .group(let id): holder = id.isEmpty ? "partial key" : "group \(id)"
        case .series:
            holder = "series"
            position.row = rowCount + 1
            seriesKey = schema.seriesDimensions.map { series.string($0) ?? "" }.joined(separator: ".")
        case .observation(let batch, let row):
            holder = "observation"
            position.row = rowCount
            run.finish(batch)
            seriesKey = batch.seriesKey(row)
            time = schema.timeDimension.flatMap { batch.string($0, row) }
        }
        findings.add(
            Finding(
                .componentUnknown, at: position, seriesKey: seriesKey, timePeriod: time, component: id, offendingText: text,
                message: "The \(holder) has a value for \(id), which data structure \(schema.structure.reference) does not define.",
                advice: "Remove \(id), correct its spelling, or use the data structure that defines it."))
    }
}
