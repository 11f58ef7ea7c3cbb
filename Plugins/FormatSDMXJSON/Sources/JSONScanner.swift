#if canImport(Glibc)
import Glibc
#endif
import SluiceKit

/// Cuts JSON text (RFC 8259) into tokens, pulled one at a time out of a byte source, in constant memory and without a tree.
///
/// The grammar is held exactly: no comments, no trailing commas, no NaN, nothing behind the end. Strings have to be UTF-8 without lone surrogates and
/// without NUL. Which member names occur twice is for the caller to see. A token's text is valid until the next one is asked for.
final class JSONScanner {
    enum Token { case objectStart, objectEnd, arrayStart, arrayEnd, name, string, number, isTrue, isFalse, null, end }
    private enum Expectation { case value, firstElement, firstName, afterValue, end }

    private static let chunkBytes = 256 << 10
    /// Bytes behind the end of what was read; the first is always NUL, which no token holds and which therefore stops every loop.
    private static let paddingBytes = 16

    private let source: any ByteSource
    private let limits: ReadLimits
    private var buffer: UnsafeMutableRawPointer
    private var capacity = JSONScanner.chunkBytes
    private var filled = 0
    private var position = 0
    private var bufferOffset = 0
    private var sourceEnded = false
    /// Where the token that is being read begins; kept when the buffer is filled anew.
    private var tokenStart = 0
    private var expectation = Expectation.value
    /// For each open container: is it an object.
    private var containers: [Bool] = []
    /// Decoded text of a string with escapes.
    private var scratch = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var scratchCount = 0

    /// The line of the token read last, counted from 1.
    private(set) var line = 1
    /// The decoded text of a name or string, the literal text of a number.
    private(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)

    init(_ source: any ByteSource, limits: ReadLimits) {
        self.source = source
        self.limits = limits
        buffer = .allocate(byteCount: capacity + Self.paddingBytes, alignment: 16)
        memset(buffer, 0, capacity + Self.paddingBytes)
    }

    deinit {
        buffer.deallocate()
        scratch.deallocate()
    }

    /// How many containers are open.
    var depth: Int { containers.count }
    /// Where the token read last begins in the input.
    var byteOffset: Int { bufferOffset + tokenStart }

    // MARK: Tokens

