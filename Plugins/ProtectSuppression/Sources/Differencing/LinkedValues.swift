import SluiceKit

/// What can be computed from the figures of some of the releases without any program: a sum with one part missing gives it, a sum of zero gives zeros.
struct LinkedValues {
    /// Of each cell, its value where it is known or follows; in units of ten to the power of −scale.
    private(set) var values: [Int64?]
    /// Sums that do not hold: their releases do not speak of one truth there.
    private(set) var contradictions: Set<Int> = []

    /// - Parameter known: of each cell, the figure that is held.
    init(_ cells: LinkedCells, known: [Int64?]) {
        values = known
        var sumsOfCell: [[Int32]] = Array(repeating: [], count: cells.count)
        var unknown: [Int32] = []
        var rest: [Int64] = []
        unknown.reserveCapacity(cells.sums.count)
        var waiting: [Int] = []
        for (index, sum) in cells.sums.enumerated() {
            var open: Int32 = 0
            var difference: Int64 = 0
            for (cell, sign) in Self.terms(sum) {
                if let value = known[Int(cell)] {
                    difference += sign * value
                } else {
                    open += 1
                    sumsOfCell[Int(cell)].append(Int32(index))
                }
            }
            unknown.append(open)
            rest.append(difference)
            waiting.append(index)
        }
        while let index = waiting.popLast() {
            guard !contradictions.contains(index) else { continue }
            let sum = cells.sums[index]
            let isTotalKnown = values[Int(sum.total)] != nil
            if unknown[index] == 0 {
                if rest[index] != 0 { contradictions.insert(index) }
                continue
            }
            // Σ parts − total = 0, of which `rest` is known.
            if isTotalKnown, rest[index] > 0 {
                contradictions.insert(index)
                continue
            }
            var found: [(Int32, Int64)] = []
            if unknown[index] == 1 {
                let cell = isTotalKnown ? sum.parts.first { values[Int($0)] == nil } : sum.total
                if let cell { found = [(cell, isTotalKnown ? -rest[index] : rest[index])] }
            } else if isTotalKnown, rest[index] == 0 {
                found = sum.parts.filter { values[Int($0)] == nil }.map { ($0, 0) }
            }
            for (cell, value) in found {
                guard values[Int(cell)] == nil else { continue }
                values[Int(cell)] = value
                for other in sumsOfCell[Int(cell)] {
                    unknown[Int(other)] -= 1
                    rest[Int(other)] += cells.sums[Int(other)].total == cell ? -value : value
                    waiting.append(Int(other))
                }
            }
        }
    }

    static func terms(_ sum: LinkedCells.Sum) -> [(Int32, Int64)] { [(sum.total, -1)] + sum.parts.map { ($0, 1) } }
}
