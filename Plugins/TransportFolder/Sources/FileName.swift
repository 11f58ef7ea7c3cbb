/// A name in a folder as the system has it: any bytes, also such as are no text.
struct FileName: Hashable, Comparable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }

    static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    /// For the log: what is no printable ASCII is written `\xNN`.
    var printed: String {
        bytes.map { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") ? String(UnicodeScalar($0)) : "\\x" + Self.hex($0) }.joined()
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// Endings under which common programs write a file before they rename it.
    static let partialEndings = [".part", ".partial", ".filepart", ".tmp"]

    /// Not to be looked at: still being written, or of the carrier's own.
    var isHidden: Bool { bytes.first == UInt8(ascii: ".") || Self.partialEndings.contains { bytes.reversed().starts(with: $0.utf8.reversed()) } }
}
