import SluiceKit

/// Releases a table at broader codes only, so that no cell is unsafe and nothing has to be withheld.
///
/// Each dimension whose codes add up is cut at a level of its hierarchy, at worst at its total. Of all combinations of levels that leave no
/// unsafe cell, that is taken which keeps most cells; of equals, the one that keeps more levels of the earlier dimensions. Nothing is summed:
/// the broader cells have to be in the table.
struct Coarsening: Protection {
    let limits: SuppressionLimits
    let method = "coarsening"

    func protect(_ table: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError) -> (Table, ProtectionReport) {
        try check(obligations)
        let budget = WorkBudget(limits)
        let found = try CoarseningSearch(table, under: obligations, limits: limits).run(budget)
        let marks = obligations.neutralStatus ? ConfidentialityMarks(table.batch) : nil
        try marks?.requireNeutral()
        let released = try Subset.copy(table, rows: found.rows, without: Set(try Contributors(table, under: obligations).allColumns), hiding: marks)
        var report = ProtectionReport(
            method: "\(method) \(SuppressionPlugin.descriptor.version)", cells: table.batch.rowCount,
            audit: try audit(released, against: table, under: obligations, in: context), rounds: 1)
        report.figures =
            found.cuts.map { JSONMember("level.\($0.dimension)", .number("\($0.level)")) } + [
                JSONMember("cellsLeftOut", .number("\(table.batch.rowCount - found.rows.count)"))
            ]
        report.words = found.words(of: table.batch.rowCount)
        return (released, report)
    }

    /// The released table is a part of the original in which no cell is unsafe and none can be computed that is.
    func audit(_ released: Table, against original: Table, under obligations: ProtectionObligations, in context: ProtectionContext) throws(ProtectionError)
        -> ProtectionReport.Audit
    {
        try check(obligations)
        let rows = try Subset.rows(of: released, in: original, under: obligations)
        let problem = try Problem(try Subset.copy(original, rows: rows, without: []), under: obligations, limits: limits)
        guard problem.demands.unsafe.isEmpty else {
            throw ProtectionError(
                .auditNotClean,
                detail: "\(problem.demands.unsafe.count) cells of the table to be released, or that can be computed from it, are unsafe. Nothing was released")
        }
        return ProtectionReport.Audit(cells: 0, equations: problem.system.equations.count, unreportedCells: problem.system.unreportedCells)
    }

    private func check(_ obligations: ProtectionObligations) throws(ProtectionError) {
        guard obligations.method == method else {
            throw ProtectionError(.unsupported, detail: "the agreement asks for the protection \(obligations.method), and this is \(method)")
        }
        guard obligations.mode == .withheld else {
            throw ProtectionError(.unsupported, detail: "coarsening leaves nothing to flag; say `mode: withheld`, or `method: suppression`")
        }
        try PrimaryJudge.check(obligations.rules)
    }
}

/// Looks for the levels at which a table is safe.
struct CoarseningSearch {
    struct Cut {
        var dimension: String
        /// Deepest level kept; 0 is the total.
        var level: Int
        var deepest: Int
    }
    struct Found {
        var rows: [Int]
        var cuts: [Cut]

        func words(of cells: Int) -> [String] {
            guard !cuts.isEmpty else { return ["None of \(cells) cells is unsafe; all are published."] }
            return cuts.map { cut in
                cut.level == 0
                    ? "\(cut.dimension) is published as its total only."
                    : "\(cut.dimension) is published to level \(cut.level) of \(cut.deepest) below its total."
            } + ["\(rows.count) of \(cells) cells are published, and none of them is unsafe."]
        }
    }
    /// Combinations of levels that are looked at; past it the best of these is taken.
    var combinationsMax = 100_000
    private let table: Table
    private let obligations: ProtectionObligations
    private let limits: SuppressionLimits
    private var names: [String] = []
    private var depthMax: [Int] = []
    /// Of each row and dimension that can be cut.
    private var depths: [[UInt8]] = []

    init(_ table: Table, under obligations: ProtectionObligations, limits: SuppressionLimits) throws(ProtectionError) {
        self.table = table
        self.obligations = obligations
        self.limits = limits
        let batch = table.batch
        for column in batch.schema.dimensions {
            let component = batch.schema.components[column]
            let declared = obligations.totals[component.id]
            if component.role == .timeDimension, declared == nil { continue }
            let breakdowns = try Breakdowns(component, dictionary: batch.dictionary(column), declared: declared)
            guard !breakdowns.all.isEmpty else { continue }
            let depth = breakdowns.depths(batch.dictionary(column).count)
            names.append(component.id)
            depthMax.append(depth.max() ?? 0)
            depths.append((0..<batch.rowCount).map { UInt8(clamping: depth[Int(batch.codes(column)[$0])]) })
        }
    }

