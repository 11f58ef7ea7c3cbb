import Foundation
import SluiceKit
import Testing

@testable import ProtectSuppression

/// How the gate grows with the number of releases: `SLUICE_MEASURE=1 swift test -c release -Xswiftc -enable-testing --filter DifferencingMeasurement`.
@Suite struct DifferencingMeasurement {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"))
    func growsWithWhatIsHeld() throws {
        var random = SplitMix(state: 11)
        // 20 bands of five years, two sexes, 40 regions; many enough everywhere that nothing is small.
        let leaves = (0..<20 * 2 * 40).map { _ in Int64(20 + random.below(50)) }
        func release(_ id: Int, cuts: [Int]) -> ReleasedFigures {
            let bounds = [0] + cuts + [20]
            let bands = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
            let ages =
                [ReleasedFigures.Code("_T", .all)]
                + bands.map { ReleasedFigures.Code("Y\($0.lowerBound * 5)", .years($0.lowerBound * 5, $0.upperBound == 20 ? nil : $0.upperBound * 5)) }
            let sexes = [ReleasedFigures.Code("_T", .all), ReleasedFigures.Code("F", .leaf("F")), ReleasedFigures.Code("M", .leaf("M"))]
            let regions = [ReleasedFigures.Code("_T", .all)] + (0..<40).map { ReleasedFigures.Code("r\($0)", .leaf("r\($0)")) }
            var figures = ReleasedFigures(
                exchangeID: "\(id)", releasedAt: Instant(milliseconds: Int64(id)), population: "P", dataflow: "T:DF", holders: ["R"], scope: .receiver,
                minimumCell: 5,
                dimensions: [
                    .init(id: "AGE", list: ReleasedFigures.Dimension.ages, codes: ages, isComplete: true),
                    .init(id: "SEX", list: "CL_SEX", codes: sexes, isComplete: true), .init(id: "REGION", list: "CL_REGION", codes: regions, isComplete: true),
                ], slices: [.init(period: "2026")])
            for (a, band) in ([0..<20] + bands).enumerated() {
                for (s, sex) in [0..<2, 0..<1, 1..<2].enumerated() {
                    for (r, region) in ([0..<40] + (0..<40).map { $0..<$0 + 1 }).enumerated() {
                        var sum: Int64 = 0
                        for age in band { for one in sex { for place in region { sum += leaves[(age * 2 + one) * 40 + place] } } }
                        figures.append(slice: 0, codes: [UInt32(a), UInt32(s), UInt32(r)], shown: sum)
                    }
                }
            }
            return figures
        }
        let new = release(1_000, cuts: [3, 6, 12])
        for count in [1, 4, 16, 64] {
            let held = (0..<count).map { id in release(id, cuts: [1 + id % 3, 5, 9 + id % 4, 15]) }
            let clock = ContinuousClock()
            let begin = clock.now
            let report = try SuppressionPlugin.differencing().audit(new, against: held)
            let cells = held.reduce(new.cellCount) { $0 + $1.cellCount }
            print(
                "\(count) earlier releases, \(cells) cells: \(clock.now - begin), \(report.equations) sums, \(report.regions) regions, \(report.intervals) intervals"
            )
        }
    }
}
