import SluiceKit

extension ObligationMerge {
    /// Adds what another agreement protects with: each parameter at its most protective, and a conflict where no one value keeps both.
    mutating func merge(_ protection: ProtectionObligations) {
        guard var merged = obligations.protection else {
            obligations.protection = protection
            return
        }
        if merged.method != protection.method { conflict("protect.method", "one agreement asks for \(merged.method), another for \(protection.method)") }
        if merged.frequencyComponent != protection.frequencyComponent {
            conflict("protect.frequencyComponent", "the agreements count contributors by different components")
        }
        merged.largestComponents = largestComponents(merged, protection)
        merged.rules = merged.rules.merged(with: protection.rules)
        if protection.mode == .withheld { merged.mode = .withheld }
        merged.neutralStatus = merged.neutralStatus || protection.neutralStatus
        merged.insiders = merged.insiders || protection.insiders
        if merged.cost != protection.cost { merged.cost = .value }
        for (dimension, totals) in protection.totals.sorted(by: { $0.key < $1.key }) {
            if merged.totals[dimension] != totals { conflictOfTotals(dimension) }
        }
        // What one agreement says and the other leaves to the code list is a difference too: `none` takes sums out of the audit.
        for dimension in merged.totals.keys.sorted() where protection.totals[dimension] == nil { conflictOfTotals(dimension) }
        mergeMethods(&merged, protection)
        obligations.protection = merged
    }

    /// Parameters of single methods. Two different ones cannot both be kept, unless the method's own merge says how.
    private mutating func mergeMethods(_ merged: inout ProtectionObligations, _ protection: ProtectionObligations) {
        if merged.rounding != protection.rounding { conflict("protect.rounding", "the agreements round differently") }
        if merged.cellKey != protection.cellKey { conflict("protect.cellKey", "the agreements perturb by different tables or keys") }
        mergeRecords(&merged, protection)
        let differencing = ProtectionObligations.Differencing.merged(merged.differencing, protection.differencing)
        if differencing.isConflict { conflict("protect.differencing.population", "the agreements count the data to different populations") }
        merged.differencing = differencing.term
    }

    private mutating func conflictOfTotals(_ dimension: String) {
        conflict("protect.totals.\(dimension)", "the agreements say differently how \(dimension) adds up; bring them into line or let one of them end")
    }

    /// The longer of two lists of which one begins with the other; the named one where the other agreement's rules look at no contributions.
    private mutating func largestComponents(_ one: ProtectionObligations, _ other: ProtectionObligations) -> [String] {
        let (left, right) = (one.largestComponents, other.largestComponents)
        if left.isEmpty, one.rules.largestNeeded == 0 { return right }
        if right.isEmpty, other.rules.largestNeeded == 0 { return left }
        let isOneList = left.isEmpty == right.isEmpty && (left.starts(with: right) || right.starts(with: left))
        if !isOneList { conflict("protect.largestComponents", "the agreements take the largest contributions from different components") }
        return left.count >= right.count ? left : right
    }
}
