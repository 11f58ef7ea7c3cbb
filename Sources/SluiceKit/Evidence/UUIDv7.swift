/// A universally unique identifier that sorts by its time (RFC 9562, section 5.7).
///
/// Pure: the caller brings the time and the randomness, so a simulation replays the same identifiers.
public struct UUIDv7: Hashable, Sendable, Comparable {
    private var high: UInt64
    private var low: UInt64

    /// The largest time that fits: 48 bits of milliseconds since 1970, the year 10889.
    public static let millisecondsMax: UInt64 = 1 << 48 - 1

    /// An identifier of the time `milliseconds` since 1970 (capped at `millisecondsMax`) and ten random bytes, of which 74 bits are used.
    ///
    /// - Precondition: `random` has at least ten bytes.
    public init(milliseconds: UInt64, random: [UInt8]) {
        precondition(random.count >= 10, "UUIDv7 takes ten random bytes")
        let timed = min(milliseconds, Self.millisecondsMax) << 16
        high = timed | 0x7000 | UInt64(random[0] & 0x0f) << 8 | UInt64(random[1])
        let rest = random[2..<10].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        low = rest & (1 << 62 - 1) | 1 << 63
    }

    /// The identifier that `text` spells in its lower-case canonical form, or nil for any other version, variant or spelling.
    public init?(_ text: some StringProtocol) {
        let symbols = Array(text.utf8)
        guard symbols.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var nibbles = 0
        for (place, symbol) in symbols.enumerated() {
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard symbol == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch symbol {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = symbol - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = symbol - UInt8(ascii: "a") + 10
            default: return nil
            }
            if nibbles < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
            nibbles += 1
        }
        guard words.0 >> 12 & 0xf == 7, words.1 >> 62 == 2 else { return nil }
        high = words.0
        low = words.1
    }

    /// Milliseconds since 1970.
    public var milliseconds: UInt64 { high >> 16 }

    /// The order of the text: time first.
    public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension UUIDv7: CustomStringConvertible {
    /// The lower-case text with dashes, 36 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let word = digit < 16 ? high : low
                text[place] = Hexadecimal.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit % 16))) & 15)
                place += 1
            }
            return place
        }
    }
}
