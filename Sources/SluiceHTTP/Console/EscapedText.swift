/// Text as a page has it: how long it becomes, and cut where it is longer than a table can use.
enum EscapedText {
    static let cellBytesMax = 120

    static func cut(_ text: String, to bytesMax: Int = cellBytesMax) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var (kept, bytes) = (String.UnicodeScalarView(), 0)
        for scalar in text.unicodeScalars {
            bytes += String(scalar).utf8.count
            guard bytes <= bytesMax else { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    /// Bytes with the characters of HTML written as references.
    static func byteCount(_ text: String) -> Int {
        text.utf8.reduce(0) { count, byte in
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"): count + 6
            default: count + 1
            }
        }
    }

    static func hasControl(_ text: String) -> Bool { text.unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
