import SluiceKit

/// Cell suppression: primary by minimum frequency, secondary by linear programs, released only after a clean audit.
struct Suppression: Protection {
    let limits: SuppressionLimits
    let method = "suppression"

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        try check(obligations)
        do throws(ProtectionError) {
            return try suppress(table, under: obligations)
        } catch {
            throw adviseCoarsening(error, table, obligations)
        }
    }

    /// Where time or steps ran out, says at which levels the table would be safe as it stands.
    private func adviseCoarsening(_ error: ProtectionError, _ table: Table, _ obligations: ProtectionObligations) -> ProtectionError {
        guard error.code == .deadline || error.code == .tooLarge, table.batch.rowCount <= min(200_000, limits.cellsMax) else { return error }
        var short = limits
        short.deadline = .seconds(10)
        var wanted = obligations
        wanted.method = "coarsening"
        guard let found = try? CoarseningSearch(table, under: wanted, limits: short).run(WorkBudget(short)), !found.cuts.isEmpty else { return error }
        let cuts = found.cuts.map { "\($0.dimension) to level \($0.level) of \($0.deepest)" }.joined(separator: ", ")
        return ProtectionError(error.code, detail: "\(error.detail). Safe as it stands would be the table coarsened: \(cuts)")
    }

    private func suppress(_ table: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> (Table, ProtectionReport) {
        let budget = WorkBudget(limits)
        let problem = try Problem(table, under: obligations, limits: limits)
        let writer = try ReleasedTable(table, problem.observations, under: obligations)
        let whole = SparseSystem(problem.system.equations, x: problem.system.cells.indices.map(problem.system.double))

        var (search, pattern) = try cheapest(problem, whole, obligations.cost, budget)
        for round in 1...limits.roundsMax {
            guard let isHidden = search == nil ? Array(repeating: false, count: whole.columnCount) : pattern else {
                throw ProtectionError(
                    .auditNotClean,
                    detail: round == 1
                        ? "an unsafe cell could be computed even if every other cell around it were withheld; coarsen a dimension, or leave one out"
                        : "without the cells that can be computed however they are withheld, an unsafe cell could be computed too; coarsen a dimension, or leave one out"
                )
            }
            var marks: [ReleasedTable.Mark?] = Array(repeating: nil, count: table.batch.rowCount)
            for (index, cell) in problem.system.cells.enumerated() where isHidden[index] && cell.row >= 0 {
                marks[Int(cell.row)] = .secondary
                if let unsafe = problem.demands.unsafe[index], let reason = unsafe.reason {
                    marks[Int(cell.row)] = ReleasedTable.Mark(reason: reason, code: unsafe.code)
                }
            }
            let released = try writer.table(hiding: marks)
            let audit = try ReleaseAudit(released, against: table, under: obligations, hints: search?.proofs ?? [], limits: limits, budget: budget)
            if audit.breaches.isEmpty {
                return (released, report(problem.system, marks, audit, rounds: round, insiders: obligations.insiders))
            }
            pattern = try search?.repair(idle: audit.breaches.filter(\.isIdle).map(\.cell), weak: audit.breaches.filter { !$0.isIdle }.map(\.cell))
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

    /// The cheapest pattern of a few searches that start differently; of a large table, of one. A search stays where no small change makes the pattern
    /// cheaper, and where that is depends on its first steps (`OptimumTests`).
    /// - Returns: no search where no cell is unsafe, no pattern where none protects.
    private func cheapest(
        _ problem: Problem, _ whole: SparseSystem, _ cost: ProtectionObligations.Cost, _ budget: WorkBudget
    ) throws(ProtectionError) -> (search: PatternSearch?, pattern: [Bool]?) {
        guard var best = search(problem, whole, cost, budget, start: 0) else { return (nil, nil) }
        guard var pattern = try best.run(improvementPivotsMax: limits.improvementPivotsMax) else { return (best, nil) }
        guard whole.columnCount <= limits.startsCellsMax else { return (best, pattern) }
        for start in 1..<max(1, limits.startsMax) {
            // One that is only to be cheaper must not take what the audit needs, nor refuse what is found already.
            guard budget.isHardlyUsed, let other = search(problem, whole, cost, budget, start: start) else { break }
            let found: [Bool]?
            do throws(ProtectionError) { found = try other.run(improvementPivotsMax: limits.improvementPivotsMax) } catch {
                guard error.code == .tooLarge else { throw error }
                continue
            }
            if let found, other.total < best.total { (best, pattern) = (other, found) }
        }
        return (best, pattern)
    }

    /// nil where no cell is unsafe.
    private func search(_ problem: Problem, _ whole: SparseSystem, _ cost: ProtectionObligations.Cost, _ budget: WorkBudget, start: Int) -> PatternSearch? {
        let demands = problem.demands
        guard !demands.unsafe.isEmpty else { return nil }
        let isUnknown = problem.system.cells.enumerated().map { $1.row < 0 || demands.unsafe[$0] != nil }
        var wanted: [PatternSearch.Demand] = []
        for (cell, unsafe) in demands.unsafe.sorted(by: { $0.key < $1.key }) {
            if unsafe.lower > 0 { wanted.append(.init(cell: cell, difference: -unsafe.lower)) }
            wanted.append(.init(cell: cell, difference: unsafe.upper))
        }
        let prices = Self.prices(whole, isUnknown, cost)
        return PatternSearch(
            whole, isUnknown: isUnknown, fullPrice: prices, demands: wanted, insiders: demands.insiders,
            insiderOfCell: demands.insiderOfCell, limits: limits, budget: budget, start: start)
    }

    /// A zero is withheld only when nothing else protects: it is often known to be one.
    private static func prices(_ whole: SparseSystem, _ isUnknown: [Bool], _ cost: ProtectionObligations.Cost) -> [Double] {
        var prices = whole.x.prefix(whole.columnCount).map { cost == .one ? 1 : max(1, $0) }
        var dearest = 1.0
        for column in prices.indices where !isUnknown[column] { dearest = max(dearest, prices[column]) }
        for column in prices.indices where whole.x[column] == 0 && !isUnknown[column] { prices[column] = cost == .one ? dearest * 100 : dearest * 4 }
        return prices
    }

    private func report(_ system: CellSystem, _ marks: [ReleasedTable.Mark?], _ audit: ReleaseAudit, rounds: Int, insiders: Bool) -> ProtectionReport {
        var counts: [ProtectionReport.Reason: Int] = [:]
        var all = 0.0
        var hidden = 0.0
        for (index, cell) in system.cells.enumerated() where cell.row >= 0 {
            all += system.double(index)
            guard let mark = marks[Int(cell.row)] else { continue }
            hidden += system.double(index)
            counts[mark.reason, default: 0] += 1
        }
        var report = ProtectionReport(
            method: "\(method) \(SuppressionPlugin.descriptor.version)", cells: marks.count, withheldByReason: counts, audit: audit.audit, rounds: rounds,
            lostValuePercent: all > 0 ? hidden / all * 100 : nil)
        report.words = ReportWords.of(report, isNarrowestExact: audit.isNarrowestExact, insiders: insiders)
        return report
    }
}
