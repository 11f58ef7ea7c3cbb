/// Several values in one cell, or values with their language.
///
/// Since SDMX 3.0 an attribute or a measure may hold an array (`maxOccurs` above 1), and a text may come in several languages.
/// A batch keeps such a cell as one text: elements separated by U+001F, and before an element's text its language and U+001E, where it has one.
/// Neither character is allowed in XML; readers of other formats refuse values that hold one (`isPlain`).
/// A single value without language is its own text, so most code need not know of this.
public enum CellValues {
    /// U+001F, the unit separator.
    public static let elementSeparator: UInt8 = 0x1F
    /// U+001E, behind a language.
    public static let languageEnd: UInt8 = 0x1E

    public struct Element: Hashable, Sendable {
        /// BCP 47 tag; nil where the value has none.
        public var language: String?
        public var text: String
        public init(_ text: String, language: String? = nil) {
            self.text = text
            self.language = language
        }
    }

    /// True when a value from outside can stand in a cell as it is.
    @inlinable public static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where byte == elementSeparator || byte == languageEnd { return false }
        return true
    }

    /// The cell that holds these elements.
    public static func cell(_ elements: [Element]) -> String {
        let separator = String(UnicodeScalar(elementSeparator))
        let mark = String(UnicodeScalar(languageEnd))
        return elements.map { ($0.language.map { language in language + mark } ?? "") + $0.text }.joined(separator: separator)
    }

    /// The elements of a cell: one for a plain value, an empty one for an empty text.
    public static func elements(_ bytes: UnsafeRawBufferPointer) -> [Element] {
        bytes.split(separator: elementSeparator, omittingEmptySubsequences: false).map { piece in
            guard let mark = piece.firstIndex(of: languageEnd) else { return Element(String(decoding: piece, as: UTF8.self)) }
            return Element(String(decoding: piece[(mark + 1)...], as: UTF8.self), language: String(decoding: piece[..<mark], as: UTF8.self))
        }
    }

    /// The error for a value with a control character that marks elements.
    public static func notPlain(_ component: String, line: Int?) -> ReadError {
        ReadError(
            .malformed, line: line, detail: "the value of \(component) holds the control character U+001E or U+001F, which no SDMX value may; remove it")
    }
}
