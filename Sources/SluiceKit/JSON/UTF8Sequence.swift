/// Well-formed UTF-8 (Unicode 15, table 3-7), one code point at a time, for scanners that work on bytes.
package enum UTF8Sequence {
    /// The length of the multi-byte code point that starts at `offset`, or nil where the bytes are not well-formed:
    /// overlong forms, surrogates, values past U+10FFFF, cut sequences. An ASCII byte answers nil too; test it first.
    @inlinable
    package static func length(at offset: Int, of bytes: UnsafeRawBufferPointer) -> Int? {
        let lead = bytes[offset]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        case 0xf1...0xf3: length = 4
        default: return nil
        }
        guard bytes.count - offset >= length, second.contains(bytes[offset + 1]) else { return nil }
        for place in 2..<max(length, 2) where bytes[offset + place] & 0xc0 != 0x80 { return nil }
        return length
    }
}
