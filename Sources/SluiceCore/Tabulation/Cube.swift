import SluiceKit

/// The cells of a table while it is made: the most detailed ones that records fall into, then every total above them.
///
/// A key is one number of `DimensionCodes` for each dimension.
final class Cube {
    let dimensions: [DimensionCodes]
    let keys: KeyTable
    private(set) var tally: CellTally
    private let cellsMax: Int
    private let key: UnsafeMutablePointer<UInt32>
    private let keyColumns: KeyColumns

    init(_ dimensions: [DimensionCodes], _ wanted: CellTally.Wanted, cellsMax: Int) {
        self.dimensions = dimensions
        self.cellsMax = cellsMax
        keys = KeyTable(width: dimensions.count, keysMax: cellsMax)
        tally = CellTally(wanted)
        key = .allocate(capacity: max(1, dimensions.count))
        key.initialize(repeating: 0, count: max(1, dimensions.count))
        keyColumns = .allocate(capacity: max(1, dimensions.count))
        for position in dimensions.indices { keyColumns[position] = UnsafePointer(key + position) }
    }

    deinit {
        key.deallocate()
        keyColumns.deallocate()
    }

    var count: Int { tally.count }

    var tooLarge: TabulationError {
        TabulationError(
            .tooLarge,
            "the table has more than \(cellsMax) cells; tabulate in less detail (classes, a longer period, fewer totals), or split the records by period")
    }

    /// The cell of a row, a new one at its first appearance.
    func cell(_ columns: KeyColumns, _ row: Int) throws(TabulationError) -> Int {
        let number = keys.number(columns, row)
        guard number != KeyTable.none else { throw tooLarge }
        if Int(number) >= tally.count { tally.extend(to: Int(number) + 1) }
        return Int(number)
    }

    func add(_ cell: Int, amount: ExactDecimal) throws(TabulationError) { try tally.add(cell, amount: amount) }
    func contribute(_ cell: Int, amount: ExactDecimal, key: UInt8) { tally.contribute(cell, amount: amount, key: key) }

    /// Records of each code that records have, by dimension; taken before totals are made.
    func recordsByCode() -> [[Int64]] {
        var counts = dimensions.map { [Int64](repeating: 0, count: $0.codes.count) }
        for cell in 0..<count { for position in dimensions.indices { counts[position][Int(keys.code(UInt32(cell), position))] += tally.records[cell] } }
        return counts
    }

    /// Makes the cells of all ancestors and totals, in every combination, one dimension after the other.
    func rollUp() throws(TabulationError) {
        for position in dimensions.indices {
            // Up to here every cell has a code of the records in this dimension.
            for cell in 0..<count {
                for above in dimensions[position].above[Int(keys.code(UInt32(cell), position))] ?? [] {
                    for other in dimensions.indices { key[other] = keys.code(UInt32(cell), other) }
                    key[position] = above
                    try tally.merge(cell, into: self.cell(keyColumns, 0))
                }
            }
        }
    }

    /// Adds contributors who are in several of the most detailed cells: once to each cell, totals included, with the sum of what they have there.
    func contribute(_ contributors: ContributorTally) throws(TabulationError) {
        var stamps = ContiguousArray<UInt32>(repeating: .max, count: count)
        var places = ContiguousArray<UInt32>(repeating: 0, count: count)
        var ordinal: UInt32 = 0
        var touched: [ContributorTally.Share] = []
        try contributors.eachContributor(inSeveralCells: true) { shares, recordKey throws(TabulationError) in
            touched.removeAll(keepingCapacity: true)
            for share in shares {
                try eachCell(above: share.cell) { cell throws(TabulationError) in
                    if stamps[cell] == ordinal {
                        let place = Int(places[cell])
                        touched[place].amount = try CellTally.sum(touched[place].amount, share.amount)
                    } else {
                        stamps[cell] = ordinal
                        places[cell] = UInt32(touched.count)
                        touched.append(ContributorTally.Share(cell: cell, amount: share.amount))
                    }
                }
            }
            for share in touched { tally.contribute(share.cell, amount: share.amount, key: recordKey) }
            ordinal += 1
        }
    }

    /// The cell itself and every one whose total it is part of.
    private func eachCell(above cell: Int, _ body: (Int) throws(TabulationError) -> Void) throws(TabulationError) {
        func descend(_ position: Int) throws(TabulationError) {
            guard position < dimensions.count else { return try body(self.cell(keyColumns, 0)) }
            let code = keys.code(UInt32(cell), position)
            key[position] = code
            try descend(position + 1)
            for above in dimensions[position].above[Int(code)] ?? [] {
                key[position] = above
                try descend(position + 1)
            }
        }
        try descend(0)
    }

    /// Makes cells of all combinations of the codes that there are.
    func addZeros() throws(TabulationError) {
        var combinations = 1
        for dimension in dimensions {
            let (product, overflow) = combinations.multipliedReportingOverflow(by: dimension.codes.count)
            guard !overflow, product <= cellsMax else {
                throw TabulationError(
                    .tooLarge, "with its zeros the table has more than \(cellsMax) cells; leave out `zeros`, or tabulate in less detail")
            }
            combinations = product
        }
        for combination in 0..<combinations {
            var rest = combination
            for position in dimensions.indices {
                key[position] = UInt32(rest % dimensions[position].codes.count)
                rest /= dimensions[position].codes.count
            }
            _ = try cell(keyColumns, 0)
        }
    }

    /// The cells in the order of their codes, the first dimension first: nothing of the order of the records is left.
    /// - Parameter ranks: by dimension and number of the code.
    func ordered(_ ranks: [[Int]]) -> [Int] {
        var order = Array(0..<count)
        for position in dimensions.indices.reversed() {
            var starts = [Int](repeating: 0, count: dimensions[position].codes.count + 1)
            for cell in order { starts[ranks[position][Int(keys.code(UInt32(cell), position))] + 1] += 1 }
            for rank in 0..<(starts.count - 1) { starts[rank + 1] += starts[rank] }
            var sorted = [Int](repeating: 0, count: count)
            for cell in order {
                let rank = ranks[position][Int(keys.code(UInt32(cell), position))]
                sorted[starts[rank]] = cell
                starts[rank] += 1
            }
            order = sorted
        }
        return order
    }
}
