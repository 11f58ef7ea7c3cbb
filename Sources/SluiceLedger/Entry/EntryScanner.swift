internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Tells whether bytes are the canonical form of a ledger entry, in one pass and without allocating.
///
/// Verifying a log reads every entry; building a value and writing it again would cost ten times the hashing. Tests hold this
/// scanner to the same verdict as parsing and `JSONValue.canonicalBytes()`.
package struct EntryScanner {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var depth = 0
    /// The first rule broken; scanning stops there.
    private var complaint: StaticString?

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What is wrong with the entry in `bytes` and where, or nil.
    package static func problem(in bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { problem(in: $0).problem }
    }

    /// What is wrong with the entry in `bytes`, or nil, and its time where it has one.
    static func problem(in bytes: UnsafeRawBufferPointer) -> (problem: String?, time: EntryTime?) {
        guard bytes.count <= LedgerEntry.bytesMax else { return ("\(bytes.count) bytes, at most \(LedgerEntry.bytesMax) fit into an entry", nil) }
        var scanner = EntryScanner(bytes)
        let time = scanner.envelope()
        guard let complaint = scanner.complaint else { return (nil, time) }
        return ("byte \(scanner.offset): \(complaint)", time)
    }

    // MARK: The envelope

    /// RFC 8785 fixes the order of the members, so the envelope is a row of known words with values between them.
    private mutating func envelope() -> EntryTime? {
        expect(#"{"data":{"#)
        object()
        expect(#","id":"#)
        text("the id is no UUIDv7 in lower case") { Self.isUUIDv7($0) }
        expect(#","source":"#)
        text("the source is no URI") { $0.count > 0 && $0.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") } }
        expect(#","specversion":"1.0","subject":"#)
        text("the subject is empty") { $0.count > 0 }
        expect(#","time":"#)
        var time: EntryTime?
        text("the time is no UTC time like 2026-03-01T09:30:00Z") {
            time = EntryTime($0)
            return time != nil
        }
        expect(#","type":"#)
        text("the type is no dotted word like sluice.exchange.sealed") { Self.isType($0) }
        expect("}")
        if complaint == nil, offset != bytes.count { complain("text after the end of the entry") }
        return time
    }

    private mutating func expect(_ words: StaticString) {
        guard complaint == nil else { return }
        if !take(words) { complain("the members must be data, id, source, specversion 1.0, subject, time, type, in this order and without spaces") }
    }

    private mutating func text(_ words: StaticString, _ holds: (UnsafeRawBufferPointer) -> Bool) {
        guard complaint == nil else { return }
        guard peek() == UInt8(ascii: "\"") else { return complain("a text should stand here") }
        let start = offset + 1
        string()
        guard complaint == nil else { return }
        if !holds(UnsafeRawBufferPointer(rebasing: bytes[start..<offset - 1])) {
            offset = start
            complain(words)
        }
    }

    private static func isUUIDv7(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 36 else { return false }
        for (place, byte) in text.enumerated() {
            let fits =
                switch place {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                case 14: byte == UInt8(ascii: "7")
                case 19: byte == UInt8(ascii: "8") || byte == UInt8(ascii: "9") || byte == UInt8(ascii: "a") || byte == UInt8(ascii: "b")
                default: byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "a") < 6
                }
            guard fits else { return false }
        }
        return true
    }

    private static func isType(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count > 0
            && text.allSatisfy {
                $0 &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    // MARK: The data

    private mutating func value() {
        guard let byte = peek() else { return complain("the entry ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "{"):
            offset += 1
            object()
        case UInt8(ascii: "["):
            offset += 1
            array()
        case UInt8(ascii: "t"): if !take("true") { complain("true is misspelt") }
        case UInt8(ascii: "f"): if !take("false") { complain("false is misspelt") }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): integer()
        default: complain("a text, true, false, whole number, object or array should stand here")
        }
    }

    /// The members after an opening brace.
    private mutating func object() {
        guard complaint == nil, enter() else { return }
        if take(UInt8(ascii: "}")) { return leave() }
        var previous: Range<Int>?
        while true {
            guard peek() == UInt8(ascii: "\"") else { return complain("a member name should stand here") }
            let start = offset + 1
            string()
            guard complaint == nil else { return }
            let name = start..<offset - 1
            // Names are ours: plain ASCII, so that their order is that of their bytes.
            for place in name where bytes[place] >= 0x7f || bytes[place] == UInt8(ascii: "\\") {
                offset = place
                return complain("member names are plain ASCII without escapes")
            }
            if let previous, !isOrdered(previous, name) {
                offset = start
                return complain("members must be sorted by name, none twice")
            }
            previous = name
            guard take(UInt8(ascii: ":")) else { return complain("a colon should stand here") }
            value()
            guard complaint == nil else { return }
            if take(UInt8(ascii: "}")) { return leave() }
            guard take(UInt8(ascii: ",")) else { return complain("a comma or } should stand here") }
        }
    }

    private func isOrdered(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        for place in 0..<min(left.count, right.count) {
            let (a, b) = (bytes[left.lowerBound + place], bytes[right.lowerBound + place])
            if a != b { return a < b }
        }
        return left.count < right.count
    }

    /// The elements after an opening bracket.
    private mutating func array() {
        guard enter() else { return }
        if take(UInt8(ascii: "]")) { return leave() }
        while true {
            value()
            guard complaint == nil else { return }
            if take(UInt8(ascii: "]")) { return leave() }
            guard take(UInt8(ascii: ",")) else { return complain("a comma or ] should stand here") }
        }
    }

    private mutating func integer() {
        let start = offset
        let negative = take(UInt8(ascii: "-"))
        let first = offset
        var magnitude: Int64 = 0
        while let byte = peek(), byte &- UInt8(ascii: "0") < 10 {
            if magnitude <= JSONValue.integerMax { magnitude = magnitude * 10 + Int64(byte - UInt8(ascii: "0")) }
            offset += 1
        }
        let leadingZero = offset > first && bytes[first] == UInt8(ascii: "0") && (offset - first > 1 || negative)
        if offset == first || leadingZero || magnitude > JSONValue.integerMax {
            offset = start
            return complain("numbers are whole, within 2^53 and without leading zeros")
        }
        // A point or an exponent is caught by whoever expects a comma or bracket next.
    }

    /// A quoted string from its opening quote, with RFC 8785's fewest escapes (section 3.2.2.2).
    private mutating func string() {
        offset += 1
        while true {
            skipPlain()
            guard offset < bytes.count else { break }
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                offset += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                guard let length = escapeLength() else { return complain("an escape that the canonical form does not use") }
                offset += length
            } else if byte < 0x20 {
                return complain("a control character that is not escaped")
            } else if byte < 0x80 {
                offset += 1
            } else {
                guard let length = UTF8Sequence.length(at: offset, of: bytes) else { return complain("bytes that are not UTF-8") }
                offset += length
            }
        }
        complain("the entry ends inside a text")
    }

    /// Steps over characters that need no look, eight at a time: ASCII but for quotes, backslashes and control characters.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while bytes.count - offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            // A subtraction sets the top bit of a byte that was below what is taken away. It may borrow from the bytes after it,
            // so the first marked byte is the only one to trust, and the only one needed.
            let marked = (word | (word &- ones &* 0x20) | (quotes &- ones) | (backslashes &- ones)) & (ones &* 0x80)
            guard marked == 0 else {
                offset += marked.trailingZeroBitCount / 8
                return
            }
            offset += 8
        }
    }

    private func escapeLength() -> Int? {
        guard bytes.count - offset >= 2 else { return nil }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): return 2
        case UInt8(ascii: "u"):
            guard bytes.count - offset >= 6, bytes[offset + 2] == UInt8(ascii: "0"), bytes[offset + 3] == UInt8(ascii: "0") else { return nil }
            let (high, low) = (bytes[offset + 4], bytes[offset + 5])
            guard high == UInt8(ascii: "0") || high == UInt8(ascii: "1"), low &- UInt8(ascii: "0") < 10 || low &- UInt8(ascii: "a") < 6 else { return nil }
            // Those with a short escape must use it.
            let short =
                high == UInt8(ascii: "0")
                && (low == UInt8(ascii: "8") || low == UInt8(ascii: "9") || low == UInt8(ascii: "a") || low == UInt8(ascii: "c") || low == UInt8(ascii: "d"))
            return short ? nil : 6
        default: return nil
        }
    }

    // MARK: Steps

    private mutating func enter() -> Bool {
        depth += 1
        if depth > LedgerEntry.depthMax { complain("data nests too deep") }
        return complaint == nil
    }

    private mutating func leave() { depth -= 1 }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(_ words: StaticString) -> Bool {
        let count = words.utf8CodeUnitCount
        guard bytes.count - offset >= count, let base = bytes.baseAddress, memcmp(base + offset, words.utf8Start, count) == 0 else { return false }
        offset += count
        return true
    }

    private mutating func complain(_ words: StaticString) {
        if complaint == nil { complaint = words }
    }
}
