/// Why a JSON text could not be read, or a value not be written.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a program switches on.
    public enum Code: String, Hashable, Sendable {
        /// The text breaks the grammar of RFC 8259.
        case syntax
        /// Bytes that are not UTF-8, or an escaped surrogate without its partner (RFC 8259, sections 8.1 and 8.2).
        case encoding
        /// The same member name twice in one object (RFC 7493, section 2.3).
        case duplicateMember
        /// Larger or deeper than `JSONLimits` allows.
        case limitExceeded
        /// A number that no double holds, or a whole number beyond 2^53 given as exact.
        case numberOutOfRange
    }

    public var code: Code
    /// Where it shows, counted from 0; nil when a value, not a text, is at fault.
    public var byteOffset: Int?
    /// The line, counted from 1.
    public var line: Int?
    /// The column in characters (code points), counted from 1.
    public var column: Int?
    /// What is wrong, for people.
    public var detail: String

    /// An error in a value.
    public init(code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// An error at `byteOffset` of `bytes`; counts the line and column.
    init(code: Code, at byteOffset: Int, of bytes: UnsafeRawBufferPointer, detail: String) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(byteOffset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        self.code = code
        self.byteOffset = byteOffset
        self.line = line
        self.column = column
        self.detail = detail
    }

    /// One line: what is wrong and where.
    public var description: String {
        guard let byteOffset, let line, let column else { return "JSON: \(detail)" }
        return "JSON line \(line), column \(column) (byte \(byteOffset)): \(detail)"
    }
}

/// How much JSON one text may hold.
public struct JSONLimits: Hashable, Sendable {
    /// The longest text, in bytes.
    public var bytesMax: Int
    /// How deep arrays and objects may nest.
    public var depthMax: Int

    /// The limits given, or 16 MiB and 128 levels.
    public init(bytesMax: Int = 16 << 20, depthMax: Int = 128) {
        self.bytesMax = bytesMax
        self.depthMax = depthMax
    }

    /// 16 MiB and 128 levels: configuration, manifests and messages between nodes.
    public static let standard = JSONLimits()
}
