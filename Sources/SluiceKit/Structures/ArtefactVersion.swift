/// A version of an artefact as SDMX 3.0 orders them (section 6, "Semantic versioning"): numbers, then the draft extension.
///
/// Versions of SDMX 2.1 with two numbers are ordered with them; `1.4` and `1.4.0` are equal.
public struct ArtefactVersion: Comparable, Hashable, Sendable {
    /// Major, minor, patch; trailing zeros left out.
    public let numbers: [Int]
    /// The identifiers after the hyphen (`1.0.0-draft.2`); a version with them is not stable and comes before the one without.
    public let extensionParts: [String]

    public var isStable: Bool { extensionParts.isEmpty }

    /// Nil when the text is no version at all (it is then compared as text).
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-" as Character, maxSplits: 1, omittingEmptySubsequences: false)
        guard let core = parts.first, !core.isEmpty else { return nil }
        var numbers: [Int] = []
        for part in core.split(separator: "." as Character, omittingEmptySubsequences: false) {
            guard let number = Int(part), number >= 0, part.utf8.first != UInt8(ascii: "+"), numbers.count < Self.numbersMax else { return nil }
            numbers.append(number)
        }
        while numbers.last == 0 { numbers.removeLast() }
        self.numbers = numbers
        extensionParts = parts.count > 1 ? parts[1].split(separator: "." as Character).map { String($0) } : []
        if parts.count > 1, extensionParts.isEmpty { return nil }
    }

    /// Most numbers of a version.
    static let numbersMax = 16

    public func number(_ index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }

    public static func < (left: ArtefactVersion, right: ArtefactVersion) -> Bool {
        for index in 0..<max(left.numbers.count, right.numbers.count) where left.number(index) != right.number(index) {
            return left.number(index) < right.number(index)
        }
        // Semantic Versioning 2.0.0, §11: a draft comes before the version it drafts, numbers before words.
        guard !left.isStable, !right.isStable else { return !left.isStable && right.isStable }
        for (first, second) in zip(left.extensionParts, right.extensionParts) where first != second {
            switch (Int(first), Int(second)) {
            case (let first?, let second?): return first < second
            case (_?, nil): return true
            case (nil, _?): return false
            default: return first < second
            }
        }
        return left.extensionParts.count < right.extensionParts.count
    }
}
