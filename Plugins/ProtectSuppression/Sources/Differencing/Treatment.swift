import SluiceKit

/// Searches for a way to give the release all the same: with the codes of earlier releases, or with further cells withheld.
///
/// What it proposes was attacked as the release itself; it is never applied by itself.
struct Treatment {
    private let gate: DifferencingGate
    private let release: ReleasedFigures
    private let held: [ReleasedFigures]
    private let budget: WorkBudget

    init(_ gate: DifferencingGate, _ release: ReleasedFigures, _ held: [ReleasedFigures], _ budget: WorkBudget) {
        self.gate = gate
        self.release = release
        self.held = held
        self.budget = budget
    }

    /// In words; nil where none was found in the rounds and the time allowed.
    func find(_ findings: [LinkedAttack.Finding]) -> String? {
        guard gate.limits.treatmentRoundsMax > 0 else { return nil }
        return withoutNewCodes(findings) ?? withholding(findings)
    }

    private func isSafe(_ candidate: ReleasedFigures) -> Bool {
        guard let outcome = try? gate.attack(candidate, held, budget) else { return false }
        return outcome.findings.isEmpty
    }

    /// Leaves out the codes of one dimension that nobody was given before.
    private func withoutNewCodes(_ findings: [LinkedAttack.Finding]) -> String? {
        let named = findings.compactMap(\.between?.dimension)
        for (at, dimension) in release.dimensions.enumerated() where named.contains(dimension.id) {
            let earlier = held.flatMap(\.dimensions).filter { $0.id == dimension.id && $0.list == dimension.list }.flatMap(\.codes)
            let known = Set(earlier.map(\.extent))
            let added = dimension.codes.indices.filter { !dimension.codes[$0].extent.isAll && !known.contains(dimension.codes[$0].extent) }
            guard !added.isEmpty, added.count < dimension.codes.count else { continue }
            let candidate = release.keeping { !added.contains(Int(release.codes(ofCell: $0).dropFirst(at).first ?? 0)) }
            guard candidate.cellCount > 0, isSafe(candidate) else { continue }
            let codes = added.prefix(8).map { dimension.codes[$0].id } + (added.count > 8 ? ["\(added.count - 8) more"] : [])
            let kept = dimension.codes.indices.filter { !added.contains($0) }.prefix(8).map { dimension.codes[$0].id }
            return "leave out \(codes.joined(separator: ", ")) of \(dimension.id) and give only codes that were given before (\(kept.joined(separator: ", ")))"
        }
        return nil
    }

    /// Withholds cells that the findings take, one of each finding a round, until nothing is found.
    private func withholding(_ findings: [LinkedAttack.Finding]) -> String? {
        var candidate = release
        var withheld: [Int] = []
        var open = findings
        for _ in 0..<gate.limits.treatmentRoundsMax {
            var chosen: Set<Int> = []
            for finding in open where chosen.isDisjoint(with: finding.cells) {
                // The narrowest cell: totals stay as long as possible.
                let possible = finding.cells.filter { candidate.shown[$0] != nil }
                if let cell = possible.min(by: { (breadth($0), $0) < (breadth($1), $1) }) { chosen.insert(cell) }
            }
            guard !chosen.isEmpty else { return nil }
            for cell in chosen.sorted() {
                candidate.withhold(cell)
                withheld.append(cell)
            }
            guard let outcome = try? gate.attack(candidate, held, budget) else { return nil }
            open = outcome.findings.map(\.finding)
            if open.isEmpty { return "withhold \(words(withheld))" }
        }
        return nil
    }

    /// How many of its codes are totals.
    private func breadth(_ cell: Int) -> Int {
        zip(release.dimensions, release.codes(ofCell: cell)).reduce(0) { $0 + ($1.0.codes[Int($1.1)].extent.isAll ? 1 : 0) }
    }

    private func words(_ cells: [Int]) -> String {
        let places = cells.prefix(5).map { cell in
            let slice = release.slices[Int(release.sliceOfCell[cell])]
            let codes = zip(release.dimensions, release.codes(ofCell: cell)).map { "\($0.id) \($0.codes[Int($1)].id)" }
            return (codes + slice.labels + (slice.periodText.isEmpty ? [] : [slice.periodText])).joined(separator: ", ")
        }
        return places.joined(separator: "; ") + (cells.count > 5 ? "; and \(cells.count - 5) more cells" : "")
    }
}
