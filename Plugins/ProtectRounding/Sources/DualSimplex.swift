import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// A dual simplex for the relaxation of an integer program with bounded columns.
///
/// Every column has two finite bounds, so a basis of logicals with each column at its cheaper bound is optimal but for the sums that do not hold:
/// each cell at its nearest multiple. From there the sums are mended one by one (dual steepest edge, long steps over flipped bounds).
/// Changing a bound keeps that property, so a search tree goes on from the basis at hand. Not shared between tasks.
final class DualSimplex {
    let rowCount: Int
    let columnCount: Int
    private let columnStart: [Int32]
    private let columnRow: [Int32]
    private let columnSign: [Double]
    private let rowStart: [Int32]
    private let rowColumn: [Int32]
    private let rowSign: [Double]
    private let right: [Double]
    /// Whether a column is the total of some sum; it is whole as soon as its parts are.
    private let isTotal: [Bool]
    private let cost: [Double]
    private let budget: WorkBudget

    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    /// Value of each column, in the basis or not.
    let value: UnsafeMutablePointer<Double>
    private let reduced: UnsafeMutablePointer<Double>
    /// Position in the basis, −1 outside.
    private let position: UnsafeMutablePointer<Int32>
    /// Column of each position; −1 where it is the logical of that row.
    private let basis: UnsafeMutablePointer<Int32>
    private let basic: UnsafeMutablePointer<Double>
    /// Inverse of the basis, row by row, and the squares of its rows' lengths.
    private let inverse: UnsafeMutablePointer<Double>
    private let weight: UnsafeMutablePointer<Double>
    private let alpha: UnsafeMutablePointer<Double>
    private let isTouched: UnsafeMutablePointer<Bool>
    private let entering: UnsafeMutablePointer<Double>
    private let shift: UnsafeMutablePointer<Double>
    private let isShifted: UnsafeMutablePointer<Bool>
    private var touched: [Int32] = []
    private var nonzeros: [Int32] = []
    private var candidates: [Candidate] = []
    private(set) var pivotsSinceReset = 0
    private static let pivotsUntilCheck = 2_000

    private struct Candidate {
        var column: Int32
        var ratio: Double
        var size: Double
    }
    enum Outcome { case optimal, infeasible }

    /// - Parameter cost: of each column, with a small part of its own so that the optimum is one point.
    init(_ program: IntegerProgram, cost: [Double], budget: WorkBudget) {
        rowCount = program.right.count
        columnCount = program.columns.count
        self.cost = cost
        self.budget = budget
        right = program.right.map(Double.init)
        isTotal = program.columns.map { $0.terms.contains { $0.sign < 0 } }
        var start: [Int32] = [0]
        var rows: [Int32] = []
        var signs: [Double] = []
        var counts = [Int32](repeating: 0, count: rowCount + 1)
        for column in program.columns {
            for term in column.terms {
                rows.append(term.row)
                signs.append(Double(term.sign))
                counts[Int(term.row) + 1] += 1
            }
            start.append(Int32(rows.count))
        }
        for row in 0..<rowCount { counts[row + 1] += counts[row] }
        var next = counts
        var rowColumn = [Int32](repeating: 0, count: rows.count)
        var rowSign = [Double](repeating: 0, count: rows.count)
        for column in 0..<columnCount {
            for at in Int(start[column])..<Int(start[column + 1]) {
                let row = Int(rows[at])
                rowColumn[Int(next[row])] = Int32(column)
                rowSign[Int(next[row])] = signs[at]
                next[row] += 1
            }
        }
        columnStart = start
        columnRow = rows
        columnSign = signs
        rowStart = counts
        self.rowColumn = rowColumn
        self.rowSign = rowSign

        func room<Element>(_ count: Int, _ filler: Element) -> UnsafeMutablePointer<Element> {
            let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
            memory.initialize(repeating: filler, count: max(1, count))
            return memory
        }
        lower = room(columnCount, 0)
        upper = room(columnCount, 0)
        value = room(columnCount, 0)
        reduced = room(columnCount, 0)
        position = room(columnCount, -1)
        basis = room(rowCount, -1)
        basic = room(rowCount, 0)
        inverse = room(rowCount * rowCount, 0)
        weight = room(rowCount, 1)
        alpha = room(columnCount, 0)
        isTouched = room(columnCount, false)
        entering = room(rowCount, 0)
        shift = room(rowCount, 0)
        isShifted = room(rowCount, false)
        for (index, column) in program.columns.enumerated() {
            lower[index] = Double(column.lower)
            upper[index] = Double(column.upper)
        }
        reset()
    }

