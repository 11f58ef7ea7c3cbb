import SluiceKit

/// Chooses which further cells of a table to withhold.
///
/// Cover: for every unsafe cell and side without a witness, take the cheapest one (`LocalSimplex`) and withhold what it moves.
/// Prune: publish again every further cell whose witnesses can do without it, dearest first. Improve: take a few neighbouring cells out, forbid
/// one, cover and prune again under other prices, keep what costs no more. At each point the witnesses prove the pattern safe; the audit then
/// proves it anew.
final class PatternSearch {
    /// A cell has to be able to move by `difference`.
    struct Demand {
        var cell: Int
        var difference: Double
        /// Also for this contributor, who knows its own cells; −1 for an attacker who knows none.
        var insider = -1
        /// What the rules ask for, where a repair wants more.
        var asked: Double?
    }
    private let system: SparseSystem
    private let simplex: LocalSimplex
    private let budget: WorkBudget
    private var demands: [Demand]
    private let isFixedUnknown: [Bool]
    /// Price of each cell if it were published; infinite for cells that must be.
    private var fullPrice: [Double]
    /// What the programs see: the full price and up to so much of it more.
    private var cost: [Double]
    private let insiders: [[Int]]
    private let insiderOfCell: [Int: Int]
    private var demandsOfCell: [Int: [Int]] = [:]
    private var state: PatternState
    /// What the pattern costs: the prices of all further cells.
    private(set) var total = 0.0
    private var random = SplitMix(state: 0x5eed_0f_51_1ce)
    private var prices: SplitMix
    private let programPivotsMax: Int

    /// - Parameters:
    ///   - isUnknown: unsafe cells and those that no row has.
    ///   - fullPrice: what each would cost if it were published.
    ///   - start: from the first, programs see the prices as they are; from another one up to half as high again, so that the search walks elsewhere.
    init(
        _ system: SparseSystem, isUnknown: [Bool], fullPrice: [Double], demands: [Demand], insiders: [[Int]] = [], insiderOfCell: [Int: Int] = [:],
        limits: SuppressionLimits, budget: WorkBudget, start: Int = 0
    ) {
        programPivotsMax = limits.programPivotsMax
        self.fullPrice = fullPrice
        self.system = system
        self.budget = budget
        self.demands = demands
        self.insiders = insiders
        self.insiderOfCell = insiderOfCell
        isFixedUnknown = isUnknown
        prices = SplitMix(state: 0x7ab1e + UInt64(start))
        cost = fullPrice
        simplex = LocalSimplex(system, costs: fullPrice, equationsMax: limits.equationsOfPartMax, budget: budget)
        for cell in isUnknown.indices { simplex.isOpen[cell] = isUnknown[cell] }
        state = PatternState(isWithheld: isUnknown, demandCount: demands.count)
        for (index, demand) in demands.enumerated() { demandsOfCell[demand.cell, default: []].append(index) }
        drawPrices(spread: start == 0 ? Self.tieSpread : 0.5)
    }

    /// The cells to withhold, unsafe ones included; nil when no pattern protects them.
    /// - Parameter improvementPivotsMax: spent on withholding fewer; small tables need less.
    /// - Throws: `tooLarge` where it is not known whether one does: a program ran out of `programPivotsMax`, or all together of `pivotsMax`; `deadline`.
    func run(improvementPivotsMax: Int) throws(ProtectionError) -> [Bool]? {
        let before = budget.pivots
        guard try cover(demands.indices.filter { state.witnessOfDemand[$0] < 0 }) else { return nil }
        state.forgetChanges()
        let further = extra()
        // Proportional to the work so far, so that the whole stays so to the table.
        try prune(further, until: budget.pivots + 2 * (budget.pivots - before) + 20_000)
        try improve(effort: min(improvementPivotsMax, 2_000 * further.count))
        guard try protectFromInsiders() else { return nil }
        return state.isWithheld
    }

    /// Mends a pattern in which the audit found something.
    /// - Parameters:
    ///   - idle: cells that may as well be published.
    ///   - weak: unsafe cells that need a wider interval; where no pattern gives one, what the rules ask for has to do.
    /// - Returns: as `run`.
    func repair(idle: [Int], weak: [Int]) throws(ProtectionError) -> [Bool]? {
        var lost: [Int] = []
        for cell in weak {
            for demand in demandsOfCell[cell] ?? [] {
                demands[demand].asked = demands[demand].asked ?? demands[demand].difference
                demands[demand].difference = max(demands[demand].difference * 1.5, -system.x[cell])
                state.setWitness(-1, ofDemand: demand)
                lost.append(demand)
            }
        }
        for cell in idle {
            lost += publish(cell)
            fullPrice[cell] = .infinity
            cost[cell] = .infinity
            simplex.cost[cell] = .infinity
        }
        guard try cover(lost) else { return nil }
        state.forgetChanges()
        guard try protectFromInsiders() else { return nil }
        return state.isWithheld
    }

    /// What proves the pattern, for the attack to check and to use.
    var proofs: [Witness] { Set(state.witnessOfDemand).filter { $0 >= 0 }.sorted().map { state.witnesses[Int($0)] } }

    private func extra() -> [Int] { state.isWithheld.indices.filter { state.isWithheld[$0] && !isFixedUnknown[$0] } }

    private func setWithheld(_ cell: Int, _ value: Bool) {
        guard state.isWithheld[cell] != value else { return }
        state.setWithheld(cell, value)
        total += value ? price(cell) : -price(cell)
        simplex.isOpen[cell] = value
    }

    private func undo(to mark: Int) {
        state.undo(to: mark) { cell, wasWithheld in
            total += wasWithheld ? price(cell) : -price(cell)
            simplex.isOpen[cell] = wasWithheld
        }
    }

