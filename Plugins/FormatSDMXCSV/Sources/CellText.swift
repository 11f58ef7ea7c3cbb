import SluiceKit

/// Writes one cell by RFC 4180, §2: quoted when it holds the separator, a quote or a line break.
enum CellText {
    static let lineBreak = "\r\n"
    private static let quote = UInt8(ascii: "\"")

    enum Kind { case plain, quoted, marked }

    /// True for a text without separator, quote and control characters, which is written as it stands; looks at eight bytes at a time.
    @inline(__always)
    static func isPlain(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        if count >= 8 {
            var offset = 0
            while offset + 8 < count {
                if isSpecial(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self), separator) { return false }
                offset += 8
            }
            return !isSpecial(base.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self), separator)
        }
        var word: UInt64 = 0x6161_6161_6161_6161
        for offset in 0..<count { word = word << 8 | UInt64(base.load(fromByteOffset: offset, as: UInt8.self)) }
        return !isSpecial(word, separator)
    }

    @inline(__always)
    private static func isSpecial(_ word: UInt64, _ separator: UInt8) -> Bool {
        let sevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let control = word & 0xE0E0_E0E0_E0E0_E0E0
        let quotes = word ^ 0x2222_2222_2222_2222
        let separators = word ^ (UInt64(separator) &* 0x0101_0101_0101_0101)
        let none =
            (((control & sevens) &+ sevens) | control) & (((quotes & sevens) &+ sevens) | quotes) & (((separators & sevens) &+ sevens) | separators)
        return none | sevens != UInt64.max
    }

    /// Whether a text needs quotes, or holds a mark of several values (`CellValues`) and so is no plain text.
    static func kind(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) -> Kind {
        var kind = Kind.plain
        for byte in bytes {
            if byte == separator || byte == quote || byte == 0x0A || byte == 0x0D {
                kind = .quoted
            } else if CellValues.marks.contains(byte) {
                return .marked
            }
        }
        return kind
    }

    static func writeQuoted(_ bytes: UnsafeRawBufferPointer, to out: ByteWriter) throws(WriteError) {
        try out.write(quote)
        var rest = bytes[...]
        while let position = rest.firstIndex(of: quote) {
            try out.write(UnsafeRawBufferPointer(rebasing: rest[...position]))
            try out.write(quote)
            rest = rest[(position + 1)...]
        }
        try out.write(UnsafeRawBufferPointer(rebasing: rest))
        try out.write(quote)
    }

    static func append(_ bytes: [UInt8], to text: inout [UInt8], _ separator: UInt8) {
        guard bytes.contains(where: { $0 == separator || $0 == quote || $0 == 0x0A || $0 == 0x0D }) else { return text += bytes }
        text += inQuotes(bytes)
    }

    static func inQuotes(_ bytes: [UInt8]) -> [UInt8] {
        var text = [quote]
        for byte in bytes {
            if byte == quote { text.append(quote) }
            text.append(byte)
        }
        text.append(quote)
        return text
    }
}
