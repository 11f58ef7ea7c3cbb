import SluiceKit

/// Solves an integer program by branch and bound over its relaxation: depth first, the nearer whole number first.
///
/// The relaxation always has a solution (the true table), and in two-way tables it is whole by itself. Ties between equally good tables are
/// settled by a small cost of each column, which depends on its place in the order of keys alone.
struct RoundingSearch {
    struct Found {
        var values: [Int]
        var cost: Int
        /// By how much the least cost may be lower; 0 when it is the least.
        var gap: Int
    }
    enum Outcome {
        case found(Found)
        /// No table fits.
        case none
        /// None was found within the pivots allowed.
        case unknown
    }
    private struct Branch {
        var column: Int
        var lower: Double
        var upper: Double
        /// Bounds of the other side, taken when the first is done; nil when it is the second.
        var other: (lower: Double, upper: Double)?
        var oldLower: Double
        var oldUpper: Double
    }

    let limits: RoundingLimits
    let budget: WorkBudget

    /// The small costs together stay below half a unit of cost.
    private static let tieRoom = 0.25

    /// Dives to a first rounding, beginning anew from the root with some chance in the choices whenever a dive has gone back too often, each time with
    /// more patience; then searches the whole tree for a better one.
    func run(_ program: IntegerProgram) throws(ProtectionError) -> Outcome {
        let simplex = DualSimplex(program, cost: Self.costs(program), budget: budget)
        let begin = budget.pivots
        guard try simplex.solve() == .optimal else { return .none }
        // Costs of one residue class apart: for an even base all differences are even.
        let step = max(1, program.columns.reduce(0) { Self.divisor($0, $1.cost) })
        func bound(_ objective: Double) -> Int { Int(((objective - Self.tieRoom - 1e-5) / Double(step)).rounded(.up)) * step }
        let rootBound = bound(simplex.objective)

        var random = SplitMix(state: 0x5eed_0f_d1fe)
        var path: [Branch] = []
        var best: (values: [Int], cost: Int, pivots: Int)?
        var patience = 16
        var returns = 0
        var isFirstDive = true
        while true {
            var isClosed = true
            if try simplex.solve() == .optimal, best.map({ bound(simplex.objective) < $0.cost }) ?? true {
                if let column = simplex.fractionalColumn(nearest: best == nil, noise: best == nil && !isFirstDive ? 0.2 : 0, &random) {
                    branch(on: column, simplex, &path)
                    isClosed = false
                } else {
                    let values = try whole(simplex, program)
                    let cost = program.cost(values)
                    let isFirst = best == nil
                    if best.map({ cost < $0.cost }) ?? true { best = (values, cost, best?.pivots ?? budget.pivots) }
                    if cost <= rootBound { break }
                    if isFirst {
                        unwind(simplex, &path)
                        isClosed = false
                    }
                }
            }
            if isClosed {
                returns += 1
                if best == nil, returns > patience {
                    isFirstDive = false
                    returns = 0
                    patience += patience / 2
                    unwind(simplex, &path)
                } else if !backtrack(simplex, &path) {
                    break
                }
            }
            if let best, budget.pivots - best.pivots > limits.improvementPivotsMax {
                return .found(Found(values: best.values, cost: best.cost, gap: best.cost - rootBound))
            }
            if best == nil, budget.pivots - begin > limits.searchPivotsMax { return .unknown }
        }
        guard let best else { return .none }
        return .found(Found(values: best.values, cost: best.cost, gap: 0))
    }

    /// The table that the relaxation has found, in whole numbers and checked as such.
    private func whole(_ simplex: DualSimplex, _ program: IntegerProgram) throws(ProtectionError) -> [Int] {
        let values = (0..<simplex.columnCount).map { Int(simplex.value[$0].rounded()) }
        guard program.admits(values) else {
            throw ProtectionError(
                .auditNotClean, detail: "a rounding was found that does not add up, which is a fault of this program; nothing was released")
        }
        return values
    }

    /// Back to the root.
    private func unwind(_ simplex: DualSimplex, _ path: inout [Branch]) {
        while let last = path.popLast() {
            simplex.lower[last.column] = last.oldLower
            simplex.upper[last.column] = last.oldUpper
        }
        simplex.settle()
    }

    private func branch(on column: Int, _ simplex: DualSimplex, _ path: inout [Branch]) {
        let value = simplex.value[column]
        let (low, high) = (simplex.lower[column], simplex.upper[column])
        let down = (lower: low, upper: value.rounded(.down))
        let up = (lower: value.rounded(.up), upper: high)
        let isUpFirst = value - value.rounded(.down) > 0.5
        let (first, second) = isUpFirst ? (up, down) : (down, up)
        path.append(Branch(column: column, lower: first.lower, upper: first.upper, other: second, oldLower: low, oldUpper: high))
        simplex.lower[column] = first.lower
        simplex.upper[column] = first.upper
    }

    /// Goes to the next open side; false when there is none.
    private func backtrack(_ simplex: DualSimplex, _ path: inout [Branch]) -> Bool {
        while var last = path.popLast() {
            if let other = last.other {
                simplex.lower[last.column] = other.lower
                simplex.upper[last.column] = other.upper
                last.other = nil
                path.append(last)
                simplex.settle()
                return true
            }
            simplex.lower[last.column] = last.oldLower
            simplex.upper[last.column] = last.oldUpper
        }
        return false
    }

    private static func divisor(_ one: Int, _ other: Int) -> Int {
        var (a, b) = (abs(one), abs(other))
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// Each column's own cost with a part that settles ties, either way, so that halves do not all go down.
    private static func costs(_ program: IntegerProgram) -> [Double] {
        let reach = program.columns.reduce(0) { $0 + max(abs($1.lower), abs($1.upper)) }
        let unit = tieRoom / Double(max(1, reach))
        var random = SplitMix(state: 0x0dd5_0f_7135)
        return program.columns.map { column in
            let fraction = random.fraction()
            return Double(column.cost) + unit * (fraction < 0.5 ? fraction - 1 : fraction)
        }
    }
}
