package import SluiceKit

extension Instant {
    /// Reads an RFC 3339 time such as `2026-11-22T09:30:00+04:00`; a fraction beyond milliseconds is cut off, a leap second is the second after it.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 64, let date = CivilDate(iso8601: String(text.prefix(10))) else { return nil }
        guard bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = bytes[11..<13].decimal, let minute = bytes[14..<16].decimal, let second = bytes[17..<19].decimal,
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = bytes[19...]
        var milliseconds = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            let thousandths = Array(digits.prefix(3)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - digits.count))
            milliseconds = thousandths[...].decimal ?? 0
            rest = rest[digits.endIndex...]
        }
        var offsetMinutes = 0
        if rest.count == 1, rest.first == UInt8(ascii: "Z") || rest.first == UInt8(ascii: "z") {
            // UTC.
        } else {
            let start = rest.startIndex
            guard rest.count == 6, rest[start] == UInt8(ascii: "+") || rest[start] == UInt8(ascii: "-"), rest[start + 3] == UInt8(ascii: ":"),
                let hours = rest[(start + 1)..<(start + 3)].decimal, let minutes = rest[(start + 4)...].decimal, hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (rest[start] == UInt8(ascii: "-") ? -1 : 1)
        }
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3_600 + (minute - offsetMinutes) * 60 + second)
        self.init(milliseconds: seconds * 1_000 + Int64(milliseconds))
    }
}

extension CivilDate {
    /// Reads `2026-11-22`; a date that the calendar does not have is none.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = bytes[0..<4].decimal, let month = bytes[5..<7].decimal, let day = bytes[8...].decimal, (1...12).contains(month), day >= 1
        else { return nil }
        self.init(year: year, month: month, day: day)
        guard CivilDate(daysSince1970: daysSince1970) == self else { return nil }
    }
}

extension ArraySlice<UInt8> {
    /// All of it as decimal digits, nine at most.
    fileprivate var decimal: Int? {
        guard (1...9).contains(count), allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
