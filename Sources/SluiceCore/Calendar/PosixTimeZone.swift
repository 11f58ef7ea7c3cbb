import SluiceKit

/// The rule in a zoneinfo file's last line, such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2024, 8.3 "TZ", with the extensions of RFC 9636, 3.3.1).
struct PosixTimeZone: Hashable, Sendable {
    /// A day of the year, and the local time on it.
    struct ChangeDate: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// `Mm.w.d`: the w-th weekday of a month, the fifth being the last.
            case weekday(month: Int, week: Int, day: Int)
            /// `Jn`: 1 to 365, never counting 29 February.
            case julian(Int)
            /// `n`: 0 to 365, counting it.
            case ordinal(Int)
        }
        var day: Day
        /// From midnight; may be negative or past the day's end.
        var seconds: Int
    }

    let standardOffset: Int
    let summer: (offset: Int, begins: ChangeDate, ends: ChangeDate)?

    static func == (left: Self, right: Self) -> Bool {
        left.standardOffset == right.standardOffset && left.summer?.offset == right.summer?.offset && left.summer?.begins == right.summer?.begins
            && left.summer?.ends == right.summer?.ends
    }

    func hash(into hasher: inout Hasher) { hasher.combine(standardOffset) }

    /// nil when the text is not such a rule.
    init?(_ text: [UInt8]) {
        var scanner = Scanner(bytes: text[...])
        guard scanner.skipName(), let west = scanner.time() else { return nil }
        standardOffset = -west
        guard !scanner.bytes.isEmpty else {
            summer = nil
            return
        }
        guard scanner.skipName() else { return nil }
        var offset = standardOffset + 3_600
        if scanner.bytes.first != UInt8(ascii: ",") {
            guard let west = scanner.time() else { return nil }
            offset = -west
        }
        guard scanner.skip(","), let begins = scanner.changeDate(), scanner.skip(","), let ends = scanner.changeDate(), scanner.bytes.isEmpty
        else { return nil }
        summer = (offset, begins, ends)
    }

    func offsetSeconds(at seconds: Int64) -> Int {
        guard let summer else { return standardOffset }
        // The last change at or before it says which; a year's two changes may lie in either order, and just over its edge.
        let changes = changes(around: seconds)
        return changes.last { $0.at <= seconds }?.offset ?? summer.offset
    }

    func nextChange(after seconds: Int64) -> Int64? {
        guard summer != nil else { return nil }
        return changes(around: seconds).first { $0.at > seconds }?.at
    }

    /// The changes of the year, of the one before and of the one after, in order.
    private func changes(around seconds: Int64) -> [(at: Int64, offset: Int)] {
        guard let summer else { return [] }
        let year = CivilDate(daysSince1970: Int(seconds.floored(by: 86_400))).year
        var changes: [(at: Int64, offset: Int)] = []
        for year in year - 1...year + 1 {
            // Each is given by the clock that shows until then.
            changes.append((summer.begins.localSeconds(in: year) - Int64(standardOffset), summer.offset))
            changes.append((summer.ends.localSeconds(in: year) - Int64(summer.offset), standardOffset))
        }
        return changes.sorted { $0.at < $1.at }
    }
}

extension PosixTimeZone.ChangeDate {
    func localSeconds(in year: Int) -> Int64 {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
        let days: Int
        switch day {
        case .ordinal(let number): days = newYear + number
        case .julian(let number):
            let isLeapYear = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
            days = newYear + number - 1 + (isLeapYear && number >= 60 ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).daysSince1970
            let following = month == 12 ? CivilDate(year: year + 1, month: 1, day: 1) : CivilDate(year: year, month: month + 1, day: 1)
            // 1970-01-01 was a Thursday.
            let firstWeekday = ((first + 4) % 7 + 7) % 7
            let found = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            days = found < following.daysSince1970 ? found : found - 7
        }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}

extension PosixTimeZone {
    /// Walks the text from its beginning; every step says whether it found what it looked for.
    private struct Scanner {
        var bytes: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }

        /// Three letters or more, or anything of that kind between `<` and `>`.
        mutating func skipName() -> Bool {
            if skip("<") {
                guard let end = bytes.firstIndex(of: UInt8(ascii: ">")), end > bytes.startIndex else { return false }
                bytes = bytes[(end + 1)...]
                return true
            }
            let letters = bytes.prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
            bytes = bytes[letters.endIndex...]
            return letters.count >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }
            guard (1...3).contains(digits.count) else { return nil }
            bytes = bytes[digits.endIndex...]
            let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return range.contains(number) ? number : nil
        }

        /// `[+-]hh[:mm[:ss]]`, up to a week of hours.
        mutating func time() -> Int? {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            guard let hours = number(0...167) else { return nil }
            var seconds = hours * 3_600
            if skip(":") {
                guard let minutes = number(0...59) else { return nil }
                seconds += minutes * 60
                if skip(":") {
                    guard let more = number(0...59) else { return nil }
                    seconds += more
                }
            }
            return isNegative ? -seconds : seconds
        }

        mutating func changeDate() -> ChangeDate? {
            let day: ChangeDate.Day
            if skip("M") {
                guard let month = number(1...12), skip("."), let week = number(1...5), skip("."), let weekday = number(0...6) else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if skip("J") {
                guard let number = number(1...365) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(0...365) else { return nil }
                day = .ordinal(number)
            }
            guard skip("/") else { return ChangeDate(day: day, seconds: 2 * 3_600) }
            return time().map { ChangeDate(day: day, seconds: $0) }
        }
    }
}
