/// A decimal number as statistics are written: digits and a scale, never a binary fraction.
///
/// `2.680` is 2680 at scale 3 and is printed as `2.680` again. Reading accepts the lexical forms of `xs:decimal` and, as
/// `xs:double` allows them, exponents; what does not fit 37 digits is not read. Equality and order compare values, not spellings.
public struct ExactDecimal: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number times ten to the power of `scale`.
    public let coefficient: Int128
    /// Digits after the point, 0 to `scaleMax`.
    public let scale: Int

    /// Most digits after the point.
    public static let scaleMax = 30
    /// Most significant digits: what fits into 128 bits with room for a sum of a billion.
    public static let digitsMax = 28
    public static let zero = ExactDecimal(coefficient: 0, scale: 0)

    public init(coefficient: Int128, scale: Int) {
        precondition((0...Self.scaleMax).contains(scale), "a scale outside 0...scaleMax")
        self.coefficient = coefficient
        self.scale = scale
    }

    /// Reads a number; nil when the bytes are not one or have too many digits. Blanks around it are allowed (XML Schema `collapse`).
    public init?(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        var end = bytes.count
        while at < end, bytes[at] <= 0x20 { at += 1 }
        while end > at, bytes[end - 1] <= 0x20 { end -= 1 }
        var negative = false
        if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            negative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        var value: Int128 = 0
        var significant = 0
        var scale = 0
        var seen = false
        var afterPoint = false
        while at < end {
            let byte = bytes[at]
            if byte == UInt8(ascii: "."), !afterPoint {
                afterPoint = true
            } else if byte >= 0x30, byte <= 0x39 {
                if significant > 0 || byte != 0x30 { significant += 1 }
                guard significant <= Self.digitsMax else { return nil }
                value = value * 10 + Int128(byte - 0x30)
                if afterPoint { scale += 1 }
                guard scale <= Self.scaleMax else { return nil }
                seen = true
            } else {
                break
            }
            at += 1
        }
        guard seen else { return nil }
        if at < end {
            guard bytes[at] | 0x20 == UInt8(ascii: "e") else { return nil }
            at += 1
            var exponentNegative = false
            if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
                exponentNegative = bytes[at] == UInt8(ascii: "-")
                at += 1
            }
            guard at < end, end - at <= 2 else { return nil }
            var exponent = 0
            while at < end {
                guard bytes[at] >= 0x30, bytes[at] <= 0x39 else { return nil }
                exponent = exponent * 10 + Int(bytes[at] - 0x30)
                at += 1
            }
            scale += exponentNegative ? exponent : -exponent
            while scale < 0 {
                if value != 0 { significant += 1 }
                guard significant <= Self.digitsMax else { return nil }
                value *= 10
                scale += 1
            }
            guard scale <= Self.scaleMax else { return nil }
        }
        coefficient = negative ? -value : value
        self.scale = scale
    }

    public init?(_ text: String) {
        var copy = text
        guard let parsed = copy.withUTF8({ ExactDecimal(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = parsed
    }

    /// The coefficient at another scale; nil when digits would be lost or do not fit.
    public func coefficient(atScale other: Int) -> Int128? {
        var value = coefficient
        var at = scale
        while at < other {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = next
            at += 1
        }
        while at > other {
            guard value % 10 == 0 else { return nil }
            value /= 10
            at -= 1
        }
        return value
    }

    /// The exact sum at the finer of both scales; nil on overflow.
    public func adding(_ other: ExactDecimal) -> ExactDecimal? {
        let finer = max(scale, other.scale)
        guard let left = coefficient(atScale: finer), let right = other.coefficient(atScale: finer) else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : ExactDecimal(coefficient: sum, scale: finer)
    }

    /// The nearest binary fraction, for arithmetic that cannot be exact.
    public var double: Double {
        var divisor = 1.0
        for _ in 0..<scale { divisor *= 10 }
        return Double(coefficient) / divisor
    }

    public var isNegative: Bool { coefficient < 0 }
    public var isZero: Bool { coefficient == 0 }

    private var normalised: (Int128, Int) {
        var value = coefficient
        var at = scale
        while at > 0, value % 10 == 0 {
            value /= 10
            at -= 1
        }
        return (value, at)
    }

    public static func == (left: ExactDecimal, right: ExactDecimal) -> Bool { left.normalised == right.normalised }

    public func hash(into hasher: inout Hasher) {
        let (value, at) = normalised
        hasher.combine(value)
        hasher.combine(at)
    }

    public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        let finer = max(left.scale, right.scale)
        if let one = left.coefficient(atScale: finer), let other = right.coefficient(atScale: finer) { return one < other }
        return left.double < right.double
    }

    public var description: String {
        let digits = String(coefficient.magnitude)
        let sign = coefficient < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}
