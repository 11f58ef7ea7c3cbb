import SluiceKit

/// Remembers the codes of short values of one column, so that most cells need neither hashing nor comparing.
///
/// Up to eight bytes of text without NUL are one integer, which is both the key and the whole value.
struct CellCache {
    private struct Slot {
        var word: UInt64
        var code: UInt32
    }
    private static let slotBits: UInt64 = 7
    private let slots: UnsafeMutablePointer<Slot>

    init() { slots = .allocate(capacity: 1 << Self.slotBits) }

    func deallocate() { slots.deallocate() }

    /// Forgets everything: codes belong to one batch's dictionaries.
    func removeAll() { slots.initialize(repeating: Slot(word: 0, code: ValueDictionary.absent), count: 1 << Self.slotBits) }

    /// - Parameter cell: eight bytes may be loaded from its start (`CSVScanner.cell`); not empty.
    @inline(__always)
    func code(_ cell: UnsafeRawBufferPointer, _ batch: Batch, _ column: Int) throws(ReadError) -> UInt32 {
        guard cell.count <= 8 else { return try internNew(cell, batch, column) }
        let word = cell.baseAddress.unsafelyUnwrapped.loadUnaligned(as: UInt64.self).littleEndian & (UInt64.max &>> UInt64(64 - 8 * cell.count))
        let slot = slots + Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) &>> (64 - Self.slotBits))
        if slot.pointee.word == word { return slot.pointee.code }
        let code = try internNew(cell, batch, column)
        slot.pointee = Slot(word: word, code: code)
        return code
    }

    /// A value is looked at once, when it enters the dictionary.
    @inline(__always)
    private func internNew(_ cell: UnsafeRawBufferPointer, _ batch: Batch, _ column: Int) throws(ReadError) -> UInt32 {
        let dictionary = batch.dictionary(column)
        let count = dictionary.count
        let code = try dictionary.intern(cell)
        if dictionary.count > count, !CellValues.isPlain(cell) { throw CellValues.notPlain(batch.schema.components[column].id, line: nil) }
        return code
    }
}