    deinit {
        for memory in [lower, upper, value, reduced, basic, inverse, weight, alpha, entering, shift] { memory.deallocate() }
        position.deallocate()
        basis.deallocate()
        isTouched.deallocate()
        isShifted.deallocate()
    }

    /// Starts over: every logical in the basis.
    func reset() {
        inverse.update(repeating: 0, count: max(1, rowCount * rowCount))
        for row in 0..<rowCount {
            inverse[row * rowCount + row] = 1
            weight[row] = 1
            basis[row] = -1
        }
        for column in 0..<columnCount {
            position[column] = -1
            reduced[column] = cost[column]
        }
        pivotsSinceReset = 0
        settle()
    }

    /// Puts each column outside the basis at its cheaper bound, after bounds were changed, and works out the others.
    func settle() {
        for column in 0..<columnCount where position[column] < 0 { value[column] = reduced[column] >= 0 ? lower[column] : upper[column] }
        computeBasics()
    }

    private func computeBasics() {
        for row in 0..<rowCount { shift[row] = right[row] }
        for column in 0..<columnCount where position[column] < 0 && value[column] != 0 {
            for at in Int(columnStart[column])..<Int(columnStart[column + 1]) { shift[Int(columnRow[at])] -= columnSign[at] * value[column] }
        }
        nonzeros.removeAll(keepingCapacity: true)
        for row in 0..<rowCount where shift[row] != 0 { nonzeros.append(Int32(row)) }
        for place in 0..<rowCount {
            let own = inverse + place * rowCount
            var sum = 0.0
            for row in nonzeros { sum += own[Int(row)] * shift[Int(row)] }
            basic[place] = sum
            if basis[place] >= 0 { value[Int(basis[place])] = sum }
        }
        for row in nonzeros { shift[Int(row)] = 0 }
    }

    var objective: Double { (0..<columnCount).reduce(0) { $0 + cost[$1] * value[$1] } }

    /// Mends the sums until all hold, at least cost.
    func solve() throws(ProtectionError) -> Outcome {
        var restarts = 0
        while true {
            let outcome = try run()
            if outcome == .optimal, !isExact() {
                // Rounding has crept in: start over. Twice would be a fault of ours.
                restarts += 1
                guard restarts < 3 else {
                    throw lostPrecision
                }
                reset()
                continue
            }
            if outcome == .infeasible, pivotsSinceReset > Self.pivotsUntilCheck, restarts == 0 {
                restarts += 1
                reset()
                continue
            }
            return outcome
        }
    }

    private var lostPrecision: ProtectionError {
        ProtectionError(.tooLarge, detail: "the linear program of a part of the table lost its precision; split the table by period or region")
    }

    private func isExact() -> Bool {
        for row in 0..<rowCount {
            var sum = -right[row]
            for at in Int(rowStart[row])..<Int(rowStart[row + 1]) { sum += rowSign[at] * value[Int(rowColumn[at])] }
            if abs(sum) > 1e-6 { return false }
        }
        return true
    }

