#if canImport(Glibc)
    import Glibc
#endif

/// Cuts CSV text (RFC 4180) into rows of cells, pulled one row at a time out of a byte source, in constant memory.
///
/// Text is kept exactly: nothing is trimmed, a quote inside an unquoted cell is data, doubled quotes in a quoted cell are decoded in place.
/// A row ends at CRLF, LF or CR, or at the end of the input. A byte-order mark is skipped. Bytes have to be UTF-8 without NUL.
/// A cell's bytes are valid until the next call of `nextRow`. Not shared between tasks.
public final class CSVScanner {
    @usableFromInline struct Cell {
        @usableFromInline var start: UInt32
        @usableFromInline var count: UInt32
        @usableFromInline var linesBefore: UInt32
        @usableFromInline var isQuoted: Bool
    }
    /// Where the row's cells are. Behind a constant pointer, so that looking at a cell costs two loads and no access check.
    @usableFromInline struct Table {
        @usableFromInline var base: UnsafeRawPointer
        @usableFromInline var cells: UnsafeMutablePointer<Cell>
    }

    /// The line on which the row begins, counted from 1.
    public private(set) var line = 0
    /// How many cells the row has; an empty line has one, empty.
    public private(set) var cellCount = 0
    /// What stands between cells; may be changed between rows.
    public var separator: UInt8 {
        didSet { prefixCount = 0 }
    }
    /// How many cells, the first ones, mostly are those of the row before (a key, say): they are then compared whole instead of being cut again.
    public var repeatableCells = 0 {
        didSet { prefixCount = 0 }
    }
    /// Whether the first `repeatableCells` cells of the row are, byte for byte, those of the row before.
    public private(set) var hasRepeated = false
    /// How many rows there have been.
    public private(set) var rowCount = 0

    /// Bytes asked of the source at a time, at most.
    private static let chunkBytesMax = 256 << 10
    /// Bytes asked of the source at a time: no more than twice what a short one has.
    private let chunkBytes: Int
    /// Bytes behind the buffer's end that may be read (never used), so that eight can be looked at wherever a cell begins.
    private static let paddingBytes = 16

    private let source: any ByteSource
    private let valueBytesMax: Int
    private let rowBytesMax: Int
    private let columnsMax: Int
    private let messageBytesMax: Int

    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    private var filled = 0
    private var rowStart = 0
    private var rowBytes = 0
    private var bufferOffset = 0
    private var sourceEnded = false
    private var hasBegun = false
    /// The last row ended with CR as the last byte read: a LF that follows belongs to it.
    private var skipsLineFeed = false
    private var linesInRow = 0
    private var cellCapacity: Int
    /// The bytes of the last row's repeatable cells, separator behind the last included.
    private let prefix: UnsafeMutableRawPointer
    private var prefixCount = 0
    private static let prefixBytesMax = 4_096
    @usableFromInline let table: UnsafeMutablePointer<Table>

    /// - Parameter limits: `valueBytesMax`, `rowBytesMax`, `columnsMax` and `messageBytesMax` are kept.
    public init(_ source: any ByteSource, separator: UInt8 = UInt8(ascii: ","), limits: ReadLimits = ReadLimits()) {
        self.source = source
        self.separator = separator
        rowBytesMax = min(limits.rowBytesMax, Int(Int32.max))
        valueBytesMax = min(limits.valueBytesMax, rowBytesMax)
        columnsMax = limits.columnsMax
        messageBytesMax = limits.messageBytesMax
        chunkBytes = max(4 << 10, min(source.byteCountTotal ?? .max, Self.chunkBytesMax / 2 - 1) * 2 + 2)
        capacity = chunkBytes
        buffer = .allocate(byteCount: capacity + Self.paddingBytes, alignment: 16)
        memset(buffer, 0, capacity + Self.paddingBytes)
        cellCapacity = max(1, min(64, columnsMax))
        prefix = .allocate(byteCount: Self.prefixBytesMax, alignment: 16)
        table = .allocate(capacity: 1)
        table.initialize(to: Table(base: UnsafeRawPointer(buffer), cells: .allocate(capacity: cellCapacity)))
    }

    deinit {
        buffer.deallocate()
        prefix.deallocate()
        table.pointee.cells.deallocate()
        table.deallocate()
    }

