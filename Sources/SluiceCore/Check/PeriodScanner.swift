/// Reads one time period from bytes, without allocating. Used by `TimePeriod` only.
struct PeriodScanner {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private let strictReportingYear: Bool

    init(_ bytes: UnsafeRawBufferPointer, strictReportingYear: Bool) {
        self.bytes = bytes
        self.strictReportingYear = strictReportingYear
    }

    var isAtEnd: Bool { offset == bytes.count }
    private var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func period() -> TimePeriod? {
        guard let year = digits(4), year > 0 else { return nil }
        var result: TimePeriod
        if next == UInt8(ascii: "-") {
            offset += 1
            if next >= UInt8(ascii: "A") {
                guard let reporting = reportingPeriod(year) else { return nil }
                result = reporting
            } else {
                guard let dated = gregorian(year) else { return nil }
                result = dated
            }
        } else {
            result = Self.days(.gregorianYear, CalendarDays.days(year, 1, 1), CalendarDays.days(year + 1, 1, 1))
        }
        guard let shift = timeZone() else { return nil }
        result.start -= shift
        result.end -= shift
        if next == UInt8(ascii: "/"), result.granularity == .gregorianDay || result.granularity == .dateTime {
            offset += 1
            guard let end = duration(from: result.start) else { return nil }
            result = TimePeriod(granularity: .range, start: result.start, end: end)
        }
        return result
    }

    /// `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss`, from the month on.
    private mutating func gregorian(_ year: Int) -> TimePeriod? {
        guard let month = digits(2) else { return nil }
        if next == UInt8(ascii: ":") {
            // `2013-05:00` is the year 2013 in a time zone west of Greenwich.
            offset -= 3
            return Self.days(.gregorianYear, CalendarDays.days(year, 1, 1), CalendarDays.days(year + 1, 1, 1))
        }
        guard (1...12).contains(month) else { return nil }
        func wholeMonth() -> TimePeriod {
            let first = CalendarDays.days(year, month, 1)
            return Self.days(.gregorianMonth, first, first + Int64(CalendarDays.daysInMonth(year, month)))
        }
        guard next == UInt8(ascii: "-") else { return wholeMonth() }
        offset += 1
        guard let day = digits(2) else { return nil }
        if next == UInt8(ascii: ":") {
            offset -= 3
            return wholeMonth()
        }
        guard day >= 1, day <= CalendarDays.daysInMonth(year, month) else { return nil }
        let date = CalendarDays.days(year, month, day)
        guard next == UInt8(ascii: "T") else { return Self.days(.gregorianDay, date, date + 1) }
        offset += 1
        guard let time = clock() else { return nil }
        let start = date * CalendarDays.secondsPerDay + time
        return TimePeriod(granularity: .dateTime, start: start, end: start + 1)
    }

    /// `hh:mm:ss` with an optional fraction, which is dropped: no statistic hangs on it. 24:00:00 is the end of the day.
    private mutating func clock() -> Int64? {
        guard let hour = digits(2), hour <= 24, take(":"), let minute = digits(2), minute < 60, take(":"), let second = digits(2), second < 60 else {
            return nil
        }
        if take(".") {
            let first = offset
            while next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") { offset += 1 }
            guard offset > first else { return nil }
        }
        guard hour < 24 || (minute == 0 && second == 0) else { return nil }
        return Int64(hour * 3_600 + minute * 60 + second)
    }

