package import SluiceKit

/// Times as certificates and signatures write them (RFC 5280, 4.1.2.5): to the second, in UTC, with a final Z.
enum DERTime {
    /// The instant; nil for any other form and for dates that do not exist.
    static func instant(tag: UInt8, _ text: ArraySlice<UInt8>) -> Instant? {
        let isShort = tag == DERTag.utcTime
        guard isShort || tag == DERTag.generalizedTime, text.count == (isShort ? 13 : 15), text.last == UInt8(ascii: "Z") else { return nil }
        var digits: [Int] = []
        for byte in text.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            digits.append(Int(byte - UInt8(ascii: "0")))
        }
        var pairs = stride(from: 0, to: digits.count, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        // RFC 5280, 4.1.2.5.1: 50 to 99 are the twentieth century.
        let year = isShort ? (pairs[0] >= 50 ? 1900 : 2000) + pairs[0] : pairs[0] * 100 + pairs[1]
        pairs.removeFirst(isShort ? 1 : 2)
        let date = CivilDate(year: year, month: pairs[0], day: pairs[1])
        // A date that does not exist comes back as another one.
        guard (1...12).contains(date.month), (1...31).contains(date.day), CivilDate(daysSince1970: date.daysSince1970) == date, pairs[2] < 24, pairs[3] < 60,
            pairs[4] < 60
        else { return nil }
        return Instant(seconds: Int64(date.daysSince1970 * 86_400 + pairs[2] * 3600 + pairs[3] * 60 + pairs[4]))
    }
}

extension Instant {
    /// From whole seconds since 1970-01-01T00:00:00Z; what is too far away becomes the furthest.
    package init(seconds: Int64) {
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: overflow ? (seconds < 0 ? .min : .max) : milliseconds)
    }
}
