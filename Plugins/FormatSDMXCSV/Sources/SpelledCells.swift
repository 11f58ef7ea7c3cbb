import SluiceKit

/// The values of one coded column as they are written, ending included: each is spelled once, and a short one is one 16-byte copy per cell.
struct SpelledCells {
    /// Fifteen bytes of text; the sixteenth is their number, or `isLong`.
    private typealias Cell = SIMD16<UInt8>
    private static let isLong: UInt8 = 0xFF
    private var cells: UnsafeMutablePointer<SIMD16<UInt8>>
    private var count = 0
    private var capacity = 64
    private let ending: [UInt8]
    /// Texts that do not fit, where spelling them anew would cost more than finding them.
    private var long: [UInt32: [UInt8]] = [:]

    /// - Parameter ending: what stands behind each value, a separator or a line break.
    init(ending: [UInt8]) {
        self.ending = ending
        cells = .allocate(capacity: capacity)
    }

    func deallocate() { cells.deallocate() }

    /// Takes up the values that are new in the dictionary.
    mutating func extend(
        _ dictionary: ValueDictionary, _ spelling: ColumnSpelling, _ spell: (UnsafeRawBufferPointer) throws(WriteError) -> [UInt8]
    ) throws(WriteError) {
        if dictionary.count > capacity {
            let larger = UnsafeMutablePointer<Cell>.allocate(capacity: max(capacity * 2, dictionary.count))
            larger.moveInitialize(from: cells, count: count)
            cells.deallocate()
            cells = larger
            capacity = max(capacity * 2, dictionary.count)
        }
        while count < dictionary.count {
            let text = try spell(dictionary.bytes(UInt32(count)))
            var cell = Cell(repeating: 0)
            cell[15] = Self.isLong
            if text.count + ending.count <= 15 {
                for (index, byte) in (text + ending).enumerated() { cell[index] = byte }
                cell[15] = UInt8(text.count + ending.count)
            } else {
                long[UInt32(count)] = text + ending
            }
            (cells + count).initialize(to: cell)
            count += 1
        }
    }

    /// The table for a loop over rows; nothing in it is counted.
    struct Table {
        fileprivate let cells: UnsafeMutablePointer<SIMD16<UInt8>>

        /// Writes the value and its ending; false when it is too long for this.
        @inline(__always)
        func write(_ code: UInt32, to out: ByteWriter) throws(WriteError) -> Bool {
            let cell = cells[Int(code)]
            guard cell[15] != SpelledCells.isLong else { return false }
            try out.reserve(16).storeBytes(of: cell, as: SIMD16<UInt8>.self)
            out.advance(Int(cell[15]))
            return true
        }
    }
    var table: Table { Table(cells: cells) }

    func writeLong(_ code: UInt32, to out: ByteWriter) throws(WriteError) {
        guard let text = long[code] else { return }
        var failure: WriteError?
        text.withUnsafeBytes { bytes in do throws(WriteError) { try out.write(bytes) } catch { failure = error } }
        if let failure { throw failure }
    }
}
