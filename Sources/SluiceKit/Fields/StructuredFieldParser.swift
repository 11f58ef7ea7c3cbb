extension StructuredField {
    /// A field that is a dictionary; its lines count as one with commas between them (RFC 9651, 4.2).
    package static func dictionary(_ lines: [[UInt8]]) throws(Malformed) -> Dictionary {
        var parser = try StructuredFieldParser(lines)
        return try parser.whole { (parser) throws(Malformed) in try parser.dictionary() }
    }

    package static func list(_ lines: [[UInt8]]) throws(Malformed) -> [Member] {
        var parser = try StructuredFieldParser(lines)
        return try parser.whole { (parser) throws(Malformed) in try parser.list() }
    }

    package static func item(_ lines: [[UInt8]]) throws(Malformed) -> Item {
        var parser = try StructuredFieldParser(lines)
        return try parser.whole { (parser) throws(Malformed) in try parser.item() }
    }
}

/// The algorithms of RFC 9651, 4.2, clause by clause: what they do not allow is refused, never repaired.
struct StructuredFieldParser {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ lines: [[UInt8]]) throws(StructuredField.Malformed) {
        guard lines.reduce(0, { $0 + $1.count + 2 }) <= StructuredField.bytesMax else {
            throw StructuredField.Malformed(byteOffset: 0, detail: "the field has more than \(StructuredField.bytesMax) bytes")
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: ","), UInt8(ascii: " ")]))
    }

    mutating func whole<Value>(
        _ body: (inout StructuredFieldParser) throws(StructuredField.Malformed) -> Value
    ) throws(StructuredField.Malformed) -> Value {
        skipSpaces()
        let value = try body(&self)
        skipSpaces()
        guard offset == bytes.count else { throw malformed("there is more after the value") }
        return value
    }

    // MARK: Containers

    mutating func dictionary() throws(StructuredField.Malformed) -> StructuredField.Dictionary {
        var dictionary = StructuredField.Dictionary()
        var count = 0
        while offset < bytes.count {
            let key = try key()
            if take("=") {
                dictionary.set(key, try member())
            } else {
                dictionary.set(key, .item(StructuredField.Item(.boolean(true), try parameters())))
            }
            count += 1
            if try !nextMember(count) { break }
        }
        return dictionary
    }

    mutating func list() throws(StructuredField.Malformed) -> [StructuredField.Member] {
        var members: [StructuredField.Member] = []
        while offset < bytes.count {
            members.append(try member())
            if try !nextMember(members.count) { break }
        }
        return members
    }

    /// Steps over the comma to another member; false at the end.
    private mutating func nextMember(_ count: Int) throws(StructuredField.Malformed) -> Bool {
        skipBlanks()
        if offset == bytes.count { return false }
        guard count < StructuredField.membersMax else { throw malformed("the field has more than \(StructuredField.membersMax) members") }
        guard take(",") else { throw malformed("a comma should stand here") }
        skipBlanks()
        guard offset < bytes.count else { throw malformed("the field ends in a comma") }
        return true
    }

    private mutating func member() throws(StructuredField.Malformed) -> StructuredField.Member {
        peek == UInt8(ascii: "(") ? .innerList(try innerList()) : .item(try item())
    }

    private mutating func innerList() throws(StructuredField.Malformed) -> StructuredField.InnerList {
        offset += 1
        var items: [StructuredField.Item] = []
        while true {
            skipSpaces()
            if take(")") { return StructuredField.InnerList(items, try parameters()) }
            guard items.count < StructuredField.innerItemsMax else { throw malformed("a list has more than \(StructuredField.innerItemsMax) items") }
            items.append(try item())
            guard let next = peek, next == UInt8(ascii: " ") || next == UInt8(ascii: ")") else { throw malformed("a space or ) should stand here") }
        }
    }

    mutating func item() throws(StructuredField.Malformed) -> StructuredField.Item {
        StructuredField.Item(try bareItem(), try parameters())
    }

    private mutating func parameters() throws(StructuredField.Malformed) -> StructuredField.Parameters {
        var parameters = StructuredField.Parameters()
        var count = 0
        while take(";") {
            skipSpaces()
            let key = try key()
            parameters.set(key, take("=") ? try bareItem() : .boolean(true))
            count += 1
            guard count <= StructuredField.parametersMax else { throw malformed("a value has more than \(StructuredField.parametersMax) parameters") }
        }
        return parameters
    }

    private mutating func key() throws(StructuredField.Malformed) -> String {
        guard let first = peek, StructuredField.isKeyStart(first) else { throw malformed("a key should stand here: lower-case letters") }
        return text { StructuredField.isKeyPart($0) }
    }

    // MARK: Items

    private mutating func bareItem() throws(StructuredField.Malformed) -> StructuredField.BareItem {
        guard let first = peek else { throw malformed("a value should stand here") }
        switch first {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: ":"): return .bytes(try byteSequence())
        case UInt8(ascii: "?"):
            offset += 1
            if take("1") { return .boolean(true) }
            if take("0") { return .boolean(false) }
            throw malformed("a truth value is ?0 or ?1")
        case UInt8(ascii: "@"):
            offset += 1
            guard case .integer(let seconds) = try number() else { throw malformed("a date is a whole number of seconds") }
            return .date(seconds)
        case _ where StructuredField.isTokenStart(first): return .token(text { StructuredField.isTokenPart($0) })
        default: throw malformed("no value begins like this")
        }
    }

    private mutating func number() throws(StructuredField.Malformed) -> StructuredField.BareItem {
        let isNegative = take("-")
        var value: Int64 = 0
        var digits = 0
        var decimals: Int?
        while let byte = peek {
            if byte == UInt8(ascii: "."), decimals == nil, digits > 0 {
                guard digits <= 12 else { throw malformed("a decimal number has more than twelve digits before its point") }
                decimals = 0
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                guard digits < 15 else { throw malformed("a number has more than fifteen digits") }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                digits += 1
                decimals? += 1
            } else {
                break
            }
            offset += 1
        }
        guard digits > 0 else { throw malformed("a digit should stand here") }
        guard let decimals else { return .integer(isNegative ? -value : value) }
        guard (1...3).contains(decimals) else { throw malformed("a decimal number has one to three digits after its point") }
        for _ in decimals..<3 { value *= 10 }
        return .decimal(thousandths: isNegative ? -value : value)
    }

    private mutating func string() throws(StructuredField.Malformed) -> String {
        offset += 1
        var content: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = peek, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
                    throw malformed("only a quotation mark or a backslash may follow a backslash")
                }
                offset += 1
                content.append(escaped)
            case 0x20...0x7e: content.append(byte)
            default: throw malformed("a text holds a character that is not printable ASCII")
            }
        }
        throw malformed("the field ends inside a text")
    }

    private mutating func byteSequence() throws(StructuredField.Malformed) -> [UInt8] {
        offset += 1
        let content = text { $0 != UInt8(ascii: ":") }
        guard take(":") else { throw malformed("the field ends inside a byte sequence") }
        guard let decoded = Base64.decode(content) else { throw malformed("a byte sequence is not base 64 with padding") }
        return decoded
    }

    // MARK: Bytes

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: symbol) else { return false }
        offset += 1
        return true
    }

    private mutating func text(while belongs: (UInt8) -> Bool) -> String {
        let start = offset
        while let byte = peek, belongs(byte) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func skipSpaces() { while peek == UInt8(ascii: " ") { offset += 1 } }

    private mutating func skipBlanks() { while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { offset += 1 } }

    private func malformed(_ detail: String) -> StructuredField.Malformed { StructuredField.Malformed(byteOffset: offset, detail: detail) }
}
