import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Strings (RFC 8259, §7): found eight bytes at a time; copied only where they hold escapes.
extension JSONScanner {
    static let lowSevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// The top bit of each byte that is below 32, a quote or a backslash.
    @inline(__always) static func specials(_ word: UInt64) -> UInt64 {
        let control = word & 0xE0E0_E0E0_E0E0_E0E0
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let none =
            (((control & lowSevens) &+ lowSevens) | control) & (((quote & lowSevens) &+ lowSevens) | quote)
            & (((backslash & lowSevens) &+ lowSevens) | backslash)
        return ~(none | lowSevens)
    }

    /// Moves to the next quote, backslash or control byte; true when a byte above 127 was passed.
    @inline(__always) func passPlainText() throws(ReadError) -> Bool {
        var highBits: UInt64 = 0
        while true {
            let word = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            highBits |= word
            let flags = Self.specials(word)
            position = min(position + (flags.trailingZeroBitCount >> 3), filled)
            if flags == 0 { continue }
            if position < filled { break }
            guard try fill() else { throw truncated() }
        }
        return highBits & 0x8080_8080_8080_8080 != 0
    }

    func scanString() throws(ReadError) {
        position += 1
        tokenStart = position
        holdsMark = false
        var isWide = try passPlainText()
        var byte = buffer.load(fromByteOffset: position, as: UInt8.self)
        if byte == UInt8(ascii: "\"") {
            text = UnsafeRawBufferPointer(start: buffer + tokenStart, count: position - tokenStart)
        } else {
            scratchCount = 0
            while byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\") else {
                    tokenStart = position
                    throw malformed("a string holds a raw control character (byte \(byte)); write it as an escape, or close the string")
                }
                try keep(UnsafeRawBufferPointer(start: buffer + tokenStart, count: position - tokenStart))
                try scanEscape()
                tokenStart = position
                if try passPlainText() { isWide = true }
                byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            }
            try keep(UnsafeRawBufferPointer(start: buffer + tokenStart, count: position - tokenStart))
            text = UnsafeRawBufferPointer(rebasing: scratch[..<scratchCount])
        }
        position += 1
        guard text.count <= limits.valueBytesMax else { throw tooLong() }
        if isWide, let offset = UTF8Check.firstInvalid(text) {
            throw ReadError(.encoding, line: line, byteOffset: byteOffset + offset, detail: "a string is not UTF-8; save the message as UTF-8")
        }
    }

    /// The text of a name or string, which holds nothing that no SDMX value may.
    func plainText() throws(ReadError) -> String {
        if holdsMark { throw marked() }
        return String(decoding: text, as: UTF8.self)
    }

    func marked() -> ReadError {
        malformed("a string holds U+0000, or U+001D to U+001F, which no SDMX value may; remove the control character")
    }

    func scanEscape() throws(ReadError) {
        tokenStart = position
        try need(2)
        let byte = buffer.load(fromByteOffset: position + 1, as: UInt8.self)
        position += 2
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): try keep(byte)
        case UInt8(ascii: "b"): try keep(0x08)
        case UInt8(ascii: "f"): try keep(0x0C)
        case UInt8(ascii: "n"): try keep(0x0A)
        case UInt8(ascii: "r"): try keep(0x0D)
        case UInt8(ascii: "t"): try keep(0x09)
        case UInt8(ascii: "u"):
            var value = try hexadecimal()
            if value >> 10 == 0x36 {
                try need(2)
                guard buffer.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: "\\"),
                    buffer.load(fromByteOffset: position + 1, as: UInt8.self) == UInt8(ascii: "u")
                else { throw malformed("a string holds half of a surrogate pair") }
                position += 2
                let low = try hexadecimal()
                guard low >> 10 == 0x37 else { throw malformed("a string holds half of a surrogate pair") }
                value = 0x10000 + ((value & 0x3FF) << 10 | (low & 0x3FF))
            }
            if value == 0 || UInt8(exactly: value).map(CellValues.marks.contains) == true { holdsMark = true }
            guard let scalar = Unicode.Scalar(value) else { throw malformed("a string holds half of a surrogate pair") }
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { try keep(unit) }
        default: throw malformed("a string holds an escape that JSON has not")
        }
    }

    func hexadecimal() throws(ReadError) -> UInt32 {
        try need(4)
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw malformed("\\u has to be followed by four hexadecimal digits")
            }
            position += 1
        }
        return value
    }

    func keep(_ byte: UInt8) throws(ReadError) {
        try makeRoom(1)
        scratch[scratchCount] = byte
        scratchCount += 1
    }

    func keep(_ bytes: UnsafeRawBufferPointer) throws(ReadError) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        try makeRoom(bytes.count)
        memcpy(scratch.baseAddress.unsafelyUnwrapped + scratchCount, base, bytes.count)
        scratchCount += bytes.count
    }

    func makeRoom(_ count: Int) throws(ReadError) {
        guard scratchCount + count <= limits.valueBytesMax else { throw tooLong() }
        guard scratchCount + count > scratch.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(4_096, scratch.count * 2, scratchCount + count), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[..<scratchCount]))
        scratch.deallocate()
        scratch = larger
    }
}
