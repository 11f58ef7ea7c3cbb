package import SluiceKit

extension CronExpression {
    /// How far ahead a next date is looked for. The rarest date that exists is 29 February, eight years apart around 2100;
    /// on a given weekday, which `*/28` with a weekday can ask for, forty.
    package static let searchYearsMax = 40

    /// The first occurrence after an instant, to the second; nil when there is none, as for 30 February.
    ///
    /// A local time that the clocks skip runs at the first instant after the gap; one that they show twice runs the first time only.
    package func next(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
        // Years that the calendar's arithmetic and the ISO notation hold.
        guard (-62_135_596_800...253_402_300_799).contains(instant.seconds) else { return nil }
        let local = instant.seconds + Int64(zone.offsetSeconds(at: instant.seconds))
        var day = Int(local.floored(by: 86_400))
        var minute = Int((local - Int64(day) * 86_400) / 60) + 1
        let lastDay = day + Self.searchYearsMax * 366
        // What the clocks show only grows with the instant it stands for (see `TimeZoneRules.instant(ofLocal:)`),
        // so the first that is late enough is the next one.
        while day <= lastDay {
            let date = CivilDate(daysSince1970: day)
            guard months & (1 << UInt64(date.month)) != 0 else {
                let following = date.month == 12 ? CivilDate(year: date.year + 1, month: 1, day: 1) : CivilDate(year: date.year, month: date.month + 1, day: 1)
                (day, minute) = (following.daysSince1970, 0)
                continue
            }
            // 1970-01-01 was a Thursday.
            if includes(month: date.month, day: date.day, dayOfWeek: ((day + 4) % 7 + 7) % 7) {
                while let found = firstMinute(from: minute) {
                    let seconds = zone.instantSeconds(ofLocal: Int64(day) * 86_400 + Int64(found) * 60)
                    if seconds > instant.seconds { return Instant(milliseconds: seconds * 1_000) }
                    minute = found + 1
                }
            }
            (day, minute) = (day + 1, 0)
        }
        return nil
    }

    /// The occurrences after `start` up to and including `end`, the earliest first, `limit` at most.
    package func occurrences(after start: Instant, through end: Instant, in zone: TimeZoneRules, limit: Int) -> [Instant] {
        var found: [Instant] = []
        var last = start
        while found.count < limit, let next = next(after: last, in: zone), next <= end {
            found.append(next)
            last = next
        }
        return found
    }

    /// The last occurrence after `start` up to and including `end`.
    ///
    /// Looks back in windows that grow fourfold: after a year's downtime a schedule of every minute is found by its last hour,
    /// not by counting half a million dates. Ends `searchYearsMax` years back.
    package func lastOccurrence(after start: Instant, through end: Instant, in zone: TimeZoneRules) -> Instant? {
        let longest = Int64(Self.searchYearsMax) * 366 * 86_400_000
        var window: Int64 = 3_600_000
        while true {
            let (reached, isOver) = end.milliseconds.subtractingReportingOverflow(window)
            let from = isOver || reached < start.milliseconds ? start : Instant(milliseconds: reached)
            var last: Instant?
            while let next = next(after: last ?? from, in: zone), next <= end { last = next }
            if last != nil || from == start || window == longest { return last }
            window = min(window * 4, longest)
        }
    }

    /// The first minute of the day that the schedule has, from the given one on.
    private func firstMinute(from minute: Int) -> Int? {
        guard minute < 1_440 else { return nil }
        let hour = minute / 60
        let inHour = minutes & (.max << UInt64(minute % 60))
        if hours & (1 << UInt64(hour)) != 0, inHour != 0 { return hour * 60 + inHour.trailingZeroBitCount }
        let later = hours & (.max << UInt64(hour + 1))
        return later == 0 ? nil : later.trailingZeroBitCount * 60 + minutes.trailingZeroBitCount
    }
}

extension Int64 {
    func floored(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
