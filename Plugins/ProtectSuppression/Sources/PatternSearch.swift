import SluiceKit

/// Chooses which further cells of a table to withhold.
///
/// Cover: for every unsafe cell and side without a witness, take the cheapest one (`LocalSimplex`) and withhold what it moves.
/// Prune: publish again every further cell whose witnesses can do without it, dearest first. Improve: take a few neighbouring cells out, forbid
/// one, cover and prune again, keep what costs no more. At each point the witnesses prove the pattern safe; the audit then proves it anew.
final class PatternSearch {
    /// A cell has to be able to move by `difference`.
    struct Demand {
        var cell: Int
        var difference: Double
        /// Also for this contributor, who knows its own cells; −1 for an attacker who knows none.
        var insider = -1
    }
    private let system: SparseSystem
    private let simplex: LocalSimplex
    private let budget: WorkBudget
    private var demands: [Demand]
    /// Price of withholding a cell that could be published; infinite for cells that must be published, zero for those that are unknown anyway.
    private let price: [Double]
    private let isFixedUnknown: [Bool]
    private let tiny: [Double]
    private let tinyMax: Double
    private let insiders: [[Int]]
    private let insiderOfCell: [Int: Int]
    private var demandsOfCell: [Int: [Int]] = [:]
    private var state: PatternState
    private var total = 0.0
    private var random = SplitMix(state: 0x5eed_0f_51_1ce)

    /// - Parameter isUnknown: unsafe cells and those that no row has.
    init(
        _ system: SparseSystem, isUnknown: [Bool], price: [Double], demands: [Demand], insiders: [[Int]] = [], insiderOfCell: [Int: Int] = [:],
        equationsMax: Int, budget: WorkBudget
    ) {
        self.system = system
        self.budget = budget
        self.price = price
        self.demands = demands
        self.insiders = insiders
        self.insiderOfCell = insiderOfCell
        isFixedUnknown = isUnknown
        // Cells that are withheld anyway cost almost nothing, and each a little else, so that short patterns win and ties do not cycle.
        let least = price.reduce(Double.infinity) { $1 > 0 ? min($0, $1) : $0 }
        var perturbation = SplitMix(state: 0x7ab1e)
        let step = (least < .infinity ? least : 1) * 1e-4
        let tiny = price.map { _ in step * (1 + perturbation.fraction()) }
        self.tiny = tiny
        tinyMax = 2 * step
        simplex = LocalSimplex(
            system, costs: price.indices.map { isUnknown[$0] ? tiny[$0] : price[$0] + tiny[$0] }, equationsMax: equationsMax, budget: budget)
        state = PatternState(isWithheld: isUnknown, demandCount: demands.count)
        for (index, demand) in demands.enumerated() { demandsOfCell[demand.cell, default: []].append(index) }
    }

    /// The cells to withhold, unsafe ones included; nil when no pattern protects them.
    func run(improvementPivots: Int) throws(ProtectionError) -> [Bool]? {
        guard try cover(demands.indices.filter { state.witnessOfDemand[$0] < 0 }) else { return nil }
        state.forgetChanges()
        try prune(extra())
        try improve(pivots: improvementPivots)
        guard try protectFromInsiders() else { return nil }
        return state.isWithheld
    }

    private func extra() -> [Int] { state.isWithheld.indices.filter { state.isWithheld[$0] && !isFixedUnknown[$0] } }

    private func setWithheld(_ cell: Int, _ value: Bool) {
        guard state.isWithheld[cell] != value else { return }
        state.setWithheld(cell, value)
        total += value ? price[cell] : -price[cell]
        simplex.cost[cell] = value ? tiny[cell] : price[cell] + tiny[cell]
    }

    private func undo(to mark: Int) {
        state.undo(to: mark) { cell, wasWithheld in
            total += wasWithheld ? price[cell] : -price[cell]
            simplex.cost[cell] = wasWithheld ? tiny[cell] : price[cell] + tiny[cell]
        }
    }

    private func isTracked(_ cell: Int) -> Bool { !isFixedUnknown[cell] }

    /// - Parameter onlyWithheld: choose among cells that are withheld already.
    private func witness(_ demand: Demand, onlyWithheld: Bool) throws(ProtectionError) -> Witness? {
        simplex.costLimit = onlyWithheld ? tinyMax : .greatestFiniteMagnitude
        guard demand.insider >= 0 else { return try simplex.witness(moving: demand.cell, by: demand.difference) }
        let own = insiders[demand.insider]
        let costs = own.map { simplex.cost[$0] }
        for cell in own { simplex.cost[cell] = .infinity }
        defer { for (cell, cost) in zip(own, costs) { simplex.cost[cell] = cost } }
        return try simplex.witness(moving: demand.cell, by: demand.difference)
    }

    private func cover(_ wanted: [Int], forbidden: Int = -1) throws(ProtectionError) -> Bool {
        if forbidden >= 0 { simplex.cost[forbidden] = .infinity }
        defer { if forbidden >= 0 { simplex.cost[forbidden] = state.isWithheld[forbidden] ? tiny[forbidden] : price[forbidden] + tiny[forbidden] } }
        for index in wanted where state.witnessOfDemand[index] < 0 {
            guard let witness = try witness(demands[index], onlyWithheld: false) else { return false }
            for cell in witness.cells { setWithheld(Int(cell), true) }
            take(witness)
        }
        return true
    }

