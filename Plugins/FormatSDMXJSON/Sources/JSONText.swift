import SluiceKit

/// Writes JSON strings (RFC 8259, §7).
enum JSONText {
    /// Writes bytes, which are UTF-8, as a string in quotes.
    static func write(_ bytes: UnsafeRawBufferPointer, to out: ByteWriter) throws(WriteError) {
        try out.write(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                try out.write(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
                try writeEscape(byte, to: out)
                start = index + 1
            }
            index += 1
        }
        try out.write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        try out.write(UInt8(ascii: "\""))
    }

    /// Writes a text that needs no escape and holds no mark of several values, eight bytes at a time; false, and nothing written, for any other.
    @inline(__always)
    static func writePlain(_ bytes: UnsafeRawBufferPointer, to out: ByteWriter) throws(WriteError) -> Bool {
        var offset = 0
        while offset + 8 <= bytes.count {
            if JSONScanner.specials(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))) != 0 { return false }
            offset += 8
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
            offset += 1
        }
        try out.write(UInt8(ascii: "\""))
        try out.write(bytes)
        try out.write(UInt8(ascii: "\""))
        return true
    }

    /// For headers and names, not for cells.
    static func write(_ text: String, to out: ByteWriter) throws(WriteError) {
        var failure: WriteError?
        var text = text
        text.withUTF8 { bytes in do throws(WriteError) { try write(UnsafeRawBufferPointer(bytes), to: out) } catch { failure = error } }
        if let failure { throw failure }
    }

    private static func writeEscape(_ byte: UInt8, to out: ByteWriter) throws(WriteError) {
        switch byte {
        case UInt8(ascii: "\""): try out.write("\\\"")
        case UInt8(ascii: "\\"): try out.write("\\\\")
        case 0x08: try out.write("\\b")
        case 0x09: try out.write("\\t")
        case 0x0A: try out.write("\\n")
        case 0x0C: try out.write("\\f")
        case 0x0D: try out.write("\\r")
        default:
            let digits = Array("0123456789abcdef".utf8)
            try out.write("\\u00")
            try out.write(digits[Int(byte >> 4)])
            try out.write(digits[Int(byte & 15)])
        }
    }
}
