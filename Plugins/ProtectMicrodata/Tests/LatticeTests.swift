import SluiceKitTesting
import Testing

@testable import ProtectMicrodata

@Suite struct LatticeTests {
    /// Against trying every combination.
    @Test func findsTheLeastLossOfAll() throws {
        var generator = SeededGenerator.announced(for: "the lattice")
        for _ in 0..<200 {
            let losses = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                (0..<Int.random(in: 1...5, using: &generator)).map { _ in Double(Int.random(in: 0...20, using: &generator)) / 20 }.sorted()
            }
            var lattice = Lattice(losses: losses)
            let nodes = try #require(lattice.nodes(atMost: 10_000))
            #expect(nodes.count == losses.reduce(1) { $0 * $1.count })
            // Monotone: good from some of a few random floors upward. What is good may still not do (t-closeness is not monotone).
            let floors = (0..<2).map { _ in losses.map { Int.random(in: 0..<$0.count, using: &generator) } }
            func isHopeless(_ node: [Int]) -> Bool { !floors.contains { floor in zip(floor, node).allSatisfy { $0 <= $1 } } }
            func does(_ node: [Int]) -> Bool { !isHopeless(node) && node.reduce(0, +) % 3 != 1 }
            let best = nodes.filter(does).map { lattice.loss($0) }.min()
            var attempts = 0
            let found = lattice.search(nodes, isHopeless: isHopeless) { node -> Int? in
                attempts += 1
                return does(node) ? node.reduce(0, +) : nil
            }
            #expect(found.map { lattice.loss($0.node) } == best)
            #expect(attempts <= nodes.count)
        }
    }

    @Test func looksAtFewCombinationsWhereMostAreHopeless() throws {
        let losses = Array(repeating: (0..<8).map { Double($0) / 7 }, count: 4)
        var lattice = Lattice(losses: losses)
        let nodes = try #require(lattice.nodes(atMost: 10_000))
        var looks = 0
        let found = lattice.search(
            nodes,
            isHopeless: { node in
                looks += 1
                return node[0] < 7 || node[1] < 6
            },
            attempt: { node -> [Int]? in
                looks += 1
                return node
            })
        #expect(found?.node == [7, 6, 0, 0])
        #expect(looks < 400, "\(looks) of \(nodes.count)")
    }

    @Test func refusesMoreCombinationsThanAllowed() {
        #expect(Lattice(losses: Array(repeating: [0, 1], count: 62)).nodes(atMost: 50_000) == nil)
        #expect(Lattice(losses: [[0, 1], [0, 1]]).nodes(atMost: 4)?.count == 4)
        #expect(Lattice(losses: [[0, 1], [0, 1]]).nodes(atMost: 3) == nil)
    }
}
