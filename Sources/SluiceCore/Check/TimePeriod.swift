package import SluiceKit

/// A time period of SDMX as a span of time (SDMX 2.1, section 6, §4.2): Gregorian, reporting, distinct or a range.
///
/// Seconds count from 1970-01-01T00:00:00; a period without a time zone is taken as UTC, as is one that has one after it was shifted.
package struct TimePeriod: Hashable, Sendable {
    /// What kind of period it is, which a text type or a frequency may demand.
    package enum Granularity: UInt8, Hashable, Sendable, CaseIterable {
        case gregorianYear, gregorianMonth, gregorianDay, dateTime
        case reportingYear, reportingSemester, reportingTrimester, reportingQuarter, reportingMonth, reportingWeek, reportingDay
        case range
    }
    package var granularity: Granularity
    /// The first second.
    package var start: Int64
    /// The second after the last one. A date and time is an instant of one second.
    package var end: Int64

    package init(granularity: Granularity, start: Int64, end: Int64) {
        self.granularity = granularity
        self.start = start
        self.end = end
    }

    /// Reads a period; nil when the bytes are not exactly one.
    /// - Parameter strictReportingYear: refuse day 366 and week 53 in years that have none. A structure whose reporting year starts on another
    ///   day than 1 January (attribute `REPORTING_YEAR_START_DAY`) may have them in other years.
    package init?(_ bytes: UnsafeRawBufferPointer, strictReportingYear: Bool = true) {
        var scanner = PeriodScanner(bytes, strictReportingYear: strictReportingYear)
        guard let period = scanner.period(), scanner.isAtEnd else { return nil }
        self = period
    }

    /// For configuration and constraints, where a string is at hand.
    package init?(_ text: String, strictReportingYear: Bool = true) {
        var text = text
        guard let period = text.withUTF8({ TimePeriod(UnsafeRawBufferPointer($0), strictReportingYear: strictReportingYear) }) else { return nil }
        self = period
    }

    package var startDay: Int64 { Self.floor(start) }
    /// The day after the last one.
    package var endDay: Int64 { Self.floor(end + CalendarDays.secondsPerDay - 1) }

    package func overlaps(_ other: TimePeriod) -> Bool { start < other.end && other.start < end }

    /// Whether a value of this kind is allowed under a time type of SDMX; nil when `type` is no time type.
    package func isOf(_ type: TextType) -> Bool? {
        switch type {
        case .observationalTimePeriod: true
        case .standardTimePeriod: granularity != .range
        case .basicTimePeriod: isGregorian || granularity == .dateTime
        case .gregorianTimePeriod: isGregorian
        case .gregorianYear: granularity == .gregorianYear
        case .gregorianYearMonth: granularity == .gregorianMonth
        case .gregorianDay: granularity == .gregorianDay
        case .reportingTimePeriod: granularity.rawValue >= Granularity.reportingYear.rawValue && granularity != .range
        case .reportingYear: granularity == .reportingYear
        case .reportingSemester: granularity == .reportingSemester
        case .reportingTrimester: granularity == .reportingTrimester
        case .reportingQuarter: granularity == .reportingQuarter
        case .reportingMonth: granularity == .reportingMonth
        case .reportingWeek: granularity == .reportingWeek
        case .reportingDay: granularity == .reportingDay
        case .dateTime: granularity == .dateTime
        case .timeRange: granularity == .range
        default: nil
        }
    }

    private var isGregorian: Bool { granularity == .gregorianYear || granularity == .gregorianMonth || granularity == .gregorianDay }

    private static func floor(_ seconds: Int64) -> Int64 {
        let quotient = seconds / CalendarDays.secondsPerDay
        return seconds % CalendarDays.secondsPerDay < 0 ? quotient - 1 : quotient
    }
}
