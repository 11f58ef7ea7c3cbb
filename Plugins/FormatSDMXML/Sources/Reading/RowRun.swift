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
    /// What the rows of the next run have.
    private let nextCodes: UnsafeMutablePointer<UInt32>
    /// The first row whose cell has not been written; a column goes on unwritten from series to series as long as its value stays.
    private let unwritten: UnsafeMutablePointer<Int>
    private let isTouched: UnsafeMutablePointer<Bool>
    /// The columns that are written row by row, as observations have set them.
    private let touched: UnsafeMutablePointer<Int>
    private let counts: UnsafeMutablePointer<Counts>
    private struct Counts {
        var touched = 0
        /// Rows before this one are finished.
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
        nextCodes = .allocate(capacity: room)
        unwritten = .allocate(capacity: room)
        isTouched = .allocate(capacity: room)
        touched = .allocate(capacity: room)
        counts = .allocate(capacity: 1)
        codeColumns.initialize(repeating: nil, count: room)
        spanColumns.initialize(repeating: nil, count: room)
        dictionaries.initialize(repeating: nil, count: room)
        codes.initialize(repeating: ValueDictionary.absent, count: room)
        spans.initialize(repeating: .absent, count: room)
        nextCodes.initialize(repeating: ValueDictionary.absent, count: room)
        unwritten.initialize(repeating: 0, count: room)
        isTouched.initialize(repeating: false, count: room)
        counts.initialize(to: Counts())
    }

    deinit {
        codeColumns.deallocate()
        spanColumns.deallocate()
        dictionaries.deallocate()
        codes.deallocate()
        spans.deallocate()
        nextCodes.deallocate()
        unwritten.deallocate()
        isTouched.deallocate()
        touched.deallocate()
        counts.deallocate()
    }

    /// Takes the columns of a batch; `begin` comes next.
    func use(_ batch: Batch) {
        for column in 0..<columnCount {
            codeColumns[column] = batch.isCoded[column] ? batch.codes(column) : nil
            spanColumns[column] = batch.isCoded[column] ? nil : batch.spans(column)
            dictionaries[column] = batch.isCoded[column] ? Unmanaged.passUnretained(batch.dictionary(column)) : nil
            isTouched[column] = false
            unwritten[column] = batch.rowCount
            codes[column] = ValueDictionary.absent
            spans[column] = .absent
        }
        counts.pointee.touched = 0
        counts.pointee.firstRow = batch.rowCount
    }

    /// Begins a run whose rows have the values of `series`.
    func begin(_ series: ValueStore, _ batch: Batch) throws(ReadError) {
        let end = batch.rowCount
        // What observations have set is written up to here.
        for index in 0..<counts.pointee.touched {
            isTouched[touched[index]] = false
            unwritten[touched[index]] = end
        }
        counts.pointee.touched = 0
        for column in 0..<columnCount {
            nextCodes[column] = ValueDictionary.absent
            if codeColumns[column] == nil {
                write(column, upTo: end)
                spans[column] = .absent
            }
        }
        for value in series.values {
            let failure: ReadError? = series.withBytes(of: value) { bytes in
                if codeColumns[value.column] == nil {
                    spans[value.column] = batch.store(bytes)
                } else {
                    do throws(ReadError) { nextCodes[value.column] = try code(value.column, bytes) } catch { return error }
                }
                return nil
            }
            if let failure { throw failure }
        }
        for column in 0..<columnCount where nextCodes[column] != codes[column] && codeColumns[column] != nil {
            write(column, upTo: end)
            codes[column] = nextCodes[column]
        }
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
        write(column, upTo: row)
    }

    /// Gives all rows before `end` that are unwritten the value that the run has for the column.
    private func write(_ column: Int, upTo end: Int) {
        let first = unwritten[column]
        guard end > first else { return }
        unwritten[column] = end
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

    /// Writes what is unwritten; only then may the rows be read. Further rows have the same values.
    func finish(_ batch: Batch) {
        let end = batch.rowCount
        for index in 0..<counts.pointee.touched {
            isTouched[touched[index]] = false
            unwritten[touched[index]] = end
        }
        counts.pointee.touched = 0
        for column in 0..<columnCount { write(column, upTo: end) }
        counts.pointee.firstRow = end
    }
}
