import SluiceKit

/// Takes the cells of multi-valued and multi-lingual columns apart.
struct Subfields {
    private let separator: UInt8
    private let shape: CellShape
    private static let quote = UInt8(ascii: "\"")

    init(_ shape: CellShape, separator: UInt8) {
        self.shape = shape
        self.separator = separator
    }

    /// The cell as the batch keeps it.
    /// - Parameter unlabelled: takes the label from a value, where labels are written.
    func cell(_ bytes: UnsafeRawBufferPointer, _ unlabelled: (UnsafeRawBufferPointer) -> UnsafeRawBufferPointer) -> [UInt8] {
        let text = Array(bytes)
        if !shape.languages.isEmpty { return joined(languageSets(text)) }
        func value(_ piece: [UInt8]) -> [UInt8] { piece.withUnsafeBytes { Array(unlabelled($0)) } }
        return joined(
            split(text).map { piece in shape.isNested ? Array(split(piece).map(value).joined(separator: [CellValues.siblingSeparator])) : value(piece) })
    }

    private func joined(_ elements: [[UInt8]]) -> [UInt8] { Array(elements.joined(separator: [CellValues.elementSeparator])) }

    /// Pieces between separators; one in double quotes is decoded and may hold separators itself.
    private func split(_ text: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while true {
            if let (piece, end) = quoted(text, from: start) {
                pieces.append(piece)
                start = end
            } else {
                let end = text[start...].firstIndex(of: separator) ?? text.count
                pieces.append(Array(text[start..<end]))
                start = end
            }
            guard start < text.count else { return pieces }
            start += 1
        }
    }

    /// The decoded piece in quotes that begins here and reaches up to a separator or the end; nil where a quote belongs to the text.
    private func quoted(_ text: [UInt8], from start: Int) -> (piece: [UInt8], end: Int)? {
        guard start < text.count, text[start] == Self.quote else { return nil }
        var piece: [UInt8] = []
        var index = start + 1
        while index < text.count {
            if text[index] != Self.quote {
                piece.append(text[index])
                index += 1
            } else if index + 1 < text.count, text[index + 1] == Self.quote {
                piece.append(Self.quote)
                index += 2
            } else {
                return index + 1 == text.count || text[index + 1] == separator ? (piece, index + 1) : nil
            }
        }
        return nil
    }

    /// `en:Value;fr:Valeur`, or several such sets in double quotes.
    private func languageSets(_ text: [UInt8]) -> [[UInt8]] {
        var sets: [[UInt8]] = []
        var start = 0
        while let (set, end) = quoted(text, from: start) {
            sets.append(set)
            guard end < text.count else { return sets.flatMap(languageSet) }
            start = end + 1
            // Parents without a value leave an empty piece.
            while start < text.count, text[start] == separator {
                sets.append([])
                start += 1
            }
        }
        return languageSet(text)
    }

    private func languageSet(_ text: [UInt8]) -> [[UInt8]] {
        var elements: [[UInt8]] = []
        var begin = 0
        repeat {
            guard let language = language(text, at: begin) else {
                elements.append(Array(text[begin...]))
                return elements
            }
            let start = begin + language.count + 1
            var end = start
            // The separator ends a text only where another language begins: the text itself may hold it.
            while end < text.count, !(text[end] == separator && self.language(text, at: end + 1) != nil) { end += 1 }
            elements.append(language + [CellValues.languageEnd] + text[start..<end])
            begin = end + 1
        } while begin < text.count
        return elements
    }

    private func language(_ text: [UInt8], at index: Int) -> [UInt8]? {
        guard index <= text.count else { return nil }
        return shape.languages.first { text[index...].starts(with: $0) && text[index...].dropFirst($0.count).first == UInt8(ascii: ":") }
    }
}
