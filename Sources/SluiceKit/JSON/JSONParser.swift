extension JSONValue {
    /// The value of a whole JSON text: strict RFC 8259, and RFC 7493 (I-JSON) for member names and surrogates.
    ///
    /// Nothing is repaired: a byte-order mark, a comment, a trailing comma, a repeated member, a lone surrogate and
    /// anything after the value are errors. Memory is proportional to the text, which `limits` bounds.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        var outcome: Result<JSONValue, JSONError> = .success(.null)
        bytes.withUnsafeBytes { raw in
            outcome = Result { () throws(JSONError) in try JSONValue(parsing: raw, limits: limits) }
        }
        self = try outcome.get()
    }

    /// The value of a whole JSON text; the buffer is not kept.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONError) {
        guard bytes.count <= limits.bytesMax else {
            throw JSONError(code: .limitExceeded, detail: "the text has \(bytes.count) bytes, at most \(limits.bytesMax) are allowed")
        }
        var parser = JSONParser(bytes: bytes, depthMax: limits.depthMax)
        self = try parser.document()
    }
}

/// A recursive-descent parser; `depthMax` bounds the recursion.
private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let depthMax: Int
    var offset = 0
    var depth = 0

    init(bytes: UnsafeRawBufferPointer, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    mutating func document() throws(JSONError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw syntax("text after the end of the value") }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = peek() else { throw syntax("the text ends where a value should stand") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw syntax("a value should stand here")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
        guard depth < depthMax else { throw error(.limitExceeded, "nested deeper than \(depthMax) levels") }
        depth += 1
        offset += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw syntax("a comma or ] should stand here") }
            skipSpace()
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONMember] = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        // A linear search is fastest for the few members that most objects have; a set keeps large ones from growing quadratic.
        var names: Set<ExactText> = []
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw syntax("a member name in double quotes should stand here") }
            let start = offset
            let name = try string()
            if members.count == 16 { names = Set(members.map { ExactText($0.name) }) }
            let repeated =
                members.count < 16
                ? members.contains { $0.name.utf8.elementsEqual(name.utf8) }
                : !names.insert(ExactText(name)).inserted
            if repeated {
                offset = start
                throw error(.duplicateMember, "the member \"\(name.prefix(80))\" stands twice in one object")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw syntax("a colon should stand after the member name") }
            skipSpace()
            members.append(JSONMember(name, try value()))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw syntax("a comma or } should stand here") }
            skipSpace()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count,
            UnsafeRawBufferPointer(rebasing: bytes[offset..<end]).elementsEqual(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        else { throw syntax("a value should stand here") }
        offset = end
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        let negative = take(UInt8(ascii: "-"))
        var whole = true
        var magnitude: Int64 = 0
        if take(UInt8(ascii: "0")) {
            // RFC 8259, section 6: no leading zeros.
            if let next = peek(), isDigit(next) { throw syntax("a number may not start with 0") }
        } else {
            guard let first = peek(), isDigit(first) else { throw syntax("a digit should stand here") }
            while let digit = peek(), isDigit(digit) {
                if magnitude <= JSONValue.integerMax { magnitude = magnitude * 10 + Int64(digit - UInt8(ascii: "0")) }
                offset += 1
            }
        }
        if take(UInt8(ascii: ".")) {
            whole = false
            try digits("a digit should stand after the decimal point")
        }
        if let next = peek(), next | 0x20 == UInt8(ascii: "e") {
            whole = false
            offset += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { offset += 1 }
            try digits("a digit should stand in the exponent")
        }
        // -0 is kept as text: as an integer it would lose its sign.
        if whole, magnitude <= JSONValue.integerMax, !(negative && magnitude == 0) { return .integer(negative ? -magnitude : magnitude) }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func digits(_ complaint: String) throws(JSONError) {
        guard let first = peek(), isDigit(first) else { throw syntax(complaint) }
        while let digit = peek(), isDigit(digit) { offset += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        // Most strings have no escape and are copied once, from the text itself.
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                defer { offset += 1 }
                return String(decoding: bytes[start..<offset], as: UTF8.self)
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            default:
                try character(byte)
            }
        }
        throw syntax("the text ends inside a string")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<offset])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            default:
                let from = offset
                try character(byte)
                text.append(contentsOf: bytes[from..<offset])
            }
        }
        throw syntax("the text ends inside a string")
    }

    /// Steps over one unescaped character of a string.
    private mutating func character(_ byte: UInt8) throws(JSONError) {
        if byte < 0x20 { throw syntax("a control character must be written as an escape") }
        if byte < 0x80 {
            offset += 1
        } else {
            guard let length = UTF8Sequence.length(at: offset, of: bytes) else { throw error(.encoding, "bytes that are not UTF-8") }
            offset += length
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = offset
        offset += 1
        guard let byte = peek() else { throw syntax("the text ends inside an escape") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourDigits()
            if code & 0xfc00 == 0xd800 {
                // RFC 8259, section 7: above U+FFFF two escapes form one character.
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw loneSurrogate(at: start) }
                let low = try fourDigits()
                guard low & 0xfc00 == 0xdc00 else { throw loneSurrogate(at: start) }
                code = 0x10000 + (code & 0x3ff) << 10 + low & 0x3ff
            }
            guard let scalar = Unicode.Scalar(code) else { throw loneSurrogate(at: start) }
            text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default:
            offset = start
            throw syntax("no such escape")
        }
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw syntax("four hexadecimal digits should stand after \\u")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    // MARK: Bytes

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private func error(_ code: JSONError.Code, _ detail: String) -> JSONError { JSONError(code: code, at: offset, of: bytes, detail: detail) }

    private func syntax(_ detail: String) -> JSONError { error(.syntax, detail) }

    private mutating func loneSurrogate(at start: Int) -> JSONError {
        offset = start
        return error(.encoding, "an escaped surrogate without its partner")
    }
}
