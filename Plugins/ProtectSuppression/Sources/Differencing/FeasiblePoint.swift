import SluiceKit

/// Finds one table that fits all sums, from which the intervals are then computed: the first phase of a simplex, dense, for one connected part.
///
/// Where no table fits, the sums that stand in the way are named; without them the point fits.
struct FeasiblePoint {
    private(set) var x: [Double]
    /// Sums that cannot hold together with the others.
    private(set) var violated: [Int] = []

    /// - Parameter rows: Σ sign · cell = right, with cells of at least zero.
    init(rows: [(terms: [(column: Int, sign: Double)], right: Double)], columnCount: Int, budget: WorkBudget) throws(ProtectionError) {
        let height = rows.count
        let width = columnCount + 1
        var tableau = [Double](repeating: 0, count: height * width)
        for (row, equation) in rows.enumerated() {
            let flip = equation.right < 0 ? -1.0 : 1.0
            for term in equation.terms { tableau[row * width + term.column] += flip * term.sign }
            tableau[row * width + columnCount] = flip * equation.right
        }
        // Basic column of each row; −1 is the row's own artificial.
        var basis = [Int](repeating: -1, count: height)
        var cost = [Double](repeating: 0, count: width)
        for row in 0..<height { for column in 0..<width { cost[column] += tableau[row * width + column] } }
        let size = max(1, rows.reduce(0) { max($0, abs($1.right)) })
        var stalled = 0
        while cost[columnCount] > 1e-9 * size {
            try budget.spend()
            var entering = -1
            var best = 1e-7
            for column in 0..<columnCount where cost[column] > best {
                entering = column
                best = cost[column]
                if stalled > 60 { break }
            }
            guard entering >= 0 else { break }
            var leaving = -1
            var ratio = Double.infinity
            for row in 0..<height {
                let rate = tableau[row * width + entering]
                guard rate > 1e-9 else { continue }
                let limit = tableau[row * width + columnCount] / rate
                // Of equal limits an artificial leaves first, then the lowest column, so that no circle forms.
                if limit < ratio - 1e-12 || (limit <= ratio + 1e-12 && leaving >= 0 && basis[row] < basis[leaving]) {
                    ratio = min(ratio, limit)
                    leaving = row
                }
            }
            guard leaving >= 0 else { break }
            stalled = ratio <= 1e-12 * size ? stalled + 1 : 0
            let pivot = tableau[leaving * width + entering]
            tableau.withUnsafeMutableBufferPointer { tableau in
                for column in 0..<width { tableau[leaving * width + column] /= pivot }
                for row in 0..<height where row != leaving {
                    let factor = tableau[row * width + entering]
                    guard factor != 0 else { continue }
                    for column in 0..<width { tableau[row * width + column] -= factor * tableau[leaving * width + column] }
                    tableau[row * width + entering] = 0
                }
                let factor = cost[entering]
                for column in 0..<width { cost[column] -= factor * tableau[leaving * width + column] }
                cost[entering] = 0
            }
            basis[leaving] = entering
        }
        x = Array(repeating: 0, count: columnCount)
        for row in 0..<height where basis[row] >= 0 { x[basis[row]] = max(0, tableau[row * width + columnCount]) }
        for (row, equation) in rows.enumerated() {
            let sum = equation.terms.reduce(0.0) { $0 + $1.sign * x[$1.column] }
            if abs(sum - equation.right) > max(1e-6, 1e-9 * size) { violated.append(row) }
        }
    }
}
