import SluiceKit

/// What the first header cell tells: the generation, the separator behind it, and the sub-field separator in its brackets.
struct Opening {
    enum Generation { case first, second }
    static let separators: [UInt8] = Array(",;\t|".utf8)
    static let subfieldSeparatorDefault = UInt8(ascii: ";")

    let generation: Generation
    let separator: UInt8
    /// What `STRUCTURE[;]` names.
    let subfieldSeparator: UInt8?

    init?(_ head: UnsafeRawBufferPointer) {
        var rest = head[...]
        func take(_ text: StaticString) -> Bool {
            let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        _ = take("\u{FEFF}")
        let isQuoted = take("\"")
        if take("DATAFLOW") {
            generation = .first
            subfieldSeparator = nil
        } else if take("STRUCTURE") {
            generation = .second
            if take("[") {
                guard rest.count >= 2, rest[rest.startIndex + 1] == UInt8(ascii: "]") else { return nil }
                subfieldSeparator = rest.first
                rest = rest.dropFirst(2)
            } else {
                subfieldSeparator = nil
            }
        } else {
            return nil
        }
        if isQuoted, !take("\"") { return nil }
        let next = rest.first ?? 0x0A
        if next == 0x0A || next == 0x0D { separator = UInt8(ascii: ",") } else if Self.separators.contains(next) { separator = next } else { return nil }
    }
}
