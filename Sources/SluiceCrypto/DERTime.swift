/// Times as certificates and signatures write them (RFC 5280, 4.1.2.5): to the second, in UTC, with a final Z.
enum DERTime {
    /// Seconds since 1970-01-01T00:00:00Z; nil for any other form and for dates that do not exist.
    static func unixSeconds(tag: UInt8, _ text: ArraySlice<UInt8>) -> Int64? {
        let isShort = tag == DERTag.utcTime
        guard isShort || tag == DERTag.generalizedTime, text.count == (isShort ? 13 : 15), text.last == UInt8(ascii: "Z") else { return nil }
        var digits: [Int64] = []
        for byte in text.dropLast() {
            guard (48...57).contains(byte) else { return nil }
            digits.append(Int64(byte - 48))
        }
        var pairs = stride(from: 0, to: digits.count, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        // RFC 5280, 4.1.2.5.1: 50 to 99 are the twentieth century.
        let year = isShort ? (pairs[0] >= 50 ? 1900 : 2000) + pairs[0] : pairs[0] * 100 + pairs[1]
        pairs.removeFirst(isShort ? 1 : 2)
        let (month, day, hour, minute, second) = (pairs[0], pairs[1], pairs[2], pairs[3], pairs[4])
        guard (1...12).contains(month), day >= 1, day <= daysIn(month, year), hour < 24, minute < 60, second < 60 else { return nil }
        return ((daysBefore(year: year) + daysBefore(month, year) + day - 1) * 24 + hour) * 3600 + minute * 60 + second
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysBefore(_ month: Int64, _ year: Int64) -> Int64 {
        (1..<month).reduce(0) { $0 + daysIn($1, year) }
    }

    /// Days from 1970-01-01 to the first of January of the year, also for earlier years.
    private static func daysBefore(year: Int64) -> Int64 {
        func leapDays(_ years: Int64) -> Int64 { years / 4 - years / 100 + years / 400 }
        return (year - 1970) * 365 + leapDays(max(year - 1, 0)) - leapDays(1969)
    }
}
