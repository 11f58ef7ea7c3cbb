import SluiceKit

/// Which cells are unsafe, why, and how far each has to be able to move.
struct Demands {
    struct Unsafe {
        /// nil for a cell that no row has.
        var reason: ProtectionReport.Reason?
        /// What CONF_STATUS says of it where reasons are told; nil where the source said it.
        var code: String?
        /// Protection levels in units of the measure.
        var upper: Double
        var lower: Double
    }
    private(set) var unsafe: [Int: Unsafe] = [:]
    /// Cells with a single contributor, by contributor: one who is alone in a total is also the one who is alone in its part.
    private(set) var insiders: [[Int]] = []
    private(set) var insiderOfCell: [Int: Int] = [:]

    init(_ system: CellSystem, _ observations: Observations, under obligations: ProtectionObligations) throws(ProtectionError) {
        let known = try KnownCells(system, observations, under: obligations)
        let judge = PrimaryJudge(rules: obligations.rules, unit: known.unit)
        let safety = Double(obligations.rules.safetyPercent) / 100
        for (index, cell) in system.cells.enumerated() {
            if let verdict = judge.judge(known.cells[index]) {
                unsafe[index] = Unsafe(reason: cell.row < 0 ? nil : verdict.reason, code: verdict.code, upper: verdict.upper, lower: verdict.lower)
            } else if cell.row >= 0, observations.declared[Int(cell.row)] {
                let value = system.double(index)
                let level = max(1, value * safety)
                unsafe[index] = Unsafe(reason: .declared, code: nil, upper: level, lower: min(level, value))
            }
        }
        if obligations.rules.groupDisclosure { try addGroups(system) }
        if obligations.insiders { groupInsiders(system, known) }
    }

    /// Where all of a sum falls into one of its parts, the zeros beside it have to be able to be something else.
    private mutating func addGroups(_ system: CellSystem) throws(ProtectionError) {
        for equation in 0..<system.equations.count {
            let terms = system.equations[equation]
            guard let first = terms.first, terms.count > 2 || system.hasSilentParts[equation] else { continue }
            let total = system.cells[SparseSystem.index(first)].value
            guard total > 0, terms.dropFirst().contains(where: { system.cells[SparseSystem.index($0)].value == total }) else { continue }
            let zeros = terms.dropFirst().map(SparseSystem.index).filter { system.cells[$0].value == 0 }
            guard !zeros.isEmpty else {
                throw ProtectionError(
                    .unsupported,
                    detail:
                        "a group falls wholly into one part, and its other parts have no observations, so that their zeros cannot be withheld (groupDisclosure); report zeros as observations, or coarsen the dimension"
                )
            }
            for zero in zeros where unsafe[zero] == nil {
                unsafe[zero] = Unsafe(reason: system.cells[zero].row < 0 ? nil : .group, code: "A", upper: 1, lower: 0)
            }
        }
    }

    private mutating func groupInsiders(_ system: CellSystem, _ known: KnownCells) {
        let one = ExactDecimal(coefficient: 1, scale: 0)
        let isAlone = known.cells.map { $0.count == one }
        var parent: [Int: Int] = [:]
        func root(_ cell: Int) -> Int {
            var cell = cell
            while let above = parent[cell], above != cell { cell = above }
            return cell
        }
        for equation in 0..<system.equations.count {
            guard let first = system.equations[equation].first, isAlone[SparseSystem.index(first)] else { continue }
            for term in system.equations[equation].dropFirst() where isAlone[Int(term)] {
                let one = root(Int(term))
                let other = root(SparseSystem.index(first))
                if one != other { parent[max(one, other)] = min(one, other) }
            }
        }
        var groupOfRoot: [Int: Int] = [:]
        for cell in isAlone.indices where isAlone[cell] {
            let group = groupOfRoot[root(cell), default: insiders.count]
            if group == insiders.count {
                groupOfRoot[root(cell)] = group
                insiders.append([])
            }
            insiders[group].append(cell)
            insiderOfCell[cell] = group
        }
    }
}

/// What is known of the contributors of every cell, of those too that no row has.
struct KnownCells {
    private(set) var cells: [PrimaryJudge.Cell] = []
    /// 10^scale of the figures in `cells`.
    let unit: Int128

