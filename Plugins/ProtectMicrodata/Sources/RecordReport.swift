import SluiceKit

/// What was done to the records, and the risk before and after, as figures for the ledger and in words for the steward.
struct RecordReport {
    private(set) var report: ProtectionReport

    init(_ plan: RecordPlan, _ records: Records, _ node: [Int], _ withholding: Withholding, after: RiskSummary, tried: Int) {
        let before = records.before
        let leftOut = withholding.leftOut
        let withheld = withholding.masks.reduce(0) { $0 + $1.nonzeroBitCount }
        report = ProtectionReport(
            method: "\(RecordProtection.name) \(MicrodataPlugin.descriptor.version)", cells: records.count, withheldByReason: withholding.reasons,
            audit: ProtectionReport.Audit(cells: after.records), rounds: tried)
        func count(_ name: String, _ value: Int) { report.figures.append(JSONMember(name, .integer(Int64(value)))) }
        func text(_ name: String, _ value: Double?, digits: Int) {
            if let value { report.figures.append(JSONMember(name, .string(Self.decimal(value, digits: digits)))) }
        }
        count("recordsBefore", before.records)
        count("recordsAfter", after.records)
        count("recordsLeftOut", leftOut)
        count("valuesWithheld", withheld)
        for (name, risk) in [("Before", before), ("After", after)] {
            count("k\(name)", risk.k)
            if !plan.pseudonyms.isEmpty { count("persons\(name)", risk.persons) }
            if let l = risk.distinct { count("l\(name)", l) }
            text("entropyL\(name)", risk.entropy, digits: 4)
            text("t\(name)", risk.closeness, digits: 4)
            text("uniquesPercent\(name)", Self.percent(risk.uniques, of: risk.records), digits: 2)
            count("classes\(name)", risk.classes)
        }
        for (at, column) in plan.quasi.enumerated() { count("level.\(plan.schema.components[column].id)", node[at]) }
        report.words = Self.words(plan, records, node, withholding, before, after, withheld: withheld)
    }

    private static func words(
        _ plan: RecordPlan, _ records: Records, _ node: [Int], _ withholding: Withholding, _ before: RiskSummary, _ after: RiskSummary, withheld: Int
    ) -> [String] {
        let components = plan.schema.components
        func named(_ columns: [Int]) -> String { columns.map { components[$0].id }.joined(separator: ", ") }
        var words: [String] = []
        if !plan.cleared.isEmpty { words.append("removed: \(named(plan.cleared))") }
        if !plan.numbered.isEmpty { words.append("replaced by a number of this release alone: \(named(plan.numbered))") }
        if !plan.pseudonyms.isEmpty { words.append("replaced by pseudonyms of this receiver and agreement: \(named(plan.pseudonyms))") }
        for (at, column) in plan.quasi.enumerated() {
            let levels = records.ladders[at].levels.count
            guard levels > 1 else { continue }
            words.append("\(components[column].id) is at level \(node[at]) of 0 (as it came) to \(levels - 1)")
        }
        words.append(
            "of \(before.records) records \(after.records) leave; \(withholding.leftOut) are left out, and \(withheld) single values are withheld from others")
        var risk = "each record shares its quasi-identifiers with at least \(max(0, after.k - 1)) others (before: \(max(0, before.k - 1)))"
        if let l = after.distinct {
            risk += "; each such class has at least \(l) different values of \(named(plan.sensitive)) (before: \(before.distinct ?? 0))"
        }
        if let t = after.closeness {
            risk += "; its distribution is at most \(decimal(t, digits: 4)) away from that of all (before: \(decimal(before.closeness ?? 0, digits: 4)))"
        }
        words.append(risk)
        words.append(
            "records that are alone with their quasi-identifiers: \(decimal(percent(after.uniques, of: after.records), digits: 2)) % (before: \(decimal(percent(before.uniques, of: before.records), digits: 2)) %)"
        )
        return words
    }

    private static func percent(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) * 100 : 0 }

    /// Without a locale and without an exponent.
    static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "unbounded" }
        var unit = 1.0
        for _ in 0..<digits { unit *= 10 }
        return ExactDecimal(coefficient: Int128((value * unit).rounded()), scale: digits).description
    }
}
