internal import SluiceKit

/// The measures of a row in one word, to tell afterwards whether two rows have the same decimal values.
///
/// A single value of up to seven bytes is kept as it stands; anything longer by a hash of its decimal value, with the highest bit set.
enum ValueDigest {
    private static let hashed: UInt64 = 1 << 63
    private static let start: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    static func of(_ batch: Batch, _ span: Batch.Span) -> UInt64 {
        if span.isAbsent { return 0 }
        let bytes = batch.bytes(span)
        guard bytes.count <= 7 else { return NumberText.mix(bytes, into: start) | hashed }
        var word = UInt64(bytes.count) << 56
        for offset in 0..<bytes.count { word |= UInt64(bytes[offset]) << UInt64(offset * 8) }
        return word
    }

    static func of(_ batch: Batch, _ measures: [Int], _ row: Int) -> UInt64 {
        if measures.count == 1, !batch.isCoded[measures[0]] { return of(batch, batch.spans(measures[0])[row]) }
        var hash = start
        for column in measures {
            guard let bytes = batch.cell(column, row) else {
                hash = hash &* 31
                continue
            }
            hash = NumberText.mix(bytes, into: hash &+ 1)
        }
        return hash | hashed
    }

    static func agree(_ left: UInt64, _ right: UInt64) -> Bool { left == right || decimal(left) == decimal(right) }

    /// The hash of the decimal value, made of a short text where that was kept.
    private static func decimal(_ digest: UInt64) -> UInt64 {
        guard digest & hashed == 0, digest != 0 else { return digest }
        let bytes = (0..<Int(digest >> 56)).map { UInt8(truncatingIfNeeded: digest >> UInt64($0 * 8)) }
        return bytes.withUnsafeBytes { NumberText.mix($0, into: start) } | hashed
    }
}