    /// The bytes of a cell, decoded. Eight bytes may be loaded from its start, however short it is.
    @inlinable public func cell(_ index: Int) -> UnsafeRawBufferPointer {
        let cell = table.pointee.cells[index]
        return UnsafeRawBufferPointer(start: table.pointee.base + Int(cell.start), count: Int(cell.count))
    }
    @inlinable public func wasQuoted(_ index: Int) -> Bool { table.pointee.cells[index].isQuoted }
    /// The line on which a cell begins; differs from the row's after a quoted line break.
    public func line(ofCell index: Int) -> Int { line + Int(table.pointee.cells[index].linesBefore) }
    /// True for an empty line.
    public var isBlank: Bool { cellCount == 1 && cell(0).isEmpty && !wasQuoted(0) }
    /// Where the row begins in the input.
    public var byteOffset: Int { bufferOffset + rowStart }

    /// The next bytes that no row has taken, up to `bytesMax`, for guessing the separator; valid until the next call.
    public func head(bytesMax: Int) throws(ReadError) -> UnsafeRawBufferPointer {
        guard try prepare() else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        while filled - rowStart < min(bytesMax, chunkBytes / 2), try fill() {}
        return UnsafeRawBufferPointer(start: buffer + rowStart, count: min(bytesMax, filled - rowStart))
    }

    /// Moves to the next row; false at the end of the input.
    /// - Throws: `truncated` when a quote is never closed, `malformed` for text after a closing quote or a NUL, `encoding`, `limitExceeded`.
    public func nextRow() throws(ReadError) -> Bool {
        guard try prepare() else { return false }
        var state = RowState(separator: separator)
        hasRepeated = prefixCount > 0 && filled - rowStart > prefixCount && memcmp(buffer + rowStart, prefix, prefixCount) == 0
        if hasRepeated {
            // Cells are where they were: their places count from the beginning of the row.
            state.position = prefixCount
            state.cellCount = repeatableCells
        }
        rowCount += 1
        repeat {
            state.cellStart = state.position
            state.cellLines = linesInRow
            if state.position == filled - rowStart, try !fill() {
                // A separator was the last byte: an empty cell follows it.
                try addCell(&state, count: 0, isQuoted: false)
                break
            }
            if buffer.load(fromByteOffset: rowStart + state.position, as: UInt8.self) == Self.quote { try scanQuoted(&state) } else { try scanPlain(&state) }
        } while !state.rowEnded
        rowBytes = state.position
        cellCount = state.cellCount
        table.pointee.base = UnsafeRawPointer(buffer + rowStart)
        if state.highBits & 0x8080_8080_8080_8080 != 0 { try checkEncoding() }
        if repeatableCells > 0, !hasRepeated { keepPrefix() }
        return true
    }

    /// Keeps the row's first cells for the next one, where they stand in the row as they were written.
    private func keepPrefix() {
        prefixCount = 0
        guard cellCount > repeatableCells, !(0..<repeatableCells).contains(where: wasQuoted) else { return }
        let last = table.pointee.cells[repeatableCells - 1]
        let count = Int(last.start) + Int(last.count) + 1
        guard count <= Self.prefixBytesMax else { return }
        memcpy(prefix, buffer + rowStart, count)
        prefixCount = count
    }

    // MARK: Scanning

    private struct RowState {
        let separator: UInt8
        let separatorPattern: UInt64
        /// Relative to the row's start, as all offsets here are: the buffer moves when it is filled.
        var position = 0
        var cellStart = 0
        var cellLines = 0
        var cellCount = 0
        var highBits: UInt64 = 0
        var rowEnded = false

