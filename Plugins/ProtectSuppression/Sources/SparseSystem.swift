/// Homogeneous equations Σ ±z = 0 over the deviations z = y − x from the true table, by row and by column.
///
/// The true table is z = 0, so a feasible point is always known; y ≥ 0 reads z ≥ −x.
struct SparseSystem {
    let rowCount: Int
    let columnCount: Int
    let rowStart: [Int32]
    let rowColumn: [Int32]
    let rowSign: [Double]
    let columnStart: [Int32]
    let columnRow: [Int32]
    let columnSign: [Double]
    /// True values.
    let x: [Double]

    /// - Parameter rows: of each equation its (column, sign) terms.
    init(rows: [[(column: Int32, sign: Double)]], x: [Double]) {
        rowCount = rows.count
        columnCount = x.count
        self.x = x
        var start: [Int32] = [0]
        var columns: [Int32] = []
        var signs: [Double] = []
        var counts = [Int32](repeating: 0, count: x.count + 1)
        for row in rows {
            for term in row {
                columns.append(term.column)
                signs.append(term.sign)
                counts[Int(term.column) + 1] += 1
            }
            start.append(Int32(columns.count))
        }
        for column in 0..<x.count { counts[column + 1] += counts[column] }
        var next = counts
        var columnRow = [Int32](repeating: 0, count: columns.count)
        var columnSign = [Double](repeating: 0, count: columns.count)
        for row in rows.indices {
            for at in Int(start[row])..<Int(start[row + 1]) {
                let column = Int(columns[at])
                columnRow[Int(next[column])] = Int32(row)
                columnSign[Int(next[column])] = signs[at]
                next[column] += 1
            }
        }
        rowStart = start
        rowColumn = columns
        rowSign = signs
        columnStart = counts
        self.columnRow = columnRow
        self.columnSign = columnSign
    }

    @inline(__always) func terms(ofRow row: Int) -> Range<Int> { Int(rowStart[row])..<Int(rowStart[row + 1]) }
    @inline(__always) func terms(ofColumn column: Int) -> Range<Int> { Int(columnStart[column])..<Int(columnStart[column + 1]) }

    /// Whether `z` is a table that fits everything published: the proof on which every verdict "safe" rests.
    func admits(_ z: UnsafePointer<Double>) -> Bool {
        var largest = 1.0
        for column in 0..<columnCount {
            largest = max(largest, abs(z[column]))
            if z[column] < -x[column] - 1e-7 * max(1, x[column]) { return false }
        }
        for row in 0..<rowCount {
            var sum = 0.0
            for at in terms(ofRow: row) { sum += rowSign[at] * z[Int(rowColumn[at])] }
            if abs(sum) > 1e-9 * max(100, largest) { return false }
        }
        return true
    }
}
