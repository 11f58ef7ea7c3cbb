/// A text in one or several languages (`com:Name xml:lang="en"`).
public struct LocalisedText: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        /// BCP 47 tag; SDMX-ML's default is `en`.
        public var language: String
        public var text: String
    }
    public private(set) var entries: [Entry] = []

    public init() {}
    public init(_ text: String, language: String = "en") { entries = [Entry(language: language, text: text)] }

    public var isEmpty: Bool { entries.isEmpty }

    /// Sets the text of a language; the last one given wins.
    public mutating func set(_ text: String, language: String) {
        if let index = entries.firstIndex(where: { $0.language == language }) {
            entries[index].text = text
        } else {
            entries.append(Entry(language: language, text: text))
        }
    }

    /// The text in `language`, else in English, else in whichever language there is.
    public func text(in language: String = "en") -> String? {
        (entries.first { $0.language == language } ?? entries.first { $0.language == "en" } ?? entries.first)?.text
    }
}
