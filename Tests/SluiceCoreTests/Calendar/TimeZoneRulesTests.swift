import Foundation
import SluiceCore
import SluiceKit
import SluiceKitTesting
import Testing

@Suite struct TimeZoneRulesTests {
    @Test(arguments: [
        "Asia/Yerevan", "Europe/Tirane", "America/New_York", "UTC", "Europe/Dublin", "Africa/Casablanca", "Australia/Lord_Howe", "America/Godthab",
        "Asia/Kolkata",
        "Pacific/Apia", "America/Sao_Paulo",
    ]) func showsWhatFoundationShows(_ name: String) throws {
        let zone = try TimeZoneRules(identifier: name)
        let theirs = try #require(TimeZone(identifier: name))
        // From the changes on record into the rule's years; 7919 minutes so that every hour and weekday comes by.
        for seconds in stride(from: 0 as Int64, through: 2_600_000_000, by: 7_919 * 60) {
            let ours = zone.offsetSeconds(at: Instant(milliseconds: seconds * 1_000))
            #expect(ours == theirs.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))), "\(name) at \(seconds)")
        }
    }

    @Test func givesTheInstantOfALocalTime() throws {
        let zone = try TimeZoneRules(identifier: "Europe/Tirane")
        func instant(_ date: String, _ hour: Int, _ minute: Int) throws -> String? {
            try zone.instant(of: #require(CivilDate(iso8601: date)), secondOfDay: hour * 3_600 + minute * 60)?.rfc3339
        }
        #expect(try instant("2026-07-01", 9, 30) == "2026-07-01T07:30:00.000Z")
        #expect(try instant("2026-03-29", 2, 30) == "2026-03-29T01:00:00.000Z")
        #expect(try instant("2026-10-25", 2, 30) == "2026-10-25T00:30:00.000Z")
        // Long after the changes on record.
        #expect(try instant("2501-07-01", 9, 30) == "2501-07-01T07:30:00.000Z")
        #expect(zone.instant(of: CivilDate(year: 10_000, month: 1, day: 1), secondOfDay: 0) == nil)
    }

    @Test(arguments: ["", "../../etc/passwd", "/etc/passwd", "Europe//Tirane", "Europe", "Europe/.", "Nowhere/Land", "Europe/Tirane\u{0}"])
    func knowsNoZoneByThatName(_ name: String) {
        #expect { _ = try TimeZoneRules(identifier: name) } throws: { ($0 as? TimeZoneError)?.code == .unknownZone }
    }

    @Test func readsEveryZoneOfTheSystem() throws {
        let folder = try #require(TimeZoneRules.zoneInfoFolders.first { FileManager.default.fileExists(atPath: $0) })
        var count = 0
        for name in TimeZone.knownTimeZoneIdentifiers where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
            _ = try TimeZoneRules(identifier: name)
            count += 1
        }
        #expect(count > 300)
    }

    @Test func refusesABrokenFileWithoutHarm() throws {
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Tirane")))
        var random = SeededGenerator.announced(for: "refusesABrokenFileWithoutHarm")
        var refused = 0
        for length in stride(from: 0, to: good.count, by: 7) {
            #expect(throws: TimeZoneError.self, "cut at \(length)") { try TimeZoneRules(identifier: "X", zoneFile: Array(good[..<length])) }
        }
        for _ in 0..<3_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let zone = try TimeZoneRules(identifier: "X", zoneFile: bytes)
                // Odd rules may come of it, but nothing that ends the process or never ends.
                _ = try CronExpression("30 2 29 2 *").next(after: Instant(milliseconds: 1_767_600_000_000), in: zone)
            } catch is TimeZoneError {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test(arguments: [
        ("2026-11-22T09:30:00+04:00", "2026-11-22T05:30:00.000Z"), ("2026-11-22t09:30:00.1239z", "2026-11-22T09:30:00.123Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2024-02-29T00:00:00-00:30", "2024-02-29T00:30:00.000Z"),
    ]) func readsATime(_ text: String, _ expected: String) {
        #expect(Instant(rfc3339: text)?.rfc3339 == expected)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T09:30:00", "2026-11-22 09:30:00Z", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z",
        "2026-11-22T09:30:00.Z", "2026-11-22T09:30:00+4:00", "2026-11-22T09:30:00Zz", "2026-1-22T09:30:00.000Z", "+026-11-22T09:30:00Z",
        "2026-11-22T09:30:00+24:00",
        "２０２６-11-22T09:30:00Z",
    ]) func readsNoTimeInIt(_ text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }
}
