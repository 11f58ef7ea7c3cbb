import Foundation
import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

/// Compares with an oracle that is too simple to be wrong: it walks the minutes of two years, asks Foundation what the clocks show,
/// and reads the fields of the expression anew for each.
@Suite struct CronOracleTests {
    private static let start: Int64 = 1_735_689_600  // 2025-01-01T00:00:00Z
    private static let minutes = 2 * 366 * 1_440

    @Test(arguments: ["Asia/Yerevan", "Europe/Tirane", "America/New_York", "UTC"]) func agreesWithAWalkThroughEveryMinute(_ name: String) throws {
        var random = SeededGenerator.announced(for: "agreesWithAWalkThroughEveryMinute \(name)")
        let zone = try TimeZoneRules(identifier: name)
        let shown = try Self.localMinutes(name)
        for _ in 0..<3 {
            let fields = Self.randomFields(&random)
            let text = fields.map(\.text).joined(separator: " ")
            let cron = try CronExpression(text)
            let expected = Self.occurrences(fields, shown)
            let found = cron.occurrences(
                after: Instant(milliseconds: (Self.start - 60) * 1_000), through: Instant(milliseconds: (Self.start + Int64(Self.minutes - 1) * 60) * 1_000),
                in: zone, limit: .max
            ).map { ($0.milliseconds / 1_000 - Self.start) / 60 }
            let difference = zip(found, expected).first { $0 != $1 }
            #expect(
                found.count == expected.count && difference == nil,
                "\(text) in \(name): \(found.count) found, \(expected.count) expected, first \(String(describing: difference))")
            guard let some = expected.randomElement(using: &random) else { continue }
            let due = CatchUpPolicy.latest.due(
                cron, in: zone, after: Instant(milliseconds: Self.start * 1_000), now: Instant(milliseconds: (Self.start + some * 60) * 1_000 + 59_999))
            #expect(due.first.map { ($0.milliseconds / 1_000 - Self.start) / 60 } == (some == 0 ? nil : some), "\(text) in \(name)")
        }
    }

    private struct Field {
        var text: String
        var values: Set<Int>
        var hasStar: Bool
    }

    /// Minutes since 1970 on the wall, for each minute of the walk.
    private static func localMinutes(_ name: String) throws -> [Int64] {
        let zone = try #require(TimeZone(identifier: name))
        // Offsets change on the hour or the half; asking once per quarter is asking always.
        var shown: [Int64] = []
        shown.reserveCapacity(minutes)
        for quarter in 0..<minutes / 15 {
            let seconds = start + Int64(quarter) * 900
            let local = (seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))) / 60
            shown.append(contentsOf: local..<local + 15)
        }
        return shown
    }

    private static func occurrences(_ fields: [Field], _ shown: [Int64]) -> [Int64] {
        var found: [Int64] = []
        var latest = shown[0] - 1
        var day: Int64 = -1
        var isDay = false
        func matches(_ local: Int64) -> Bool {
            if local / 1_440 != day {
                day = local / 1_440
                let date = CivilDate(daysSince1970: Int(day))
                let isDate = fields[2].values.contains(date.day)
                let weekday = Int((day + 4) % 7)
                let isWeekday = fields[4].values.contains(weekday) || (weekday == 0 && fields[4].values.contains(7))
                let either = !fields[2].hasStar && !fields[4].hasStar
                isDay = fields[3].values.contains(date.month) && (either ? isDate || isWeekday : isDate && isWeekday)
            }
            return isDay && fields[1].values.contains(Int(local / 60 % 24)) && fields[0].values.contains(Int(local % 60))
        }
        for minute in shown.indices where shown[minute] > latest {
            let local = shown[minute]
            // Usually one; after a gap, all that it swallowed, together.
            if local == latest + 1 ? matches(local) : (latest + 1...local).contains(where: matches) { found.append(Int64(minute)) }
            latest = local
        }
        return found
    }

    private static func randomFields(_ random: inout SeededGenerator) -> [Field] {
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]
        return ranges.enumerated().map { index, range in
            var items: [String] = []
            var values = Set<Int>()
            // Few minutes and hours, near the hours at which clocks are set; mostly stars for the days.
            let count = Int.random(in: 1...2, using: &random)
            if index >= 2, random.chance(percent: 50) {
                return Field(text: "*", values: Set(range), hasStar: true)
            }
            for _ in 0..<count {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let step = Int.random(in: 1...range.upperBound + 3, using: &random)
                    items.append("*/\(step)")
                    let last = index == 4 ? 6 : range.upperBound
                    values.formUnion(stride(from: range.lowerBound, through: last, by: step))
                case 1:
                    let first = Int.random(in: range, using: &random)
                    let last = Int.random(in: first...range.upperBound, using: &random)
                    let step = Int.random(in: 1...10, using: &random)
                    items.append("\(first)-\(last)/\(step)")
                    values.formUnion(stride(from: first, through: last, by: step))
                default:
                    let value = index == 1 ? Int.random(in: 0...4, using: &random) : Int.random(in: range, using: &random)
                    items.append("\(value)")
                    values.insert(value)
                }
            }
            let text = items.joined(separator: ",")
            return Field(text: text, values: values, hasStar: text.hasPrefix("*"))
        }
    }
}
