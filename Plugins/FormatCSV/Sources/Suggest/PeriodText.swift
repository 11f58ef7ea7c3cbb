/// A time period as tables write it.
enum PeriodText {
    enum Reading: Hashable {
        /// As SDMX writes it; travels as it stands.
        case period(frequency: String)
        /// Another spelling of this period.
        case spelled(String, frequency: String)
    }

    /// Years that are believed, so that a column of small numbers is no column of years.
    private static let years = 1900...2100

    static func read(_ text: String) -> Reading? {
        guard text.utf8.count <= 24 else { return nil }
        if let frequency = frequency(text) { return .period(frequency: frequency) }
        // "2020 Q1", "I quarter 2020", "01.2020", "January 2020", "2020 г."
        let tokens = LabelText(String(text.map { ".-/".contains($0) ? " " : $0 })).tokens
        guard let year = tokens.first(where: { Int($0).map(years.contains) == true }) else { return nil }
        let rest = tokens.filter { $0 != year }.joined(separator: " ")
        if rest.isEmpty || yearWords.contains(rest) { return tokens.count { $0 == year } == 1 ? .spelled(year, frequency: "A") : nil }
        if let quarter = quarters[rest] { return .spelled("\(year)-Q\(quarter)", frequency: "Q") }
        let month = Synonyms.known.months[rest] ?? (rest.utf8.count <= 2 ? Int(rest) : nil) ?? (rest.hasPrefix("m") ? Int(rest.dropFirst()) : nil)
        if let month, (1...12).contains(month), tokens.count == 2 { return .spelled("\(year)-" + (month < 10 ? "0" : "") + "\(month)", frequency: "M") }
        return nil
    }

    private static let yearWords: Set<String> = ["year", "г", "год", "թ", "թվական"]
    private static let quarters: [String: Int] = {
        var quarters: [String: Int] = [:]
        for (number, names) in [(1, ["i", "1st", "first"]), (2, ["ii", "2nd", "second"]), (3, ["iii", "3rd", "third"]), (4, ["iv", "4th", "fourth"])] {
            for name in names + ["\(number)"] {
                for word in ["quarter", "q", "qtr", "квартал", "кв", "եռամսյակ"] { quarters["\(name) \(word)"] = number }
            }
            quarters["q\(number)"] = number
            quarters["quarter \(number)"] = number
        }
        return quarters
    }()

    /// The frequency of an SDMX period: `2020`, `2020-Q1`, `2020-03`, `2020-S1`, `2020-W07`, `2020-03-31`.
    private static func frequency(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts[0].utf8.count == 4, parts[0].utf8.allSatisfy({ $0 &- 48 < 10 }), let year = Int(parts[0]), years.contains(year) else { return nil }
        func number(_ text: Substring, _ range: ClosedRange<Int>) -> Bool { text.utf8.allSatisfy { $0 &- 48 < 10 } && Int(text).map(range.contains) == true }
        switch parts.count {
        case 1: return "A"
        case 2 where parts[1].utf8.count == 2:
            if number(parts[1], 1...12) { return "M" }
            guard let letter = parts[1].first, let range = ["Q": 1...4, "S": 1...2, "T": 1...3, "A": 1...1][String(letter)] else { return nil }
            return number(parts[1].dropFirst(), range) ? String(letter) : nil
        case 2 where parts[1].utf8.count == 3 && parts[1].hasPrefix("W"): return number(parts[1].dropFirst(), 1...53) ? "W" : nil
        case 3 where parts[1].utf8.count == 2 && parts[2].utf8.count == 2: return number(parts[1], 1...12) && number(parts[2], 1...31) ? "D" : nil
        default: return nil
        }
    }
}
