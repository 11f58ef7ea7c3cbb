import SluiceKit

/// How many letters two wordings differ by, where the difference can only be a slip: same number of words, same numbers, each word with its first letter and
/// nearly its length. "Without" is no slip of "with", nor "Slovakia" of "Slovenia".
enum SpellingDistance {
    /// Letters that may differ altogether.
    static let distanceMax = 3

    /// - Returns: nil where the difference may make another meaning.
    static func between(_ left: [String], _ right: [String]) -> Int? {
        guard left.count == right.count else { return nil }
        var (total, differing) = (0, 0)
        for (one, two) in zip(left, right) where one != two {
            guard !LabelText.isNumber(one), !LabelText.isNumber(two),
                let distance = ofWords(Array(one.unicodeScalars), Array(two.unicodeScalars), among: left.count)
            else {
                return nil
            }
            total += distance
            differing += 1
        }
        let letters = left.reduce(0) { $0 + $1.unicodeScalars.count }
        // One word in three at most, and one letter in eight.
        guard total <= distanceMax, differing <= max(1, left.count / 3), total * 8 <= letters || (total == 1 && letters >= 6) else { return nil }
        return total
    }

    private static func ofWords(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], among words: Int) -> Int? {
        let (short, long) = (min(left.count, right.count), max(left.count, right.count))
        guard left.first == right.first, long - short <= 2, long <= 40 else { return nil }
        // A short word is a slip only where the words around it say the same.
        guard short >= 6 || (short >= 4 && words >= 4) else { return nil }
        let distance = Nearest.editDistance(left, right)
        guard distance <= 2, distance == 1 || distance * 5 <= short else { return nil }
        return distance
    }
}
