package import SluiceKit

/// The time on a ZIP entry: local time without zone and to two seconds (APPNOTE, 4.4.6). Sluice writes UTC, from the time it is given.
package struct DOSTime: Hashable {
    let time: UInt16
    let date: UInt16

    init(time: UInt16, date: UInt16) {
        self.time = time
        self.date = date
    }

    /// The nearest time the format can express: it begins in 1980 and ends in 2107.
    package init(_ instant: Instant) {
        let first: Int64 = 315_532_800  // 1980-01-01T00:00:00Z
        let last: Int64 = 4_354_819_198  // 2107-12-31T23:59:58Z
        let seconds = Int(min(max(instant.seconds, first), last))
        let day = CivilDate(daysSince1970: seconds / 86_400)
        let second = seconds % 86_400
        // In parentheses: a shift binds tighter than a division.
        time = UInt16((second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60) / 2)
        date = UInt16((day.year - 1980) << 9 | day.month << 5 | day.day)
    }
}
