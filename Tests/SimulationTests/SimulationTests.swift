import Foundation
import Testing

/// Two nodes (even seeds) and five (odd ones) in bad weather. `SIMULATION_SEED=1234 swift test --filter SimulationTests` replays one seed with its
/// history; `SIMULATION_SEEDS=100000` runs that many.
@Suite struct SimulationTests {
    static let environment = ProcessInfo.processInfo.environment
    static let replayed = environment["SIMULATION_SEED"].flatMap { UInt64($0) }
    static let seeds = environment["SIMULATION_SEEDS"].flatMap { Int($0) } ?? 10_000
    /// Parts that run side by side.
    static let parts = 8

    @Test(.enabled(if: replayed == nil), arguments: 0..<parts) func losesNothingDoublesNothingAndKeepsOrder(_ part: Int) {
        var tally = World.Tally()
        for seed in stride(from: part, to: Self.seeds, by: Self.parts) {
            let world = World(seed: UInt64(seed))
            world.run()
            tally += world.tally
            if let breach = world.breaches.first {
                Issue.record("\(breach)\nSIMULATION_SEED=\(seed) swift test --filter SimulationTests")
            }
        }
        // The weather was bad: every kind of trouble happened.
        if Self.seeds >= 1_000 { #expect(tally.missing == []) }
        if part == 0 { print("simulation, part 0 of \(Self.parts): \(tally)") }
    }

    @Test(.enabled(if: replayed != nil)) func replaysOneSeed() {
        guard let seed = Self.replayed else { return }
        let world = World(seed: seed, isTracing: true)
        world.run()
        print(world.trace.joined(separator: "\n"))
        for breach in world.breaches { Issue.record("\(breach)") }
    }

    /// In calm weather each write of a history, one at a time, fails in each of the ways it can; then nothing may be lost at all.
    @Test(.enabled(if: replayed == nil), arguments: World.Fate.allCases) func survivesTroubleAtEveryWrite(_ fate: World.Fate) {
        var tried = 0
        for seed in UInt64(0)..<12 {
            var write = 0
            while true {
                let world = World(seed: seed, failing: (write, fate))
                world.run()
                for breach in world.breaches { Issue.record("seed \(seed), write \(write) \(fate): \(breach)") }
                #expect(world.tally.parkings == 0 && world.tally.settled == world.plans.count, "seed \(seed), write \(write) \(fate): \(world.tally)")
                // The history was over before that write.
                if write >= world.tally.writes { break }
                write += 1
                tried += 1
            }
        }
        #expect(tried > 500, "\(tried) writes tried")
    }

    @Test(.enabled(if: replayed == nil)) func isTheSameHistoryForTheSameSeed() {
        for seed in [UInt64(4), 5] {
            let worlds = (0..<2).map { _ in World(seed: seed, isTracing: true) }
            for world in worlds { world.run() }
            #expect(!worlds[0].trace.isEmpty)
            #expect(worlds[0].trace == worlds[1].trace)
        }
    }

    @Test(.enabled(if: replayed == nil), arguments: Flaw.allCases) func notices(_ flaw: Flaw) {
        var tried: UInt64 = 0
        var noticed = 0
        while tried < 1_500, noticed < 3 {
            let world = World(seed: tried, flaw: flaw)
            world.run()
            if !world.breaches.isEmpty { noticed += 1 }
            tried += 1
        }
        print("\(flaw): noticed \(noticed) times in \(tried) seeds")
        #expect(noticed == 3, "\(flaw) was noticed \(noticed) times in \(tried) seeds")
    }
}
