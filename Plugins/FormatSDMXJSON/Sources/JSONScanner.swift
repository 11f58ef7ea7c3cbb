import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Cuts JSON text (RFC 8259) into tokens, pulled one at a time out of a byte source, in constant memory and without a tree.
///
/// The grammar is held exactly: no comments, no trailing commas, no NaN, nothing behind the end. Strings have to be UTF-8 without lone surrogates.
/// Which member names occur twice is for the caller to see. A token's text is valid until the next one is asked for.
final class JSONScanner {
    enum Token { case objectStart, objectEnd, arrayStart, arrayEnd, name, string, number, isTrue, isFalse, null, end }
    private enum Expectation { case value, firstElement, firstName, afterValue, end }

    private static let chunkBytes = 256 << 10
    /// Bytes behind the end of what was read; the first is always NUL, which no token holds and which therefore stops every loop.
    private static let paddingBytes = 16
    /// Deepest nesting that can be configured.
    private static let depthMost = 1 << 16

    /// What changes with every token. Behind a constant pointer: stored variables of a class would cost an access check per use.
    private struct Cursor {
        var buffer: UnsafeMutableRawPointer
        var filled = 0
        var position = 0
        var bufferOffset = 0
        /// Where the token that is being read begins; kept when the buffer is filled anew.
        var tokenStart = 0
        var expectation = Expectation.value
        var depth = 0
        var line = 1
        var text = UnsafeRawBufferPointer(start: nil, count: 0)
        var holdsMark = false
    }

    private let source: any ByteSource
    let limits: ReadLimits
    private let depthMax: Int
    private let cursor: UnsafeMutablePointer<Cursor>
    /// For each open container: is it an object.
    private let containers: UnsafeMutablePointer<Bool>
    private var capacity = JSONScanner.chunkBytes
    private var sourceEnded = false
    /// Decoded text of a string with escapes.
    var scratch = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var scratchCount = 0

    init(_ source: any ByteSource, limits: ReadLimits) {
        self.source = source
        self.limits = limits
        depthMax = max(1, min(limits.depthMax, Self.depthMost))
        containers = .allocate(capacity: depthMax)
        cursor = .allocate(capacity: 1)
        cursor.initialize(to: Cursor(buffer: .allocate(byteCount: capacity + Self.paddingBytes, alignment: 16)))
        memset(buffer, 0, capacity + Self.paddingBytes)
    }

    deinit {
        buffer.deallocate()
        scratch.deallocate()
        containers.deallocate()
        cursor.deallocate()
    }

    /// The line of the token read last, counted from 1.
    var line: Int {
        get { cursor.pointee.line }
        set { cursor.pointee.line = newValue }
    }
    /// The decoded text of a name or string, the literal text of a number.
    var text: UnsafeRawBufferPointer {
        get { cursor.pointee.text }
        set { cursor.pointee.text = newValue }
    }
    /// The text holds, from an escape, U+0000 or a control character that marks values in a cell: JSON allows them, SDMX does not.
    var holdsMark: Bool {
        get { cursor.pointee.holdsMark }
        set { cursor.pointee.holdsMark = newValue }
    }
    /// How many containers are open.
    var depth: Int {
        get { cursor.pointee.depth }
        set { cursor.pointee.depth = newValue }
    }
    /// Where the token read last begins in the input.
    var byteOffset: Int { bufferOffset + tokenStart }

    var buffer: UnsafeMutableRawPointer {
        get { cursor.pointee.buffer }
        set { cursor.pointee.buffer = newValue }
    }
    var filled: Int {
        get { cursor.pointee.filled }
        set { cursor.pointee.filled = newValue }
    }
    var position: Int {
        get { cursor.pointee.position }
        set { cursor.pointee.position = newValue }
    }
    var bufferOffset: Int {
        get { cursor.pointee.bufferOffset }
        set { cursor.pointee.bufferOffset = newValue }
    }
    var tokenStart: Int {
        get { cursor.pointee.tokenStart }
        set { cursor.pointee.tokenStart = newValue }
    }
    private var expectation: Expectation {
        get { cursor.pointee.expectation }
        set { cursor.pointee.expectation = newValue }
    }

    /// Whether the name or string read last is this word.
    func textIs(_ word: StaticString) -> Bool {
        text.count == word.utf8CodeUnitCount && memcmp(text.baseAddress.unsafelyUnwrapped, word.utf8Start, text.count) == 0
    }

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
            let isObject = containers[depth - 1]
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