        init(separator: UInt8) {
            self.separator = separator
            separatorPattern = UInt64(separator) &* 0x0101_0101_0101_0101
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lowSevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// The top bit of each byte that is below 16 (NUL, tab and line breaks among them), a quote or the separator.
    @inline(__always) private static func specials(_ word: UInt64, _ separatorPattern: UInt64) -> UInt64 {
        let control = word & 0xF0F0_F0F0_F0F0_F0F0
        let quote = word ^ 0x2222_2222_2222_2222
        let separator = word ^ separatorPattern
        let none =
            (((control & lowSevens) &+ lowSevens) | control) & (((quote & lowSevens) &+ lowSevens) | quote)
            & (((separator & lowSevens) &+ lowSevens) | separator)
        return ~(none | lowSevens)
    }

    @inline(__always) private func scanPlain(_ state: inout RowState) throws(ReadError) {
        var base = UnsafeRawPointer(buffer + rowStart)
        var end = filled - rowStart
        while true {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: state.position, as: UInt64.self))
            state.highBits |= word
            let flags = Self.specials(word, state.separatorPattern)
            state.position = min(state.position + (flags.trailingZeroBitCount >> 3), end)
            if state.position == end {
                try checkLength(state)
                guard try fill() else {
                    try addCell(&state, count: state.position - state.cellStart, isQuoted: false)
                    state.rowEnded = true
                    return
                }
                base = UnsafeRawPointer(buffer + rowStart)
                end = filled - rowStart
                continue
            }
            if flags == 0 { continue }
            let byte = base.load(fromByteOffset: state.position, as: UInt8.self)
            if byte == state.separator {
                try addCell(&state, count: state.position - state.cellStart, isQuoted: false)
                state.position += 1
                return
            }
            switch byte {
            case 0x0A, 0x0D:
                try addCell(&state, count: state.position - state.cellStart, isQuoted: false)
                endRow(&state, byte)
                return
            case 0: throw nul(state)
            default: state.position += 1
            }
        }
    }

