import SluiceKit

/// The values of one coded column as they are written, ending included: each is spelled once, and a short one is one 16-byte copy per cell.
struct SpelledCells {
    /// Fifteen bytes of text; the sixteenth is their number, or `isLong`: then the first eight are the address of the text and the next four its length.
    private typealias Cell = SIMD16<UInt8>
    private static let isLong: UInt8 = 0xFF
    private var cells: UnsafeMutablePointer<SIMD16<UInt8>>
    private var count = 0
    private var capacity = 64
    private let ending: [UInt8]
    /// Texts that do not fit into a cell.
    private var long: [UnsafeMutableRawBufferPointer] = []

    /// - Parameter ending: what stands behind each value, a separator or a line break.
    init(ending: [UInt8]) {
        self.ending = ending
        cells = .allocate(capacity: capacity)
    }

    func deallocate() {
        cells.deallocate()
        for text in long { text.deallocate() }
    }

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
            let text = try spell(dictionary.bytes(UInt32(count))) + ending
            var cell = Cell(repeating: 0)
            if text.count <= 15 {
                for (index, byte) in text.enumerated() { cell[index] = byte }
                cell[15] = UInt8(text.count)
            } else {
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
                copy.copyBytes(from: text)
                long.append(copy)
                withUnsafeMutableBytes(of: &cell) { bytes in
                    bytes.storeBytes(of: UInt64(UInt(bitPattern: copy.baseAddress)), as: UInt64.self)
                    bytes.storeBytes(of: UInt32(text.count), toByteOffset: 8, as: UInt32.self)
                }
                cell[15] = Self.isLong
            }
            (cells + count).initialize(to: cell)
            count += 1
        }
    }

    /// The table for a loop over rows; nothing in it is counted.
    struct Table {
        fileprivate let cells: UnsafeMutablePointer<SIMD16<UInt8>>

        /// Writes the value and its ending.
        @inline(__always)
        func write(_ code: UInt32, to out: ByteWriter) throws(WriteError) {
            // From memory: an element of the vector would be taken by way of the stack.
            let count = UnsafeRawPointer(cells + Int(code)).load(fromByteOffset: 15, as: UInt8.self)
            if count == SpelledCells.isLong { return try out.write(longText(code)) }
            try out.reserve(16).storeBytes(of: cells[Int(code)], as: SIMD16<UInt8>.self)
            out.advance(Int(count))
        }

        /// Copies the value and its ending where there are sixteen bytes of room; gives back a text that is too long for that, uncopied.
        @inline(__always)
        func copy(_ code: UInt32, to at: inout UnsafeMutableRawPointer) -> UnsafeRawBufferPointer? {
            let count = UnsafeRawPointer(cells + Int(code)).load(fromByteOffset: 15, as: UInt8.self)
            if count == SpelledCells.isLong { return longText(code) }
            at.storeBytes(of: cells[Int(code)], as: SIMD16<UInt8>.self)
            at += Int(count)
            return nil
        }

        private func longText(_ code: UInt32) -> UnsafeRawBufferPointer {
            let cell = UnsafeRawPointer(cells + Int(code))
            return UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: UInt(cell.load(as: UInt64.self))), count: Int(cell.load(fromByteOffset: 8, as: UInt32.self)))
        }

        /// The value and its ending.
        func text(_ code: UInt32) -> [UInt8] {
            let cell = cells[Int(code)]
            if cell[15] == SpelledCells.isLong { return Array(longText(code)) }
            return (0..<Int(cell[15])).map { cell[$0] }
        }
    }
    var table: Table { Table(cells: cells) }
}
