/// Homogeneous equations Σ ±z = 0 over the deviations z = y − x from the true table, by row and by column.
///
/// The true table is z = 0, so a feasible point is always known; y ≥ 0 reads z ≥ −x. A term is the number of its column (or row), turned over
/// (`~`) where its sign is minus: four bytes each. The storage never changes once it is made.
final class SparseSystem {
    let rowCount: Int
    let columnCount: Int
    let rowStart: UnsafeMutablePointer<Int32>
    let rowTerm: UnsafeMutablePointer<Int32>
    let columnStart: UnsafeMutablePointer<Int32>
    let columnTerm: UnsafeMutablePointer<Int32>
    /// True values.
    let x: UnsafeMutableBufferPointer<Double>

    /// - Parameter rows: of each equation its (column, sign) terms; a sign is 1 or −1.
    convenience init(rows: [[(column: Int32, sign: Double)]], x: [Double]) {
        var equations = Equations()
        for row in rows {
            equations.append(
                row.lazy.map { term in
                    precondition(abs(term.sign) == 1, "a sum has terms with sign 1 or -1")
                    return term.sign > 0 ? term.column : ~term.column
                })
        }
        self.init(equations, x: x)
    }

    init(_ equations: Equations, x values: [Double]) {
        rowCount = equations.count
        columnCount = values.count
        let terms = equations.terms.count
        x = .allocate(capacity: max(1, values.count))
        _ = x.initialize(from: values + (values.isEmpty ? [0] : []))
        rowStart = .allocate(capacity: rowCount + 1)
        rowStart.initialize(from: equations.starts, count: rowCount + 1)
        rowTerm = .allocate(capacity: max(1, terms))
        rowTerm.initialize(from: equations.terms, count: terms)
        columnStart = .allocate(capacity: columnCount + 2)
        columnStart.initialize(repeating: 0, count: columnCount + 2)
        columnTerm = .allocate(capacity: max(1, terms))
        columnTerm.initialize(repeating: 0, count: max(1, terms))
        // Counted two places on, so that filling leaves each start where it belongs.
        for at in 0..<terms { columnStart[Self.index(rowTerm[at]) + 2] += 1 }
        for column in 0..<columnCount { columnStart[column + 2] += columnStart[column + 1] }
        for row in 0..<rowCount {
            for at in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                let column = Self.index(rowTerm[at])
                columnTerm[Int(columnStart[column + 1])] = rowTerm[at] >= 0 ? Int32(row) : ~Int32(row)
                columnStart[column + 1] += 1
            }
        }
    }

    deinit {
        x.deallocate()
        rowStart.deallocate()
        rowTerm.deallocate()
        columnStart.deallocate()
        columnTerm.deallocate()
    }

    @inline(__always) static func index(_ term: Int32) -> Int { Int(term >= 0 ? term : ~term) }
    @inline(__always) func terms(ofRow row: Int) -> Range<Int> { Int(rowStart[row])..<Int(rowStart[row + 1]) }
    @inline(__always) func terms(ofColumn column: Int) -> Range<Int> { Int(columnStart[column])..<Int(columnStart[column + 1]) }

    /// Whether a table that deviates only in these columns fits everything published: the proof on which every verdict "safe" rests.
    func admits(_ witness: Witness) -> Bool {
        guard witness.cells.count == witness.differences.count, witness.differences.allSatisfy(\.isFinite) else { return false }
        let slack = witness.slack
        var last: Int32 = -1
        for (cell, difference) in zip(witness.cells, witness.differences) {
            // Ascending, so that no cell is there twice: what its parts do below zero would not be seen.
            guard cell > last, Int(cell) < columnCount, difference >= -x[Int(cell)] - slack else { return false }
            last = cell
        }
        var sums: [Int32: Double] = [:]
        for (cell, difference) in zip(witness.cells, witness.differences) {
            for at in terms(ofColumn: Int(cell)) {
                let term = columnTerm[at]
                if term >= 0 { sums[term, default: 0] += difference } else { sums[~term, default: 0] -= difference }
            }
        }
        return sums.values.allSatisfy { abs($0) <= slack }
    }
}

/// Sums one after the other in one storage; terms as in `SparseSystem`.
struct Equations {
    private(set) var starts: [Int32] = [0]
    private(set) var terms: [Int32] = []

    var count: Int { starts.count - 1 }
    @inline(__always) func range(_ equation: Int) -> Range<Int> { Int(starts[equation])..<Int(starts[equation + 1]) }
    subscript(_ equation: Int) -> ArraySlice<Int32> { terms[range(equation)] }

    mutating func append(_ sum: some Sequence<Int32>) {
        terms.append(contentsOf: sum)
        starts.append(Int32(terms.count))
    }
}
