internal import SluiceKit

/// What a ledger's entries add up to, month by month (or day by day, where they span a month at most).
package struct LedgerStatistics: Hashable, Sendable {
    /// Of one period.
    package struct Tally: Hashable, Sendable {
        package var sent = 0
        package var taken = 0
        /// By our own side or by the receiver; a package that was not believed too.
        package var refused = 0
        package var bytesOut: Int64 = 0
        package var bytesIn: Int64 = 0
        package var withheldCells: Int64 = 0
        package init() {}
    }

    /// By day, `2026-11-30`.
    private var days: [String: Tally] = [:]
    package private(set) var entryCount = 0
    /// Where the entries that were counted begin.
    package private(set) var firstIndex: Int64 = 0

    /// Entries that are counted at most: the newest.
    package static let entriesMax = 20_000
    /// Periods that are shown at most: the newest.
    package static let periodsMax = 31

    package init(firstIndex: Int64 = 0) { self.firstIndex = firstIndex }

    /// Bytes that are no entry count for nothing.
    package mutating func add(_ entry: [UInt8]) {
        entryCount += 1
        guard let json = try? JSONValue(parsing: entry), let kind = json["type"]?.text.flatMap(LedgerEvent.Kind.init(rawValue:)),
            let time = json["time"]?.text, time.utf8.count >= 10, let data = json["data"]
        else { return }
        let outcome = data["outcome"]?.text ?? ""
        var tally = days[String(time.prefix(10)), default: Tally()]
        switch kind {
        case .receiptVerified where outcome == "accepted": tally.sent += 1
        case .receiptIssued where outcome == "accepted": tally.taken += 1
        case .exchangeRefused, .packageRefused: tally.refused += 1
        case .packageSealed: tally.bytesOut += max(0, data["bytes"]?.integer ?? 0)
        case .packageReceived: tally.bytesIn += max(0, data["bytes"]?.integer ?? 0)
        case .datasetProtected:
            for report in data["protections"]?.elements ?? [] {
                for member in report.members ?? [] where member.name.hasPrefix("withheld.") { tally.withheldCells += max(0, member.value.integer ?? 0) }
            }
        default: return
        }
        days[String(time.prefix(10))] = tally
    }

    /// In their order; a period in which nothing was counted is left out.
    package var periods: [(name: String, tally: Tally)] {
        let byDay = days.sorted { $0.key < $1.key }
        guard byDay.count > Self.periodsMax else { return byDay.map { (name: $0.key, tally: $0.value) } }
        var months: [String: Tally] = [:]
        for (day, tally) in byDay {
            var sum = months[String(day.prefix(7)), default: Tally()]
            sum.sent += tally.sent
            sum.taken += tally.taken
            sum.refused += tally.refused
            sum.bytesOut += tally.bytesOut
            sum.bytesIn += tally.bytesIn
            sum.withheldCells += tally.withheldCells
            months[String(day.prefix(7))] = sum
        }
        return months.sorted { $0.key < $1.key }.suffix(Self.periodsMax).map { (name: $0.key, tally: $0.value) }
    }
}
