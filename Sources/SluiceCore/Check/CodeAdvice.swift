internal import SluiceKit

/// Finds the code that was probably meant by a text that is not in the code list. Its indexes are built at the first wrong code.
final class CodeAdvice {
    private let codelist: Codelist
    /// Longest code that is compared by distance; longer texts are no misspelt codes.
    private static let distanceBytesMax = 64
    private lazy var byFold: [String: String] = Dictionary(codelist.codes.map { (Self.fold($0.id), $0.id) }, uniquingKeysWith: { first, _ in first })
    private lazy var byLabel: [String: String] = Dictionary(
        codelist.codes.flatMap { code in code.names.entries.map { (Self.fold($0.text), code.id) } }, uniquingKeysWith: { first, _ in first })

    init(_ codelist: Codelist) { self.codelist = codelist }

    /// What to do about `text`; `searching` false leaves out the search for the nearest code.
    func advice(for text: String, searching: Bool) -> String {
        if searching, let (code, why) = nearest(to: text) {
            let name = codelist[code]?.names.text().map { " (\($0))" } ?? ""
            return "Write \(quoted(code))\(name)\(why)."
        }
        if codelist.codes.isEmpty { return "Use a code of \(codelist.reference)." }
        let examples = codelist.codes.prefix(4).map(\.id).joined(separator: ", ")
        let rest = codelist.codes.count > 4 ? "; it has \(codelist.codes.count) codes" : ""
        return "Use a code of \(codelist.reference), such as \(examples)\(rest)."
    }

    func nearest(to text: String) -> (code: String, why: String)? {
        let trimmed = Self.trimmed(text)
        if trimmed != text, codelist.contains(trimmed) { return (trimmed, ", without the blanks around it") }
        let folded = Self.fold(text)
        if let code = byFold[folded] { return (code, "; codes are written in exactly this case") }
        if let code = byLabel[folded] { return (code, ", the code with that name") }
        return near(trimmed).map { ($0, ", if that was meant") }
    }

    /// A code at edit distance 1 (from three bytes on) or 2 (from five).
    private func near(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        let most = bytes.count < 3 ? 0 : bytes.count < 5 ? 1 : 2
        guard most > 0, bytes.count <= Self.distanceBytesMax else { return nil }
        var best: String?
        var bestDistance = most + 1
        for code in codelist.codes {
            let other = code.id.utf8
            guard abs(other.count - bytes.count) < bestDistance, other.count <= Self.distanceBytesMax else { continue }
            let distance = Self.distance(bytes, Array(other), most: bestDistance - 1)
            if distance < bestDistance { (best, bestDistance) = (code.id, distance) }
            if bestDistance == 1 { break }
        }
        return best
    }

    static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    private static func fold(_ text: String) -> String { trimmed(text).lowercased() }

    /// Levenshtein's distance; anything above `most` is returned as `most + 1`.
    static func distance(_ left: [UInt8], _ right: [UInt8], most: Int) -> Int {
        var previous = Array(0...right.count)
        var current = previous
        for i in left.indices {
            current[0] = i + 1
            var least = current[0]
            for j in right.indices {
                current[j + 1] = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                least = min(least, current[j + 1])
            }
            if least > most { return most + 1 }
            swap(&previous, &current)
        }
        return min(previous[right.count], most + 1)
    }
}
