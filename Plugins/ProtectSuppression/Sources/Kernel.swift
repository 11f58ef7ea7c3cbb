/// The part of a simplex basis that is not logical variables: square, dense inverse, updated step by step.
///
/// Rows whose logical is basic need no arithmetic, so the kernel is as small as the number of cells in the basis, and the equations
/// themselves stay sparse. Not shared between tasks.
final class Kernel {
    let system: SparseSystem
    let capacity: Int
    private(set) var count = 0
    /// Equation and column of each position.
    private(set) var rows: [Int]
    private(set) var columns: [Int]
    /// Position of a column in the basis, −1 outside.
    private(set) var positionOfColumn: [Int32]
    private(set) var positionOfRow: [Int32]
    /// Row p belongs to column `columns[p]`, column r to equation `rows[r]`.
    private let inverse: UnsafeMutablePointer<Double>
    private let scratch: UnsafeMutablePointer<Double>
    private let scratchIndex: UnsafeMutablePointer<Int32>
    /// Work vectors: `alpha` over columns (a tableau row), `weight` over positions (a tableau column).
    let alpha: UnsafeMutablePointer<Double>
    let weight: UnsafeMutablePointer<Double>
    private(set) var updatesSinceRebuild = 0

    init(_ system: SparseSystem) {
        self.system = system
        capacity = max(1, min(system.rowCount, system.columnCount))
        rows = []
        columns = []
        rows.reserveCapacity(capacity)
        columns.reserveCapacity(capacity)
        positionOfColumn = Array(repeating: -1, count: system.columnCount)
        positionOfRow = Array(repeating: -1, count: system.rowCount)
        inverse = .allocate(capacity: capacity * capacity)
        inverse.initialize(repeating: 0, count: capacity * capacity)
        scratch = .allocate(capacity: capacity)
        scratch.initialize(repeating: 0, count: capacity)
        scratchIndex = .allocate(capacity: capacity)
        scratchIndex.initialize(repeating: 0, count: capacity)
        alpha = .allocate(capacity: max(1, system.columnCount))
        alpha.initialize(repeating: 0, count: max(1, system.columnCount))
        weight = .allocate(capacity: capacity)
        weight.initialize(repeating: 0, count: capacity)
    }

    deinit {
        inverse.deallocate()
        scratch.deallocate()
        scratchIndex.deallocate()
        alpha.deallocate()
        weight.deallocate()
    }

    /// Back to the basis of logicals only.
    func removeAll() {
        for column in columns { positionOfColumn[column] = -1 }
        for row in rows { positionOfRow[row] = -1 }
        rows.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
        count = 0
        updatesSinceRebuild = 0
    }

    private func addRowToAlpha(_ row: Int, times factor: Double) {
        system.rowColumn.withUnsafeBufferPointer { column in
            system.rowSign.withUnsafeBufferPointer { sign in
                for at in system.terms(ofRow: row) { alpha[Int(column[at])] += factor * sign[at] }
            }
        }
    }

    private func clearAlpha() { alpha.update(repeating: 0, count: system.columnCount) }

    /// The tableau row of the cell at `position`, into `alpha`.
    func loadTableauRow(position: Int) {
        clearAlpha()
        let row = inverse + position * capacity
        for at in 0..<count where row[at] != 0 { addRowToAlpha(rows[at], times: row[at]) }
    }

    /// The tableau row of the logical of an equation whose logical is basic, into `alpha`.
    func loadTableauRow(ofLogical equation: Int) {
        clearAlpha()
        scratch.update(repeating: 0, count: count)
        for at in system.terms(ofRow: equation) {
            let position = Int(positionOfColumn[Int(system.rowColumn[at])])
            guard position >= 0 else { continue }
            let sign = system.rowSign[at]
            let row = inverse + position * capacity
            for other in 0..<count { scratch[other] += sign * row[other] }
        }
        for at in 0..<count where abs(scratch[at]) > 1e-13 { addRowToAlpha(rows[at], times: -scratch[at]) }
        addRowToAlpha(equation, times: 1)
    }

