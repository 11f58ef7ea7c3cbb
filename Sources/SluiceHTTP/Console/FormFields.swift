internal import Foundation

/// What a form sends: `application/x-www-form-urlencoded` (WHATWG URL, section 5).
enum FormFields {
    /// Further ones are not looked at.
    static let pairsMax = 32

    /// In their order. `+` is a space.
    static func pairs(_ text: String, most: Int = pairsMax) -> [(String, String)] {
        text.split(separator: "&").prefix(most).map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            return (halves[0], halves.count > 1 ? halves[1] : "")
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
