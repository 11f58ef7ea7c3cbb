/// Rewrites a number as published into the form that SDMX wants, on its digits alone: no binary number is made, so no digit changes.
struct DecimalText {
    let decimal: UInt8
    let grouping: [UInt8]
    let shift: Int
    /// Longest text that is taken for a number.
    static let bytesMax = 256

    init(decimal: UInt8, grouping: [UInt8], shift: Int) {
        self.decimal = decimal
        self.grouping = grouping
        self.shift = shift
    }

    /// The exponent of a power of ten written out (`1000`, `0.01`, `1`); nil when it is none.
    static func powerOfTen(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let integer = parts[0].drop { $0 == "0" }
        let fraction = parts.count > 1 ? parts[1] : ""
        guard text.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") || $0 == UInt8(ascii: ".") }), text.utf8.count <= 64 else { return nil }
        if integer.isEmpty {
            let zeros = fraction.prefix { $0 == "0" }.count
            let rest = fraction.dropFirst(zeros)
            return rest.first == "1" && rest.dropFirst().allSatisfy { $0 == "0" } ? -(zeros + 1) : nil
        }
        guard integer.first == "1", integer.dropFirst().allSatisfy({ $0 == "0" }), fraction.allSatisfy({ $0 == "0" }) else { return nil }
        return integer.count - 1
    }

    /// Writes the number into `output` and returns its length; nil when the text is no number of this spelling, so that it stays as it is for the check to report.
    ///
    /// `output` has to hold `bytesMax + abs(shift) + 4` bytes.
    func rewrite(_ text: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        guard text.count <= Self.bytesMax, !text.isEmpty else { return nil }
        var used = 0
        var offset = 0
        if text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
            if text[0] == UInt8(ascii: "-") {
                output[0] = UInt8(ascii: "-")
                used = 1
            }
            offset = 1
        } else if text.count > 3, text[0] == 0xE2, text[1] == 0x88, text[2] == 0x92 {
            // U+2212, the minus sign of typesetters.
            output[0] = UInt8(ascii: "-")
            used = 1
            offset = 3
        }
        let start = used
        var integerDigits = 0
        var fractionDigits = -1
        var digitsInGroup = 0
        var groups = 0
        var exponent = text.count
        while offset < text.count {
            let byte = text[offset]
            if byte &- 48 < 10 {
                output[used] = byte
                used += 1
                if fractionDigits >= 0 { fractionDigits += 1 } else { integerDigits += 1 }
                digitsInGroup += 1
                offset += 1
            } else if byte == decimal, fractionDigits < 0 {
                guard groups == 0 || digitsInGroup == 3 else { return nil }
                fractionDigits = 0
                offset += 1
            } else if isGrouping(text, offset), fractionDigits < 0, integerDigits > 0 {
                // Three digits stand between marks, else `1,5` under the mark `,` would become 15.
                guard groups == 0 ? digitsInGroup <= 3 : digitsInGroup == 3 else { return nil }
                groups += 1
                digitsInGroup = 0
                offset += grouping.count
            } else if byte | 0x20 == UInt8(ascii: "e"), integerDigits + max(fractionDigits, 0) > 0 {
                exponent = offset
                break
            } else {
                return nil
            }
        }
        guard integerDigits + max(fractionDigits, 0) > 0, fractionDigits >= 0 || groups == 0 || digitsInGroup == 3 else { return nil }
        if exponent < text.count { return rewriteExponent(text, exponent, output, used, start, integerDigits, fractionDigits) }
        return place(output, start, used - start, pointAt: integerDigits + shift, hadFraction: fractionDigits > 0)
    }

    private func isGrouping(_ text: UnsafeRawBufferPointer, _ offset: Int) -> Bool {
        guard !grouping.isEmpty, offset + grouping.count <= text.count else { return false }
        for position in grouping.indices where text[offset + position] != grouping[position] { return false }
        return true
    }

    /// Puts the point among `count` digits that start at `start`, adding zeros where it falls outside them.
    private func place(_ output: UnsafeMutableRawBufferPointer, _ start: Int, _ count: Int, pointAt point: Int, hadFraction: Bool) -> Int {
        var digits = count
        var point = point
        if point <= 0 {
            // 5 × 0.001 → 0.005
            let zeros = 1 - point
            move(output, start, digits, by: zeros)
            for position in 0..<zeros { output[start + position] = UInt8(ascii: "0") }
            digits += zeros
            point = 1
        } else if point > digits {
            for position in digits..<point { output[start + position] = UInt8(ascii: "0") }
            digits = point
        }
        // Zeros that a shift has brought to the front say nothing: 0.5 × 1000 is 500, not 0500. Without a shift the text stays as it was.
        if shift > 0 {
            var leading = 0
            while leading < point - 1, output[start + leading] == UInt8(ascii: "0") { leading += 1 }
            if leading > 0 {
                for position in leading..<digits { output[start + position - leading] = output[start + position] }
                digits -= leading
                point -= leading
            }
        }
        guard point < digits else { return start + digits }
        move(output, start + point, digits - point, by: 1)
        output[start + point] = UInt8(ascii: ".")
        return start + digits + 1
    }

    private func move(_ output: UnsafeMutableRawBufferPointer, _ from: Int, _ count: Int, by distance: Int) {
        var position = count - 1
        while position >= 0 {
            output[from + position + distance] = output[from + position]
            position -= 1
        }
    }

    /// `1.5E+03`: the mantissa stays, the shift goes into the exponent.
    private func rewriteExponent(
        _ text: UnsafeRawBufferPointer, _ exponent: Int, _ output: UnsafeMutableRawBufferPointer, _ used: Int, _ start: Int, _ integerDigits: Int,
        _ fractionDigits: Int
    ) -> Int? {
        var offset = exponent + 1
        var isNegative = false
        if offset < text.count, text[offset] == UInt8(ascii: "-") || text[offset] == UInt8(ascii: "+") {
            isNegative = text[offset] == UInt8(ascii: "-")
            offset += 1
        }
        guard offset < text.count, text.count - offset <= 4 else { return nil }
        var value = 0
        while offset < text.count {
            guard text[offset] &- 48 < 10 else { return nil }
            value = value * 10 + Int(text[offset] &- 48)
            offset += 1
        }
        var length = DecimalText(decimal: decimal, grouping: grouping, shift: 0).place(
            output, start, used - start, pointAt: max(integerDigits, 0), hadFraction: fractionDigits > 0)
        output[length] = UInt8(ascii: "E")
        length += 1
        var rest = (isNegative ? -value : value) + shift
        if rest < 0 {
            output[length] = UInt8(ascii: "-")
            length += 1
            rest = -rest
        }
        var divisor = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            output[length] = UInt8(truncatingIfNeeded: 48 + rest / divisor % 10)
            length += 1
            divisor /= 10
        }
        return length
    }
}