    func next() throws(ReadError) -> Token {
        if bufferOffset == 0, position == 0 { try skipMark() }
        var byte = try skipSpace()
        switch expectation {
        case .end:
            guard byte == 0 else { throw malformed("something follows the end of the message") }
            return .end
        case .firstElement where byte == UInt8(ascii: "]"): return closeContainer(.arrayEnd)
        case .firstName where byte == UInt8(ascii: "}"): return closeContainer(.objectEnd)
        case .afterValue:
            let isObject = containers[containers.count - 1]
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return closeContainer(isObject ? .objectEnd : .arrayEnd) }
            guard byte == UInt8(ascii: ",") else { throw unexpected(byte, isObject ? "a comma or “}”" : "a comma or “]”") }
            position += 1
            byte = try skipSpace()
            if isObject { return try name(byte) }
        case .firstName: return try name(byte)
        case .value, .firstElement: break
        }
        return try value(byte)
    }

    private func name(_ byte: UInt8) throws(ReadError) -> Token {
        guard byte == UInt8(ascii: "\"") else { throw unexpected(byte, "a member's name in quotes") }
        try scanString()
        // The colon is taken with the name; where the buffer has to move for it, the name moves along.
        let isInBuffer = text.baseAddress != UnsafeRawPointer(scratch.baseAddress)
        let count = text.count
        while true {
            let next = buffer.load(fromByteOffset: position, as: UInt8.self)
            if next == UInt8(ascii: ":") { break }
            if next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D {
                if next == 0x0A { line += 1 }
                position += 1
            } else if next == 0, position == filled {
                guard try fill() else { throw truncated() }
            } else {
                tokenStart = position
                throw unexpected(next, "“:” after a member's name")
            }
        }
        position += 1
        if isInBuffer { text = UnsafeRawBufferPointer(start: buffer + tokenStart, count: count) }
        expectation = .value
        return .name
    }

    private func value(_ byte: UInt8) throws(ReadError) -> Token {
        switch byte {
        case UInt8(ascii: "\""):
            try scanString()
            endValue()
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanNumber()
            endValue()
            return .number
        case UInt8(ascii: "{"):
            try openContainer(isObject: true)
            return .objectStart
        case UInt8(ascii: "["):
            try openContainer(isObject: false)
            return .arrayStart
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "t"): return try literal("true", .isTrue)
        case UInt8(ascii: "f"): return try literal("false", .isFalse)
        case UInt8(ascii: "N"), UInt8(ascii: "I"): throw malformed("NaN and Infinity are no JSON values; write \"NaN\" in quotes, or null")
        default: throw unexpected(byte, "a value")
        }
    }

    private func openContainer(isObject: Bool) throws(ReadError) {
        guard containers.count < limits.depthMax else {
            throw ReadError(.limitExceeded, line: line, byteOffset: byteOffset, detail: "objects and arrays are nested deeper than \(limits.depthMax); raise depthMax if that is meant")
        }
        containers.append(isObject)
        position += 1
        expectation = isObject ? .firstName : .firstElement
    }

    private func closeContainer(_ token: Token) -> Token {
        position += 1
        containers.removeLast()
        endValue()
        return token
    }

    @inline(__always) private func endValue() { expectation = containers.isEmpty ? .end : .afterValue }

    private func literal(_ word: StaticString, _ token: Token) throws(ReadError) -> Token {
        try need(word.utf8CodeUnitCount)
        guard memcmp(buffer + position, word.utf8Start, word.utf8CodeUnitCount) == 0 else { throw malformed("expected \(word)") }
        position += word.utf8CodeUnitCount
        endValue()
        return token
    }

    private func scanNumber() throws(ReadError) {
        while true {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): position += 1
            default:
                if byte == 0, position == filled, try fill() { continue }
                text = UnsafeRawBufferPointer(start: buffer + tokenStart, count: position - tokenStart)
                guard text.count <= limits.valueBytesMax else { throw tooLong() }
                guard Self.isNumber(text) else { throw malformed("“\(String(decoding: text.prefix(40), as: UTF8.self))” is no JSON number") }
                return
            }
        }
    }

    /// RFC 8259, §6.
    static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        var rest = text[...]
        func digits() -> Int {
            let count = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let hasLeadingZero = rest.first == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !hasLeadingZero || whole == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    // MARK: Strings

    private static let lowSevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// The top bit of each byte that is below 32, a quote or a backslash.
    @inline(__always) private static func specials(_ word: UInt64) -> UInt64 {
        let control = word & 0xE0E0_E0E0_E0E0_E0E0
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let none = (((control & lowSevens) &+ lowSevens) | control) & (((quote & lowSevens) &+ lowSevens) | quote)
            & (((backslash & lowSevens) &+ lowSevens) | backslash)
        return ~(none | lowSevens)
    }

    /// Moves to the next quote, backslash or control byte; true when a byte above 127 was passed.
    @inline(__always) private func passPlainText() throws(ReadError) -> Bool {
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

    private func scanString() throws(ReadError) {
        position += 1
        tokenStart = position
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

    private func scanEscape() throws(ReadError) {
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
                guard buffer.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: "\\"), buffer.load(fromByteOffset: position + 1, as: UInt8.self) == UInt8(ascii: "u")
                else { throw malformed("a string holds half of a surrogate pair") }
                position += 2
                let low = try hexadecimal()
                guard low >> 10 == 0x37 else { throw malformed("a string holds half of a surrogate pair") }
                value = 0x10000 + ((value & 0x3FF) << 10 | (low & 0x3FF))
            }
            guard value != 0 else { throw malformed("a string holds U+0000, which no SDMX value may") }
            guard let scalar = Unicode.Scalar(value) else { throw malformed("a string holds half of a surrogate pair") }
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { try keep(unit) }
        default: throw malformed("a string holds an escape that JSON has not")
        }
    }

    private func hexadecimal() throws(ReadError) -> UInt32 {
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

    private func keep(_ byte: UInt8) throws(ReadError) {
        try makeRoom(1)
        scratch[scratchCount] = byte
        scratchCount += 1
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) throws(ReadError) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        try makeRoom(bytes.count)
        memcpy(scratch.baseAddress.unsafelyUnwrapped + scratchCount, base, bytes.count)
        scratchCount += bytes.count
    }

    private func makeRoom(_ count: Int) throws(ReadError) {
        guard scratchCount + count <= limits.valueBytesMax else { throw tooLong() }
        guard scratchCount + count > scratch.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(4_096, scratch.count * 2, scratchCount + count), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[..<scratchCount]))
        scratch.deallocate()
        scratch = larger
    }

    // MARK: Skipping

    /// Passes over the value that comes next, holding it to the grammar.
    func skipValue() throws(ReadError) {
        let outer = depth
        repeat { _ = try next() } while depth > outer
    }

    /// Leaves containers until `outer` are open, holding the rest to the grammar.
    func leave(toDepth outer: Int) throws(ReadError) {
        while depth > outer { _ = try next() }
    }

    /// Passes over the rest of the container just opened, looking at brackets and strings only: for parts that a second pass will read.
    func skipContainerUnread() throws(ReadError) {
        var open = 1
        while true {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            switch byte {
            case UInt8(ascii: "\""): try skipStringUnread()
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open -= 1
                if open == 0 {
                    containers.removeLast()
                    endValue()
                    return
                }
            case 0x0A: line += 1
            case 0 where position > filled:
                position = filled
                tokenStart = filled
                guard try fill() else { throw truncated() }
            default: break
            }
        }
    }

    private func skipStringUnread() throws(ReadError) {
        while true {
            tokenStart = position
            _ = try passPlainText()
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") {
                tokenStart = position
                try need(1)
                position += 1
            }
        }
    }

    // MARK: Buffer

    private func skipMark() throws(ReadError) {
        while filled < 3, try fill() {}
        let head = UnsafeRawBufferPointer(start: buffer, count: filled)
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) || (filled > 1 && head[0] == 0) {
            throw ReadError(.encoding, line: 1, byteOffset: 0, detail: "the message is UTF-16 or UTF-32; save it as UTF-8")
        }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next byte that is not white space, not yet taken; 0 at the end of the input.
    @inline(__always) private func skipSpace() throws(ReadError) -> UInt8 {
        while true {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            if byte > 0x20 {
                tokenStart = position
                return byte
            }
            switch byte {
            case 0x20, 0x09, 0x0D: position += 1
            case 0x0A:
                line += 1
                position += 1
            case 0 where position == filled:
                tokenStart = position
                guard try fill() else { return expectation == .end ? 0 : try endTooEarly() }
            default:
                tokenStart = position
                throw malformed("a control character (byte \(byte)) stands between values")
            }
        }
    }

    private func endTooEarly() throws(ReadError) -> UInt8 { throw truncated() }

    /// Makes sure that `count` bytes from the position on are there.
    private func need(_ count: Int) throws(ReadError) {
        while filled - position < count {
            guard try fill() else { throw truncated() }
        }
    }

    /// Reads on, keeping the token that has begun; false at the end of the input.
    private func fill() throws(ReadError) -> Bool {
        if sourceEnded { return false }
        let kept = filled - tokenStart
        if kept > limits.valueBytesMax { throw tooLong() }
        if tokenStart > 0 {
            memmove(buffer, buffer + tokenStart, kept)
            bufferOffset += tokenStart
            position -= tokenStart
            tokenStart = 0
            filled = kept
        }
        if capacity - filled < Self.chunkBytes / 2 {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2 + Self.paddingBytes, alignment: 16)
            memcpy(larger, buffer, filled)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(start: buffer + filled, count: capacity - filled))
        sourceEnded = count == 0
        filled += count
        memset(buffer + filled, 0, Self.paddingBytes)
        if bufferOffset + filled > limits.messageBytesMax {
            throw ReadError(
                .limitExceeded, line: line, byteOffset: limits.messageBytesMax, detail: "the message is larger than \(limits.messageBytesMax) bytes; split it, or raise messageBytesMax")
        }
        return count > 0
    }

    // MARK: Errors

    func malformed(_ detail: String) -> ReadError { ReadError(.malformed, line: line, byteOffset: byteOffset, detail: "byte \(byteOffset): \(detail)") }

    private func unexpected(_ byte: UInt8, _ expected: String) -> ReadError {
        if byte == 0 { return truncated() }
        return malformed("found \(byte > 0x20 && byte < 0x7F ? "“\(Character(Unicode.Scalar(byte)))”" : "byte \(byte)") where \(expected) should stand")
    }

    private func truncated() -> ReadError {
        ReadError(
            .truncated, line: line, byteOffset: bufferOffset + filled,
            detail: "byte \(bufferOffset + filled): the message ends before it is complete (\(depth) objects or arrays are open); fetch or write it again")
    }

    private func tooLong() -> ReadError {
        ReadError(.limitExceeded, line: line, byteOffset: byteOffset, detail: "a string or number is longer than \(limits.valueBytesMax) bytes; raise valueBytesMax if that is meant")
    }
}
