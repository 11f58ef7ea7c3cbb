import SluiceKit

/// The whole numbers that a value stands for: `23`, and of codes also `Y23`, `Y20T24`, `Y_GE80` and `Y_LT15` (the ids of SDMX age lists).
struct NumberRange: Hashable {
    var low: Int
    /// `Int.max` where the range has no end.
    var high: Int

    private static let digitsMax = 9

    /// nil when the bytes are no number of this kind.
    init?(_ bytes: UnsafeRawBufferPointer, isCode: Bool) {
        if let number = Self.digits(bytes[...]) {
            (low, high) = (number, number)
            return
        }
        guard isCode else {
            // A measure may be written 23.0.
            guard let decimal = ExactDecimal(bytes), let whole = decimal.coefficient(atScale: 0), !decimal.isNegative, whole <= 1_000_000_000 else {
                return nil
            }
            (low, high) = (Int(whole), Int(whole))
            return
        }
        guard bytes.first == UInt8(ascii: "Y") else { return nil }
        let rest = bytes[1...]
        if rest.starts(with: "_GE".utf8), let number = Self.digits(rest.dropFirst(3)) {
            (low, high) = (number, .max)
        } else if rest.starts(with: "_LT".utf8), let number = Self.digits(rest.dropFirst(3)), number > 0 {
            (low, high) = (0, number - 1)
        } else if let number = Self.digits(rest) {
            (low, high) = (number, number)
        } else if let middle = rest.firstIndex(of: UInt8(ascii: "T")), let first = Self.digits(rest[..<middle]), let last = Self.digits(rest[(middle + 1)...]),
            first <= last
        {
            (low, high) = (first, last)
        } else {
            return nil
        }
    }

    init(low: Int, high: Int) {
        self.low = low
        self.high = high
    }

    private static func digits(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !bytes.isEmpty, bytes.count <= digitsMax else { return nil }
        var number = 0
        for byte in bytes {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// Codes of SDMX lists that stand beside the values (`_U` unknown, `_X` unspecified, `_Z` not applicable): no numbers, and left as they are.
    static func isBeside(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.count >= 2 && bytes[0] == UInt8(ascii: "_") }

    /// The ids by which SDMX lists name this range, the commonest first.
    var codeIDs: [String] {
        if high == .max { return ["Y_GE\(low)", "Y\(low)T999"] }
        if low == high { return ["Y\(low)", "\(low)"] }
        return low == 0 ? ["Y0T\(high)", "Y_LT\(high + 1)"] : ["Y\(low)T\(high)"]
    }

    /// As text: `20-29`, `80+`.
    var text: String { high == .max ? "\(low)+" : low == high ? "\(low)" : "\(low)-\(high)" }
}
