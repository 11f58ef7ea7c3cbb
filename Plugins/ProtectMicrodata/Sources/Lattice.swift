/// The search for the combination of levels that loses least, over the lattice of all of them.
///
/// Combinations are tried in order of loss (then of levels, so that the result is always the same), so the first that is good is the best. What is hopeless
/// stays hopeless at every finer level (k-anonymity and distinct l-diversity are monotone): before a combination is tried, the way from it up to the top is
/// halved until its lowest combination that is not hopeless is found, and whatever lies below a hopeless one is never looked at.
struct Lattice {
    /// Losses of the levels of each component, growing.
    let losses: [[Double]]
    private var hopeless: [[Int]] = []

    init(losses: [[Double]]) { self.losses = losses }

    /// nil when there are more than `max`.
    func nodes(atMost max: Int) -> [[Int]]? {
        var count = 1
        for levels in losses {
            let (product, overflow) = count.multipliedReportingOverflow(by: levels.count)
            guard !overflow, product <= max else { return nil }
            count = product
        }
        var nodes: [[Int]] = [[]]
        for levels in losses { nodes = nodes.flatMap { node in levels.indices.map { node + [$0] } } }
        let weighed = nodes.map { node in (node: node, loss: loss(node), height: node.reduce(0, +)) }
        return weighed.sorted {
            ($0.loss, $0.height) != ($1.loss, $1.height) ? ($0.loss, $0.height) < ($1.loss, $1.height) : $0.node.lexicographicallyPrecedes($1.node)
        }
        .map(\.node)
    }

    func loss(_ node: [Int]) -> Double { node.enumerated().reduce(0) { $0 + losses[$1.offset][$1.element] } }

    private func isBelowHopeless(_ node: [Int]) -> Bool { hopeless.contains { above in zip(node, above).allSatisfy { $0 <= $1 } } }

    private mutating func note(hopeless node: [Int]) {
        hopeless.removeAll { below in zip(below, node).allSatisfy { $0 <= $1 } }
        hopeless.append(node)
    }

    /// From a node to the top, one level at a time, each component in turn.
    private func way(from node: [Int]) -> [[Int]] {
        var way = [node]
        var current = node
        while true {
            var hasMoved = false
            for component in current.indices where current[component] + 1 < losses[component].count {
                current[component] += 1
                way.append(current)
                hasMoved = true
            }
            guard hasMoved else { return way }
        }
    }

    /// The first node, in order of loss, of which `attempt` makes something.
    /// - Parameters:
    ///   - isHopeless: monotone: true of every finer node too.
    ///   - attempt: nil where the node does not do.
    mutating func search<Outcome, Failure: Error>(
        _ nodes: [[Int]], isHopeless: ([Int]) throws(Failure) -> Bool, attempt: ([Int]) throws(Failure) -> Outcome?
    ) throws(Failure) -> (node: [Int], outcome: Outcome)? {
        let top = losses.map { $0.count - 1 }
        guard try !isHopeless(top) else { return nil }
        for node in nodes where !isBelowHopeless(node) {
            // The top is known not to be hopeless; the lower end is looked at last.
            let way = way(from: node)
            var (low, high) = (0, way.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if try isHopeless(way[middle]) {
                    note(hopeless: way[middle])
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low == 0 else { continue }
            if let outcome = try attempt(node) { return (node, outcome) }
        }
        return nil
    }
}
