internal import SluiceKit

/// Hands a table in another encoding on as UTF-8, in constant memory.
final class TranscodingByteSource: ByteSource {
    private let base: any ByteSource
    private let encoding: CSVMapping.Encoding
    private let table: [UInt16]
    private var input: UnsafeMutableRawBufferPointer
    private var inputStart = 0
    private var inputEnd = 0
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var highSurrogate: UInt32?
    private var isBigEndian: Bool
    private var hasBegun = false
    private var hasEnded = false
    private(set) var byteCountRead = 0

    init(_ base: any ByteSource, encoding: CSVMapping.Encoding) {
        self.base = base
        self.encoding = encoding
        isBigEndian = encoding == .utf16BigEndian
        table = encoding == .windows1251 ? SingleByteTables.windows1251 : encoding == .windows1252 ? SingleByteTables.windows1252 : []
        input = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    deinit { input.deallocate() }

    var canRewind: Bool { base.canRewind }
    /// Not known before it is read: characters take another number of bytes.
    var byteCountTotal: Int? { nil }

    func rewind() throws(ReadError) {
        try base.rewind()
        (inputStart, inputEnd, pendingStart, byteCountRead) = (0, 0, 0, 0)
        pending.removeAll(keepingCapacity: true)
        (highSurrogate, hasBegun, hasEnded) = (nil, false, false)
        isBigEndian = encoding == .utf16BigEndian
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        while pendingStart == pending.count, !hasEnded { try convert() }
        let count = min(buffer.count, pending.count - pendingStart)
        pending.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[pendingStart..<(pendingStart + count)])) }
        pendingStart += count
        byteCountRead += count
        return count
    }

    /// Converts what the base has next into `pending`.
    private func convert() throws(ReadError) {
        pending.removeAll(keepingCapacity: true)
        pendingStart = 0
        let kept = inputEnd - inputStart
        for offset in 0..<kept { input[offset] = input[inputStart + offset] }
        (inputStart, inputEnd) = (0, kept)
        let count = try base.read(into: UnsafeMutableRawBufferPointer(rebasing: input[kept...]))
        inputEnd += count
        if count == 0 {
            hasEnded = true
            guard kept == 0, highSurrogate == nil else { throw failure("the file ends within a character") }
            return
        }
        if table.isEmpty { try convertUTF16() } else { try convertSingleBytes() }
    }

    private func convertSingleBytes() throws(ReadError) {
        while inputStart < inputEnd {
            let byte = input[inputStart]
            if byte < 0x80 {
                pending.append(byte)
            } else {
                let scalar = table[Int(byte) - 0x80]
                guard scalar != 0 else { throw failure("byte \(String(byte, radix: 16)) is no character of \(encoding.rawValue)") }
                append(UInt32(scalar))
            }
            inputStart += 1
        }
    }

    private func convertUTF16() throws(ReadError) {
        if !hasBegun, inputEnd - inputStart >= 2 {
            hasBegun = true
            let mark = (input[0], input[1])
            if mark == (0xFF, 0xFE) || mark == (0xFE, 0xFF) {
                let marksBigEndian = mark == (0xFE, 0xFF)
                guard encoding == .utf16 || marksBigEndian == isBigEndian else { throw failure("the byte-order mark contradicts \(encoding.rawValue)") }
                isBigEndian = marksBigEndian
                inputStart = 2
            } else if encoding == .utf16 {
                throw failure("a UTF-16 file without a byte-order mark; name its order with utf-16le or utf-16be")
            }
        }
        while inputStart + 1 < inputEnd {
            let (first, second) = (UInt32(input[inputStart]), UInt32(input[inputStart + 1]))
            let unit = isBigEndian ? first << 8 | second : second << 8 | first
            switch (unit, highSurrogate) {
            case (0xDC00...0xDFFF, let high?):
                append(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00))
                highSurrogate = nil
            case (0xD800...0xDBFF, nil): highSurrogate = unit
            case (0xD800...0xDFFF, _), (_, .some): throw failure("half a surrogate pair")
            default: append(unit)
            }
            inputStart += 2
        }
    }

    private func append(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80: pending.append(UInt8(scalar))
        case 0x80..<0x800: pending += [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)]
        case 0x800..<0x10000: pending += [UInt8(0xE0 | scalar >> 12), UInt8(0x80 | scalar >> 6 & 0x3F), UInt8(0x80 | scalar & 0x3F)]
        default: pending += [UInt8(0xF0 | scalar >> 18), UInt8(0x80 | scalar >> 12 & 0x3F), UInt8(0x80 | scalar >> 6 & 0x3F), UInt8(0x80 | scalar & 0x3F)]
        }
    }

    private func failure(_ what: String) -> ReadError {
        ReadError(
            .encoding, byteOffset: base.byteCountRead - (inputEnd - inputStart),
            detail: "\(what); check the mapping's encoding, or save the table as UTF-8")
    }
}
