/// Text made safe for an HTML document.
package enum HTMLText {
    /// Escapes what means something to HTML. Characters that no document may hold are shown: controls as their pictures, others as U+FFFD.
    package static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: output.append(contentsOf: "&amp;".unicodeScalars)
            case 0x3C: output.append(contentsOf: "&lt;".unicodeScalars)
            case 0x3E: output.append(contentsOf: "&gt;".unicodeScalars)
            case 0x22: output.append(contentsOf: "&quot;".unicodeScalars)
            case 0x27: output.append(contentsOf: "&#39;".unicodeScalars)
            case 0x09, 0x0A: output.append(scalar)
            case 0..<0x20: output.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: output.append("\u{2421}")
            case 0x80..<0xA0, 0xFDD0...0xFDEF: output.append("\u{FFFD}")
            default: output.append(scalar.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : scalar)
            }
        }
        return String(output)
    }

    /// A piece of the catalogue or of a message, where `code` stands between backticks.
    static func prose(_ text: String) -> String {
        var isCode = false
        let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
        // An odd backtick at the end stands for itself.
        guard pieces.count % 2 == 1 else { return escaped(text) }
        return pieces.map { piece in
            defer { isCode.toggle() }
            return isCode ? "<code>\(escaped(String(piece)))</code>" : escaped(String(piece))
        }.joined()
    }
}