    private func run() throws(ProtectionError) -> Outcome {
        var sinceCheck = 0
        while true {
            guard let leaving = chooseLeaving() else { return .optimal }
            try budget.spend()
            let column = Int(basis[leaving])
            let low = column < 0 ? 0 : lower[column]
            let high = column < 0 ? 0 : upper[column]
            let isBelow = basic[leaving] < low
            let bound = isBelow ? low : high
            loadRow(leaving)
            guard let chosen = chooseEntering(isBelow: isBelow, excess: isBelow ? low - basic[leaving] : basic[leaving] - high) else { return .infeasible }
            loadColumn(chosen)
            let pivot = entering[leaving]
            // The tableau's row and column meet here; where they disagree the inverse has lost its precision.
            guard abs(pivot - alpha[chosen]) <= 1e-6 * max(1, abs(pivot)), abs(pivot) > 1e-7 else {
                guard pivotsSinceReset > 0 else {
                    throw lostPrecision
                }
                reset()
                continue
            }
            exchange(leaving, column, chosen, pivot, bound)
            pivotsSinceReset += 1
            sinceCheck += 1
            if sinceCheck > Self.pivotsUntilCheck {
                sinceCheck = 0
                computeBasics()
            }
        }
    }

    private func chooseLeaving() -> Int? {
        var best = -1
        var bestScore = 0.0
        for place in 0..<rowCount {
            let column = Int(basis[place])
            let low = column < 0 ? 0 : lower[column]
            let high = column < 0 ? 0 : upper[column]
            let excess = max(low - basic[place], basic[place] - high)
            guard excess > 1e-7 else { continue }
            let score = excess * excess / weight[place]
            if score > bestScore {
                best = place
                bestScore = score
            }
        }
        return best < 0 ? nil : best
    }

