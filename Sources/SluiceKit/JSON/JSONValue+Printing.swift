extension JSONValue {
    /// The value as JSON text for people, members in their order: two spaces a level, no newline at the end.
    public var prettyText: String { printed(indented: true) }

    /// The value as JSON text on one line without spaces, members in their order. For digests use `canonicalBytes()`.
    public var compactText: String { printed(indented: false) }

    private func printed(indented: Bool) -> String {
        var output: [UInt8] = []
        append(to: &output, level: indented ? 0 : nil)
        return String(decoding: output, as: UTF8.self)
    }

    private func append(to output: inout [UInt8], level: Int?) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): Self.appendQuoted(text, to: &output)
        case .array(let elements):
            Self.appendList("[", "]", elements, to: &output, level: level) { element, output, level in element.append(to: &output, level: level) }
        case .object(let members):
            Self.appendList("{", "}", members, to: &output, level: level) { member, output, level in
                Self.appendQuoted(member.name, to: &output)
                output.append(contentsOf: (level == nil ? ":" : ": ").utf8)
                member.value.append(to: &output, level: level)
            }
        }
    }

    private static func appendList<Item>(
        _ open: String, _ close: String, _ items: [Item], to output: inout [UInt8], level: Int?, _ appendItem: (Item, inout [UInt8], Int?) -> Void
    ) {
        func newLine(_ level: Int?) {
            guard let level else { return }
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
        }
        output.append(contentsOf: open.utf8)
        let inner = level.map { $0 + 1 }
        for (place, item) in items.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            newLine(inner)
            appendItem(item, &output, inner)
        }
        if !items.isEmpty { newLine(level) }
        output.append(contentsOf: close.utf8)
    }
}
