/// Days of the proleptic Gregorian calendar, counted from 1970-01-01. Pure arithmetic, so that a period costs no calendar object.
package enum CalendarDays {
    package static let secondsPerDay: Int64 = 86_400

    package static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    package static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day number of a date; `month` in 1…12. Years of four digits never overflow.
    package static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        // Counting years from March puts the leap day last, so that months need one formula.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    /// Year, month and day of a day number.
    package static func date(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Adds months, keeping the day where the month has it, else its last day.
    package static func adding(months: Int, to days: Int64) -> Int64 {
        let (year, month, day) = date(days)
        let total = year * 12 + month - 1 + months
        let newYear = total >= 0 ? total / 12 : (total - 11) / 12
        let newMonth = total - newYear * 12 + 1
        return self.days(newYear, newMonth, min(day, daysInMonth(newYear, newMonth)))
    }

    /// The Monday on which ISO week 1 of `year` begins (the week that holds 4 January).
    package static func firstMonday(_ year: Int) -> Int64 {
        let fourth = days(year, 1, 4)
        // 1970-01-01 was a Thursday: day 0 has weekday 3 when Monday is 0.
        let weekday = ((fourth + 3) % 7 + 7) % 7
        return fourth - weekday
    }

    package static func weeksInYear(_ year: Int) -> Int { Int((firstMonday(year + 1) - firstMonday(year)) / 7) }
}
