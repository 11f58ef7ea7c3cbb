/// An age as its words tell it: "15-24 years", "under 5", "65 and over". Two labels of the same range are the same age, however they are spelled.
struct AgeRange: Hashable {
    var isMonths: Bool
    var first: Int
    /// Nil where there is no end.
    var last: Int?
    /// A word says that it is an age: "aged", not only "years".
    private(set) var isSure = false

    static func == (left: AgeRange, right: AgeRange) -> Bool { left.isMonths == right.isMonths && left.first == right.first && left.last == right.last }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isMonths)
        hasher.combine(first)
        hasher.combine(last)
    }

    var description: String {
        let unit = isMonths ? "months" : "years"
        guard let last else { return "\(first) \(unit) and over" }
        return first == last ? "\(first) \(unit)" : "\(first) to \(last) \(unit)"
    }

    /// Oldest age that is believed.
    private static let ageMax = 150

    /// - Returns: nil for a label with a word that is none of an age, or numbers that make no range.
    init?(_ label: LabelText) {
        let words = Synonyms.known.ageWords
        var said: [String] = []
        var numbers: [Int] = []
        var (hasUnder, hasOver, hasTo, hasMonth, hasFrom) = (false, false, false, false, false)
        var index = 0
        let tokens = label.tokens
        while index < tokens.count {
            if let number = Int(tokens[index]), number >= 0 {
                numbers.append(number)
                index += 1
                continue
            }
            // The longest words first: "and over" before "and".
            guard let length = [3, 2, 1].first(where: { index + $0 <= tokens.count && words[tokens[index..<(index + $0)].joined(separator: " ")] != nil }),
                let meaning = words[tokens[index..<(index + length)].joined(separator: " ")]
            else { return nil }
            said.append(meaning)
            switch meaning {
            case "under": hasUnder = true
            case "over": hasOver = true
            case "to": hasTo = true
            case "month": hasMonth = true
            case "from": hasFrom = true
            case "sure": isSure = true
            default: break
            }
            index += length
        }
        guard numbers.allSatisfy({ $0 <= Self.ageMax }), !(hasUnder && hasOver) else { return nil }
        isMonths = hasMonth
        switch numbers.count {
        case 2 where numbers[0] < numbers[1] && (hasTo || hasFrom) && !hasUnder && !hasOver: (first, last) = (numbers[0], numbers[1])
        case 1 where hasUnder && !hasTo && !hasFrom && numbers[0] > 0: (first, last) = (0, numbers[0] - 1)
        case 1 where (hasOver || hasFrom) && !hasTo: (first, last) = (numbers[0], nil)
        // A bare number is no age unless a word says so.
        case 1 where !hasTo && !hasFrom && !hasUnder && !said.isEmpty: (first, last) = (numbers[0], numbers[0])
        default: return nil
        }
    }
}
