import SluiceKit

/// The rows of one series in one batch, filled by columns.
///
/// Most columns have the same value in all rows of a series: that of the series, or none. Such a column is written once, when the run ends; a row
/// costs only the columns that some observation of the run has set.
final class RowRun {
    private let columnCount: Int
    // Constant pointers: a stored property of a class would cost an access check per cell.
    private let codeColumns: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>?>
    private let spanColumns: UnsafeMutablePointer<UnsafeMutablePointer<Batch.Span>?>
    private let dictionaries: UnsafeMutablePointer<Unmanaged<ValueDictionary>?>
    /// What a row of the run has unless its observation says otherwise.
    private let codes: UnsafeMutablePointer<UInt32>
    private let spans: UnsafeMutablePointer<Batch.Span>
    private let isTouched: UnsafeMutablePointer<Bool>
    /// The columns that are written row by row, as observations have set them.
    private let touched: UnsafeMutablePointer<Int>
    private let counts: UnsafeMutablePointer<Counts>
    private struct Counts {
        var touched = 0
        var firstRow = 0
    }

    init(columnCount: Int) {
        self.columnCount = columnCount
        let room = max(columnCount, 1)
        codeColumns = .allocate(capacity: room)
        spanColumns = .allocate(capacity: room)
        dictionaries = .allocate(capacity: room)
        codes = .allocate(capacity: room)
        spans = .allocate(capacity: room)
        isTouched = .allocate(capacity: room)
        touched = .allocate(capacity: room)
        counts = .allocate(capacity: 1)
        codeColumns.initialize(repeating: nil, count: room)
        spanColumns.initialize(repeating: nil, count: room)
        dictionaries.initialize(repeating: nil, count: room)
        codes.initialize(repeating: ValueDictionary.absent, count: room)
        spans.initialize(repeating: .absent, count: room)
        isTouched.initialize(repeating: false, count: room)
        counts.initialize(to: Counts())
    }

    deinit {
        codeColumns.deallocate()
        spanColumns.deallocate()
        dictionaries.deallocate()
        codes.deallocate()
        spans.deallocate()
        isTouched.deallocate()
        touched.deallocate()
        counts.deallocate()
    }

    /// Takes the columns of a batch, which outlives the run or is replaced by another call.
    func use(_ batch: Batch) {
        for column in 0..<columnCount {
            codeColumns[column] = batch.isCoded[column] ? batch.codes(column) : nil
            spanColumns[column] = batch.isCoded[column] ? nil : batch.spans(column)
            dictionaries[column] = batch.isCoded[column] ? Unmanaged.passUnretained(batch.dictionary(column)) : nil
        }
        start(batch)
    }

    /// Begins a run whose rows have the values of `series`; the run before has been finished.
    func begin(_ series: ValueStore, _ batch: Batch) throws(ReadError) {
        for column in 0..<columnCount {
            codes[column] = ValueDictionary.absent
            spans[column] = .absent
        }
        for value in series.values {
            let failure: ReadError? = series.withBytes(of: value) { bytes in
                if dictionaries[value.column] == nil {
                    spans[value.column] = batch.store(bytes)
                } else {
                    do throws(ReadError) { codes[value.column] = try code(value.column, bytes) } catch { return error }
                }
                return nil
            }
            if let failure { throw failure }
        }
        start(batch)
    }

    private func start(_ batch: Batch) {
        for index in 0..<counts.pointee.touched { isTouched[touched[index]] = false }
        counts.pointee.touched = 0
        counts.pointee.firstRow = batch.rowCount
    }

    @inline(__always)
    func addRow(_ batch: Batch, line: UInt32) -> Int {
        let row = batch.appendRowUnset(line: UInt64(line))
        for index in 0..<counts.pointee.touched {
            let column = touched[index]
            if let target = codeColumns[column] { target[row] = codes[column] } else { spanColumns[column].unsafelyUnwrapped[row] = spans[column] }
        }
        return row
    }

    /// Gives the row a value of its own.
    @inline(__always)
    func set(_ column: Int, _ row: Int, _ bytes: UnsafeRawBufferPointer, _ batch: Batch) throws(ReadError) {
        if !isTouched[column] { touch(column, row) }
        if let target = codeColumns[column] {
            target[row] = try code(column, bytes)
        } else {
            spanColumns[column].unsafelyUnwrapped[row] = batch.store(bytes)
        }
    }

    @inline(__always)
    private func code(_ column: Int, _ bytes: UnsafeRawBufferPointer) throws(ReadError) -> UInt32 {
        let dictionary = dictionaries[column].unsafelyUnwrapped
        let code = dictionary._withUnsafeGuaranteedRef { $0.known(bytes) }
        return code == ValueDictionary.absent ? try dictionary.takeUnretainedValue().intern(bytes) : code
    }

    @inline(never)
    private func touch(_ column: Int, _ row: Int) {
        isTouched[column] = true
        touched[counts.pointee.touched] = column
        counts.pointee.touched += 1
        fill(column, upTo: row)
    }

    private func fill(_ column: Int, upTo end: Int) {
        let first = counts.pointee.firstRow
        guard end > first else { return }
        if let target = codeColumns[column] {
            (target + first).update(repeating: codes[column], count: end - first)
        } else {
            (spanColumns[column].unsafelyUnwrapped + first).update(repeating: spans[column], count: end - first)
        }
    }

    /// Whether a row of the run in hand has no value.
    func isAbsent(_ column: Int, _ row: Int, _ batch: Batch) -> Bool {
        if isTouched[column] || row < counts.pointee.firstRow { return batch.isAbsent(column, row) }
        return codeColumns[column] != nil ? codes[column] == ValueDictionary.absent : spans[column].isAbsent
    }

    /// Writes the columns that no observation has set; only then may the rows be read. Further rows have the same values.
    func finish(_ batch: Batch) {
        for column in 0..<columnCount where !isTouched[column] { fill(column, upTo: batch.rowCount) }
        start(batch)
    }
}
