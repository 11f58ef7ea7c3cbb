/// The part of a simplex basis that is not logical variables: square, dense inverse, updated step by step.
///
/// Rows whose logical is basic need no arithmetic, so this is as small as the number of cells in the basis: a few dozen where one program
/// touches a corner of the table, whatever the table's size. Not shared between tasks.
final class LocalBasis {
    private let system: SparseSystem
    private let countMax: Int
    private(set) var count = 0
    /// Equation and column of each position.
    private(set) var rows: [Int32] = []
    private(set) var columns: [Int32] = []
    /// Position in the basis, −1 outside.
    let positionOfColumn: UnsafeMutablePointer<Int32>
    let positionOfRow: UnsafeMutablePointer<Int32>
    /// Row p belongs to column `columns[p]`, column r to equation `rows[r]`.
    private var inverse: UnsafeMutablePointer<Double>
    private var scratch: UnsafeMutablePointer<Double>
    private var capacity = 64
    /// A tableau column over positions.
    private(set) var weight: UnsafeMutablePointer<Double>
    /// A tableau row over columns, and those of them that are in it.
    let alpha: UnsafeMutablePointer<Double>
    private let isInAlpha: UnsafeMutablePointer<Bool>
    private(set) var alphaColumns: [Int32] = []
    private(set) var updatesSinceRebuild = 0

    init(_ system: SparseSystem, countMax: Int) {
        self.system = system
        self.countMax = countMax
        let columnCount = max(1, system.columnCount)
        positionOfColumn = .allocate(capacity: columnCount)
        positionOfColumn.initialize(repeating: -1, count: columnCount)
        positionOfRow = .allocate(capacity: max(1, system.rowCount))
        positionOfRow.initialize(repeating: -1, count: max(1, system.rowCount))
        alpha = .allocate(capacity: columnCount)
        alpha.initialize(repeating: 0, count: columnCount)
        isInAlpha = .allocate(capacity: columnCount)
        isInAlpha.initialize(repeating: false, count: columnCount)
        inverse = .allocate(capacity: capacity * capacity)
        scratch = .allocate(capacity: capacity)
        weight = .allocate(capacity: capacity)
        inverse.initialize(repeating: 0, count: capacity * capacity)
        scratch.initialize(repeating: 0, count: capacity)
        weight.initialize(repeating: 0, count: capacity)
    }

    deinit {
        positionOfColumn.deallocate()
        positionOfRow.deallocate()
        alpha.deallocate()
        isInAlpha.deallocate()
        inverse.deallocate()
        scratch.deallocate()
        weight.deallocate()
    }

    /// Back to the basis of logicals only.
    func removeAll() {
        for column in columns { positionOfColumn[Int(column)] = -1 }
        for row in rows { positionOfRow[Int(row)] = -1 }
        rows.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
        count = 0
        updatesSinceRebuild = 0
        clearAlpha()
    }

    private func clearAlpha() {
        for column in alphaColumns {
            alpha[Int(column)] = 0
            isInAlpha[Int(column)] = false
        }
        alphaColumns.removeAll(keepingCapacity: true)
    }

    private func addRowToAlpha(_ row: Int, times factor: Double) {
        for at in system.terms(ofRow: row) {
            let term = system.rowTerm[at]
            let column = SparseSystem.index(term)
            if !isInAlpha[column] {
                isInAlpha[column] = true
                alphaColumns.append(Int32(column))
            }
            alpha[column] += term >= 0 ? factor : -factor
        }
    }

    /// The tableau row of the cell at `position`, into `alpha`.
    func loadTableauRow(position: Int) {
        clearAlpha()
        let row = inverse + position * capacity
        for at in 0..<count where row[at] != 0 { addRowToAlpha(Int(rows[at]), times: row[at]) }
    }

