/// A number as it stands in the text: where its digits are, never its binary value.
struct NumberText {
    enum Kind { case finite, notANumber, infinite }
    let kind: Kind
    let isNegative: Bool
    /// Digits before the point, without leading zeros.
    let integer: Range<Int>
    /// Digits after the point, as written.
    let fraction: Range<Int>
    let hasPoint: Bool
    let hasExponent: Bool
    let hasSign: Bool
    private let bytes: UnsafeRawBufferPointer

    /// Reads the lexical form of `xs:double`: sign, digits, point, exponent, or `NaN`, `INF`, `-INF`. Nil when it is none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        let count = bytes.count
        var negative = false
        var signed = false
        if offset < count, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") {
            negative = bytes[offset] == UInt8(ascii: "-")
            signed = true
            offset += 1
        }
        let first = offset
        while offset < count, bytes[offset] &- 48 < 10 { offset += 1 }
        let integerEnd = offset
        var fractionRange = offset..<offset
        var point = false
        if offset < count, bytes[offset] == UInt8(ascii: ".") {
            point = true
            offset += 1
            let fractionFirst = offset
            while offset < count, bytes[offset] &- 48 < 10 { offset += 1 }
            fractionRange = fractionFirst..<offset
        }
        if integerEnd == first && fractionRange.isEmpty {
            guard let special = Self.special(bytes, from: first, signed: signed) else { return nil }
            kind = special
            (integer, fraction, hasPoint, hasExponent) = (0..<0, 0..<0, false, false)
        } else {
            var exponent = false
            if offset < count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
                exponent = true
                offset += 1
                if offset < count, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") { offset += 1 }
                let exponentFirst = offset
                while offset < count, bytes[offset] &- 48 < 10 { offset += 1 }
                guard offset > exponentFirst else { return nil }
            }
            guard offset == count else { return nil }
            var start = first
            while start < integerEnd, bytes[start] == UInt8(ascii: "0") { start += 1 }
            kind = .finite
            integer = start..<integerEnd
            fraction = fractionRange
            hasPoint = point
            hasExponent = exponent
        }
        isNegative = negative
        hasSign = signed
        self.bytes = bytes
    }

    /// Whether the text is a number of the commonest form: an optional minus, digits, and digits behind a point. False says nothing.
    @inline(__always)
    static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        let count = bytes.count
        if bytes[0] == UInt8(ascii: "-") { offset = 1 }
        let first = offset
        while offset < count, bytes[offset] &- 48 < 10 { offset += 1 }
        guard offset > first else { return false }
        guard offset < count else { return true }
        guard bytes[offset] == UInt8(ascii: ".") else { return false }
        offset += 1
        let decimals = offset
        while offset < count, bytes[offset] &- 48 < 10 { offset += 1 }
        return offset == count && offset > decimals
    }

    private static func special(_ bytes: UnsafeRawBufferPointer, from first: Int, signed: Bool) -> Kind? {
        guard bytes.count - first == 3 else { return nil }
        let (a, b, c) = (bytes[first], bytes[first + 1], bytes[first + 2])
        if a == UInt8(ascii: "N"), b == UInt8(ascii: "a"), c == UInt8(ascii: "N") { return signed ? nil : .notANumber }
        return a == UInt8(ascii: "I") && b == UInt8(ascii: "N") && c == UInt8(ascii: "F") ? .infinite : nil
    }

    /// Digits after the point that are not trailing zeros.
    var fractionDigits: Int {
        var end = fraction.upperBound
        while end > fraction.lowerBound, bytes[end - 1] == UInt8(ascii: "0") { end -= 1 }
        return end - fraction.lowerBound
    }

    private var isZero: Bool { integer.isEmpty && fractionDigits == 0 }

    /// Compares the decimal values exactly; only numbers with an exponent go through a Double.
    /// - Returns: negative, zero or positive; nil where there is no order (`NaN`).
    func compare(_ other: NumberText) -> Int? {
        guard kind != .notANumber, other.kind != .notANumber else { return nil }
        if kind == .infinite || other.kind == .infinite || hasExponent || other.hasExponent {
            guard let left = double, let right = other.double else { return nil }
            return left < right ? -1 : left > right ? 1 : 0
        }
        let (leftSign, rightSign) = (isZero ? 0 : isNegative ? -1 : 1, other.isZero ? 0 : other.isNegative ? -1 : 1)
        guard leftSign == rightSign, leftSign != 0 else { return leftSign - rightSign }
        return leftSign * compareMagnitude(other)
    }

    private func compareMagnitude(_ other: NumberText) -> Int {
        if integer.count != other.integer.count { return integer.count < other.integer.count ? -1 : 1 }
        for position in 0..<integer.count {
            let (left, right) = (bytes[integer.lowerBound + position], other.bytes[other.integer.lowerBound + position])
            if left != right { return left < right ? -1 : 1 }
        }
        for position in 0..<max(fraction.count, other.fraction.count) {
            let left = position < fraction.count ? bytes[fraction.lowerBound + position] : UInt8(ascii: "0")
            let right = position < other.fraction.count ? other.bytes[other.fraction.lowerBound + position] : UInt8(ascii: "0")
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }

    private var double: Double? {
        if kind == .infinite { return isNegative ? -.infinity : .infinity }
        return Double(String(decoding: bytes, as: UTF8.self))
    }

    /// Mixes the decimal value into a hash, so that `45`, `45.0` and `+45.00` agree. Texts that are no plain numbers are mixed as they are.
    static func mix(_ bytes: UnsafeRawBufferPointer, into hash: UInt64) -> UInt64 {
        var hash = hash
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        guard let number = NumberText(bytes), number.kind == .finite, !number.hasExponent else {
            for byte in bytes { add(byte) }
            return hash
        }
        if number.isNegative, !number.isZero { add(UInt8(ascii: "-")) }
        for position in number.integer { add(bytes[position]) }
        let digits = number.fractionDigits
        if digits > 0 {
            add(UInt8(ascii: "."))
            for position in number.fraction.lowerBound..<(number.fraction.lowerBound + digits) { add(bytes[position]) }
        }
        return hash
    }
}
