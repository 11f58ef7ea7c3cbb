package import SluiceKit

/// How long something is kept, or kept back: the date part of an ISO 8601 duration, such as `P5Y`, `P18M`, `P90D`, `P2W`.
package struct RetentionPeriod: Hashable, Sendable {
    private var months = 0
    private var days = 0

    /// Longest period, in years: beyond it calendars are not the question.
    static let yearsMax = 1_000

    /// nil where the text is not such a duration, or a longer one.
    package init?(_ text: String) {
        guard text.first == "P", text.count > 1, text.count <= 32 else { return nil }
        var digits = ""
        var lastUnit = -1
        for character in text.dropFirst() {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = ["Y", "M", "W", "D"].firstIndex(of: String(character)), unit > lastUnit, let number = Int(digits),
                number <= Self.yearsMax * 366
            else { return nil }
            switch unit {
            case 0: months += number * 12
            case 1: months += number
            default: days += number * (unit == 2 ? 7 : 1)
            }
            digits = ""
            lastUnit = unit
        }
        guard digits.isEmpty, lastUnit >= 0, months <= Self.yearsMax * 12, days <= Self.yearsMax * 366 else { return nil }
    }

    /// When the period ends that begins at `start`: the same time of day, that many months and then days later. A day that the month does not have becomes its last.
    package func end(from start: Instant) -> Instant {
        let date = start.utcDate
        let month = date.year * 12 + date.month - 1 + months
        let (year, ordinal) = (month / 12, month % 12 + 1)
        var day = date.day
        while day > 28, CalendarDate(year: min(year, 9_999), month: ordinal, day: day) == nil { day -= 1 }
        let moved = CivilDate(year: year, month: ordinal, day: day).daysSince1970 - date.daysSince1970 + days
        return start.advanced(byMilliseconds: Int64(moved) * 86_400_000)
    }

    /// The day that lies so long before another one: that many days, and then months. A day that the month does not have becomes its last, so that never less than the period lies between.
    func start(before day: CalendarDate) -> Int64 {
        CalendarDays.adding(months: -months, to: CalendarDays.days(day.year, day.month, day.day) - Int64(days))
    }

    /// Whether it is as long as another one whenever it begins; false where that depends on the months.
    func isAtLeast(_ other: RetentionPeriod) -> Bool {
        (months >= other.months && days >= other.days) || months * 28 + days >= other.months * 31 + other.days
    }

    /// As it is written.
    package var text: String {
        func part(_ number: Int, _ unit: String) -> String { number == 0 ? "" : "\(number)\(unit)" }
        let text = part(months / 12, "Y") + part(months % 12, "M") + part(days, "D")
        return "P\(text.isEmpty ? "0D" : text)"
    }

    /// For telling which of two is shorter.
    var approximateDays: Double { Double(months) * 30.436875 + Double(days) }
}
