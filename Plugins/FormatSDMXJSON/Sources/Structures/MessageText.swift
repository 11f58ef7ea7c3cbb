import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// The text of a whole structure message, cut into members and elements on demand.
///
/// A tree of a whole message takes several times the room of its text. Here only one artefact, and of its long lists only one item, is a tree at a
/// time; the cutting itself keeps to brackets and strings, and leaves all grammar to the Kit's parser, through which every piece goes.
final class MessageText {
    /// A named piece: a member of an object.
    struct Member {
        let name: String
        let range: Range<Int>
    }

    private let buffer: UnsafeMutableRawBufferPointer
    /// What has been read, without a byte-order mark.
    let bytes: UnsafeRawBufferPointer
    let depthMax: Int
    /// The last place whose line was asked for: places are mostly asked for in order.
    private var known = (offset: 0, line: 1)

    /// Reads all of `source`, up to `structureBytesMax`.
    init(_ source: any ByteSource, limits: ReadLimits) throws(ReadError) {
        // In JSON each level of a tree is an array and an object, in XML one element.
        depthMax = limits.depthMax * 2
        let expected = min(max(source.byteCountTotal ?? 0, 4_096), max(limits.structureBytesMax, 4_096))
        var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: expected + 1, alignment: 16)
        var count = 0
        while true {
            if count == buffer.count {
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
                larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                buffer.deallocate()
                buffer = larger
            }
            let read: Int
            do throws(ReadError) { read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...])) } catch {
                buffer.deallocate()
                throw error
            }
            guard read > 0 else { break }
            count += read
            guard count <= limits.structureBytesMax else {
                buffer.deallocate()
                throw ReadError(
                    .limitExceeded, byteOffset: limits.structureBytesMax,
                    detail: "the structure message is longer than \(limits.structureBytesMax) bytes; split it, or raise structureBytesMax")
            }
        }
        self.buffer = buffer
        let all = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        bytes = all.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeRawBufferPointer(rebasing: all[3...]) : all
    }

    deinit { buffer.deallocate() }

    // MARK: Cutting

    /// The one value that the text is.
    func whole() throws(ReadError) -> Range<Int> {
        let start = skippingSpace(0)
        let end = try valueEnd(start)
        guard skippingSpace(end) == bytes.count else { throw malformed(skippingSpace(end), "text after the end of the message") }
        return start..<end
    }

    /// Whether the value at `range` is an object, an array.
    func isObject(_ range: Range<Int>) -> Bool { bytes[range.lowerBound] == UInt8(ascii: "{") }
    func isArray(_ range: Range<Int>) -> Bool { bytes[range.lowerBound] == UInt8(ascii: "[") }

    /// The members of the object at `range`; a name twice is refused, because programs differ in which of the two they take.
    func members(_ range: Range<Int>) throws(ReadError) -> [Member] {
        var members: [Member] = []
        var names: Set<String> = []
        var offset = skippingSpace(range.lowerBound + 1)
        if bytes[offset] == UInt8(ascii: "}") { return [] }
        while true {
            guard offset < range.upperBound, bytes[offset] == UInt8(ascii: "\"") else {
                throw malformed(offset, "a member name in double quotes should stand here")
            }
            let nameEnd = try stringEnd(offset)
            let name = try value(offset..<nameEnd).text ?? ""
            guard names.insert(name).inserted else { throw malformed(offset, "the member \"\(name.prefix(80))\" stands twice in one object") }
            offset = skippingSpace(nameEnd)
            guard offset < range.upperBound, bytes[offset] == UInt8(ascii: ":") else { throw malformed(offset, "a colon should stand after the member name") }
            let start = skippingSpace(offset + 1)
            let end = try valueEnd(start)
            members.append(Member(name: name, range: start..<end))
            offset = skippingSpace(end)
            guard offset < range.upperBound else { throw truncated() }
            if bytes[offset] == UInt8(ascii: "}") { return members }
            guard bytes[offset] == UInt8(ascii: ",") else { throw malformed(offset, "a comma or } should stand here") }
            offset = skippingSpace(offset + 1)
        }
    }

    /// Calls `body` for each element of the array at `range`.
    func forEachElement(_ range: Range<Int>, _ body: (Range<Int>) throws(ReadError) -> Void) throws(ReadError) {
        var offset = skippingSpace(range.lowerBound + 1)
        if bytes[offset] == UInt8(ascii: "]") { return }
        while true {
            let end = try valueEnd(offset)
            try body(offset..<end)
            offset = skippingSpace(end)
            guard offset < range.upperBound else { throw truncated() }
            if bytes[offset] == UInt8(ascii: "]") { return }
            guard bytes[offset] == UInt8(ascii: ",") else { throw malformed(offset, "a comma or ] should stand here") }
            offset = skippingSpace(offset + 1)
        }
    }

    /// The value at `range`, by the Kit's parser.
    func value(_ range: Range<Int>) throws(ReadError) -> JSONValue {
        let limits = JSONLimits(bytesMax: range.count, depthMax: depthMax)
        do throws(JSONError) { return try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: bytes[range]), limits: limits) } catch {
            throw self.error(Self.code(error.code), range.lowerBound + (error.byteOffset ?? 0), error.detail)
        }
    }

    private static func code(_ code: JSONError.Code) -> ReadError.Code {
        switch code {
        case .encoding: .encoding
        case .limitExceeded: .limitExceeded
        case .syntax, .duplicateMember, .numberOutOfRange: .malformed
        }
    }

    // MARK: Bytes

    private func skippingSpace(_ start: Int) -> Int {
        var offset = start
        while offset < bytes.count, bytes[offset] == 0x20 || bytes[offset] == 0x0A || bytes[offset] == 0x0D || bytes[offset] == 0x09 { offset += 1 }
        return offset
    }

    /// Behind the value that starts at `start`. No recursion: nesting is counted.
    private func valueEnd(_ start: Int) throws(ReadError) -> Int {
        guard start < bytes.count else { throw truncated() }
        switch bytes[start] {
        case UInt8(ascii: "\""): return try stringEnd(start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): break
        default:
            var offset = start
            while offset < bytes.count, !Self.endsScalar(bytes[offset]) { offset += 1 }
            guard offset > start else { throw malformed(start, "a value should stand here") }
            return offset
        }
        var depth = 0
        var offset = start
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset = try stringEnd(offset)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= depthMax else { throw error(.limitExceeded, offset, "nested deeper than \(depthMax) levels (twice depthMax)") }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return offset + 1 }
            default: break
            }
            offset += 1
        }
        throw truncated()
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"), UInt8(ascii: "\""): true
        default: false
        }
    }

    private func stringEnd(_ start: Int) throws(ReadError) -> Int {
        var offset = start + 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""): return offset + 1
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        throw truncated()
    }

    // MARK: Places

    /// The line of a byte, counted from 1.
    func line(at offset: Int) -> Int {
        if offset < known.offset { known = (0, 1) }
        var line = known.line
        for byte in bytes[known.offset..<min(offset, bytes.count)] where byte == UInt8(ascii: "\n") { line += 1 }
        known = (min(offset, bytes.count), line)
        return line
    }

    private func error(_ code: ReadError.Code, _ offset: Int, _ detail: String) -> ReadError {
        var column = 1
        var index = min(offset, bytes.count) - 1
        while index >= 0, bytes[index] != UInt8(ascii: "\n") {
            if bytes[index] & 0xC0 != 0x80 { column += 1 }
            index -= 1
        }
        return ReadError(code, line: line(at: offset), column: column, byteOffset: offset, detail: detail)
    }

    private func malformed(_ offset: Int, _ detail: String) -> ReadError { offset < bytes.count ? error(.malformed, offset, detail) : truncated() }
    private func truncated() -> ReadError { error(.truncated, bytes.count, "the message ends in the middle; it was cut off on its way") }
}
