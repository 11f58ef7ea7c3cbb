#if canImport(Glibc)
    import Glibc
#endif

/// The message's `prepared`, which the schema asks to be a date with time and zone.
enum PreparedTime {
    /// Completes what a header says (`2025-11-22`, `2025-11-22T08:00:00`), taking what it leaves open as midnight and UTC; the time now, where it says nothing.
    static func dateTime(_ prepared: String?) -> String {
        guard let prepared, !prepared.isEmpty else { return now() }
        guard prepared.contains("T") else { return prepared + "T00:00:00Z" }
        let time = prepared.split(separator: "T", maxSplits: 1).last ?? ""
        return time.hasSuffix("Z") || time.contains("+") || time.contains("-") ? prepared : prepared + "Z"
    }

    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
