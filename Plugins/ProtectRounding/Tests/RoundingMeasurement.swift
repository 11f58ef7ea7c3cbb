import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

/// Prints how long controlled rounding takes as tables grow: `SLUICE_MEASURE=1 swift test -c release --filter RoundingMeasurement`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"), .serialized)
struct RoundingMeasurement {
    private func measure(_ name: String, _ source: TestTable, base: Int = 5) throws {
        let table = source.table
        let obligations = ControlledRoundingTests.obligations(base)
        let clock = ContinuousClock()
        let begin = clock.now
        let (released, report) = try ControlledRounding(limits: RoundingLimits()).protect(table, under: obligations)
        let protected = clock.now
        _ = try ControlledRounding(limits: RoundingLimits()).audit(released, against: table, under: obligations)
        let audited = clock.now
        let figures = report.figures.map { "\($0.name) \($0.value.integer ?? 0)" }.joined(separator: ", ")
        // At once: a run that takes too long is ended from outside.
        FileHandle.standardError.write(
            Data(
                "\(name): \(source.rows.count) cells, \(report.audit.equations) sums, protect \(protected - begin), audit \(audited - protected); \(figures)\n"
                    .utf8))
    }

    @Test(arguments: [9, 31, 56, 99]) func twoWay(_ side: Int) throws {
        var random = SeededGenerator(seed: UInt64(side))
        try measure("two-way \(side) × \(side)", RandomTables.twoWay(rows: side, columns: side, &random))
    }

    /// Both dimensions with groups of ten.
    @Test(arguments: [20, 50, 90]) func hierarchical(_ side: Int) throws {
        var random = SeededGenerator(seed: UInt64(side))
        let dimensions = (0..<2).map { at -> TestTable.TestDimension in
            let groups = (0..<side / 10).map { (id: "g\($0)", parent: "_T" as String?) }
            return .init(id: "D\(at)", codes: [("_T", nil)] + groups + (0..<side).map { ("l\($0)", "g\($0 / 10)") })
        }
        try measure("hierarchical \(side) × \(side)", RandomTables.filled(dimensions) { Int.random(in: 0...99, using: &random) })
    }

    @Test(arguments: [4, 7, 10]) func threeWay(_ side: Int) throws {
        var random = SeededGenerator(seed: UInt64(side))
        let codes: [(id: String, parent: String?)] = [("_T", nil)] + (0..<side).map { ("c\($0)", "_T") }
        try measure("three-way \(side)³", RandomTables.filled((0..<3).map { .init(id: "D\($0)", codes: codes) }) { Int.random(in: 0...99, using: &random) })
    }
}
