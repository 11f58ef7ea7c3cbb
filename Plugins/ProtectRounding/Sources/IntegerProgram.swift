/// Least cost over whole numbers within bounds, under sums with coefficients 1 and −1: what rounding one connected part of a table asks.
struct IntegerProgram {
    struct Column {
        /// Cell of the table that moves by one base with each unit.
        var cell: Int
        var lower: Int
        var upper: Int
        var cost: Int
        var terms: [(row: Int32, sign: Int8)] = []
    }
    var columns: [Column] = []
    /// Right-hand side of each sum.
    var right: [Int] = []

    /// Whether values are within bounds and every sum holds; exact.
    func admits(_ values: [Int]) -> Bool {
        var left = Array(repeating: 0, count: right.count)
        for (column, value) in zip(columns, values) {
            guard value >= column.lower, value <= column.upper else { return false }
            for term in column.terms { left[Int(term.row)] += value * Int(term.sign) }
        }
        return left == right
    }

    func cost(_ values: [Int]) -> Int { zip(columns, values).reduce(0) { $0 + $1.0.cost * $1.1 } }
}
