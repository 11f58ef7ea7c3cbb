import SluiceKit

/// JSON text as it grows in memory; commas come by themselves.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    // MARK: Containers

    mutating func beginObject(_ name: StaticString? = nil) { begin(UInt8(ascii: "{"), name) }
    mutating func endObject() { end(UInt8(ascii: "}")) }
    mutating func beginArray(_ name: StaticString? = nil) { begin(UInt8(ascii: "["), name) }
    mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Begins the next element on a line of its own, so that long lists can be read and compared by people.
    mutating func newLine() {
        if needsComma {
            bytes.append(UInt8(ascii: ","))
            needsComma = false
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func begin(_ bracket: UInt8, _ name: StaticString?) {
        separate(name)
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate(_ name: StaticString?) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        guard let name else { return }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    // MARK: Values

    mutating func text(_ text: String) {
        separate(nil)
        quote(text)
    }

    mutating func text(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        separate(name)
        quote(text)
    }

    /// A member whose name is not known beforehand: a language.
    mutating func text(named name: String, _ text: String) {
        separate(nil)
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        quote(text)
    }

    /// Nothing for an empty list: the schemas want one element at least.
    mutating func texts(_ name: StaticString, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        beginArray(name)
        for text in texts { self.text(text) }
        endArray()
    }

    mutating func bool(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        separate(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func integer(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        separate(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A value that is JSON text already.
    mutating func raw(_ name: StaticString? = nil, _ json: String) {
        separate(name)
        bytes.append(contentsOf: json.utf8)
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: utf8[start..<index])
                bytes.append(UInt8(ascii: "\\"))
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
                case 0x09: bytes.append(UInt8(ascii: "t"))
                case 0x0A: bytes.append(UInt8(ascii: "n"))
                case 0x0D: bytes.append(UInt8(ascii: "r"))
                default:
                    let digits = Array("0123456789abcdef".utf8)
                    bytes.append(contentsOf: "u00".utf8)
                    bytes.append(digits[Int(byte >> 4)])
                    bytes.append(digits[Int(byte & 15)])
                }
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
