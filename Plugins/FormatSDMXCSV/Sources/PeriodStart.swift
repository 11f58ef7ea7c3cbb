/// The day on which a time period begins, for `timeFormat=normalized` (field guides, "Optional parameters").
///
/// The guide leaves open at which moment of a period values were collected; its own examples take the beginning (`2014-01` becomes `2014-01-01`).
enum PeriodStart {
    /// nil for what is no period of SDMX, or a day or moment already.
    static func day(_ period: String) -> String? {
        let parts = period.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, first.count == 4, first.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let year = Int(first), year > 0 else { return nil }
        guard parts.count > 1 else { return "\(first)-01-01" }
        guard parts.count == 2, let kind = parts[1].first, let number = Int(kind.isNumber ? parts[1] : parts[1].dropFirst()), number > 0 else { return nil }
        switch kind {
        case "0", "1": return parts[1].count == 2 && number <= 12 ? month(first, number) : nil
        case "A": return number == 1 ? month(first, 1) : nil
        case "S": return number <= 2 ? month(first, number * 6 - 5) : nil
        case "T": return number <= 3 ? month(first, number * 4 - 3) : nil
        case "Q": return number <= 4 ? month(first, number * 3 - 2) : nil
        case "M": return number <= 12 ? month(first, number) : nil
        case "W": return number <= 53 ? date(daysSinceEpoch: firstMonday(year) + (number - 1) * 7) : nil
        case "D": return number <= 366 ? date(daysSinceEpoch: days(year, 1, 1) + number - 1) : nil
        default: return nil
        }
    }

    private static func month(_ year: Substring, _ month: Int) -> String { "\(year)-\(two(month))-01" }
    private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

    /// ISO 8601: week 1 is the week with the year's first Thursday, so the one of 4 January.
    private static func firstMonday(_ year: Int) -> Int {
        let fourth = days(year, 1, 4)
        // 1970-01-01 was a Thursday.
        return fourth - ((fourth + 3) % 7 + 7) % 7
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; the year begins in March here, so that leap days come last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return shifted / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysSinceEpoch: Int) -> String {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let digits = String(year)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + "\(digits)-\(two(month))-\(two(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))"
    }
}
