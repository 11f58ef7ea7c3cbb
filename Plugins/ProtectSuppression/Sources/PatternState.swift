/// Which cells are withheld and what proves it enough: witnesses, and which demand each serves. Every change can be taken back.
struct PatternState {
    private enum Change {
        case cell(Int, wasWithheld: Bool)
        case demand(Int, witness: Int32)
    }
    private(set) var isWithheld: [Bool]
    /// Of each demand, −1 where there is none.
    private(set) var witnessOfDemand: [Int32]
    private(set) var witnesses: [Witness] = []
    private var servedByWitness: [[Int32]] = []
    private var witnessesOfCell: [Int32: [Int32]] = [:]
    private var journal: [Change] = []
    private var compactAt = 1_000

    init(isWithheld: [Bool], demandCount: Int) {
        self.isWithheld = isWithheld
        witnessOfDemand = Array(repeating: -1, count: demandCount)
    }

    var mark: Int { journal.count }
    mutating func forgetChanges() { journal.removeAll(keepingCapacity: true) }
    mutating func addDemand() { witnessOfDemand.append(-1) }

    mutating func setWithheld(_ cell: Int, _ value: Bool) {
        journal.append(.cell(cell, wasWithheld: isWithheld[cell]))
        isWithheld[cell] = value
    }

    mutating func setWitness(_ witness: Int32, ofDemand demand: Int) {
        journal.append(.demand(demand, witness: witnessOfDemand[demand]))
        witnessOfDemand[demand] = witness
        if witness >= 0 { servedByWitness[Int(witness)].append(Int32(demand)) }
    }

    /// - Parameter isTracked: whether a cell's witnesses have to be found again; those that cannot be published need not.
    mutating func add(_ witness: Witness, trackedBy isTracked: (Int) -> Bool) -> Int32 {
        let number = Int32(witnesses.count)
        witnesses.append(witness)
        servedByWitness.append([])
        for cell in witness.cells where isTracked(Int(cell)) { witnessesOfCell[cell, default: []].append(number) }
        return number
    }

    /// Demands whose witness moves this cell.
    func demands(moving cell: Int) -> [Int] {
        var found: [Int] = []
        for witness in witnessesOfCell[Int32(cell)] ?? [] {
            for demand in servedByWitness[Int(witness)] where witnessOfDemand[Int(demand)] == witness { found.append(Int(demand)) }
        }
        // A witness that lost and won a demand again names it twice.
        return Set(found).sorted()
    }

    /// Takes back everything since the mark.
    /// - Parameter restored: called for each cell whose state changes.
    mutating func undo(to mark: Int, _ restored: (Int, Bool) -> Void) {
        while journal.count > mark, let change = journal.popLast() {
            switch change {
            case .cell(let cell, let wasWithheld):
                isWithheld[cell] = wasWithheld
                restored(cell, wasWithheld)
            case .demand(let demand, let witness): witnessOfDemand[demand] = witness
            }
        }
    }

    /// Drops witnesses that serve no demand, when they outnumber the others. Not while a change may be taken back.
    mutating func compact(trackedBy isTracked: (Int) -> Bool) {
        guard witnesses.count > compactAt else { return }
        let old = witnesses
        let assignment = witnessOfDemand
        witnesses = []
        servedByWitness = []
        witnessesOfCell = [:]
        var renumbered: [Int32: Int32] = [:]
        for (demand, witness) in assignment.enumerated() where witness >= 0 {
            let number: Int32
            if let known = renumbered[witness] {
                number = known
            } else {
                number = add(old[Int(witness)], trackedBy: isTracked)
                renumbered[witness] = number
            }
            witnessOfDemand[demand] = number
            servedByWitness[Int(number)].append(Int32(demand))
        }
        compactAt = 3 * witnesses.count + 1_000
        forgetChanges()
    }
}
