import SluiceKit

/// Local suppression: what is left of small classes once a combination of levels is chosen.
///
/// A withheld quasi-identifier is a value of its own, which equals only another one that is withheld or missing. So every record stands among k records of
/// the very same row, even for someone who knows which values were withheld and why.
struct Withholding {
    /// Of each record: one bit for each quasi-identifier that is withheld.
    private(set) var masks: [UInt32]
    private(set) var isLeftOut: [Bool]
    /// Records of which something is withheld, or that are left out, by why.
    private(set) var reasons: [ProtectionReport.Reason: Int] = [:]
    private var isAffected: [Bool]

    var affected: Int { reasons.values.reduce(0, +) }
    var leftOut: Int { isLeftOut.reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// Makes every class one that may leave; nil when more records would be affected than may be.
    /// - Throws: `deadline`.
    init?(_ records: Records, _ node: [Int], _ plan: RecordPlan, limits: RecordLimits, _ deadline: Deadline) throws(ProtectionError) {
        let count = records.count
        masks = Array(repeating: 0, count: count)
        isLeftOut = Array(repeating: false, count: count)
        isAffected = Array(repeating: false, count: count)
        let affectedMax = plan.affectedMax(of: count)
        var digits = records.digits(at: node)
        let missing = digits.map { UInt32($0.width - 1) }
        for round in 1...limits.roundsMax {
            try deadline.check()
            let kept = isLeftOut.indices.filter { !isLeftOut[$0] }
            let view = records.view(of: kept)
            let grouping = Grouping(Self.digits(digits, of: kept), recordCount: kept.count)
            let figures = ClassFigures(grouping, sensitive: view.sensitive, pseudonyms: view.pseudonyms)
            let faults = (0..<grouping.count).map { figures.fault($0, under: plan.rules) }
            var pool: [Int] = []
            for (at, record) in kept.enumerated() {
                guard let fault = faults[Int(grouping.classes[at])] else { continue }
                pool.append(record)
                guard !isAffected[record] else { continue }
                isAffected[record] = true
                reasons[fault == .tooSmall ? .smallCount : .group, default: 0] += 1
            }
            if pool.isEmpty { return }
            guard affected <= affectedMax else { return nil }
            if round == 1 {
                let distributions = view.sensitive.map(SensitiveDistribution.init)
                for pattern in Self.patterns(records, plan, widths: missing, limits) where !pool.isEmpty {
                    try deadline.check()
                    let others = digits.indices.filter { pattern & (1 << UInt32($0)) == 0 }.map { digits[$0] }
                    let poolView = records.view(of: pool)
                    let groups = Grouping(Self.digits(others, of: pool), recordCount: pool.count)
                    let judged = ClassFigures(groups, sensitive: poolView.sensitive, pseudonyms: poolView.pseudonyms, distributions: distributions)
                    let isGood = (0..<groups.count).map { judged.fault($0, under: plan.rules) == nil }
                    var rest: [Int] = []
                    for (at, record) in pool.enumerated() {
                        if isGood[Int(groups.classes[at])] { masks[record] = pattern } else { rest.append(record) }
                    }
                    pool = rest
                }
                for at in digits.indices {
                    let bit = UInt32(1) << UInt32(at)
                    var codes = digits[at].codes
                    for record in masks.indices where masks[record] & bit != 0 {
                        // What was missing already is not withheld.
                        if codes[record] == missing[at] { masks[record] &= ~bit }
                        codes[record] = missing[at]
                    }
                    digits[at] = Grouping.Digit(codes: codes, map: nil, width: digits[at].width)
                }
            }
            // Leaving records out changes what all are compared with, so the rest is judged again.
            for record in pool {
                isLeftOut[record] = true
                masks[record] = 0
            }
        }
        return nil
    }

    private static func digits(_ digits: [Grouping.Digit], of records: [Int]) -> [Grouping.Digit] {
        digits.map { digit in Grouping.Digit(codes: records.map { digit.codes[$0] }, map: nil, width: digit.width) }
    }

    /// Which quasi-identifiers to withhold together: few before many, and those with many values first, for that joins most records.
    private static func patterns(_ records: Records, _ plan: RecordPlan, widths: [UInt32], _ limits: RecordLimits) -> [UInt32] {
        let free = plan.quasi.indices.filter { plan.mayBeAbsent(plan.quasi[$0]) }
        guard !free.isEmpty else { return [] }
        let all = free.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
        var patterns = (1...all).filter { $0 & ~all == 0 }
        func weight(_ pattern: UInt32) -> UInt64 { free.reduce(0) { $0 + (pattern & (1 << UInt32($1)) != 0 ? UInt64(widths[$1]) : 0) } }
        patterns.sort { left, right in
            if left.nonzeroBitCount != right.nonzeroBitCount { return left.nonzeroBitCount < right.nonzeroBitCount }
            let (one, other) = (weight(left), weight(right))
            return one != other ? one > other : left < right
        }
        guard patterns.count > limits.patternsMax else { return patterns }
        return Array(patterns.prefix(limits.patternsMax - 1)) + [all]
    }
}
