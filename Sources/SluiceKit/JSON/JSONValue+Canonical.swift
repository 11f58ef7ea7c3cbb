extension JSONValue {
    /// The one canonical text of this value (RFC 8785), as UTF-8: what digests and signatures are made over.
    ///
    /// Numbers pass through a double, as section 3.2.2.3 asks; a value whose meaning that would change must be sent as a string.
    /// Throws `duplicateMember` and `numberOutOfRange`. Recursion is as deep as the value.
    public func canonicalBytes() throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        try appendCanonical(to: &output)
        return output
    }

    private func appendCanonical(to output: inout [UInt8]) throws(JSONError) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value):
            guard (-Self.integerMax...Self.integerMax).contains(value) else {
                throw JSONError(code: .numberOutOfRange, detail: "\(value) is beyond 2^53 and would not survive a reader; write it as a string")
            }
            output.append(contentsOf: String(value).utf8)
        case .number(let text):
            guard let value = Double(text), value.isFinite else {
                throw JSONError(code: .numberOutOfRange, detail: "\(text.prefix(40)) is not a number that a double holds")
            }
            output.append(contentsOf: Self.canonicalText(of: value).utf8)
        case .string(let text): Self.appendQuoted(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { output.append(UInt8(ascii: ",")) }
                try element.appendCanonical(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            let sorted = members.sorted { Self.precedes($0.name.utf8, $1.name.utf8) }
            output.append(UInt8(ascii: "{"))
            for (place, member) in sorted.enumerated() {
                if place > 0 {
                    if member.name.utf8.elementsEqual(sorted[place - 1].name.utf8) {
                        throw JSONError(code: .duplicateMember, detail: "the member \"\(member.name.prefix(80))\" stands twice in one object")
                    }
                    output.append(UInt8(ascii: ","))
                }
                Self.appendQuoted(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                try member.value.appendCanonical(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The order of RFC 8785, section 3.2.3 (by UTF-16 code units), told from UTF-8 bytes.
    ///
    /// The two orders agree except that U+E000...U+FFFF (lead bytes EE, EF) come after what needs surrogates (lead bytes F0 and up).
    package static func precedes(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        var others = right.makeIterator()
        for byte in left {
            guard let other = others.next() else { return false }
            if byte == other { continue }
            if byte >= 0xf0, other == 0xee || other == 0xef { return true }
            if other >= 0xf0, byte == 0xee || byte == 0xef { return false }
            return byte < other
        }
        return others.next() != nil
    }

    /// `text` in quotes with the fewest escapes (RFC 8785, section 3.2.2.2).
    static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        var text = text
        output.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            // Runs without an escape are copied whole.
            var start = 0
            for (place, byte) in bytes.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output.append(contentsOf: bytes[start..<place])
                appendEscape(of: byte, to: &output)
                start = place + 1
            }
            output.append(contentsOf: bytes[start...])
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
        case 0x08: output.append(contentsOf: #"\b"#.utf8)
        case 0x09: output.append(contentsOf: #"\t"#.utf8)
        case 0x0a: output.append(contentsOf: #"\n"#.utf8)
        case 0x0c: output.append(contentsOf: #"\f"#.utf8)
        case 0x0d: output.append(contentsOf: #"\r"#.utf8)
        default: output.append(contentsOf: (#"\u00"# + Hexadecimal.encode([byte])).utf8)
        }
    }

    /// The text ECMAScript gives a double (RFC 8785, section 3.2.2.3; ECMA-262, Number::toString).
    ///
    /// - Precondition: `value` is finite.
    public static func canonicalText(of value: Double) -> String {
        precondition(value.isFinite, "NaN and infinities have no JSON text")
        if value == 0 { return "0" }
        // Swift prints the same shortest digits that ECMAScript does; only where the point and the exponent stand differs.
        let parts = abs(value).description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(mantissa.joined().utf8)
        var point = mantissa[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }

        let all = String(decoding: digits, as: UTF8.self)
        let sign = value < 0 ? "-" : ""
        switch point {
        case digits.count...21 where digits.count <= 21:
            return sign + all + String(repeating: "0", count: point - digits.count)
        case 1...21:
            return sign + all.prefix(point) + "." + all.dropFirst(point)
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -point) + all
        default:
            let fraction = digits.count > 1 ? "." + all.dropFirst() : ""
            return sign + all.prefix(1) + fraction + "e" + (point > 0 ? "+" : "-") + String(abs(point - 1))
        }
    }
}
