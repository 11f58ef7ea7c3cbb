import SluiceKitTesting
import Testing

@Suite struct DeliverySimulationTests {
    @Test func appliesEachExchangeOnceAndInOrderThroughAnyStorm() throws {
        var seeds = SeededGenerator.announced(for: "appliesEachExchangeOnceAndInOrderThroughAnyStorm")
        var crashes = 0
        var repeats = 0
        var parkings = 0
        for _ in 0..<400 {
            let seed = seeds.next()
            var simulation = DeliverySimulation(seed: seed)
            do { try simulation.run() } catch { Issue.record("seed \(seed): \(error)") }
            crashes += simulation.crashes
            repeats += simulation.repeats
            parkings += simulation.parkings
        }
        // The storms were storms.
        #expect(crashes > 400 && repeats > 400 && parkings > 20, "\(crashes) crashes, \(repeats) repeats, \(parkings) parkings")
    }

    @Test(arguments: DeliverySimulation.Flaw.allCases) func noticesAFlaw(_ flaw: DeliverySimulation.Flaw) {
        var seeds = SeededGenerator(seed: 1)
        var noticed = 0
        for _ in 0..<40 {
            var simulation = DeliverySimulation(seed: seeds.next(), flaw: flaw)
            do { try simulation.run() } catch { noticed += 1 }
        }
        #expect(noticed > 30, "noticed in \(noticed) of 40 runs")
    }
}
