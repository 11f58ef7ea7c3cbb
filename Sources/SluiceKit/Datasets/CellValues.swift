/// Several values in one cell, or values with their language.
///
/// Since SDMX 3.0 an attribute or a measure may hold an array (`maxOccurs` above 1), and a text may come in several languages.
/// A batch keeps such a cell as one text: elements separated by U+001F, and before an element's text its language and U+001E, where it has one.
/// The values of a nested metadata attribute are one element per parent; where one parent has several, U+001D stands between them.
/// None of the three characters is allowed in XML; readers of other formats refuse values that hold one (`isPlain`).
/// A single value without language is its own text, so most code need not know of this.
public enum CellValues {
    /// U+001F, the unit separator.
    public static let elementSeparator: UInt8 = 0x1F
    /// U+001E, behind a language.
    public static let languageEnd: UInt8 = 0x1E

    /// U+001D, between the values of one parent.
    public static let siblingSeparator: UInt8 = 0x1D
    /// The three characters, which no text from outside may hold.
    public static let marks: ClosedRange<UInt8> = 0x1D...0x1F

    public struct Element: Hashable, Sendable {
        /// BCP 47 tag; nil where the value has none.
        public var language: String?
        public var text: String
        public init(_ text: String, language: String? = nil) {
            self.text = text
            self.language = language
        }

        /// The values of one parent; one, unless it is a nested attribute's.
        public var values: [Substring] { text.split(separator: Character(UnicodeScalar(siblingSeparator)), omittingEmptySubsequences: false) }
    }

    /// True when a value from outside can stand in a cell as it is.
    @inlinable public static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where marks.contains(byte) { return false }
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
            .malformed, line: line, detail: "the value of \(component) holds a control character from U+001D to U+001F, which no SDMX value may; remove it")
    }
}
