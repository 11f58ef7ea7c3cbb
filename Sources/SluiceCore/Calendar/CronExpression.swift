/// A schedule in the five fields of cron: minute, hour, day of month, month, day of week.
///
/// As in Vixie cron (crontab(5)): lists, ranges, steps, names of months and days, 7 for Sunday. When both days are restricted,
/// either one is enough; a field that begins with `*` does not restrict in that sense, so `*/2` in one and `MON` in the other mean both.
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// Longest expression in bytes.
    package static let bytesMax = 256

    package let text: String
    /// A bit for each value.
    let minutes: UInt64
    let hours: UInt64
    let daysOfMonth: UInt64
    let months: UInt64
    /// Bit 0 is Sunday.
    let daysOfWeek: UInt64
    private let isEitherDay: Bool

    package init(_ text: String) throws(CronError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw CronError(field: nil, text: String(text.prefix(40)), detail: "is longer than \(Self.bytesMax) bytes")
        }
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count == 5 else {
            throw CronError(
                field: nil, text: text,
                detail: "has \(fields.count) fields; write five: minute hour day-of-month month day-of-week, such as '30 9 15 * *' for 9:30 on the 15th")
        }
        self.text = fields.joined(separator: " ")
        minutes = try CronField.minute.values(of: fields[0])
        hours = try CronField.hour.values(of: fields[1])
        daysOfMonth = try CronField.dayOfMonth.values(of: fields[2])
        months = try CronField.month.values(of: fields[3])
        let week = try CronField.dayOfWeek.values(of: fields[4])
        daysOfWeek = (week | week >> 7) & 0x7F
        isEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    package var description: String { text }

    /// Whether the schedule has the date.
    func includes(month: Int, day: Int, dayOfWeek: Int) -> Bool {
        guard months & (1 << UInt64(month)) != 0 else { return false }
        let isDay = daysOfMonth & (1 << UInt64(day)) != 0
        let isWeekday = daysOfWeek & (1 << UInt64(dayOfWeek)) != 0
        return isEitherDay ? isDay || isWeekday : isDay && isWeekday
    }
}

/// What is wrong with a cron expression.
package struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which of the five; nil when it is the whole.
    package var field: CronField?
    /// The part that is wrong, as it was written.
    package var text: String
    package var detail: String

    package var description: String { "cron expression: \(field.map { "\($0.rawValue) " } ?? "")'\(text)' \(detail)" }
}
