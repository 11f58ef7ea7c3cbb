import SluiceCore
import SluiceKit
import Testing

@Suite struct CronExpressionTests {
    private func next(_ cron: String, after text: String, in zone: String = "UTC") throws -> String? {
        let start = try #require(Instant(rfc3339: text))
        return try CronExpression(cron).next(after: start, in: TimeZoneRules(identifier: zone))?.rfc3339
    }

    @Test(arguments: [
        ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"),
        ("* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00.000Z"),
        ("30 9 15 * *", "2026-01-15T09:30:00Z", "2026-02-15T09:30:00.000Z"),
        ("30 9 15 * *", "2026-01-15T09:29:59Z", "2026-01-15T09:30:00.000Z"),
        ("0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"),
        ("*/20 8-10/2 * * *", "2026-01-01T08:40:00Z", "2026-01-01T10:00:00.000Z"),
        ("59 23 31 12 *", "2026-12-31T23:58:00Z", "2026-12-31T23:59:00.000Z"),
        ("0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00.000Z"),
        ("0 12 * jan,MAR mon-Wed", "2026-01-31T00:00:00Z", "2026-03-02T12:00:00.000Z"),
        ("0 0 * * 7", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00.000Z"),
        ("0 0 * * FRI-SUN", "2026-11-22T00:00:00Z", "2026-11-27T00:00:00.000Z"),
        ("\t5,10 \t0 * * *", "2026-01-01T00:05:00Z", "2026-01-01T00:10:00.000Z"),
        // Both days restricted: either is enough. The 13th is a Tuesday.
        ("0 0 13 * FRI", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00.000Z"),
        ("0 0 13 * FRI", "2026-01-13T00:00:00Z", "2026-01-16T00:00:00.000Z"),
        // A field that begins with a star does not restrict: both must hold.
        ("0 0 */2 * MON", "2026-01-05T00:00:00Z", "2026-01-19T00:00:00.000Z"),
        ("0 0 29 2 *", "1970-01-01T00:00:00Z", "1972-02-29T00:00:00.000Z"),
        ("0 0 1 1 *", "1960-06-01T00:00:00Z", "1961-01-01T00:00:00.000Z"),
    ]) func finds(cron: String, after: String, expected: String) throws {
        #expect(try next(cron, after: after) == expected)
    }

    @Test func endsTheSearchForADateThatNeverComes() throws {
        for cron in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 30-31 FEB *"] { #expect(try next(cron, after: "2026-01-01T00:00:00Z") == nil, "\(cron)") }
        // The 1st or the 29th of February, and a Saturday: a starred day field and a weekday must both hold.
        #expect(try next("0 0 */28 2 6", after: "2025-03-01T00:00:00Z") == "2031-02-01T00:00:00.000Z")
        for time in [Int64.min, -62_135_596_800_000 - 1, 253_402_300_800_000, .max] {
            #expect(try CronExpression("* * * * *").next(after: Instant(milliseconds: time), in: .utc) == nil)
        }
    }

    @Test func runsASkippedTimeRightAfterTheGap() throws {
        // Tirana skips 02:00 to 03:00 on 29 March 2026.
        #expect(try next("30 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Tirane") == "2026-03-29T01:00:00.000Z")
        #expect(try next("30 2 * * *", after: "2026-03-29T01:00:00Z", in: "Europe/Tirane") == "2026-03-30T00:30:00.000Z")
        // Two that the same gap swallows, and one that is due then anyway, are one run.
        #expect(try next("15,45 2 * * *", after: "2026-03-29T00:59:59Z", in: "Europe/Tirane") == "2026-03-29T01:00:00.000Z")
        #expect(try next("0,15,45 2,3 * * *", after: "2026-03-29T01:00:00Z", in: "Europe/Tirane") == "2026-03-29T01:15:00.000Z")
        // Samoa had no 30 December 2011.
        #expect(try next("0 12 30 12 *", after: "2011-12-01T00:00:00Z", in: "Pacific/Apia") == "2011-12-30T10:00:00.000Z")
    }

    @Test func runsARepeatedTimeOnce() throws {
        // Tirana shows 02:00 to 03:00 twice on 25 October 2026, at 00:00Z and at 01:00Z.
        #expect(try next("30 2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Tirane") == "2026-10-25T00:30:00.000Z")
        #expect(try next("30 2 * * *", after: "2026-10-25T00:30:00Z", in: "Europe/Tirane") == "2026-10-26T01:30:00.000Z")
        #expect(try next("* * * * *", after: "2026-10-25T00:59:00Z", in: "Europe/Tirane") == "2026-10-25T02:00:00.000Z")
        #expect(try next("45 2 * * *", after: "2026-10-25T01:20:00Z", in: "Europe/Tirane") == "2026-10-26T01:45:00.000Z")
    }

    @Test(arguments: [
        (
            "* * * *",
            "cron expression: '* * * *' has 4 fields; write five: minute hour day-of-month month day-of-week, such as '30 9 15 * *' for 9:30 on the 15th"
        ),
        ("60 * * * *", "cron expression: minute '60' has '60', allowed is 0-59"),
        ("0 24 * * *", "cron expression: hour '24' has '24', allowed is 0-23"),
        ("0 0 0 * *", "cron expression: day-of-month '0' has '0', allowed is 1-31"),
        ("0 0 * 13 *", "cron expression: month '13' has '13', allowed is 1-12 or JAN-DEC"),
        ("0 0 * * 8", "cron expression: day-of-week '8' has '8', allowed is 0-7 (0 and 7 are Sunday) or MON-SUN"),
        ("0 0 * * FUN", "cron expression: day-of-week 'FUN' has 'FUN', allowed is 0-7 (0 and 7 are Sunday) or MON-SUN"),
        ("0 0 * MON *", "cron expression: month 'MON' has 'MON', allowed is 1-12 or JAN-DEC"),
        ("5/15 * * * *", "cron expression: minute '5/15' gives a step to a single value; write 5-59/15 or */15"),
        ("*/0 * * * *", "cron expression: minute '*/0' has no step after '/'; write a number from 1"),
        ("*/ * * * *", "cron expression: minute '*/' has no step after '/'; write a number from 1"),
        ("30-10 * * * *", "cron expression: minute '30-10' runs backwards; write it as two ranges with a comma between them"),
        ("0 0 * * 5-0", "cron expression: day-of-week '5-0' runs backwards; write it as two ranges with a comma between them"),
        ("1,,2 * * * *", "cron expression: minute '1,,2' has a comma with nothing beside it"),
        ("1- * * * *", "cron expression: minute '1-' lacks a value; allowed is 0-59"),
        ("-1 * * * *", "cron expression: minute '-1' lacks a value; allowed is 0-59"),
        ("1-2-3 * * * *", "cron expression: minute '1-2-3' is not a range; write two values with one '-' between them"),
        ("+1 * * * *", "cron expression: minute '+1' has '+1', allowed is 0-59"),
        ("1/2/3 * * * *", "cron expression: minute '1/2/3' has more than one step"),
        ("99999999999999999999 * * * *", "cron expression: minute '99999999999999999999' has '99999999999999999999', allowed is 0-59"),
        (
            "@daily",
            "cron expression: '@daily' has 1 fields; write five: minute hour day-of-month month day-of-week, such as '30 9 15 * *' for 9:30 on the 15th"
        ),
        ("0 0 L * ?", "cron expression: day-of-month 'L' has 'L', allowed is 1-31"),
    ]) func saysWhatIsWrong(cron: String, message: String) {
        #expect { _ = try CronExpression(cron) } throws: { "\($0)" == message }
    }

    @Test func takesNoExpressionLongerThanItsLimit() {
        #expect(throws: CronError.self) { try CronExpression(String(repeating: "1,", count: 200) + "1 * * * *") }
    }

    @Test func catchesUpWithTheLatestOrWithAll() throws {
        let cron = try CronExpression("0 6 * * *")
        let zone = try TimeZoneRules(identifier: "Asia/Yerevan")
        let last = try #require(Instant(rfc3339: "2026-01-01T06:00:00+04:00"))
        let now = try #require(Instant(rfc3339: "2026-01-04T06:00:00+04:00"))
        let missed = ["2026-01-02T02:00:00.000Z", "2026-01-03T02:00:00.000Z", "2026-01-04T02:00:00.000Z"]
        #expect(CatchUpPolicy.all.due(cron, in: zone, after: last, now: now).map(\.rfc3339) == missed)
        #expect(CatchUpPolicy.latest.due(cron, in: zone, after: last, now: now).map(\.rfc3339) == [missed[2]])
        for policy in [CatchUpPolicy.all, .latest] {
            #expect(policy.due(cron, in: zone, after: now, now: now) == [])
            #expect(policy.due(cron, in: zone, after: now, now: last) == [])
            #expect(policy.due(cron, in: zone, after: last, now: last.advanced(byMilliseconds: 86_399_999)) == [])
        }
    }

    @Test func catchesUpAfterYearsWithoutCountingEveryMinute() throws {
        let start = try #require(Instant(rfc3339: "2001-01-01T00:00:00Z"))
        let now = try #require(Instant(rfc3339: "2026-06-15T12:34:56Z"))
        #expect(try CatchUpPolicy.latest.due(CronExpression("* * * * *"), in: .utc, after: start, now: now).map(\.rfc3339) == ["2026-06-15T12:34:00.000Z"])
        #expect(try CatchUpPolicy.latest.due(CronExpression("0 0 29 2 *"), in: .utc, after: start, now: now).map(\.rfc3339) == ["2024-02-29T00:00:00.000Z"])
        #expect(try CatchUpPolicy.latest.due(CronExpression("0 0 30 2 *"), in: .utc, after: start, now: now) == [])
        #expect(try CatchUpPolicy.latest.due(CronExpression("0 0 29 2 *"), in: .utc, after: Instant(milliseconds: .min), now: now).count == 1)
        #expect(try CatchUpPolicy.latest.due(CronExpression("0 0 30 2 *"), in: .utc, after: Instant(milliseconds: .min), now: now).isEmpty)
        let all = try CatchUpPolicy.all.due(CronExpression("* * * * *"), in: .utc, after: start, now: now)
        #expect(all.count == CatchUpPolicy.missedRunsMax)
        #expect(all.first?.rfc3339 == "2001-01-01T00:01:00.000Z")
    }
}
