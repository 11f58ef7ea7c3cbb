import SluiceKit

/// Puts the values of dataset, groups, series and observations together into rows of a batch.
///
/// What belongs to many rows is kept as bytes and turned into codes once per series and batch; a row then costs one copy per column.
/// An observation's own value goes before its series', which goes before its group's, which goes before the dataset's.
final class DatasetAssembler {
    let schema: DatasetSchema
    var dataset = ValueStore()
    var series = ValueStore()
    var groups: GroupIndex
    @exclusivity(unchecked) private(set) var rowCount = 0
    private let findings: any FindingSink
    private let ordinal: Int

    // The series as columns of the batch in hand. One entry per column at most, so the room for them is known.
    private let codeTargets: UnsafeMutablePointer<CodeTarget>
    @exclusivity(unchecked) private var codeTargetCount = 0
    private let textTargets: UnsafeMutablePointer<TextTarget>
    @exclusivity(unchecked) private var textTargetCount = 0
    @exclusivity(unchecked) private var isPrepared = false

    private struct CodeTarget {
        var column: UnsafeMutablePointer<UInt32>
        var code: UInt32
    }
    private struct TextTarget {
        var column: UnsafeMutablePointer<Batch.Span>
        var span: Batch.Span
    }
    /// Whether each row has to be looked up among the groups: where observations stand alone, or a group names the observation's own dimension.
    @exclusivity(unchecked) var matchesGroupsByRow = false

    init(_ schema: DatasetSchema, ordinal: Int, limits: ReadLimits, findings: any FindingSink) {
        self.schema = schema
        self.ordinal = ordinal
        self.findings = findings
        groups = GroupIndex(bytesMax: limits.groupBytesMax)
        codeTargets = .allocate(capacity: max(schema.components.count, 1))
        textTargets = .allocate(capacity: max(schema.components.count, 1))
    }

    deinit {
        codeTargets.deallocate()
        textTargets.deallocate()
    }

    /// To be called when rows go to a batch that may have been cleared or changed.
    func batchChanged() { isPrepared = false }

    // MARK: Series

    func beginSeries() {
        series.removeAll()
        isPrepared = false
    }

    /// All that the series says of itself has been read: adds what groups and dataset say of it.
    func sealSeries() {
        groups.apply(to: &series)
        for value in dataset.values { series.setIfAbsent(value, of: dataset) }
        isPrepared = false
    }

    private func prepare(_ batch: Batch) throws(ReadError) {
        codeTargetCount = 0
        textTargetCount = 0
        for value in series.values {
            if batch.isCoded[value.column] {
                let code: Result<UInt32, ReadError> = series.withBytes(of: value) { bytes in
                    do throws(ReadError) { return .success(try batch.dictionary(value.column).intern(bytes)) } catch { return .failure(error) }
                }
                codeTargets[codeTargetCount] = CodeTarget(column: batch.codes(value.column), code: try code.get())
                codeTargetCount += 1
            } else {
                textTargets[textTargetCount] = TextTarget(column: batch.spans(value.column), span: series.withBytes(of: value) { batch.store($0) })
                textTargetCount += 1
            }
        }
        isPrepared = true
    }

    // MARK: Rows

    /// Adds a row that has what its series has.
    func beginRow(_ batch: Batch, line: UInt32) throws(ReadError) -> Int {
        if !isPrepared { try prepare(batch) }
        let row = batch.appendRow(line: UInt64(line))
        rowCount += 1
        for index in 0..<codeTargetCount { codeTargets[index].column[row] = codeTargets[index].code }
        for index in 0..<textTargetCount { textTargets[index].column[row] = textTargets[index].span }
        return row
    }

    func endRow(_ batch: Batch, _ row: Int) throws(ReadError) {
        if matchesGroupsByRow, !groups.isEmpty { try groups.apply(to: batch, row: row) }
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
        case .group(let id): holder = "group \(id)"
        case .series:
            holder = "series"
            position.row = rowCount + 1
            seriesKey = schema.seriesDimensions.map { series.string($0) ?? "" }.joined(separator: ".")
        case .observation(let batch, let row):
            holder = "observation"
            position.row = rowCount
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
