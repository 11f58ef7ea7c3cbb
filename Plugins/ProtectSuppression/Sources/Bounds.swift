/// How far each cell can deviate by looking at one sum at a time, over and over: never too narrow, often exact, and cheap.
struct Bounds {
    /// Of each column: least and greatest deviation, widened by rounding.
    private(set) var low: [Double]
    private(set) var high: [Double]

    /// - Parameter passes: over all sums, at most.
    init(_ system: SparseSystem, passes: Int = 6) {
        low = (0..<system.columnCount).map { -system.x[$0] }
        high = Array(repeating: .infinity, count: system.columnCount)
        for _ in 0..<passes {
            var changed = false
            for row in 0..<system.rowCount where tighten(system, row) { changed = true }
            if !changed { break }
        }
    }

    /// Σ ±z = 0, so that each term is at most what the others leave.
    private mutating func tighten(_ system: SparseSystem, _ row: Int) -> Bool {
        // Least and greatest sum of all terms, unbounded ones counted apart.
        var least = 0.0
        var greatest = 0.0
        var open = 0
        for at in system.terms(ofRow: row) {
            let term = system.rowTerm[at]
            let column = SparseSystem.index(term)
            if term >= 0 { least += low[column] } else { greatest -= low[column] }
            if high[column] == .infinity {
                if term >= 0 { open += 1 } else { open += 1 << 32 }
            } else if term >= 0 {
                greatest += high[column]
            } else {
                least -= high[column]
            }
        }
        let openGreatest = open & 0xffff_ffff
        let openLeast = open >> 32
        var changed = false
        for at in system.terms(ofRow: row) {
            let term = system.rowTerm[at]
            let column = SparseSystem.index(term)
            let isOpen = high[column] == .infinity
            let room = 1e-9 * max(1, abs(low[column]), abs(least), abs(greatest))
            // What the others can be at least, and at most, with their signs.
            var othersLeast = -Double.infinity
            var othersGreatest = Double.infinity
            if term >= 0 {
                if openLeast == 0 { othersLeast = least - low[column] }
                if openGreatest == (isOpen ? 1 : 0) { othersGreatest = greatest - (isOpen ? 0 : high[column]) }
                changed = narrow(column, -othersGreatest - room, -othersLeast + room) || changed
            } else {
                if openLeast == (isOpen ? 1 : 0) { othersLeast = least + (isOpen ? 0 : high[column]) }
                if openGreatest == 0 { othersGreatest = greatest + low[column] }
                changed = narrow(column, othersLeast - room, othersGreatest + room) || changed
            }
        }
        return changed
    }

    private mutating func narrow(_ column: Int, _ least: Double, _ greatest: Double) -> Bool {
        var changed = false
        let step = 1e-6 * max(1, abs(low[column]))
        if least > low[column] + step {
            low[column] = min(0, least)
            changed = true
        }
        if greatest < high[column] - step {
            high[column] = max(0, greatest)
            changed = true
        }
        return changed
    }
}