    init(_ system: CellSystem, _ observations: Observations, under obligations: ProtectionObligations) throws(ProtectionError) {
        let needed = obligations.rules.largestNeeded
        let contributors = observations.contributors
        var scale = system.scale
        if needed > 0 {
            for cell in system.cells where cell.row >= 0 { scale = max(scale, contributors.largest(Int(cell.row)).map(\.scale).max() ?? 0) }
        }
        var factor: Int128 = 1
        for _ in system.scale..<scale {
            let (next, overflow) = factor.multipliedReportingOverflow(by: 10)
            guard !overflow, next < Int128(1) << 60 else {
                throw ProtectionError(.tooLarge, detail: "a contribution has more digits than can be compared exactly; express the measure in a larger unit")
            }
            factor = next
        }
        unit = Int128(system.unit) * factor
        cells.reserveCapacity(system.cells.count)
        for cell in system.cells {
            let row = Int(cell.row)
            var known = PrimaryJudge.Cell(value: Int128(cell.value) * factor)
            if !contributors.hasCounts {
                // Without a count of contributors the measure is one; where only contributions are given, it is not.
                if contributors.depth == 0 { known.count = ExactDecimal(coefficient: Int128(cell.value), scale: system.scale) }
            } else if row >= 0 {
                known.count = contributors.count(row)
            }
            if needed > 0, row >= 0 {
                for contribution in contributors.largest(row).prefix(needed) {
                    guard let figure = contribution.coefficient(atScale: scale) else {
                        throw ProtectionError(
                            .tooLarge, detail: "a contribution has more digits than can be compared exactly; express the measure in a larger unit")
                    }
                    known.largest.append(figure)
                }
            }
            cells.append(known)
        }
        if contributors.hasCounts || needed > 0 { fillUnreported(system, needed: needed, hasCounts: contributors.hasCounts) }
    }

    /// Contributors of a margin are those of its parts together; those of a rest are what the total has more. Cells of which neither can be told are as if
    /// one contributor had given all.
    private mutating func fillUnreported(_ system: CellSystem, needed: Int, hasCounts: Bool) {
        var isOpen = system.cells.map { $0.row < 0 }
        var openCount: [Int] = []
        var equationsOfCell: [Int: [Int]] = [:]
        // Those that give a margin go first: they know its largest contributions as well.
        var ofMargins: [Int] = []
        var ofRests: [Int] = []
        func wait(_ equation: Int) {
            let members = system.equations[equation].map(SparseSystem.index)
            if members.first.map({ isOpen[$0] }) ?? false { ofMargins.append(equation) } else { ofRests.append(equation) }
        }
        for equation in 0..<system.equations.count {
            let open = system.equations[equation].map(SparseSystem.index).filter { isOpen[$0] }
            openCount.append(open.count)
            for cell in open { equationsOfCell[cell, default: []].append(equation) }
            if open.count == 1 { wait(equation) }
        }
        while let equation = ofMargins.popLast() ?? ofRests.popLast() {
            let members = system.equations[equation].map(SparseSystem.index)
            guard let cell = members.first(where: { isOpen[$0] }), let total = members.first else { continue }
            let parts = members.dropFirst()
            if cell == total {
                cells[cell].count = hasCounts ? sum(parts.map { cells[$0].count }) : nil
                cells[cell].largest = Array(parts.flatMap { cells[$0].largest }.sorted(by: >).prefix(needed))
            } else {
                let others = parts.filter { $0 != cell }.map { part in cells[part].count.map { ExactDecimal(coefficient: -$0.coefficient, scale: $0.scale) } }
                cells[cell].count = hasCounts ? sum([cells[total].count] + others) : nil
            }
            if cell != total || (hasCounts && cells[cell].count == nil) { takeFewForOne(cell, needed: needed, hasCounts: hasCounts) }
            isOpen[cell] = false
            for other in equationsOfCell[cell] ?? [] {
                openCount[other] -= 1
                if openCount[other] == 1 { wait(other) }
            }
        }
        for cell in isOpen.indices where isOpen[cell] { takeFewForOne(cell, needed: needed, hasCounts: hasCounts) }
    }

    /// Which contributions such a cell has is not known: no more contributors than the rules look at, or of unknown number, are taken for one. One that has
    /// a value has one at least, also where the numbers say less since somebody contributes to several parts.
    private mutating func takeFewForOne(_ cell: Int, needed: Int, hasCounts: Bool) {
        guard cells[cell].value > 0 else { return }
        let one = ExactDecimal(coefficient: 1, scale: 0)
        if hasCounts { cells[cell].count = cells[cell].count.map { max($0, one) } ?? one }
        if needed > 0, cells[cell].count.map({ $0 <= ExactDecimal(coefficient: Int128(needed), scale: 0) }) ?? true {
            cells[cell].largest = [cells[cell].value]
        }
    }

    /// nil where one is not known, or they have too many digits.
    private func sum(_ counts: [ExactDecimal?]) -> ExactDecimal? {
        counts.reduce(ExactDecimal.zero) { sum, count in sum.flatMap { sum in count.flatMap { sum.adding($0) } } }
    }
}
