import SluiceKit

/// Applies the rules to one cell, exactly: all figures are whole numbers at one scale.
struct PrimaryJudge {
    /// What is known of a cell.
    struct Cell {
        var value: Int128
        /// Contributors; nil where nobody knows.
        var count: ExactDecimal?
        /// The largest contributions, the largest first.
        var largest: [Int128] = []
    }
    /// What a rule found.
    struct Verdict {
        var reason: ProtectionReport.Reason
        /// What CONF_STATUS says of it where reasons are told: A small counts; O, T, G one, two, one or two dominate; M another rule of concentration.
        var code: String
        /// Protection levels in units of the measure.
        var upper: Double
        var lower: Double
    }
    let rules: PrimaryRules
    /// 10^scale: one unit of the measure.
    let unit: Int128

    /// nil when no rule finds the cell unsafe.
    func judge(_ cell: Cell) -> Verdict? {
        var found: Verdict?
        func add(_ reason: ProtectionReport.Reason, _ code: String, _ level: Double, lower: Double? = nil) {
            let value = units(cell.value)
            // The first rule names the reason; the widest level counts.
            var verdict = found ?? Verdict(reason: reason, code: code, upper: 0, lower: 0)
            verdict.upper = max(verdict.upper, level)
            verdict.lower = max(verdict.lower, min(lower ?? level, value))
            found = verdict
        }
        if let minimum = rules.minimumCell, let count = cell.count, !count.isZero, count < ExactDecimal(coefficient: Int128(minimum), scale: 0) {
            add(.smallCount, "A", max(1, units(cell.value) * Double(rules.safetyPercent) / 100))
        }
        var dominating: [Int] = []
        var dominanceLevel = 0.0
        for rule in rules.dominance {
            let top = sum(cell, rule.n)
            guard 100 * top > Int128(rule.k) * cell.value else { continue }
            dominating.append(rule.n)
            dominanceLevel = max(dominanceLevel, units(100 * top - Int128(rule.k) * cell.value) / Double(rule.k))
        }
        if !dominating.isEmpty {
            let code = dominating.allSatisfy { $0 == 1 } ? "O" : dominating.allSatisfy { $0 == 2 } ? "T" : dominating.allSatisfy { $0 <= 2 } ? "G" : "M"
            add(.dominance, code, dominanceLevel)
        }
        for rule in rules.percent {
            let wanted = Int128(rule.p) * sum(cell, 1)
            let rest = 100 * (cell.value - sum(cell, rule.n + 1))
            if rest < wanted { add(.percent, "M", units(wanted - rest) / 100) }
        }
        for rule in rules.priorPosterior {
            let first = Int128(rule.p) * sum(cell, 1)
            let rest = Int128(rule.q) * (sum(cell, rule.n + 1) - cell.value)
            if first + rest > 0 { add(.priorPosterior, "M", units(first + rest) / Double(rule.q)) }
        }
        if let range = rules.zeroRange, cell.value == 0, let count = cell.count, !count.isZero { add(.zero, "A", Double(range), lower: 0) }
        return found
    }

    private func sum(_ cell: Cell, _ n: Int) -> Int128 { cell.largest.prefix(n).reduce(0, +) }
    private func units(_ value: Int128) -> Double { Double(value) / Double(unit) }

    /// - Throws: `unsupported` for parameters that protect nothing or make no sense.
    static func check(_ rules: PrimaryRules) throws(ProtectionError) {
        func refusal(_ what: String) -> ProtectionError { ProtectionError(.unsupported, detail: what) }
        guard !rules.isEmpty else {
            throw refusal("the agreement gives no rule by which a cell is unsafe; give minimumCell or another one, or say `protect: none`")
        }
        if let minimumCell = rules.minimumCell, minimumCell < 2 {
            throw refusal("minimumCell is \(minimumCell); a minimum below 2 protects nothing, so say `protect: none` if that is meant")
        }
        guard (0...1_000).contains(rules.safetyPercent) else { throw refusal("safety is \(rules.safetyPercent) %; give 0 to 1000") }
        for rule in rules.dominance where !(1...20).contains(rule.n) || !(1...99).contains(rule.k) {
            throw refusal("dominance is n \(rule.n), k \(rule.k); give n from 1 to 20 and k from 1 to 99 percent")
        }
        for rule in rules.percent where !(1...20).contains(rule.n) || !(1...100).contains(rule.p) {
            throw refusal("pPercent is p \(rule.p), n \(rule.n); give p from 1 to 100 percent and n from 1 to 20")
        }
        for rule in rules.priorPosterior where !(1...20).contains(rule.n) || rule.p < 1 || rule.q <= rule.p || rule.q > 1_000 {
            throw refusal("priorPosterior is p \(rule.p), q \(rule.q), n \(rule.n); give p from 1, q greater than p up to 1000, and n from 1 to 20")
        }
        if let range = rules.zeroRange, !(1...1_000_000).contains(range) {
            throw refusal("zeroRule is \(range); give the value that a zero has to be able to reach")
        }
    }
}
