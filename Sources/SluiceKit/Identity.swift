/// An organisation known to the node, by its agency id (`AM.ARMSTAT`).
public struct ParticipantID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    /// Longest id, in bytes.
    public static let bytesMax = 64

    /// Letters, digits, `_`, `-` and dots between them, as SDMX agency ids are spelled (`common:NestedNCNameIDType`).
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax, text.first != ".", text.last != ".", !text.contains("..") else { return nil }
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard allowed else { return nil }
        rawValue = text
    }

    public var description: String { rawValue }

    /// The id as a message header can carry it: SDMX-ML's `IDType` has no dots, so `AM.MOI` is sent as `AM_MOI`.
    public var headerID: String { String(rawValue.map { $0 == "." ? "_" : $0 }) }
}

/// A point in time as milliseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Sendable, Comparable {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
    public func advanced(byMilliseconds count: Int64) -> Instant { Instant(milliseconds: milliseconds + count) }
    public var seconds: Int64 { milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0) }

    /// Since an earlier time, which may lie ahead where clocks differ: then none.
    public func secondsSince(_ earlier: Instant) -> Int64 { max(0, seconds - earlier.seconds) }

    /// A span for people, in the largest unit of which there are ten at least: `59 s`, `214 min`, `51 h`, `12 days`.
    public static func words(seconds: Int64) -> String {
        for (unit, length) in [("days", 86_400), ("h", 3_600), ("min", 60)] as [(String, Int64)] where seconds >= 10 * length {
            return "\(seconds / length) \(unit)"
        }
        return "\(seconds) s"
    }

    /// The date in UTC.
    public var utcDate: CivilDate { CivilDate(daysSince1970: Int(seconds.flooredDivision(by: 86_400))) }

    /// RFC 3339 in UTC with milliseconds: `2026-11-22T03:30:00.000Z`.
    public var rfc3339: String {
        let date = utcDate
        let second = Int(seconds - seconds.flooredDivision(by: 86_400) * 86_400)
        // Not by way of `seconds * 1000`, which goes over at the beginning of time.
        let millisecond = Int((milliseconds % 1000 + 1000) % 1000)
        // Other years are no RFC 3339 and read by people only.
        let isOfFourDigits = (0...9999).contains(date.year)
        let text = String(unsafeUninitializedCapacity: 24) { text in
            var place = 0
            func put(_ value: Int, _ width: Int, _ end: Unicode.Scalar) {
                var rest = value
                for digit in (0..<width).reversed() {
                    text[place + digit] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                text[place + width] = UInt8(ascii: end)
                place += width + 1
            }
            if isOfFourDigits { put(date.year, 4, "-") }
            put(date.month, 2, "-")
            put(date.day, 2, "T")
            put(second / 3600, 2, ":")
            put(second / 60 % 60, 2, ":")
            put(second % 60, 2, ".")
            put(millisecond, 3, "Z")
            return place
        }
        return isOfFourDigits ? text : "\(date.year)-\(text)"
    }
}

/// Where the time comes from; tests give their own.
public protocol WallClock: Sendable {
    func now() -> Instant
}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A date of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Sendable, Comparable {
    public var year: Int
    public var month: Int
    public var day: Int

    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Howard Hinnant's `civil_from_days`: eras of 400 years, the year beginning in March.
    public init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    public var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    public static func < (left: CivilDate, right: CivilDate) -> Bool { (left.year, left.month, left.day) < (right.year, right.month, right.day) }
}
