import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct TimePeriodTests {
    @Test(arguments: [
        ("2013", TimePeriod.Granularity.gregorianYear, "2013-01-01", "2014-01-01"), ("2013-02", .gregorianMonth, "2013-02-01", "2013-03-01"),
        ("2012-02-29", .gregorianDay, "2012-02-29", "2012-03-01"), ("2013-A1", .reportingYear, "2013-01-01", "2014-01-01"),
        ("2013-S2", .reportingSemester, "2013-07-01", "2014-01-01"), ("2013-T2", .reportingTrimester, "2013-05-01", "2013-09-01"),
        ("2013-Q4", .reportingQuarter, "2013-10-01", "2014-01-01"), ("2013-M12", .reportingMonth, "2013-12-01", "2014-01-01"),
        ("2013-W01", .reportingWeek, "2012-12-31", "2013-01-07"), ("2020-W53", .reportingWeek, "2020-12-28", "2021-01-04"),
        ("2012-D366", .reportingDay, "2012-12-31", "2013-01-01"), ("2010-01-31/P1M", .range, "2010-01-31", "2010-02-28"),
        ("2010-01-01/P1Y2M3D", .range, "2010-01-01", "2011-03-04"), ("0001", .gregorianYear, "0001-01-01", "0002-01-01"),
        ("9999-12-31", .gregorianDay, "9999-12-31", "10000-01-01"),
    ])
    func readsPeriodsAsSpansOfDays(text: String, granularity: TimePeriod.Granularity, start: String, end: String) throws {
        let period = try #require(TimePeriod(text))
        #expect(period.granularity == granularity)
        #expect(period.startDay == day(start) && period.endDay == day(end), "\(period)")
    }

    private func day(_ text: String) -> Int64 {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return CalendarDays.days(parts[0], parts[1], parts[2])
    }

    @Test func shiftsTimeZones() throws {
        let zulu = try #require(TimePeriod("2013-05-01T12:00:00Z"))
        #expect(TimePeriod("2013-05-01T16:00:00+04:00") == zulu)
        #expect(TimePeriod("2013-05-01T12:00:00.000") == zulu)
        #expect(zulu.end == zulu.start + 1)
        #expect(TimePeriod("2013-05-01T24:00:00") == TimePeriod("2013-05-02T00:00:00"))
        #expect(TimePeriod("2013Z") == TimePeriod("2013"))
        #expect(TimePeriod("2013-05:00")?.granularity == .gregorianYear)
        #expect(TimePeriod("2013-02-05:00")?.granularity == .gregorianMonth)
        #expect(TimePeriod("2013-05-01T12:00:00/PT12H")?.end == zulu.start + 12 * 3_600)
    }

    @Test(arguments: [
        "", "213", "20133", "2013-", "2013-0", "2013-00", "2013-13", "2013-1", "2013-02-29", "2013-04-31", "2013-04-3", "2013-04-030", "2013-S3", "2013-T4",
        "2013-Q5", "2013-Q0",
        "2013-M13", "2013-M1", "2013-W00", "2013-W54", "2013-W53", "2013-D000", "2013-D366", "2013-D36", "2013-A2", "2013-a1", "2013Q1", " 2013", "2013 ",
        "2013\u{0}", "-2013", "0000",
        "2013-05-01T25:00:00", "2013-05-01T24:00:01", "2013-05-01T12:00", "2013-05-01T12:60:00", "2013-05-01T12:00:00.", "2013-05-01T12:00:00+15:00",
        "2013/P1Y", "2013-01/P1M",
        "2013-01-01/", "2013-01-01/P", "2013-01-01/PT", "2013-01-01/P1M1Y", "2013-01-01/P1", "2013-01-01/P0D", "2013-01-01/P9999999Y", "2013-01-01/2014-01-01",
        "2013-B1", "２０１３",
    ])
    func refusesWhatIsNoPeriod(text: String) {
        #expect(TimePeriod(text) == nil)
    }

    @Test func knowsWeek53AndDay366OfShiftedReportingYears() {
        #expect(TimePeriod("2013-W53", strictReportingYear: false) != nil)
        #expect(TimePeriod("2013-D366", strictReportingYear: false) != nil)
    }

    @Test func agreesWithTheCalendarOfFoundationOverFourCenturies() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for number in stride(from: Int64(-62_000), to: 90_000, by: 13) {
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day, .yearForWeekOfYear, .weekOfYear], from: date)
            let (year, month, day) = (try #require(parts.year), try #require(parts.month), try #require(parts.day))
            #expect(CalendarDays.days(year, month, day) == number)
            #expect(CalendarDays.date(number) == (year, month, day))
            let (weekYear, week) = (try #require(parts.yearForWeekOfYear), try #require(parts.weekOfYear))
            let period = try #require(TimePeriod("\(weekYear)-W\(week < 10 ? "0" : "")\(week)"))
            #expect(period.startDay <= number && number < period.endDay)
        }
    }

    @Test func neverTrapsOnAnyBytes() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("0123456789-:TZ+/PQMWDASYH. \u{FF}".utf8)
        var periods = 0
        for _ in 0..<200_000 {
            var bytes = Array("2013-01-01T00:00:00/P1Y".utf8.prefix(Int.random(in: 0...23, using: &generator)))
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                let byte = alphabet.randomElement(using: &generator)!
                if bytes.isEmpty || Bool.random(using: &generator) {
                    bytes.append(byte)
                } else {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = byte
                }
            }
            guard let period = bytes.withUnsafeBytes({ TimePeriod($0) }) else { continue }
            periods += 1
            #expect(period.start < period.end)
        }
        #expect(periods > 1_000)
    }
}
