import SluiceKit

/// Chooses which further cells of one connected part of the table to withhold.
///
/// Cover: for every unsafe cell and side without a witness, take the cheapest one (`PatternSolver`) and withhold what it moves.
/// Prune: publish again every further cell whose witnesses can do without it, dearest first. Improve: take a few cells out, forbid one,
/// cover and prune again, keep what costs less. At each point the witnesses prove the pattern safe; the audit then proves it anew.
final class PatternSearch {
    /// A cell has to be able to move by `difference`.
    struct Demand {
        var cell: Int
        var difference: Double
    }
    private let system: SparseSystem
    private let solver: PatternSolver
    private let budget: WorkBudget
    private let demands: [Demand]
    /// Price of withholding a cell that could be published; infinite for cells that must be published, zero for those that are unknown anyway.
    private let price: [Double]
    private let isFixedUnknown: [Bool]
    private let tiny: [Double]

    /// A pattern with the witnesses that prove it.
    private struct State {
        var isWithheld: [Bool]
        var witnesses: [Witness]
        /// Witness of each demand, −1 where there is none yet.
        var witnessOfDemand: [Int]
    }
    private var demandsOfCell: [Int: [Int]] = [:]
    private var random = SplitMix(state: 0x5eed_0f_51_1ce)

    /// - Parameter isUnknown: unsafe cells and those that no row has.
    init(_ system: SparseSystem, isUnknown: [Bool], price: [Double], demands: [Demand], budget: WorkBudget) {
        self.system = system
        self.budget = budget
        self.price = price
        self.demands = demands
        isFixedUnknown = isUnknown
        solver = PatternSolver(system, budget: budget)
        // Cells that are withheld anyway cost almost nothing, and each a little else, so that short patterns win and ties do not cycle.
        let least = price.filter { $0 > 0 && $0 < .infinity }.min() ?? 1
        var perturbation = SplitMix(state: 0x7ab1e)
        tiny = price.map { _ in least * 1e-4 * (1 + perturbation.fraction()) }
        for (index, demand) in demands.enumerated() { demandsOfCell[demand.cell, default: []].append(index) }
    }

    /// The cells to withhold, unsafe ones included; nil when no pattern protects them.
    func run(improvementPivots: Int) throws(ProtectionError) -> [Bool]? {
        var state = State(isWithheld: isFixedUnknown, witnesses: [], witnessOfDemand: Array(repeating: -1, count: demands.count))
        guard try cover(&state, forbidden: []) else { return nil }
        try prune(&state)
        try improve(&state, pivots: improvementPivots)
        return state.isWithheld
    }

    private func extra(_ state: State) -> [Int] { state.isWithheld.indices.filter { state.isWithheld[$0] && !isFixedUnknown[$0] } }
    private func total(_ state: State) -> Double { extra(state).reduce(0) { $0 + price[$1] } }

    /// - Parameter onlyWithheld: choose among cells that are withheld already.
    private func costs(_ state: State, forbidden: Set<Int>, onlyWithheld: Bool) -> [Double] {
        var cost = tiny
        for cell in cost.indices where !state.isWithheld[cell] {
            cost[cell] = onlyWithheld || forbidden.contains(cell) ? .infinity : price[cell] + tiny[cell]
        }
        return cost
    }

    private func cover(_ state: inout State, forbidden: Set<Int>) throws(ProtectionError) -> Bool {
        var cost = costs(state, forbidden: forbidden, onlyWithheld: false)
        for index in demands.indices where state.witnessOfDemand[index] < 0 {
            guard let witness = try solver.witness(moving: demands[index].cell, by: demands[index].difference, cost: cost) else { return false }
            for cell in witness.cells where !state.isWithheld[Int(cell)] {
                state.isWithheld[Int(cell)] = true
                cost[Int(cell)] = tiny[Int(cell)]
            }
            take(witness, into: &state, for: index)
        }
        return true
    }

