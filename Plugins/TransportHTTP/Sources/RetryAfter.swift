internal import Foundation

/// The value of Retry-After (RFC 9110, section 10.2.3): seconds, or a date in one of the three forms of section 5.6.7.
struct RetryAfter: Hashable {
    /// From now; never negative, a day at most, whatever the partner says.
    let seconds: Int

    static let secondsMax = 86_400

    init?(_ text: String, now: Date = Date()) {
        let text = text.trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            seconds = min(Int(text) ?? Self.secondsMax, Self.secondsMax)
            return
        }
        for form in ["EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy"] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 0)
            formatter.dateFormat = form
            guard let date = formatter.date(from: text) else { continue }
            seconds = Int(min(max(0, date.timeIntervalSince(now).rounded(.up)), Double(Self.secondsMax)))
            return
        }
        return nil
    }
}