    /// A row of the tableau, in `alpha` at the columns `touched`.
    private func loadRow(_ place: Int) {
        for column in touched {
            alpha[Int(column)] = 0
            isTouched[Int(column)] = false
        }
        touched.removeAll(keepingCapacity: true)
        let own = inverse + place * rowCount
        for row in 0..<rowCount {
            let factor = own[row]
            guard factor != 0 else { continue }
            for at in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                let column = Int(rowColumn[at])
                if !isTouched[column] {
                    isTouched[column] = true
                    touched.append(Int32(column))
                }
                alpha[column] += factor * rowSign[at]
            }
        }
    }

    private func loadColumn(_ column: Int) {
        entering.update(repeating: 0, count: rowCount)
        for at in Int(columnStart[column])..<Int(columnStart[column + 1]) {
            let row = Int(columnRow[at])
            let sign = columnSign[at]
            var from = inverse + row
            for place in 0..<rowCount {
                entering[place] += sign * from.pointee
                from += rowCount
            }
        }
    }

    /// The column whose reduced cost is used up first, after those on the way have been sent to their other bound; nil when no table fits.
    private func chooseEntering(isBelow: Bool, excess: Double) -> Int? {
        candidates.removeAll(keepingCapacity: true)
        for index in touched {
            let column = Int(index)
            guard position[column] < 0, lower[column] < upper[column] else { continue }
            let rate = isBelow ? -alpha[column] : alpha[column]
            let isAtLower = value[column] == lower[column]
            guard isAtLower ? rate > 1e-9 : rate < -1e-9 else { continue }
            let size = abs(rate)
            candidates.append(Candidate(column: index, ratio: max(0, isAtLower ? reduced[column] : -reduced[column]) / size, size: size))
        }
        var left = excess
        candidates.sort { ($0.ratio, $0.column) < ($1.ratio, $1.column) }
        var flipped = 0
        for (index, candidate) in candidates.enumerated() {
            let column = Int(candidate.column)
            let taken = candidate.size * (upper[column] - lower[column])
            if left - taken <= 1e-9 {
                // A pivot near zero ruins the inverse; a neighbour of nearly the same ratio may do.
                var chosen = index
                if candidate.size < 1e-3 {
                    for other in index..<candidates.count where candidates[other].ratio <= candidate.ratio + 1e-9 {
                        if candidates[other].size > candidates[chosen].size { chosen = other }
                    }
                }
                flip(flipped)
                return Int(candidates[chosen].column)
            }
            left -= taken
            flipped = index + 1
        }
        return nil
    }

    /// Sends the first candidates to their other bound.
    private func flip(_ count: Int) {
        guard count > 0 else { return }
        nonzeros.removeAll(keepingCapacity: true)
        for index in 0..<count {
            let column = Int(candidates[index].column)
            let other = value[column] == lower[column] ? upper[column] : lower[column]
            let difference = other - value[column]
            value[column] = other
            for at in Int(columnStart[column])..<Int(columnStart[column + 1]) {
                let row = Int(columnRow[at])
                if !isShifted[row] {
                    isShifted[row] = true
                    nonzeros.append(Int32(row))
                }
                shift[row] += columnSign[at] * difference
            }
        }
        for place in 0..<rowCount {
            let own = inverse + place * rowCount
            var sum = 0.0
            for row in nonzeros { sum += own[Int(row)] * shift[Int(row)] }
            guard sum != 0 else { continue }
            basic[place] -= sum
            if basis[place] >= 0 { value[Int(basis[place])] = basic[place] }
        }
        for row in nonzeros {
            shift[Int(row)] = 0
            isShifted[Int(row)] = false
        }
    }

    private func exchange(_ place: Int, _ column: Int, _ chosen: Int, _ pivot: Double, _ bound: Double) {
        let step = (basic[place] - bound) / pivot
        let dual = reduced[chosen] / pivot
        for index in touched where position[Int(index)] < 0 { reduced[Int(index)] -= dual * alpha[Int(index)] }
        reduced[chosen] = 0
        if column >= 0 {
            reduced[column] = -dual
            position[column] = -1
            value[column] = bound
        }
        let row = inverse + place * rowCount
        nonzeros.removeAll(keepingCapacity: true)
        var length = 0.0
        for at in 0..<rowCount where row[at] != 0 {
            row[at] /= pivot
            if abs(row[at]) < 1e-12 { row[at] = 0 } else { nonzeros.append(Int32(at)) }
            length += row[at] * row[at]
        }
        weight[place] = max(1e-6, length)
        for other in 0..<rowCount where other != place && entering[other] != 0 {
            let factor = entering[other]
            basic[other] -= factor * step
            if basis[other] >= 0 { value[Int(basis[other])] = basic[other] }
            let own = inverse + other * rowCount
            var change = 0.0
            for at in nonzeros {
                let old = own[Int(at)]
                var new = old - factor * row[Int(at)]
                if abs(new) < 1e-11 { new = 0 }
                own[Int(at)] = new
                change += new * new - old * old
            }
            weight[other] = max(1e-6, weight[other] + change)
        }
        value[chosen] += step
        basic[place] = value[chosen]
        basis[place] = Int32(chosen)
        position[chosen] = Int32(place)
    }

    /// A column that is not whole: the one nearest to a whole number, which is the safest to fix, or the one furthest from it, which says most;
    /// the first of equals. nil when all are whole. In the search for the nearest, totals wait: they become whole with their parts, and until then leave those room.
    /// - Parameter noise: how far chance may change the order.
    func fractionalColumn(nearest: Bool, noise: Double, _ random: inout SplitMix) -> Int? {
        var best = -1
        var bestScore = -1.0
        for place in 0..<rowCount where basis[place] >= 0 {
            let column = Int(basis[place])
            let distance = abs(value[column] - value[column].rounded())
            guard distance > 1e-6 else { continue }
            var score = (nearest ? 0.5 - distance : distance) + (noise > 0 ? noise * random.fraction() : 0)
            if nearest, !isTotal[column] { score += 1 }
            if score > bestScore + 1e-9 || (column < best && score > bestScore - 1e-9) {
                best = column
                bestScore = max(score, bestScore)
            }
        }
        return best < 0 ? nil : best
    }
}