    private func scanQuoted(_ state: inout RowState) throws(ReadError) {
        state.position += 1
        let contentStart = state.position
        // Decoding doubled quotes moves the rest of the cell down: [pieceStart, position) is not yet at `written`.
        var written = contentStart
        var pieceStart = contentStart
        var afterReturn = false
        func closePiece() {
            let count = state.position - pieceStart
            if written != pieceStart { memmove(buffer + rowStart + written, buffer + rowStart + pieceStart, count) }
            written += count
        }
        while true {
            if state.position == filled - rowStart {
                try checkLength(state)
                guard try fill() else {
                    throw ReadError(
                        .truncated, line: line + state.cellLines, byteOffset: byteOffset + state.cellStart,
                        detail: "a quoted cell begins here and its closing quote never comes; close it, or double a quote that belongs to the text")
                }
            }
            let base = UnsafeRawPointer(buffer + rowStart)
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: state.position, as: UInt64.self))
            state.highBits |= word
            // The separator is data here; asking for quotes in its place leaves quotes and control bytes.
            let flags = Self.specials(word, 0x2222_2222_2222_2222)
            if flags & 0x80 == 0 {
                state.position = min(state.position + (flags.trailingZeroBitCount >> 3), filled - rowStart)
                afterReturn = false
                continue
            }
            let byte = base.load(fromByteOffset: state.position, as: UInt8.self)
            if byte != Self.quote {
                if byte == 0 { throw nul(state) }
                if byte == 0x0D || (byte == 0x0A && !afterReturn) { linesInRow += 1 }
                afterReturn = byte == 0x0D
                state.position += 1
                continue
            }
            afterReturn = false
            closePiece()
            state.position += 1
            if state.position == filled - rowStart, try !fill() {
                try addCell(&state, start: contentStart, count: written - contentStart, isQuoted: true)
                state.rowEnded = true
                return
            }
            let next = buffer.load(fromByteOffset: rowStart + state.position, as: UInt8.self)
            if next == Self.quote {
                pieceStart = state.position
                state.position += 1
                continue
            }
            try addCell(&state, start: contentStart, count: written - contentStart, isQuoted: true)
            if next == state.separator {
                state.position += 1
            } else if next == 0x0A || next == 0x0D {
                endRow(&state, next)
            } else {
                throw ReadError(
                    .malformed, line: line + linesInRow, byteOffset: byteOffset + state.position,
                    detail:
                        "text follows the closing quote of cell \(state.cellCount); double a quote that belongs to the text, or remove what stands behind the closing one"
                )
            }
            return
        }
    }

    @inline(__always) private func endRow(_ state: inout RowState, _ byte: UInt8) {
        state.position += 1
        state.rowEnded = true
        linesInRow += 1
        if byte == 0x0D {
            if state.position == filled - rowStart {
                skipsLineFeed = true
            } else if buffer.load(fromByteOffset: rowStart + state.position, as: UInt8.self) == 0x0A {
                state.position += 1
            }
        }
    }

    @inline(__always) private func addCell(_ state: inout RowState, count: Int, isQuoted: Bool) throws(ReadError) {
        try addCell(&state, start: state.cellStart, count: count, isQuoted: isQuoted)
    }

    @inline(__always) private func addCell(_ state: inout RowState, start: Int, count: Int, isQuoted: Bool) throws(ReadError) {
        if state.cellCount == cellCapacity { try growCells() }
        if count > valueBytesMax { throw tooLong("cell \(state.cellCount + 1)", valueBytesMax, "valueBytesMax") }
        table.pointee.cells[state.cellCount] = Cell(
            start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: count), linesBefore: UInt32(truncatingIfNeeded: state.cellLines),
            isQuoted: isQuoted)
        state.cellCount += 1
    }

    // MARK: Buffer

    private func begin() throws(ReadError) {
        hasBegun = true
        line = 1
        while filled < 3, try fill() {}
        let head = UnsafeRawBufferPointer(start: buffer, count: filled)
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            throw ReadError(.encoding, line: 1, byteOffset: 0, detail: "the file is UTF-16; save it as UTF-8")
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { rowStart = 3 }
    }

    /// Leaves the row read last; false when no byte follows it.
    private func prepare() throws(ReadError) -> Bool {
        if !hasBegun { try begin() }
        rowStart += rowBytes
        rowBytes = 0
        line += linesInRow
        linesInRow = 0
        cellCount = 0
        guard rowStart == filled else { return true }
        guard try fill() else { return false }
        let isSkipped = skipsLineFeed && buffer.load(fromByteOffset: rowStart, as: UInt8.self) == 0x0A
        skipsLineFeed = false
        guard isSkipped else { return true }
        rowStart += 1
        if rowStart < filled { return true }
        return try fill()
    }

    /// Reads on, keeping the row that has begun; false at the end of the input.
    private func fill() throws(ReadError) -> Bool {
        if sourceEnded { return false }
        let kept = filled - rowStart
        if kept > rowBytesMax { throw tooLong("the row", rowBytesMax, "rowBytesMax") }
        if rowStart > 0 {
            memmove(buffer, buffer + rowStart, kept)
            bufferOffset += rowStart
            rowStart = 0
            filled = kept
        }
        if capacity - filled < chunkBytes / 2 {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2 + Self.paddingBytes, alignment: 16)
            memcpy(larger, buffer, filled)
            memset(larger + filled, 0, capacity * 2 + Self.paddingBytes - filled)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(start: buffer + filled, count: capacity - filled))
        sourceEnded = count == 0
        filled += count
        if bufferOffset + filled > messageBytesMax {
            throw ReadError(
                .limitExceeded, line: line, byteOffset: messageBytesMax,
                detail: "the file is larger than \(messageBytesMax) bytes; split it, or raise messageBytesMax")
        }
        return count > 0
    }

    private func growCells() throws(ReadError) {
        guard cellCapacity < columnsMax else {
            throw ReadError(
                .limitExceeded, line: line, byteOffset: byteOffset,
                detail: "the row has more than \(columnsMax) cells; check separator and quotes, or raise columnsMax")
        }
        let larger = UnsafeMutablePointer<Cell>.allocate(capacity: min(cellCapacity * 2, columnsMax))
        larger.moveInitialize(from: table.pointee.cells, count: cellCapacity)
        table.pointee.cells.deallocate()
        table.pointee.cells = larger
        cellCapacity = min(cellCapacity * 2, columnsMax)
    }

    // MARK: Errors

    private func checkLength(_ state: RowState) throws(ReadError) {
        if state.position - state.cellStart > valueBytesMax + 2 { throw tooLong("cell \(state.cellCount + 1)", valueBytesMax, "valueBytesMax") }
    }

    private func checkEncoding() throws(ReadError) {
        for index in 0..<cellCount {
            guard let offset = UTF8Check.firstInvalid(cell(index)) else { continue }
            throw ReadError(
                .encoding, line: line(ofCell: index), byteOffset: byteOffset + Int(table.pointee.cells[index].start) + offset,
                detail: "cell \(index + 1) is not UTF-8; save the file as UTF-8")
        }
    }

    private func tooLong(_ what: String, _ bytesMax: Int, _ limit: String) -> ReadError {
        ReadError(
            .limitExceeded, line: line, byteOffset: byteOffset,
            detail: "\(what) is longer than \(bytesMax) bytes; check for a quote that is not closed, or raise \(limit)")
    }

    private func nul(_ state: RowState) -> ReadError {
        ReadError(
            .malformed, line: line + linesInRow, byteOffset: byteOffset + state.position,
            detail: "cell \(state.cellCount + 1) holds a NUL byte; the file is not text, or not UTF-8: save it as UTF-8 CSV")
    }
}
