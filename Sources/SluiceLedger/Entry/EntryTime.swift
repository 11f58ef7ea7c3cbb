/// A UTC time as ledger entries write it: `2026-03-01T09:30:00Z`, with up to nine digits of a second (RFC 3339, section 5.6).
///
/// Compared as numbers, because `:00Z` sorts after `:00.5Z` as text.
package struct EntryTime: Hashable, Sendable, Comparable {
    /// Seconds since 1970, days counted in the proleptic Gregorian calendar.
    package let seconds: Int64
    package let nanoseconds: Int64

    /// The time that `bytes` spell, or nil.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 20, bytes[bytes.count - 1] == UInt8(ascii: "Z") else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for place in start..<start + count {
                let digit = bytes[place] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int64(digit)
            }
            return value
        }
        guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2),
            let second = number(17, 2),
            (1...12).contains(month), hour < 24, minute < 60, second < 60, day >= 1, day <= Self.days(in: month, of: year)
        else { return nil }
        var nanoseconds: Int64 = 0
        if bytes.count > 20 {
            let digits = bytes.count - 21
            guard bytes[19] == UInt8(ascii: "."), (1...9).contains(digits), let fraction = number(20, digits) else { return nil }
            nanoseconds = fraction
            for _ in digits..<9 { nanoseconds *= 10 }
        }
        // Days from the civil date, with the year starting in March so that the leap day comes last.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
        self.nanoseconds = nanoseconds
    }

    /// The time that `text` spells, or nil.
    package init?(_ text: String) {
        guard let time = Array(text.utf8).withUnsafeBytes({ Self($0) }) else { return nil }
        self = time
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func < (left: Self, right: Self) -> Bool { (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds) }
}
