/// What is known of those who contribute to each cell of a table, beside what travels: disclosure control needs it, and nobody else gets it.
///
/// One entry for each row of the table's batch, in its order. Tabulation makes it; summing cells to broader codes adds it up.
public struct CellContributions: Hashable, Sendable {
    /// How many of the largest contributions are kept for each cell.
    public let depth: Int
    /// Contributors of each row.
    public private(set) var counts: [Int64] = []
    /// Sum of the record keys of each row, mod 256; empty where there are none.
    public private(set) var cellKeys: [UInt8] = []
    private var largest: [ExactDecimal] = []

    public init(depth: Int) {
        precondition(depth >= 0, "a depth below zero")
        self.depth = depth
    }

    public var rowCount: Int { counts.count }

    /// The largest contributions to a row, the largest first; fewer than `depth` where fewer contribute. Contributions of zero may be left out.
    public func largest(_ row: Int) -> ArraySlice<ExactDecimal> {
        let all = largest[row * depth..<(row + 1) * depth]
        return all.prefix { !$0.isZero }
    }

    /// Adds the next row.
    /// - Parameter contributions: in any order; only the `depth` largest are kept.
    public mutating func append(count: Int64, largest contributions: some Sequence<ExactDecimal>, cellKey: UInt8? = nil) {
        counts.append(count)
        var kept = contributions.sorted(by: >).prefix(depth)
        while kept.count < depth { kept.append(.zero) }
        largest.append(contentsOf: kept)
        if let cellKey { cellKeys.append(cellKey) }
    }

    /// Those of cells that become one, whose contributors are different ones.
    public func merged(_ rows: some Sequence<Int>) -> (count: Int64, largest: [ExactDecimal], cellKey: UInt8?) {
        var count: Int64 = 0
        var all: [ExactDecimal] = []
        var key: UInt8? = cellKeys.isEmpty ? nil : 0
        for row in rows {
            count += counts[row]
            all += largest(row)
            if let sum = key { key = sum &+ cellKeys[row] }
        }
        return (count, Array(all.sorted(by: >).prefix(depth)), key)
    }
}