    /// Finds new witnesses within the cells that are withheld.
    private func mend(_ wanted: [Int]) throws(ProtectionError) -> Bool {
        for index in wanted where state.witnessOfDemand[index] < 0 {
            guard let witness = try witness(demands[index], onlyWithheld: true) else { return false }
            take(witness)
        }
        return true
    }

    /// Gives the witness, and its opposite where that is one, to every demand it meets and that has none.
    private func take(_ witness: Witness) {
        offer(witness)
        if let opposite = witness.opposite(in: system) { offer(opposite) }
    }

    private func offer(_ witness: Witness) {
        var number: Int32 = -1
        for (cell, difference) in zip(witness.cells, witness.differences) {
            for index in demandsOfCell[Int(cell)] ?? [] where state.witnessOfDemand[index] < 0 {
                guard Self.meets(difference, demands[index].difference) else { continue }
                let insider = demands[index].insider
                if insider >= 0, insiders[insider].contains(where: { witness.contains($0) }) { continue }
                if number < 0 { number = state.add(witness, trackedBy: isTracked) }
                state.setWitness(number, ofDemand: index)
            }
        }
    }

    static func meets(_ difference: Double, _ wanted: Double) -> Bool {
        wanted > 0 ? difference >= wanted - 1e-9 * max(1, wanted) : difference <= wanted + 1e-9 * max(1, -wanted)
    }

    /// Makes a cell published and says which demands lost their witness.
    private func publish(_ cell: Int) -> [Int] {
        setWithheld(cell, false)
        let lost = state.demands(moving: cell)
        for demand in lost { state.setWitness(-1, ofDemand: demand) }
        return lost
    }

    private func prune(_ cells: [Int]) throws(ProtectionError) {
        for cell in cells.sorted(by: { (price[$0], $0) > (price[$1], $1) }) where state.isWithheld[cell] && !isFixedUnknown[cell] {
            let mark = state.mark
            let lost = publish(cell)
            if try !mend(lost) { undo(to: mark) }
        }
    }

    private func improve(pivots: Int) throws(ProtectionError) {
        let end = budget.pivots + pivots
        var failures = 0
        var candidates = extra()
        let failuresMax = 40 * candidates.count + 100
        while budget.pivots < end, failures < failuresMax, candidates.count > 1 {
            state.compact(trackedBy: isTracked)
            state.forgetChanges()
            let before = total
            let first = candidates[random.below(candidates.count)]
            var lost = publish(first)
            // Cells that stand beside it in a witness, and now and then another one.
            var neighbours: [Int] = []
            for demand in lost.prefix(8) where true { neighbours += self.neighbours(of: first, in: demand) }
            for _ in 0..<random.below(4) {
                let next = neighbours.isEmpty || random.below(4) == 0 ? candidates[random.below(candidates.count)] : neighbours[random.below(neighbours.count)]
                if state.isWithheld[next] { lost += publish(next) }
            }
            failures += 1
            var touched = neighbours
            if try cover(lost, forbidden: first) {
                for demand in lost where state.witnessOfDemand[demand] >= 0 {
                    for cell in state.witnesses[Int(state.witnessOfDemand[demand])].cells where !isFixedUnknown[Int(cell)] { touched.append(Int(cell)) }
                }
                try prune(Array(Set(touched)))
            } else {
                total = .infinity
            }
            // An equal pattern is taken too: walking along the plateau finds the next step down.
            if total <= before + 1e-9 * before {
                if total < before - 1e-9 * before { failures = 0 }
                candidates = extra()
            } else {
                undo(to: 0)
                total = before
            }
        }
        state.forgetChanges()
    }

    private func neighbours(of cell: Int, in demand: Int) -> [Int] {
        var found: [Int] = []
        for row in system.terms(ofColumn: cell) {
            let equation = SparseSystem.index(system.columnTerm[row])
            for at in system.terms(ofRow: equation) {
                let other = SparseSystem.index(system.rowTerm[at])
                if other != cell, state.isWithheld[other], !isFixedUnknown[other] { found.append(other) }
            }
        }
        return found
    }

    /// Every contributor who is alone in a cell that a witness moves must meet another witness, which leaves its own cells alone.
    private func protectFromInsiders() throws(ProtectionError) -> Bool {
        guard !insiders.isEmpty else { return true }
        var known: Set<[Int]> = []
        while true {
            var added: [Int] = []
            for index in demands.indices where demands[index].insider < 0 && state.witnessOfDemand[index] >= 0 {
                let own = insiderOfCell[demands[index].cell]
                let groups = Set(state.witnesses[Int(state.witnessOfDemand[index])].cells.compactMap { insiderOfCell[Int($0)] })
                for group in groups.sorted() where group != own && known.insert([index, group]).inserted {
                    demandsOfCell[demands[index].cell, default: []].append(demands.count)
                    added.append(demands.count)
                    demands.append(Demand(cell: demands[index].cell, difference: demands[index].difference, insider: group))
                    state.addDemand()
                }
            }
            guard !added.isEmpty else { return true }
            let before = Set(extra())
            guard try cover(added) else { return false }
            state.forgetChanges()
            try prune(extra().filter { !before.contains($0) })
            state.forgetChanges()
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
