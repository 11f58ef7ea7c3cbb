import SluiceKit

/// What the rows of a dataset or series have in common, in the codes of one batch, to be copied into each of its rows.
final class RowTemplate {
    /// The batch to whose dictionaries the codes belong.
    let batch: Batch
    private let codes: UnsafeMutablePointer<UInt32>
    private let codedColumns: UnsafeMutableBufferPointer<Int>
    private let textColumns: UnsafeMutableBufferPointer<Int>
    private var texts: [Int: [UInt8]] = [:]
    private let columnCount: Int

    init(for batch: Batch) {
        self.batch = batch
        columnCount = batch.isCoded.count
        codes = .allocate(capacity: max(columnCount, 1))
        codes.initialize(repeating: ValueDictionary.absent, count: columnCount)
        let coded = batch.isCoded.indices.filter { batch.isCoded[$0] }
        codedColumns = .allocate(capacity: coded.count)
        _ = codedColumns.initialize(from: coded)
        let uncoded = batch.isCoded.indices.filter { !batch.isCoded[$0] }
        textColumns = .allocate(capacity: uncoded.count)
        _ = textColumns.initialize(from: uncoded)
    }

    deinit {
        codes.deallocate()
        codedColumns.deallocate()
        textColumns.deallocate()
    }

    func set(_ column: Int, _ cell: MessageBinding.Cell) {
        switch cell {
        case .absent: break
        case .code(let code): codes[column] = code
        case .text(let bytes): texts[column] = bytes
        }
    }

    func isAbsent(_ column: Int) -> Bool { codes[column] == ValueDictionary.absent && texts[column] == nil }

    /// Becomes a copy of another template of the same batch.
    func copy(_ other: RowTemplate) {
        codes.update(from: other.codes, count: columnCount)
        texts = other.texts
    }

    /// Takes over what a template of another batch holds.
    func carryOver(_ other: RowTemplate) throws(ReadError) {
        for column in codedColumns where other.codes[column] != ValueDictionary.absent {
            codes[column] = try batch.dictionary(column).intern(other.batch.dictionary(column).bytes(other.codes[column]))
        }
        texts = other.texts
    }

    /// Sets every cell of a row that was just added to the batch.
    @inline(__always)
    func apply(to row: Int) {
        for column in codedColumns { batch.codes(column)[row] = codes[column] }
        for column in textColumns { batch.spans(column)[row] = .absent }
        if !texts.isEmpty { for column in texts.keys { applyText(column, row) } }
    }

    /// Fills some columns of a row that has its other values already.
    func apply(to row: Int, only columns: [Int]) {
        for column in columns where !isAbsent(column) {
            if batch.isCoded[column] { batch.codes(column)[row] = codes[column] } else { applyText(column, row) }
        }
    }

    private func applyText(_ column: Int, _ row: Int) {
        guard let bytes = texts[column] else { return }
        bytes.withUnsafeBytes { batch.spans(column)[row] = batch.store($0) }
    }
}