    /// The tableau column of `column` over the kernel's positions, into `weight`.
    func loadTableauColumn(_ column: Int) {
        weight.update(repeating: 0, count: count)
        for at in system.terms(ofColumn: column) {
            let position = Int(positionOfRow[Int(system.columnRow[at])])
            guard position >= 0 else { continue }
            let sign = system.columnSign[at]
            var entry = inverse + position
            for other in 0..<count {
                weight[other] += sign * entry.pointee
                entry += capacity
            }
        }
        for at in 0..<count where abs(weight[at]) < 1e-12 { weight[at] = 0 }
    }

    /// The cell at `position` leaves, `column` enters; `weight` holds its tableau column.
    func replace(position: Int, by column: Int) {
        let pivotRow = inverse + position * capacity
        let factor = 1 / weight[position]
        var filled = 0
        for at in 0..<count where pivotRow[at] != 0 {
            pivotRow[at] *= factor
            scratchIndex[filled] = Int32(at)
            filled += 1
        }
        for other in 0..<count where other != position && weight[other] != 0 {
            let multiple = weight[other]
            let row = inverse + other * capacity
            if filled * 3 > count {
                for at in 0..<count { row[at] -= multiple * pivotRow[at] }
            } else {
                for index in 0..<filled {
                    let at = Int(scratchIndex[index])
                    row[at] -= multiple * pivotRow[at]
                }
            }
        }
        positionOfColumn[columns[position]] = -1
        columns[position] = column
        positionOfColumn[column] = Int32(position)
        updatesSinceRebuild += 1
    }

    /// The logical of `equation` leaves, `column` enters; `weight` holds its tableau column, `pivot` its entry in the equation's tableau row.
    func append(equation: Int, column: Int, pivot: Double) {
        precondition(count < capacity, "a kernel has at most min(rows, columns) positions")
        scratch.update(repeating: 0, count: count)
        for at in system.terms(ofRow: equation) {
            let position = Int(positionOfColumn[Int(system.rowColumn[at])])
            guard position >= 0 else { continue }
            let sign = system.rowSign[at]
            let row = inverse + position * capacity
            for other in 0..<count { scratch[other] += sign * row[other] }
        }
        let factor = 1 / pivot
        for position in 0..<count {
            let row = inverse + position * capacity
            let multiple = weight[position] * factor
            if multiple != 0 { for other in 0..<count where scratch[other] != 0 { row[other] += multiple * scratch[other] } }
            row[count] = -multiple
        }
        let last = inverse + count * capacity
        for other in 0..<count { last[other] = -scratch[other] * factor }
        last[count] = factor
        rows.append(equation)
        columns.append(column)
        positionOfColumn[column] = Int32(count)
        positionOfRow[equation] = Int32(count)
        count += 1
        updatesSinceRebuild += 1
    }

    /// Recomputes the inverse from the equations, which takes the drift of many updates away. False when the basis is singular in floating point.
    func rebuild() -> Bool {
        let size = count
        var matrix = [Double](repeating: 0, count: size * size)
        for position in 0..<size {
            for at in system.terms(ofColumn: columns[position]) {
                let row = Int(positionOfRow[Int(system.columnRow[at])])
                if row >= 0 { matrix[row * size + position] = system.columnSign[at] }
            }
        }
        // Gauss-Jordan with row pivoting: inverse[p][r], so that columns[p] answers to rows[r].
        for position in 0..<size {
            let row = inverse + position * capacity
            row.update(repeating: 0, count: size)
            row[position] = 1
        }
        for step in 0..<size {
            var best = step
            for row in step..<size where abs(matrix[row * size + step]) > abs(matrix[best * size + step]) { best = row }
            guard abs(matrix[best * size + step]) > 1e-9 else { return false }
            if best != step {
                for at in 0..<size {
                    matrix.swapAt(best * size + at, step * size + at)
                    let kept = inverse[best * capacity + at]
                    inverse[best * capacity + at] = inverse[step * capacity + at]
                    inverse[step * capacity + at] = kept
                }
            }
            let factor = 1 / matrix[step * size + step]
            for at in step..<size { matrix[step * size + at] *= factor }
            for at in 0..<size { inverse[step * capacity + at] *= factor }
            for row in 0..<size where row != step {
                let multiple = matrix[row * size + step]
                guard multiple != 0 else { continue }
                for at in step..<size { matrix[row * size + at] -= multiple * matrix[step * size + at] }
                for at in 0..<size { inverse[row * capacity + at] -= multiple * inverse[step * capacity + at] }
            }
        }
        updatesSinceRebuild = 0
        return true
    }
}
