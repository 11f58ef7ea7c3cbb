import SluiceKit

/// Writes one cell by RFC 4180, §2: quoted when it holds the separator, a quote or a line break.
enum CellText {
    static let lineBreak = "\r\n"
    private static let quote = UInt8(ascii: "\"")

    enum Kind { case plain, quoted, marked }

    /// Whether a text needs quotes, or holds a mark of several values (`CellMarks`) and so is no plain text.
    static func kind(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) -> Kind {
        var kind = Kind.plain
        for byte in bytes {
            if byte == separator || byte == quote || byte == 0x0A || byte == 0x0D {
                kind = .quoted
            } else if byte >= CellShape.innerSeparator, byte <= CellValues.elementSeparator {
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