    /// Takes the next element of an array where it is a small whole number, or null (then nothing is in it), spelled without spaces: what most elements
    /// of observations are. Nil, and nothing taken, where it is anything else.
    @inline(__always) func takeIndex() -> Index? {
        var at = position
        if expectation == .afterValue {
            // Inside an array a comma is followed by a value; inside an object this finds a quote.
            guard buffer.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: ",") else { return nil }
            at += 1
        } else if expectation != .firstElement {
            return nil
        }
        let first = at
        var value: Int32 = 0
        var byte = buffer.load(fromByteOffset: at, as: UInt8.self)
        if byte == UInt8(ascii: "n") {
            // The padding behind the buffer's end makes four bytes readable.
            guard buffer.loadUnaligned(fromByteOffset: at, as: UInt32.self) == Self.nullWord else { return nil }
            at += 4
            byte = buffer.load(fromByteOffset: at, as: UInt8.self)
            value = -1
        } else {
            while byte &- UInt8(ascii: "0") <= 9, at - first < Self.indexDigitsMax {
                value = value * 10 + Int32(byte &- UInt8(ascii: "0"))
                at += 1
                byte = buffer.load(fromByteOffset: at, as: UInt8.self)
            }
            guard at > first, at == first + 1 || buffer.load(fromByteOffset: first, as: UInt8.self) != UInt8(ascii: "0") else { return nil }
        }
        guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { return nil }
        tokenStart = first
        position = at
        expectation = .afterValue
        return Index(value: value < 0 ? nil : value)
    }
    struct Index { let value: Int32? }
    private static let indexDigitsMax = 8
    private static let nullWord = UInt32(littleEndian: 0x6C6C_756E)

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
        guard depth < depthMax else {
            throw ReadError(
                .limitExceeded, line: line, byteOffset: byteOffset,
                detail: "objects and arrays are nested deeper than \(depthMax); raise depthMax if that is meant")
        }
        containers[depth] = isObject
        depth += 1
        position += 1
        expectation = isObject ? .firstName : .firstElement
    }

    private func closeContainer(_ token: Token) -> Token {
        position += 1
        depth -= 1
        endValue()
        return token
    }

    @inline(__always) func endValue() { expectation = depth == 0 ? .end : .afterValue }

    private func literal(_ word: StaticString, _ token: Token) throws(ReadError) -> Token {
        try need(word.utf8CodeUnitCount)
        guard memcmp(buffer + position, word.utf8Start, word.utf8CodeUnitCount) == 0 else { throw malformed("expected \(word)") }
        position += word.utf8CodeUnitCount
        endValue()
        return token
    }

    func scanNumber() throws(ReadError) {
        while true {
            let byte = buffer.load(fromByteOffset: position, as: UInt8.self)
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
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
        func byte(_ at: Int) -> UInt8 { at < text.count ? text[at] : 0 }
        // The position goes from hand to hand: a variable shared with the function would cost an access check per digit.
        func pastDigits(_ first: Int) -> Int {
            var at = first
            while byte(at) >= UInt8(ascii: "0") && byte(at) <= UInt8(ascii: "9") { at += 1 }
            return at
        }
        let whole = byte(0) == UInt8(ascii: "-") ? 1 : 0
        var at = pastDigits(whole)
        guard at > whole, byte(whole) != UInt8(ascii: "0") || at == whole + 1 else { return false }
        if byte(at) == UInt8(ascii: ".") {
            let fraction = at + 1
            at = pastDigits(fraction)
            guard at > fraction else { return false }
        }
        if byte(at) == UInt8(ascii: "e") || byte(at) == UInt8(ascii: "E") {
            let exponent = byte(at + 1) == UInt8(ascii: "-") || byte(at + 1) == UInt8(ascii: "+") ? at + 2 : at + 1
            at = pastDigits(exponent)
            guard at > exponent else { return false }
        }
        return at == text.count
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
    func need(_ count: Int) throws(ReadError) {
        while filled - position < count {
            guard try fill() else { throw truncated() }
        }
    }

    /// Reads on, keeping the token that has begun; false at the end of the input.
    func fill() throws(ReadError) -> Bool {
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
                .limitExceeded, line: line, byteOffset: limits.messageBytesMax,
                detail: "the message is larger than \(limits.messageBytesMax) bytes; split it, or raise messageBytesMax")
        }
        return count > 0
    }

    // MARK: Errors

    func malformed(_ detail: String) -> ReadError { ReadError(.malformed, line: line, byteOffset: byteOffset, detail: "byte \(byteOffset): \(detail)") }

    private func unexpected(_ byte: UInt8, _ expected: String) -> ReadError {
        if byte == 0 { return truncated() }
        return malformed("found \(byte > 0x20 && byte < 0x7F ? "“\(Character(Unicode.Scalar(byte)))”" : "byte \(byte)") where \(expected) should stand")
    }

    func truncated() -> ReadError {
        ReadError(
            .truncated, line: line, byteOffset: bufferOffset + filled,
            detail: "byte \(bufferOffset + filled): the message ends before it is complete (\(depth) objects or arrays are open); fetch or write it again")
    }

    func tooLong() -> ReadError {
        ReadError(
            .limitExceeded, line: line, byteOffset: byteOffset,
            detail: "a string or number is longer than \(limits.valueBytesMax) bytes; raise valueBytesMax if that is meant")
    }
}
