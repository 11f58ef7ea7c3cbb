import SluiceKit

/// What a byte means inside an attribute value or text.
private enum XMLByte {
    static let plain: UInt8 = 0
    static let escaped: UInt8 = 1
    static let forbidden: UInt8 = 2
    static let wide: UInt8 = 3

    static let table: [UInt8] = (0..<256).map { byte in
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x22, 0x26, 0x3C, 0x3E: escaped
        case ..<0x20: forbidden
        // U+007F is allowed in XML 1.0.
        case 0x80...: wide
        default: plain
        }
    }
}

/// Knows which bytes can stand in XML as they are. Has the table to itself, since it is looked at for every byte that is written.
final class XMLEscape {
    private let table: UnsafeMutablePointer<UInt8>

    init() {
        table = .allocate(capacity: 256)
        for byte in 0..<256 { (table + byte).initialize(to: XMLByte.table[byte]) }
    }

    deinit { table.deallocate() }

    /// Whether the text is printable ASCII without markup characters: most cells are.
    @inline(__always)
    func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where table[Int(byte)] != XMLByte.plain { return false }
        return true
    }
}

extension ByteWriter {
    /// Writes a value as it has to stand in an attribute or element: markup characters, tabs and line ends as references, so that
    /// no parser normalises them away (XML 1.0, §3.3.3 and §2.11).
    /// - Throws: `unsupported` for what XML 1.0 cannot hold: control characters, U+FFFE, U+FFFF, and bytes that are not UTF-8.
    func write(escaped bytes: UnsafeRawBufferPointer) throws(WriteError) {
        let table = XMLByte.table
        var position = 0
        var start = 0
        while position < bytes.count {
            switch table[Int(bytes[position])] {
            case XMLByte.plain: position += 1
            case XMLByte.escaped:
                try write(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
                switch bytes[position] {
                case 0x26: try write("&amp;")
                case 0x3C: try write("&lt;")
                case 0x3E: try write("&gt;")
                case 0x22: try write("&quot;")
                case 0x09: try write("&#9;")
                case 0x0A: try write("&#10;")
                default: try write("&#13;")
                }
                position += 1
                start = position
            case XMLByte.wide:
                let length = Self.scalarLength(bytes, position)
                guard length > 0 else { throw Self.notAllowed(bytes, position) }
                position += length
            default: throw Self.notAllowed(bytes, position)
            }
        }
        try write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    /// The length of the well-formed, allowed UTF-8 sequence at `position`; 0 when there is none (Unicode 15, table 3-7).
    private static func scalarLength(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
        func tail(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            position + offset < bytes.count && bytes[position + offset] >= low && bytes[position + offset] <= high
        }
        switch bytes[position] {
        case 0xC2...0xDF: return tail(1) ? 2 : 0
        case 0xE0: return tail(1, 0xA0) && tail(2) ? 3 : 0
        case 0xED: return tail(1, 0x80, 0x9F) && tail(2) ? 3 : 0
        case 0xEF:
            guard tail(1), tail(2) else { return 0 }
            return bytes[position + 1] == 0xBF && bytes[position + 2] >= 0xBE ? 0 : 3
        case 0xE1...0xEE: return tail(1) && tail(2) ? 3 : 0
        case 0xF0: return tail(1, 0x90) && tail(2) && tail(3) ? 4 : 0
        case 0xF1...0xF3: return tail(1) && tail(2) && tail(3) ? 4 : 0
        case 0xF4: return tail(1, 0x80, 0x8F) && tail(2) && tail(3) ? 4 : 0
        default: return 0
        }
    }

    private static func notAllowed(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> WriteError {
        let byte = bytes[position]
        let text = String(decoding: bytes.prefix(64), as: UTF8.self)
        let what =
            byte < 0x20
            ? "the control character U+00" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            : "bytes that are no UTF-8 character (or U+FFFE, U+FFFF)"
        return WriteError(.unsupported, detail: "XML has no place for \(what), which stands in the value \"\(text)\"; remove it from the data")
    }

    /// Writes a small text escaped: headers, names, ids.
    func write(escaped text: String) throws(WriteError) {
        let bytes = Array(text.utf8)
        let result: Result<Void, WriteError> = bytes.withUnsafeBytes { buffer in
            do throws(WriteError) { return .success(try write(escaped: buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Writes bytes known to need no escaping.
    func write(raw bytes: [UInt8]) throws(WriteError) {
        let result: Result<Void, WriteError> = bytes.withUnsafeBytes { buffer in
            do throws(WriteError) { return .success(try write(buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Writes ` name="value"`; nothing when there is no value.
    func write(attribute name: StaticString, _ value: String?) throws(WriteError) {
        guard let value else { return }
        try write(UInt8(ascii: " "))
        try write(name)
        try write("=\"")
        try write(escaped: value)
        try write(UInt8(ascii: "\""))
    }

    /// Writes `<name>text</name>` and a line end; nothing when there is no text.
    func write(element name: StaticString, _ text: String?) throws(WriteError) {
        guard let text else { return }
        try write(UInt8(ascii: "<"))
        try write(name)
        try write(UInt8(ascii: ">"))
        try write(escaped: text)
        try write("</")
        try write(name)
        try write(">\n")
    }

    /// Writes one element per language, between the beginning of its start tag and its end tag.
    func write(texts: LocalisedText, _ start: StaticString, _ end: StaticString) throws(WriteError) {
        for entry in texts.entries {
            try write(start)
            try write(attribute: "xml:lang", HeaderValues.language(entry.language))
            try write(UInt8(ascii: ">"))
            try write(escaped: entry.text)
            try write(end)
        }
    }
}
