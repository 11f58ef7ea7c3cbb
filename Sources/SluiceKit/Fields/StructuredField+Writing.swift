/// The one spelling of each value (RFC 9651, 4.1); nil where a value has none.
extension StructuredField {
    package static func text(_ value: BareItem) -> String? {
        switch value {
        case .integer(let number): return abs(number.clamped) <= integerMax ? String(number) : nil
        case .decimal(let thousandths):
            guard abs(thousandths.clamped) <= integerMax else { return nil }
            let magnitude = abs(thousandths)
            var fraction = String(magnitude % 1000 + 1000).dropFirst()
            while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
            return "\(thousandths < 0 ? "-" : "")\(magnitude / 1000).\(fraction)"
        case .string(let content):
            guard content.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
            return "\"" + content.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        case .token(let content):
            guard let first = content.utf8.first, isTokenStart(first), content.utf8.allSatisfy(isTokenPart) else { return nil }
            return content
        case .bytes(let content): return ":\(Base64.encode(content)):"
        case .boolean(let flag): return flag ? "?1" : "?0"
        case .date(let seconds): return abs(seconds.clamped) <= integerMax ? "@\(seconds)" : nil
        }
    }

    package static func text(_ parameters: Parameters) -> String? {
        var output = ""
        for pair in parameters.pairs {
            guard isKey(pair.key) else { return nil }
            output += ";" + pair.key
            if pair.value == .boolean(true) { continue }
            guard let value = text(pair.value) else { return nil }
            output += "=" + value
        }
        return output
    }

    package static func text(_ item: Item) -> String? {
        guard let value = text(item.value), let parameters = text(item.parameters) else { return nil }
        return value + parameters
    }

    package static func text(_ list: InnerList) -> String? {
        var items: [String] = []
        for item in list.items {
            guard let text = text(item) else { return nil }
            items.append(text)
        }
        guard let parameters = text(list.parameters) else { return nil }
        return "(\(items.joined(separator: " ")))" + parameters
    }

    package static func text(_ dictionary: Dictionary) -> String? {
        var members: [String] = []
        for entry in dictionary.entries {
            guard isKey(entry.key) else { return nil }
            switch entry.member {
            case .item(let item) where item.value == .boolean(true):
                guard let parameters = text(item.parameters) else { return nil }
                members.append(entry.key + parameters)
            case .item(let item):
                guard let text = text(item) else { return nil }
                members.append("\(entry.key)=\(text)")
            case .innerList(let list):
                guard let text = text(list) else { return nil }
                members.append("\(entry.key)=\(text)")
            }
        }
        return members.joined(separator: ", ")
    }

    // MARK: Alphabets (RFC 9651, 3.1.2 and 3.3.4)

    static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return isKeyStart(first) && text.utf8.allSatisfy(isKeyPart)
    }

    static func isKeyStart(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "*") }

    static func isKeyPart(_ byte: UInt8) -> Bool { isKeyStart(byte) || isDigit(byte) || "_-.".utf8.contains(byte) }

    static func isTokenStart(_ byte: UInt8) -> Bool { isLetter(byte) || byte == UInt8(ascii: "*") }

    static func isTokenPart(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || "!#$%&'*+-.^_`|~:/".utf8.contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension Int64 {
    /// The same number, but for the one whose magnitude does not exist.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
