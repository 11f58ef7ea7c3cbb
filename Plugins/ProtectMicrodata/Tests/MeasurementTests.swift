import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectMicrodata

/// How time and memory grow with the records: `SLUICE_MEASURE=1 swift test -c release --filter ProtectMicrodataTests.MeasurementTests`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"), .serialized)
struct MeasurementTests {
    static func peakMiB() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
    }

    /// Records without the texts of a test register, which would take more memory than the protection.
    static func table(_ count: Int) throws -> Table {
        var generator = SeededGenerator(seed: 2_026)
        let schema = TestRecords.register(0, using: &generator).schema
        let batch = Batch(schema: schema, capacity: count)
        func set(_ id: String, _ row: Int, _ text: String) throws {
            var text = text
            let column = try #require(schema.index(of: id))
            try text.withUTF8 { try batch.set(column, row, UnsafeRawBufferPointer($0)) }
        }
        let leaves = ["AM", "GE", "RU", "UA", "MD", "IR", "IN", "SY", "CN"]
        for number in 0..<count {
            let row = batch.appendRow()
            try set("RECORD", row, "R-\(1_000_000 + number)")
            try set("PERSON", row, "P\(number)")
            try set("NAME", row, "Name of \(number)")
            try set("SEX", row, generator.chance(percent: 70) ? "F" : "M")
            try set("AGE", row, "\(Int.random(in: 5..<75, using: &generator))")
            try set("CITIZENSHIP", row, leaves[min(Int.random(in: 0..<9, using: &generator), Int.random(in: 0..<9, using: &generator))])
            try set(
                "EXPLOITATION", row,
                ["SEX", "LABOUR", "BEGGING", "SLAVERY"][min(Int.random(in: 0..<4, using: &generator), Int.random(in: 0..<4, using: &generator))])
            try set("DEBT", row, "\(Int.random(in: 0..<8, using: &generator) * 250).00")
            try set("STATUS", row, "A")
        }
        return Table(description: DatasetDescription(schema: schema, reference: schema.structure.reference), batch: batch)
    }

    @Test(arguments: [62_500, 125_000, 250_000, 500_000, 1_000_000])
    func growsWithTheRecords(_ count: Int) throws {
        let table = try Self.table(count)
        var rules = TestRecords.rules
        // Larger classes in a larger table, so that the search has as much to do.
        rules.k = max(5, count / 250)
        rules.closenessPercent = 40
        let before = Self.peakMiB()
        let clock = ContinuousClock()
        let started = clock.now
        let processor = processorSeconds()
        let (released, report) = try MicrodataPlugin.make().protect(table, under: .records(rules), in: .test)
        let (protectTime, protectCPU) = (clock.now - started, processorSeconds() - processor)
        let gateStarted = clock.now
        _ = try MicrodataPlugin.make().audit(released, against: table, under: .records(rules), in: .test)
        print(
            "\(count) records: protected in \(protectTime) (\(protectCPU) s of processor), gate \(clock.now - gateStarted), peak \(before) to \(Self.peakMiB()) MiB, looked at \(report.rounds), \(report.withheld) affected"
        )
        print(report.words.joined(separator: "\n"))
    }
}

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
