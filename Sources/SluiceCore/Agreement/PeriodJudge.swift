import SluiceKit

/// By when a period has to have ended for its figures to travel today.
struct PeriodBound {
    /// In seconds from 1970-01-01T00:00:00Z.
    let endedBy: Int64
    /// The last day of the youngest period that may travel.
    let lastDay: String

    /// - Parameter today: in UTC; a period ends with the last second of its last day.
    init(_ lag: RetentionPeriod, before today: CalendarDate) {
        let day = lag.start(before: today)
        endedBy = day * CalendarDays.secondsPerDay
        let last = CalendarDays.date(day - 1)
        lastDay = CalendarDate(year: last.year, month: last.month, day: last.day)?.description ?? "the beginning"
    }
}

/// Tells from the text of a time period whether it ended early enough. Every time format of SDMX.
struct PeriodJudge {
    enum Verdict: Hashable { case ended, young, unreadable }

    /// The attribute that lets reporting years begin on another day than 1 January.
    static let reportingYearStart = "REPORTING_YEAR_START_DAY"

    let endedBy: Int64
    /// Whether reporting years may begin on another day: then a reporting period may end up to a year later than its name says, and is taken to.
    let hasReportingYear: Bool

    func verdict(_ text: String) -> Verdict {
        guard let period = TimePeriod(text, strictReportingYear: !hasReportingYear) else { return .unreadable }
        guard hasReportingYear, period.isOf(.reportingTimePeriod) ?? false else { return period.end <= endedBy ? .ended : .young }
        return CalendarDays.adding(months: 12, to: period.endDay) * CalendarDays.secondsPerDay <= endedBy ? .ended : .young
    }
}
