import SluiceKit

/// Writes one cell by RFC 4180, §2: quoted when it holds the separator, a quote or a line break.
enum CellText {
    static let lineBreak = "\r\n"

    static func needsQuotes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D { return true }
        return false
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to out: ByteWriter) throws(WriteError) {
        guard needsQuotes(bytes) else { return try out.write(bytes) }
        try out.write(UInt8(ascii: "\""))
        var rest = bytes[...]
        while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
            try out.write(UnsafeRawBufferPointer(rebasing: rest[...quote]))
            try out.write(UInt8(ascii: "\""))
            rest = rest[(quote + 1)...]
        }
        try out.write(UnsafeRawBufferPointer(rebasing: rest))
        try out.write(UInt8(ascii: "\""))
    }

    static func quoted(_ text: String) -> String {
        text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
            ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

/// The values of one coded column as they are written, ending included, where they are short: one 16-byte copy per cell.
struct ShortCells {
    /// Fifteen bytes of text; the sixteenth is their number, or `isLong`.
    private typealias Cell = SIMD16<UInt8>
    private static let isLong: UInt8 = 0xFF
    private var cells: UnsafeMutablePointer<SIMD16<UInt8>>
    private var count = 0
    private var capacity = 64
    private let isLast: Bool

    /// - Parameter isLast: the line ends behind each value; else a separator stands there.
    init(isLast: Bool) {
        self.isLast = isLast
        cells = .allocate(capacity: capacity)
    }

    func deallocate() { cells.deallocate() }

    /// Takes up the values that are new in the dictionary.
    mutating func extend(_ dictionary: ValueDictionary) {
        if dictionary.count > capacity {
            let larger = UnsafeMutablePointer<Cell>.allocate(capacity: max(capacity * 2, dictionary.count))
            larger.moveInitialize(from: cells, count: count)
            cells.deallocate()
            cells = larger
            capacity = max(capacity * 2, dictionary.count)
        }
        while count < dictionary.count {
            let bytes = dictionary.bytes(UInt32(count))
            var cell = Cell(repeating: 0)
            cell[15] = Self.isLong
            if bytes.count <= 13, !CellText.needsQuotes(bytes) {
                var length = 0
                func add(_ byte: UInt8) {
                    cell[length] = byte
                    length += 1
                }
                for byte in bytes { add(byte) }
                if isLast { for byte in CellText.lineBreak.utf8 { add(byte) } } else { add(UInt8(ascii: ",")) }
                cell[15] = UInt8(length)
            }
            (cells + count).initialize(to: cell)
            count += 1
        }
    }

    /// Writes the value and its ending; false when it is too long or has to be quoted.
    @inline(__always)
    func write(_ code: UInt32, to out: ByteWriter) throws(WriteError) -> Bool {
        let cell = cells[Int(code)]
        guard cell[15] != Self.isLong else { return false }
        try out.reserve(16).storeBytes(of: cell, as: Cell.self)
        out.advance(Int(cell[15]))
        return true
    }
}