    /// Gives the witness to every demand it meets and that has none.
    private func take(_ witness: Witness, into state: inout State, for demand: Int) {
        func offer(_ witness: Witness) {
            let position = state.witnesses.count
            var isUsed = false
            for (cell, difference) in zip(witness.cells, witness.differences) {
                for index in demandsOfCell[Int(cell)] ?? [] where state.witnessOfDemand[index] < 0 {
                    let wanted = demands[index].difference
                    if wanted > 0 ? difference >= wanted - 1e-9 * max(1, wanted) : difference <= wanted + 1e-9 * max(1, -wanted) {
                        state.witnessOfDemand[index] = position
                        isUsed = true
                    }
                }
            }
            if isUsed { state.witnesses.append(witness) }
        }
        offer(witness)
        // The opposite table is one too where no cell falls below zero.
        if zip(witness.cells, witness.differences).allSatisfy({ $1 <= system.x[Int($0)] }) {
            offer(Witness(cells: witness.cells, differences: witness.differences.map { -$0 }))
        }
    }

    private func contains(_ witness: Witness, _ cell: Int) -> Bool {
        var low = 0
        var high = witness.cells.count
        while low < high {
            let middle = (low + high) / 2
            if Int(witness.cells[middle]) < cell { low = middle + 1 } else { high = middle }
        }
        return low < witness.cells.count && Int(witness.cells[low]) == cell
    }

    /// Makes `cell` published and drops the witnesses that moved it.
    private func publish(_ cell: Int, in state: inout State) {
        state.isWithheld[cell] = false
        let isBroken = state.witnesses.map { contains($0, cell) }
        for index in demands.indices where state.witnessOfDemand[index] >= 0 && isBroken[state.witnessOfDemand[index]] { state.witnessOfDemand[index] = -1 }
    }

    private func prune(_ state: inout State, among cells: [Int]? = nil) throws(ProtectionError) {
        for cell in (cells ?? extra(state)).sorted(by: { (price[$0], $0) > (price[$1], $1) }) where state.isWithheld[cell] && !isFixedUnknown[cell] {
            var trial = state
            publish(cell, in: &trial)
            if try mend(&trial) { state = trial }
        }
        forgetUnused(&state)
    }

    /// Finds new witnesses within the cells that are withheld.
    private func mend(_ state: inout State) throws(ProtectionError) -> Bool {
        let cost = costs(state, forbidden: [], onlyWithheld: true)
        for index in demands.indices where state.witnessOfDemand[index] < 0 {
            guard let witness = try solver.witness(moving: demands[index].cell, by: demands[index].difference, cost: cost) else { return false }
            take(witness, into: &state, for: index)
        }
        return true
    }

    private func forgetUnused(_ state: inout State) {
        var kept: [Int: Int] = [:]
        var witnesses: [Witness] = []
        for index in demands.indices where state.witnessOfDemand[index] >= 0 {
            let old = state.witnessOfDemand[index]
            if kept[old] == nil {
                kept[old] = witnesses.count
                witnesses.append(state.witnesses[old])
            }
            state.witnessOfDemand[index] = kept[old] ?? -1
        }
        state.witnesses = witnesses
    }

    private func improve(_ state: inout State, pivots: Int) throws(ProtectionError) {
        let end = budget.pivots + pivots
        var best = total(state)
        var failures = 0
        while budget.pivots < end, failures < 200 {
            let candidates = extra(state)
            guard candidates.count > 1 else { return }
            var trial = state
            let first = candidates[random.below(candidates.count)]
            var removed: Set<Int> = [first]
            for _ in 0..<random.below(4) { removed.insert(candidates[random.below(candidates.count)]) }
            for cell in removed.sorted() { publish(cell, in: &trial) }
            failures += 1
            guard try cover(&trial, forbidden: [first]) else { continue }
            try prune(&trial)
            let cost = total(trial)
            // An equal pattern is taken too: walking along the plateau finds the next step down.
            if cost <= best {
                if cost < best - 1e-9 { failures = 0 }
                best = cost
                state = trial
            }
        }
    }
}

/// A small seeded generator: the same table always gives the same pattern.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(bound)) }
}
