/// The 32 bytes of a SHA-256 digest (FIPS 180-4), held without a heap allocation.
///
/// Kit only carries and compares digests; SluiceCrypto computes them.
public struct SHA256Digest: Hashable, Sendable, Comparable {
    /// The length of every digest.
    public static let byteCount = 32

    // Four words in big-endian order, so that comparing words compares bytes.
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest whose bytes are `bytes`, or nil when there are not 32.
    @inlinable
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        words = (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        )
    }

    /// The digest whose bytes are `bytes`, or nil when there are not 32.
    public init?(bytes: [UInt8]) {
        guard let digest = bytes.withUnsafeBytes({ Self(bytes: $0) }) else { return nil }
        self = digest
    }

    /// The digest written by `fill`, which is given 32 zero bytes to overwrite.
    @inlinable
    public init(filling fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        var raw: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        try withUnsafeMutableBytes(of: &raw) { try fill($0) }
        words = (UInt64(bigEndian: raw.0), UInt64(bigEndian: raw.1), UInt64(bigEndian: raw.2), UInt64(bigEndian: raw.3))
    }

    /// The digest of 64 hexadecimal digits in either case, or nil.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// The digest of 44 characters of padded base 64 (RFC 4648, section 4), or nil.
    public init?(base64: some StringProtocol) {
        guard let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes: bytes)
    }

    /// Calls `body` with the 32 bytes in order.
    @inlinable
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let raw = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return try Swift.withUnsafeBytes(of: raw) { try body($0) }
    }

    /// The 32 bytes in order.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { withUnsafeBytes { Hexadecimal.encode($0) } }

    /// 44 characters of padded base 64.
    public var base64: String { withUnsafeBytes { Base64.encode($0) } }

    /// Equality of all bytes.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    /// The order of the bytes, first to last.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.words < right.words }

    /// Feeds all bytes.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension SHA256Digest: CustomStringConvertible {
    /// The same text as `hex`.
    public var description: String { hex }
}