    /// `A1`, `S1`, `T1`, `Q1`, `M01`, `W01`, `D001`, for a reporting year that starts on 1 January.
    private mutating func reportingPeriod(_ year: Int) -> TimePeriod? {
        let letter = next
        offset += 1
        func months(_ granularity: TimePeriod.Granularity, _ number: Int, each count: Int) -> TimePeriod? {
            guard number >= 1, number <= 12 / count else { return nil }
            let first = CalendarDays.days(year, (number - 1) * count + 1, 1)
            return Self.days(granularity, first, CalendarDays.adding(months: count, to: first))
        }
        switch letter {
        case UInt8(ascii: "A"): return digits(1).flatMap { months(.reportingYear, $0, each: 12) }
        case UInt8(ascii: "S"): return digits(1).flatMap { months(.reportingSemester, $0, each: 6) }
        case UInt8(ascii: "T"): return digits(1).flatMap { months(.reportingTrimester, $0, each: 4) }
        case UInt8(ascii: "Q"): return digits(1).flatMap { months(.reportingQuarter, $0, each: 3) }
        case UInt8(ascii: "M"): return digits(2).flatMap { months(.reportingMonth, $0, each: 1) }
        case UInt8(ascii: "W"):
            guard let week = digits(2), week >= 1, week <= (strictReportingYear ? CalendarDays.weeksInYear(year) : 53) else { return nil }
            let monday = CalendarDays.firstMonday(year) + Int64(week - 1) * 7
            return Self.days(.reportingWeek, monday, monday + 7)
        case UInt8(ascii: "D"):
            guard let day = digits(3), day >= 1, day <= (CalendarDays.isLeap(year) || !strictReportingYear ? 366 : 365) else { return nil }
            let date = CalendarDays.days(year, 1, 1) + Int64(day - 1)
            return Self.days(.reportingDay, date, date + 1)
        default: return nil
        }
    }

    /// `Z` or `±hh:mm` in seconds east; 0 when there is none; nil when it is malformed.
    private mutating func timeZone() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64 = next == UInt8(ascii: "+") ? 1 : next == UInt8(ascii: "-") ? -1 : 0
        guard sign != 0 else { return 0 }
        offset += 1
        guard let hour = digits(2), take(":"), let minute = digits(2), minute < 60, hour < 14 || (hour == 14 && minute == 0) else { return nil }
        return sign * Int64(hour * 3_600 + minute * 60)
    }

    /// An ISO 8601 duration, added to `start`. Numbers are bounded so that nothing overflows.
    private mutating func duration(from start: Int64) -> Int64? {
        guard take("P") else { return nil }
        var months = 0
        var seconds: Int64 = 0
        var inTime = false
        var parts = 0
        var partsInTime = 0
        var rank = 0
        while !isAtEnd {
            if !inTime, take("T") {
                inTime = true
                continue
            }
            guard let number = number() else { return nil }
            let unit = next
            offset += 1
            let order: Int
            switch (unit, inTime) {
            case (UInt8(ascii: "Y"), false): (order, months) = (1, months + number * 12)
            case (UInt8(ascii: "M"), false): (order, months) = (2, months + number)
            case (UInt8(ascii: "D"), false): (order, seconds) = (3, seconds + Int64(number) * CalendarDays.secondsPerDay)
            case (UInt8(ascii: "H"), true): (order, seconds) = (4, seconds + Int64(number) * 3_600)
            case (UInt8(ascii: "M"), true): (order, seconds) = (5, seconds + Int64(number) * 60)
            case (UInt8(ascii: "S"), true): (order, seconds) = (6, seconds + Int64(number))
            default: return nil
            }
            guard order > rank else { return nil }
            rank = order
            parts += 1
            if inTime { partsInTime += 1 }
        }
        guard parts > 0, !inTime || partsInTime > 0, months > 0 || seconds > 0 else { return nil }
        let day = start >= 0 ? start / CalendarDays.secondsPerDay : (start - CalendarDays.secondsPerDay + 1) / CalendarDays.secondsPerDay
        return CalendarDays.adding(months: months, to: day) * CalendarDays.secondsPerDay + (start - day * CalendarDays.secondsPerDay) + seconds
    }

    /// Up to six digits.
    private mutating func number() -> Int? {
        var value = 0
        let first = offset
        while next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") {
            guard offset - first < 6 else { return nil }
            value = value * 10 + Int(next - UInt8(ascii: "0"))
            offset += 1
        }
        return offset > first ? value : nil
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        var value = 0
        for _ in 0..<count {
            let byte = bytes[offset]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            offset += 1
        }
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(truncatingIfNeeded: character.value) else { return false }
        offset += 1
        return true
    }

    private static func days(_ granularity: TimePeriod.Granularity, _ first: Int64, _ end: Int64) -> TimePeriod {
        TimePeriod(granularity: granularity, start: first * CalendarDays.secondsPerDay, end: end * CalendarDays.secondsPerDay)
    }
}
