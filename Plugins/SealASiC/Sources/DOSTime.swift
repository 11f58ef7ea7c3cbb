/// The time on a ZIP entry: local time without zone and to two seconds (APPNOTE, 4.4.6). Sluice writes UTC, from the time it is given.
struct DOSTime: Hashable {
    let time: UInt16
    let date: UInt16

    init(time: UInt16, date: UInt16) {
        self.time = time
        self.date = date
    }

    /// The nearest time the format can express: it begins in 1980 and ends in 2107.
    init(unixSeconds: Int64) {
        let first: Int64 = 315_532_800  // 1980-01-01
        let last: Int64 = 4_354_819_198  // 2107-12-31T23:59:58
        let seconds = min(max(unixSeconds, first), last)
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        // Civil date from days, with years beginning in March so that the leap day comes last.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        time = UInt16(rest / 3600) << 11 | UInt16(rest % 3600 / 60) << 5 | UInt16(rest % 60 / 2)
        date = UInt16(year - 1980) << 9 | UInt16(month) << 5 | UInt16(day)
    }
}
