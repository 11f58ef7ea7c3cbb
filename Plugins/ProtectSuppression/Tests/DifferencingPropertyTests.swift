import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// Random releases of random people to random receivers: what the gate lets through is attacked by another program, over the whole product of everything
/// that can be told apart. `SLUICE_ORACLE_PYTHON` names a Python that has `highspy`.
@Suite struct DifferencingPropertyTests {
    private static let receivers = ["A", "B"]
    private static let minimumCell = 5

    /// All products of a run of ages, a sex or both, and a region or all.
    private static let regions: [(name: String, atoms: [Int])] = {
        var regions: [(String, [Int])] = []
        let bands = Population.cuts.count - 1
        for first in 0..<bands {
            for last in first..<bands {
                for sexes in [[0, 1], [0], [1]] {
                    for places in [[0, 1, 2], [0], [1], [2]] {
                        let atoms = (first...last).flatMap { age in sexes.flatMap { sex in places.map { Population.atom(age, sex, $0) } } }
                        regions.append(("ages \(Population.cuts[first]) to \(Population.cuts[last + 1]), sexes \(sexes), regions \(places)", atoms.sorted()))
                    }
                }
            }
        }
        return regions
    }()

    private static func partition(_ random: inout SplitMix) -> Population.Partition {
        let possible = Population.cuts.dropFirst().dropLast()
        var ages: [Int]?
        if random.below(5) > 0 {
            let cuts = possible.filter { _ in random.below(3) == 0 }
            ages = cuts.isEmpty ? [possible.randomElement(at: random.below(possible.count))] : cuts
        }
        return Population.Partition(ages: ages, hasSex: random.below(2) == 0, hasRegion: random.below(3) == 0)
    }

    /// Releases that were let through, in order, and how many were refused.
    /// - Parameter times: of every figure, and of the minimum cell.
    private static func sequence(_ seed: Int, gated: Bool = true, times: Int = 1) -> (passed: [Population.Release], refused: Int) {
        var random = SplitMix(state: UInt64(seed) &* 7_919)
        let people = Population.random(&random, times: times)
        var passed: [Population.Release] = []
        var refused = 0
        for number in 0..<7 {
            let isPublic = random.below(5) == 0
            let to = receivers[random.below(receivers.count)]
            guard
                let release = people.release(
                    partition(&random), id: "\(number)", day: number, to: [to], isPublic: isPublic, minimumCell: minimumCell * times)
            else { continue }
            var limits = DifferencingLimits()
            limits.treatmentRoundsMax = 0
            let isSafe = (try? SuppressionPlugin.differencing(limits: limits).audit(release.figures, against: passed.map(\.figures))) != nil
            if isSafe || !gated { passed.append(release) } else { refused += 1 }
        }
        return (passed, refused)
    }

    /// Regions pinned to one to four people by all that somebody holds, and by no single release of it.
    private static func leaks(_ passed: [Population.Release], times: Int = 1) throws -> [String] {
        var leaks: [String] = []
        for receiver in receivers {
            let known = passed.filter { $0.figures.isPublic || $0.figures.holders.contains(receiver) }
            guard known.count >= 2 else { continue }
            let together = try ask([known], regions)
            let pinned = regions.indices.filter { isPinned(together[0][$0], times) }.map { regions[$0] }
            guard !pinned.isEmpty else { continue }
            let alone = try ask(known.map { [$0] }, pinned)
            for (at, region) in pinned.enumerated() where !alone.contains(where: { isPinned($0[at], times) }) { leaks.append("\(receiver): \(region.name)") }
        }
        return leaks
    }

    private static func isPinned(_ interval: (low: Double, high: Double), _ times: Int) -> Bool {
        let tolerance = 1e-6 * Double(times)
        return (interval.low - tolerance).rounded(.up) >= 1 && (interval.high + tolerance).rounded(.down) < Double(minimumCell * times)
    }

    private static func ask(_ worlds: [[Population.Release]], _ regions: [(name: String, atoms: [Int])]) throws -> [[(low: Double, high: Double)]] {
        let equations = worlds.map { world in
            world.flatMap { release -> [[Any]] in
                release.atomsOfCell.indices.compactMap { cell in
                    release.figures.shown[cell].map { [release.atomsOfCell[cell], Double($0)] as [Any] }
                }
            }
        }
        let input = try JSONSerialization.data(withJSONObject: ["atoms": Population.atomCount, "worlds": equations, "regions": regions.map(\.atoms)])
        let output = try OraclePython.answer(of: "linked.py", to: [UInt8](input))
        let parsed = try JSONSerialization.jsonObject(with: Data(output)) as? [[[Any]]]
        let answer = try #require(parsed, "the oracle failed")
        return answer.map { $0.map { (low: $0[0] as? Double ?? 0, high: $0[1] as? Double ?? .infinity) } }
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"), arguments: 1...16)
    func noRegionOfAFewPeopleIsPinnedByWhatWasLetThrough(_ seed: Int) throws {
        let (passed, _) = Self.sequence(seed)
        let leaks = try Self.leaks(passed)
        #expect(leaks.isEmpty, "seed \(seed), \(passed.count) releases: \(leaks.prefix(5))")
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"), arguments: 1...8)
    func noRegionIsPinnedWhereFiguresAreTenThousandTimesAsLarge(_ seed: Int) throws {
        let (passed, _) = Self.sequence(seed, times: 10_000)
        let leaks = try Self.leaks(passed, times: 10_000)
        #expect(leaks.isEmpty, "seed \(seed), \(passed.count) releases: \(leaks.prefix(5))")
    }

    /// `SLUICE_MEASURE=1 SLUICE_ORACLE_PYTHON=… swift test --filter measuresWhatLeaksWithoutTheGate`
    @Test(.enabled(if: OraclePython.interpreter != nil && ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"))
    func measuresWhatLeaksWithoutTheGate() throws {
        var leaking = 0
        var stopped = 0
        var refused = 0
        for seed in 1...60 {
            let isRefused = Self.sequence(seed).refused > 0
            refused += isRefused ? 1 : 0
            guard try !Self.leaks(Self.sequence(seed, gated: false).passed).isEmpty else { continue }
            leaking += 1
            stopped += isRefused ? 1 : 0
        }
        print("of 60 sequences \(leaking) leaked without the gate; it refused a release in \(stopped) of these, and in \(refused) in all")
        #expect(stopped == leaking)
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func theAttackFindsWhatTheGateWouldHaveStopped() throws {
        // Else the test above could not fail.
        var found = 0
        for seed in 1...3 { found += try Self.leaks(Self.sequence(seed, gated: false).passed).count }
        #expect(found > 0)
    }

    @Test func letsHarmlessSequencesThrough() {
        var passed = 0
        var refused = 0
        for seed in 1...24 {
            let sequence = Self.sequence(seed)
            passed += sequence.passed.count
            refused += sequence.refused
        }
        print("of \(passed + refused) random releases \(passed) passed")
        #expect(passed > refused / 4)
    }
}

extension Collection {
    fileprivate func randomElement(at offset: Int) -> Element { self[index(startIndex, offsetBy: offset)] }
}
