/// Finds what somebody probably meant.
public enum Nearest {
    /// The candidate with the smallest edit distance to `text`, if it is at most `distanceMax` and less than half of the text's length.
    public static func text(to text: String, among candidates: some Sequence<String>, distanceMax: Int = 3) -> String? {
        let wanted = Array(text.lowercased().unicodeScalars)
        guard wanted.count <= lengthMax else { return nil }
        var best: (distance: Int, text: String)?
        for candidate in candidates {
            let scalars = Array(candidate.lowercased().unicodeScalars)
            guard scalars.count <= lengthMax, abs(scalars.count - wanted.count) <= distanceMax else { continue }
            let distance = editDistance(wanted, scalars)
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= distanceMax, best.distance * 2 <= max(wanted.count, 2) else { return nil }
        return best.text
    }

    /// Longer texts are not compared.
    public static let lengthMax = 200

    /// How many scalars have to be inserted, removed or replaced (Levenshtein); takes time in proportion to the product of the lengths.
    public static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (index, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substituted = diagonal + (scalar == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