    private func isTracked(_ cell: Int) -> Bool { !isFixedUnknown[cell] }

    /// What a withheld cell costs of its price, and the steps in which a program has to end with it. The less it costs, the fewer further cells a
    /// witness takes; but a program then walks through all that are withheld before it pays for another one, so the next one pays more for them.
    private static let attempts: [(share: Double, pivots: Int)] = [(0.01, 120), (0.1, 300), (1, 4_000)]

    /// - Parameters:
    ///   - onlyWithheld: choose among cells that are withheld already.
    ///   - isNeeded: spend `programPivotsMax` on it.
    /// - Returns: nil when there is none (`simplex.isInfeasible`), or none was found in the steps.
    private func witness(_ demand: Demand, onlyWithheld: Bool, isNeeded: Bool = false) throws(ProtectionError) -> Witness? {
        simplex.onlyOpen = onlyWithheld
        let own = demand.insider >= 0 ? insiders[demand.insider] : []
        for cell in own { simplex.cost[cell] = .infinity }
        defer { for cell in own { simplex.cost[cell] = cost[cell] } }
        for (share, pivots) in onlyWithheld ? [(1, 150)] : Self.attempts + (isNeeded ? [(1, .max)] : []) {
            simplex.openShare = share
            simplex.roundsMax = min(pivots, programPivotsMax)
            if let witness = try simplex.witness(moving: demand.cell, by: demand.difference) { return witness }
            if simplex.isInfeasible { return nil }
        }
        return nil
    }

    /// Finds a witness for each demand and withholds what it moves.
    /// - Parameter forbidden: a cell to do without, if that takes few steps.
    /// - Returns: false when one has none.
    /// - Throws: `tooLarge` where it is not known whether one has.
    private func cover(_ wanted: [Int], forbidden: Int = -1) throws(ProtectionError) -> Bool {
        if forbidden >= 0 { simplex.cost[forbidden] = .infinity }
        defer { if forbidden >= 0 { simplex.cost[forbidden] = cost[forbidden] } }
        for index in wanted where state.witnessOfDemand[index] < 0 {
            var found = try witness(demands[index], onlyWithheld: false, isNeeded: forbidden < 0)
            if found == nil, let asked = demands[index].asked, forbidden < 0 {
                demands[index].difference = asked
                demands[index].asked = nil
                found = try witness(demands[index], onlyWithheld: false, isNeeded: true)
            }
            guard let witness = found else {
                guard simplex.isInfeasible || forbidden >= 0 else { throw outOfSteps }
                return false
            }
            for cell in witness.cells { setWithheld(Int(cell), true) }
            take(witness)
        }
        return true
    }

    private var outOfSteps: ProtectionError {
        ProtectionError(
            .tooLarge,
            detail:
                "a program that looks for cells to withhold did not end in \(programPivotsMax) steps; split the table by period or region, coarsen a dimension, or leave one out"
        )
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

    private func prune(_ cells: [Int], until end: Int = .max) throws(ProtectionError) {
        for cell in cells.sorted(by: { (price($0), $0) > (price($1), $1) }) where state.isWithheld[cell] && !isFixedUnknown[cell] {
            if budget.pivots > end { return }
            let mark = state.mark
            let lost = publish(cell)
            if try !mend(lost) { undo(to: mark) }
        }
    }

    /// How much dearer the programs see a cell at most while they improve, of its price. Without other prices each time, a cell that was withheld
    /// first stays: programs ask for the least sum of differences, and the fewest cells are another question (`OptimumTests`).
    private static let improvementSpread = 4.0
    /// Each costs a little else, so that ties do not cycle.
    private static let tieSpread = 1e-3

    /// What withholding a cell costs: nothing where it is unknown anyway.
    private func price(_ cell: Int) -> Double { isFixedUnknown[cell] ? 0 : fullPrice[cell] }

    private func drawPrices(spread: Double) {
        for cell in cost.indices where cost[cell] < .infinity {
            cost[cell] = fullPrice[cell] * (1 + spread * prices.fraction())
            simplex.cost[cell] = cost[cell]
        }
    }

    private func improve(effort: Int) throws(ProtectionError) {
        let end = budget.effort + effort
        // Drawing prices takes a pass over the table: in a large one they serve several attempts.
        let effortOfPrices = system.columnCount / 20
        var pricesEnd = budget.effort
        defer { drawPrices(spread: Self.tieSpread) }
        var failures = 0
        var candidates = extra()
        var accepted = 0
        let failuresMax = 40 * candidates.count + 100
        while budget.effort < end, failures < failuresMax, candidates.count > 1 {
            state.compact(trackedBy: isTracked)
            state.forgetChanges()
            if budget.effort >= pricesEnd {
                drawPrices(spread: Self.improvementSpread)
                pricesEnd = budget.effort + effortOfPrices
            }
            let before = total
            let first = candidates[random.below(candidates.count)]
            failures += 1
            guard state.isWithheld[first] else { continue }
            var lost = publish(first)
            // Cells that share a sum with it, and now and then another one.
            let neighbours = neighbours(of: first)
            for _ in 0..<random.below(4) {
                let next = neighbours.isEmpty || random.below(4) == 0 ? candidates[random.below(candidates.count)] : neighbours[random.below(neighbours.count)]
                if state.isWithheld[next] { lost += publish(next) }
            }
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
                accepted += 1
                // Looking for them takes a pass over the table; old ones are skipped.
                if candidates.count < 500 || accepted % 64 == 0 { candidates = extra() }
            } else {
                undo(to: 0)
                total = before
            }
        }
        state.forgetChanges()
    }

    private func neighbours(of cell: Int) -> [Int] {
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
                    demands.append(Demand(cell: demands[index].cell, difference: demands[index].difference, insider: group, asked: demands[index].asked))
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