    /// The tableau row of the logical of an equation whose logical is basic, into `alpha`.
    func loadTableauRow(ofLogical equation: Int) {
        clearAlpha()
        addInverseRows(of: equation)
        for at in 0..<count where abs(scratch[at]) > 1e-13 { addRowToAlpha(Int(rows[at]), times: -scratch[at]) }
        addRowToAlpha(equation, times: 1)
    }

    /// What the basic cells of an equation weigh in it, over the basis' equations, into `scratch`.
    private func addInverseRows(of equation: Int) {
        scratch.update(repeating: 0, count: count)
        for at in system.terms(ofRow: equation) {
            let term = system.rowTerm[at]
            let position = Int(positionOfColumn[SparseSystem.index(term)])
            guard position >= 0 else { continue }
            let row = inverse + position * capacity
            if term >= 0 {
                for other in 0..<count { scratch[other] += row[other] }
            } else {
                for other in 0..<count { scratch[other] -= row[other] }
            }
        }
    }

    /// The tableau column of `column` over the positions, into `weight`.
    func loadTableauColumn(_ column: Int) {
        weight.update(repeating: 0, count: count)
        for at in system.terms(ofColumn: column) {
            let term = system.columnTerm[at]
            let position = Int(positionOfRow[SparseSystem.index(term)])
            guard position >= 0 else { continue }
            let sign = term >= 0 ? 1.0 : -1.0
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
        for at in 0..<count where pivotRow[at] != 0 { pivotRow[at] *= factor }
        for other in 0..<count where other != position && weight[other] != 0 {
            let multiple = weight[other]
            let row = inverse + other * capacity
            for at in 0..<count { row[at] -= multiple * pivotRow[at] }
        }
        positionOfColumn[Int(columns[position])] = -1
        columns[position] = Int32(column)
        positionOfColumn[column] = Int32(position)
        updatesSinceRebuild += 1
    }

    /// The logical of `equation` leaves, `column` enters; `weight` holds its tableau column, `pivot` its entry in the equation's tableau row.
    /// False when the basis may not grow further.
    func append(equation: Int, column: Int, pivot: Double) -> Bool {
        if count == capacity {
            guard capacity < countMax else { return false }
            grow()
        }
        addInverseRows(of: equation)
        let factor = 1 / pivot
        for position in 0..<count {
            let row = inverse + position * capacity
            let multiple = weight[position] * factor
            if multiple != 0 { for other in 0..<count { row[other] += multiple * scratch[other] } }
            row[count] = -multiple
        }
        let last = inverse + count * capacity
        for other in 0..<count { last[other] = -scratch[other] * factor }
        last[count] = factor
        rows.append(Int32(equation))
        columns.append(Int32(column))
        positionOfColumn[column] = Int32(count)
        positionOfRow[equation] = Int32(count)
        count += 1
        updatesSinceRebuild += 1
        return true
    }

    private func grow() {
        let larger = min(countMax, capacity * 2)
        let grown = UnsafeMutablePointer<Double>.allocate(capacity: larger * larger)
        grown.initialize(repeating: 0, count: larger * larger)
        for position in 0..<count { (grown + position * larger).update(from: inverse + position * capacity, count: count) }
        inverse.deallocate()
        inverse = grown
        scratch.deallocate()
        scratch = .allocate(capacity: larger)
        scratch.initialize(repeating: 0, count: larger)
        let weights = UnsafeMutablePointer<Double>.allocate(capacity: larger)
        weights.initialize(repeating: 0, count: larger)
        weights.update(from: weight, count: count)
        weight.deallocate()
        weight = weights
        capacity = larger
    }

    /// Recomputes the inverse from the equations, which takes the drift of many updates away. False when the basis is singular in floating point.
    func rebuild() -> Bool {
        let size = count
        var matrix = [Double](repeating: 0, count: size * size)
        for position in 0..<size {
            for at in system.terms(ofColumn: Int(columns[position])) {
                let term = system.columnTerm[at]
                let row = Int(positionOfRow[SparseSystem.index(term)])
                if row >= 0 { matrix[row * size + position] = term >= 0 ? 1 : -1 }
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
