import SluiceKit

/// Cell suppression: primary by minimum frequency, secondary by linear programs, released only after a clean audit.
struct Suppression: Protection {
    let limits: SuppressionLimits
    let method = "suppression"

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        try check(obligations)
        let budget = WorkBudget(limits)
        let observations = try Observations(table, under: obligations)
        let writer = try ReleasedTable(table, observations, under: obligations)
        let system = try CellSystem(
            table, values: observations.values, totals: obligations.totals, minimumCell: obligations.rules.minimumCell ?? 0, limits: limits)
        let demands = try Demands(system, under: obligations, frequency: observations.frequency, declared: observations.declared)

        var mustPublish: Set<Int> = []
        var factors: [Int: Double] = [:]
        for round in 1...limits.roundsMax {
            let isHidden = try hiddenCells(system, demands, obligations.cost, mustPublish, factors, budget)
            var reasons: [ProtectionReport.Reason?] = Array(repeating: nil, count: table.batch.rowCount)
            for (index, cell) in system.cells.enumerated() where isHidden[index] && cell.row >= 0 {
                reasons[Int(cell.row)] = demands.unsafe[index]?.reason ?? .secondary
            }
            let released = try writer.table(hiding: reasons)
            let audit = try ReleaseAudit(released, against: table, under: obligations, limits: limits, budget: budget)
            if audit.breaches.isEmpty {
                return (released, report(system, reasons, audit.audit, rounds: round))
            }
            for breach in audit.breaches {
                if breach.isIdle { mustPublish.insert(breach.cell) } else { factors[breach.cell, default: 1] *= 1.5 }
            }
        }
        throw ProtectionError(
            .auditNotClean,
            detail: "after \(limits.roundsMax) rounds of repair an unsafe cell could still be narrowed down; coarsen a dimension, or leave one out")
    }

    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        try check(obligations)
        let result = try ReleaseAudit(released, against: original, under: obligations, limits: limits, budget: WorkBudget(limits))
        let unsafe = result.breaches.filter { !$0.isIdle }.count
        guard unsafe == 0 else {
            throw ProtectionError(
                .auditNotClean,
                detail:
                    "\(unsafe) unsafe cells of the table to be released are shown or can be narrowed down too far. Nothing was released; protect the table anew"
            )
        }
        return result.audit
    }

    private func check(_ obligations: ProtectionObligations) throws(ProtectionError) {
        guard obligations.method == method else {
            throw ProtectionError(.unsupported, detail: "the agreement asks for the protection \(obligations.method), and this is \(method)")
        }
        let minimumCell = obligations.rules.minimumCell ?? 0
        guard minimumCell >= 2 else {
            throw ProtectionError(
                .unsupported, detail: "minimumCell is \(minimumCell); a minimum below 2 protects nothing, so say `protect: none` if that is meant")
        }
        guard (0...1_000).contains(obligations.rules.safetyPercent) else {
            throw ProtectionError(.unsupported, detail: "safety is \(obligations.rules.safetyPercent) %; give 0 to 1000")
        }
    }

    private func hiddenCells(
        _ system: CellSystem, _ demands: Demands, _ cost: ProtectionObligations.Cost, _ mustPublish: Set<Int>, _ factors: [Int: Double], _ budget: WorkBudget
    ) throws(ProtectionError) -> [Bool] {
        var isHidden = Array(repeating: false, count: system.cells.count)
        let parts = Part.split(system, where: Array(repeating: true, count: system.cells.count)).filter { part in
            part.cells.contains { demands.unsafe[$0] != nil }
        }
        let unsafeTotal = max(1, demands.unsafe.count)
        for part in parts {
            let isUnknown = part.cells.map { system.cells[$0].row < 0 || demands.unsafe[$0] != nil }
            let prices = Self.prices(part, isUnknown, cost, mustPublish)
            var wanted: [PatternSearch.Demand] = []
            for (column, cell) in part.cells.enumerated() {
                guard let unsafe = demands.unsafe[cell] else { continue }
                let factor = factors[cell] ?? 1
                if unsafe.lower > 0 { wanted.append(.init(cell: column, difference: -min(unsafe.lower * factor, part.system.x[column]))) }
                wanted.append(.init(cell: column, difference: unsafe.upper * factor))
            }
            let share = limits.improvementPivotsMax * wanted.count / (2 * unsafeTotal)
            let search = PatternSearch(part.system, isUnknown: isUnknown, price: prices, demands: wanted, budget: budget)
            guard let pattern = try search.run(improvementPivots: share) else {
                throw ProtectionError(
                    .auditNotClean,
                    detail: "an unsafe cell could be computed even if every other cell around it were withheld; coarsen a dimension, or leave one out")
            }
            for (column, cell) in part.cells.enumerated() where pattern[column] { isHidden[cell] = true }
        }
        return isHidden
    }

    /// A zero is withheld only when nothing else protects: it is often known to be one.
    private static func prices(_ part: Part, _ isUnknown: [Bool], _ cost: ProtectionObligations.Cost, _ mustPublish: Set<Int>) -> [Double] {
        var prices = part.cells.indices.map { column -> Double in
            if isUnknown[column] { return 0 }
            if mustPublish.contains(part.cells[column]) { return .infinity }
            switch cost {
            case .one: return 1
            case .value: return max(1, part.system.x[column])
            }
        }
        let dearest = prices.reduce(1) { $1 < .infinity ? max($0, $1) : $0 }
        for column in prices.indices where part.system.x[column] == 0 && prices[column] > 0 && prices[column] < .infinity { prices[column] = dearest * 100 }
        return prices
    }

    private func report(_ system: CellSystem, _ reasons: [ProtectionReport.Reason?], _ audit: ProtectionReport.Audit, rounds: Int) -> ProtectionReport {
        var counts: [ProtectionReport.Reason: Int] = [:]
        var all = 0.0
        var hidden = 0.0
        for (index, cell) in system.cells.enumerated() where cell.row >= 0 {
            all += system.double(index)
            guard let reason = reasons[Int(cell.row)] else { continue }
            hidden += system.double(index)
            counts[reason, default: 0] += 1
        }
        return ProtectionReport(
            method: "\(method) \(SuppressionPlugin.descriptor.version)", cells: reasons.count, withheldByReason: counts, audit: audit, rounds: rounds,
            lostValuePercent: all > 0 ? hidden / all * 100 : nil)
    }
}
