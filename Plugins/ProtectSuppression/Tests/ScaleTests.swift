import Foundation
import SluiceKit
import Testing

@testable import ProtectSuppression

/// Large random tables: `SLUICE_SCALE` names the cells wanted, in thousands (`8 100 1000`); a release build is meant.
/// Past `cellsMax` a table is refused: `SLUICE_SCALE_MAX` raises it, and the time to four hours.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_SCALE"] != nil, "SLUICE_SCALE is not set"), .serialized)
struct ScaleTests {
    /// Children of each dimension, level by level, and persons, by thousands of cells.
    static let shapes: [Int: (shape: [[Int]], persons: Int)] = [
        1: ([[5, 12], [3, 6]], 10_000), 8: ([[10, 12], [3, 6], [2]], 20_000), 9: ([[10, 12], [3, 6], [2]], 45_000),
        15: ([[10, 15], [4, 5], [3]], 60_000), 30: ([[10, 20], [4, 5], [3, 3]], 60_000),
        60: ([[10, 24], [4, 6], [3, 4]], 110_000), 100: ([[10, 30], [5, 6], [3, 4]], 250_000), 300: ([[20, 40], [5, 6], [4, 4]], 600_000),
        1_000: ([[25, 60], [6, 6], [4, 5]], 2_000_000),
    ]

    @Test func protectsLargeTables() throws {
        let wanted = (ProcessInfo.processInfo.environment["SLUICE_SCALE"] ?? "").split(separator: " ").compactMap { Int($0) }
        for thousands in wanted {
            let (shape, persons) = try #require(Self.shapes[thousands])
            let table = LargeTable.make(shape: shape, persons: persons, seed: UInt64(thousands))
            let obligations = ProtectionObligations(minimumCell: 3, safetyPercent: 10, cost: .one)
            let clock = ContinuousClock()
            let start = clock.now
            var limits = SuppressionLimits()
            if let most = ProcessInfo.processInfo.environment["SLUICE_SCALE_MAX"].flatMap(Int.init) {
                limits.cellsMax = most
                limits.deadline = .seconds(14_400)
            }
            let (released, report) = try SuppressionPlugin.make(limits: limits).protect(table, under: obligations)
            let protected = clock.now
            let audit = try SuppressionPlugin.make(limits: limits).audit(released, against: table, under: obligations)
            #expect(audit.cells == report.withheld)
            print(
                "\(report.cells) cells: \(report.primary) primary, \(report.secondary) secondary, \(report.rounds) rounds, protect \(protected - start), gate \(clock.now - protected), peak \(Self.peakMiB) MiB, narrowest \(report.audit.narrowestWidth ?? -1), equations \(report.audit.equations)"
            )
        }
    }

    private static var peakMiB: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) / 1_024
    }
}