    /// - Throws: `auditNotClean` where even the totals are unsafe; `tooLarge` where no combination looked at is safe; `deadline`.
    func run(_ budget: WorkBudget) throws(ProtectionError) -> Found {
        let problem = try Problem(table, under: obligations, limits: limits)
        var isUnsafe = Array(repeating: false, count: table.batch.rowCount)
        for cell in problem.demands.unsafe.keys where problem.system.cells[cell].row >= 0 { isUnsafe[Int(problem.system.cells[cell].row)] = true }
        // Rows by how deep they lie in each dimension: a cut keeps or drops all of a kind.
        var kinds: [[UInt8]: (rows: Int, unsafe: Int)] = [:]
        for row in isUnsafe.indices {
            let kind = depths.map { $0[row] }
            kinds[kind, default: (0, 0)].rows += 1
            if isUnsafe[row] { kinds[kind, default: (0, 0)].unsafe += 1 }
        }
        var candidates: [(levels: [Int], kept: Int)] = []
        var levels = depthMax
        var looked = 0
        while true {
            try budget.checkClock()
            looked += 1
            var kept = 0
            var unsafe = 0
            for (kind, count) in kinds where zip(kind, levels).allSatisfy({ Int($0) <= $1 }) {
                kept += count.rows
                unsafe += count.unsafe
            }
            if unsafe == 0, kept > 0 { candidates.append((levels, kept)) }
            guard let last = levels.lastIndex(where: { $0 > 0 }) else { break }
            guard looked < combinationsMax else {
                guard candidates.isEmpty else { break }
                throw ProtectionError(
                    .tooLarge,
                    detail:
                        "none of the first \(combinationsMax) combinations of levels is safe, and there are more; leave a dimension out, or say in the agreement that it does not add up (`protect: totals`, `none`)"
                )
            }
            levels[last] -= 1
            for at in (last + 1)..<max(last + 1, levels.count) { levels[at] = depthMax[at] }
        }
        // The order of enumeration is kept among equals.
        for candidate in candidates.enumerated().sorted(by: { ($1.element.kept, $0.offset) < ($0.element.kept, $1.offset) }).map(\.element) {
            try budget.checkClock()
            let rows = isUnsafe.indices.filter { row in candidate.levels.indices.allSatisfy { Int(depths[$0][row]) <= candidate.levels[$0] } }
            let rest = try Problem(try Subset.copy(table, rows: rows, without: []), under: obligations, limits: limits)
            guard rest.demands.unsafe.isEmpty else { continue }
            let cuts = candidate.levels.indices.filter { candidate.levels[$0] < depthMax[$0] }.map {
                Cut(dimension: names[$0], level: candidate.levels[$0], deepest: depthMax[$0])
            }
            return Found(rows: rows, cuts: cuts)
        }
        throw ProtectionError(
            .auditNotClean,
            detail: "even the broadest cells of the table are unsafe, or it has no cells for broader codes; tabulate with totals, or do not release it")
    }
}

/// Some rows of a table, as a table of their own with storage of its own.
enum Subset {
    /// - Parameter marks: of which the reasons are not told; nil where they are.
    static func copy(_ table: Table, rows: [Int], without columns: Set<Int>, hiding marks: ConfidentialityMarks? = nil) throws(ProtectionError) -> Table {
        let source = table.batch
        let result = Batch(schema: source.schema, capacity: max(1, rows.count))
        let isKept = Set(rows)
        var contributions = table.contributions.map { CellContributions(depth: $0.depth) }
        if let given = table.contributions, given.rowCount != source.rowCount { contributions = nil }
        do throws(ReadError) {
            for row in KeySpace.rowsByKey(source) where isKept.contains(row) {
                let target = result.appendRow()
                for column in source.schema.components.indices where !columns.contains(column) {
                    if let marks, column == marks.column, marks.isDeclared[row] {
                        if let text = marks.neutralText { try result.set(column, target, text: text) }
                        continue
                    }
                    if let bytes = source.cell(column, row) { try result.set(column, target, bytes) }
                }
                if let given = table.contributions, contributions != nil { contributions?.append(count: given.counts[row], largest: given.largest(row)) }
            }
        } catch {
            throw ProtectionError(.tooLarge, detail: error.detail)
        }
        return Table(description: table.description, batch: result, contributions: columns.isEmpty ? contributions : nil)
    }

    /// Rows of the original that the released table shows.
    /// - Throws: `auditNotClean` where it shows something else.
    static func rows(of released: Table, in original: Table, under obligations: ProtectionObligations) throws(ProtectionError) -> [Int] {
        func failure(_ what: String) -> ProtectionError {
            ProtectionError(.auditNotClean, detail: "the table to be released did not pass the gate: \(what). Nothing was released")
        }
        let old = original.batch
        let new = released.batch
        guard new.schema.components.map(\.id) == old.schema.components.map(\.id) else { throw failure("it has other components") }
        let observations = try Observations(original, under: obligations)
        let keys = try KeySpace(old)
        var rowOfKey: [UInt128: Int] = [:]
        for row in 0..<old.rowCount { rowOfKey[keys.key(ofRow: row)] = row }
        var rows: [Int] = []
        for row in 0..<new.rowCount {
            guard let key = keys.key(ofRow: row, in: new), let own = rowOfKey.removeValue(forKey: key) else {
                throw failure("an observation has a key that the original does not have, or twice")
            }
            guard ReleaseComparison.isSameNumber(old.cell(observations.measure, own), new.cell(observations.measure, row)) else {
                throw failure("a value differs from the original")
            }
            if obligations.neutralStatus { try ReleaseComparison.checkReason(new, row, observations.marks, own) }
            for column in observations.contributors.columns where !new.isAbsent(column, row) {
                throw failure("\(new.schema.components[column].id) still tells of contributors")
            }
            rows.append(own)
        }
        return rows
    }
}
