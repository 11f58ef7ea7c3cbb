import SluiceKit

/// Cell suppression: primary by minimum frequency, secondary by linear programs, released only after a clean audit.
struct Suppression: Protection {
    let limits: SuppressionLimits
    let method = "suppression"

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        try check(obligations)
        let budget = WorkBudget(limits)
        let problem = try Problem(table, under: obligations, limits: limits)
        let writer = try ReleasedTable(table, problem.observations, under: obligations)
        let whole = SparseSystem(problem.system.equations, x: problem.system.cells.indices.map(problem.system.double))

        var mustPublish: Set<Int> = []
        var factors: [Int: Double] = [:]
        for round in 1...limits.roundsMax {
            let isHidden = try hiddenCells(problem, whole, obligations.cost, mustPublish, factors, budget)
            var marks: [ReleasedTable.Mark?] = Array(repeating: nil, count: table.batch.rowCount)
            for (index, cell) in problem.system.cells.enumerated() where isHidden[index] && cell.row >= 0 {
                marks[Int(cell.row)] = .secondary
                if let unsafe = problem.demands.unsafe[index], let reason = unsafe.reason {
                    marks[Int(cell.row)] = ReleasedTable.Mark(reason: reason, code: unsafe.code)
                }
            }
            let released = try writer.table(hiding: marks)
            let audit = try ReleaseAudit(released, against: table, under: obligations, limits: limits, budget: budget)
            if audit.breaches.isEmpty {
                return (released, report(problem.system, marks, audit, rounds: round))
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
        try PrimaryJudge.check(obligations.rules)
    }

    private func hiddenCells(
        _ problem: Problem, _ whole: SparseSystem, _ cost: ProtectionObligations.Cost, _ mustPublish: Set<Int>, _ factors: [Int: Double],
        _ budget: WorkBudget
    ) throws(ProtectionError) -> [Bool] {
        let demands = problem.demands
        let isUnknown = problem.system.cells.enumerated().map { $1.row < 0 || demands.unsafe[$0] != nil }
        var wanted: [PatternSearch.Demand] = []
        for (cell, unsafe) in demands.unsafe.sorted(by: { $0.key < $1.key }) {
            let factor = factors[cell] ?? 1
            if unsafe.lower > 0 { wanted.append(.init(cell: cell, difference: -min(unsafe.lower * factor, whole.x[cell]))) }
            wanted.append(.init(cell: cell, difference: unsafe.upper * factor))
        }
        guard !wanted.isEmpty else { return Array(repeating: false, count: isUnknown.count) }
        let search = PatternSearch(
            whole, isUnknown: isUnknown, price: Self.prices(whole, isUnknown, cost, mustPublish), demands: wanted, insiders: demands.insiders,
            insiderOfCell: demands.insiderOfCell, equationsMax: limits.equationsOfPartMax, budget: budget)
        guard let pattern = try search.run(improvementPivots: limits.improvementPivotsMax) else {
            throw ProtectionError(
                .auditNotClean,
                detail: "an unsafe cell could be computed even if every other cell around it were withheld; coarsen a dimension, or leave one out")
        }
        return pattern
    }

    /// A zero is withheld only when nothing else protects: it is often known to be one.
    private static func prices(_ whole: SparseSystem, _ isUnknown: [Bool], _ cost: ProtectionObligations.Cost, _ mustPublish: Set<Int>) -> [Double] {
        var prices = isUnknown.indices.map { column -> Double in
            if isUnknown[column] { return 0 }
            if mustPublish.contains(column) { return .infinity }
            switch cost {
            case .one: return 1
            case .value: return max(1, whole.x[column])
            }
        }
        let dearest = prices.reduce(1) { $1 < .infinity ? max($0, $1) : $0 }
        let ofZero = cost == .one ? dearest * 100 : dearest * 4
        for column in prices.indices where whole.x[column] == 0 && prices[column] > 0 && prices[column] < .infinity { prices[column] = ofZero }
        return prices
    }

    private func report(_ system: CellSystem, _ marks: [ReleasedTable.Mark?], _ audit: ReleaseAudit, rounds: Int) -> ProtectionReport {
        var counts: [ProtectionReport.Reason: Int] = [:]
        var all = 0.0
        var hidden = 0.0
        for (index, cell) in system.cells.enumerated() where cell.row >= 0 {
            all += system.double(index)
            guard let mark = marks[Int(cell.row)] else { continue }
            hidden += system.double(index)
            counts[mark.reason, default: 0] += 1
        }
        return ProtectionReport(
            method: "\(method) \(SuppressionPlugin.descriptor.version)", cells: marks.count, withheldByReason: counts, audit: audit.audit, rounds: rounds,
            lostValuePercent: all > 0 ? hidden / all * 100 : nil)
    }
}
