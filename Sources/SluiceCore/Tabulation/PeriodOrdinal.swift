import SluiceKit

/// Dates as numbers of the periods that contain them, and the spelling of those in SDMX.
///
/// A date with a time counts for the day that is written, whatever its time zone: that is the day on which it happened there.
enum PeriodOrdinal {
    enum Outcome: Equatable {
        case ordinal(Int)
        case malformed
        /// The value is a period that is not within one of the wanted ones.
        case tooLong
    }

    static func of(_ bytes: UnsafeRawBufferPointer, _ period: Tabulation.Period) -> Outcome {
        if bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), let year = digits(bytes, 0, 4), let month = digits(bytes, 5, 2),
            let day = digits(bytes, 8, 2)
        {
            guard year > 0, (1...12).contains(month), day >= 1, day <= CalendarDays.daysInMonth(year, month) else { return .malformed }
            if bytes.count > 10 {
                guard let whole = TimePeriod(bytes) else { return .malformed }
                guard whole.granularity != .range else { return .tooLong }
            }
            return .ordinal(ordinal(year, month, day, period))
        }
        guard let whole = TimePeriod(bytes) else { return .malformed }
        let (first, last) = (CalendarDays.date(whole.startDay), CalendarDays.date(whole.endDay - 1))
        let ordinal = ordinal(first.year, first.month, first.day, period)
        return ordinal == self.ordinal(last.year, last.month, last.day, period) ? .ordinal(ordinal) : .tooLong
    }

    private static func ordinal(_ year: Int, _ month: Int, _ day: Int, _ period: Tabulation.Period) -> Int {
        switch period {
        case .day: Int(CalendarDays.days(year, month, day))
        case .month: year * 12 + month - 1
        case .quarter: year * 4 + (month - 1) / 3
        case .year: year
        }
    }

    static func text(_ ordinal: Int, _ period: Tabulation.Period) -> String {
        switch period {
        case .day:
            let date = CalendarDays.date(Int64(ordinal))
            return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        case .month: return "\(padded(ordinal / 12, 4))-\(padded(ordinal % 12 + 1, 2))"
        case .quarter: return "\(padded(ordinal / 4, 4))-Q\(ordinal % 4 + 1)"
        case .year: return padded(ordinal, 4)
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func digits(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for offset in start..<start + count {
            guard bytes[offset] >= 0x30, bytes[offset] <= 0x39 else { return nil }
            value = value * 10 + Int(bytes[offset] - 0x30)
        }
        return value
    }
}
