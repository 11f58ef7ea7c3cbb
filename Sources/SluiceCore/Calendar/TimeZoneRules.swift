package import SluiceKit

/// What the clocks of a place show: the changes on record, and the rule for all time after them.
///
/// Read from the system's own zoneinfo files (RFC 9636) and not by Foundation: on Linux its `TimeZone` carries the ICU data of the
/// toolchain that built us, so that a government's change of law would reach us by a new build instead of by the system's update.
/// It also would bring Foundation's internationalisation library, some 40 MB, into Core.
package struct TimeZoneRules: Hashable, Sendable {
    package let identifier: String
    /// When an offset begins, in seconds since 1970, rising; the offset of index 0 holds before the first.
    let changes: [Int64]
    /// One more than `changes`.
    let offsets: [Int32]
    /// For after the last change; nil when the last offset stays.
    let rule: PosixTimeZone?

    package static let utc = TimeZoneRules(identifier: "UTC", changes: [], offsets: [0], rule: nil)

    /// Seconds to add to UTC.
    package func offsetSeconds(at instant: Instant) -> Int { offsetSeconds(at: instant.seconds) }

    /// The instant at which the clocks first show a local date and time. One that they skip is the first instant after the gap;
    /// of one that they show twice it is the first. nil outside of the years 1 to 9999.
    package func instant(of date: CivilDate, secondOfDay: Int) -> Instant? {
        guard (1...9_999).contains(date.year), (1...12).contains(date.month), (1...31).contains(date.day), (0..<86_400).contains(secondOfDay)
        else { return nil }
        return Instant(milliseconds: instantSeconds(ofLocal: Int64(date.daysSince1970) * 86_400 + Int64(secondOfDay)) * 1_000)
    }

    func offsetSeconds(at seconds: Int64) -> Int {
        if let rule, seconds >= changes.last ?? .min { return rule.offsetSeconds(at: seconds) }
        return Int(offsets[segment(at: seconds)])
    }

    /// The same for seconds since 1970-01-01T00:00 on the clock on the wall.
    ///
    /// A later local time is never an earlier instant, which `CronExpression` relies on.
    func instantSeconds(ofLocal local: Int64) -> Int64 {
        // No clock has ever been set by more than a day and a bit: a segment that ended two days before cannot show this time.
        var begin = local - 2 * 86_400
        for _ in 0..<Self.changesInFourDaysMax {
            let offset = Int64(offsetSeconds(at: begin))
            // The first stretch that ends after this local time: it shows it, or it begins after a gap that swallows it.
            guard let end = nextChange(after: begin), end + offset <= local else { return max(begin, local - offset) }
            begin = end
        }
        return local - Int64(offsetSeconds(at: begin))
    }

    private static let changesInFourDaysMax = 16

    private func nextChange(after seconds: Int64) -> Int64? {
        let index = segment(at: seconds)
        if index < changes.count { return changes[index] }
        return rule?.nextChange(after: seconds)
    }

    /// How many changes lie at or before it.
    private func segment(at seconds: Int64) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Why there are no rules for a zone.
package struct TimeZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable { case unknownZone, malformed }
    package var code: Code
    package var identifier: String
    package var detail: String

    package var description: String { "time zone '\(identifier)': \(detail)" }
}
