/// Another table that fits everything published and moves one cell by its protection level: the proof that the cell is safe on that side.
struct Witness: Sendable {
    /// Cells that differ, with the difference; sorted by cell.
    var cells: [Int32]
    var differences: [Double]

    func difference(of cell: Int) -> Double {
        var low = 0
        var high = cells.count
        while low < high {
            let middle = (low + high) / 2
            if Int(cells[middle]) < cell { low = middle + 1 } else { high = middle }
        }
        return low < cells.count && Int(cells[low]) == cell ? differences[low] : 0
    }

    func contains(_ cell: Int) -> Bool { difference(of: cell) != 0 }

    private var largest: Double { differences.reduce(0) { max($0, abs($1)) } }

    /// How far a sum of it may miss: what rounding makes of its largest difference.
    var slack: Double { max(1e-7, 1e-13 * largest) }

    /// Differences up to this one prove nothing: they may be what the sums miss.
    var negligible: Double { max(1e-6, 1e-10 * largest) }

    /// The table on the other side of the true one; nil where a cell would fall below zero.
    func opposite(in system: SparseSystem) -> Witness? {
        guard zip(cells, differences).allSatisfy({ $1 <= system.x[Int($0)] }) else { return nil }
        return Witness(cells: cells, differences: differences.map { -$0 })
    }
}
