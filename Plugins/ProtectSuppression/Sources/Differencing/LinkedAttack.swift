import SluiceKit

/// Attacks one slice of a release together with what a group of people holds, and finds what the release adds to their knowledge that it must not.
///
/// What they could compute before, or from the release alone (which its own protection has judged), is not counted against it: only what their union gives.
struct LinkedAttack {
    struct Finding {
        /// In words.
        var place: String
        /// A cell that some release withheld, or a region that none has.
        var isWithheld: Bool
        /// It follows exactly, or its interval is too narrow.
        var isExact: Bool
        /// Earlier releases whose figures it takes, as positions in `held`.
        var releases: [Int]
        /// Cells of the new release whose figures it takes.
        var cells: [Int]
        /// For a region: the two codes between which it lies, and their dimension.
        var between: (dimension: String, outer: String, inner: String)?
    }
    private(set) var findings: [Finding] = []
    private(set) var report = DifferencingReport()

    private let releases: [ReleasedFigures]
    private let limits: DifferencingLimits
    private let budget: WorkBudget
    private var cells: LinkedCells
    private let new: Int32
    private let scale: Int

    /// - Parameters:
    ///   - held: the oldest first.
    ///   - slice: of the new release.
    init(_ release: ReleasedFigures, _ held: [ReleasedFigures], slice: ReleasedFigures.Slice, limits: DifferencingLimits, budget: WorkBudget)
        throws(ProtectionError)
    {
        releases = held + [release]
        self.limits = limits
        self.budget = budget
        new = Int32(held.count)
        scale = releases.reduce(0) { max($0, $1.scale) }
        guard scale <= CellSystem.scaleMax else {
            throw ProtectionError(
                .tooLarge,
                detail: "the figures have more than \(CellSystem.scaleMax) digits after the point, too many to be held against earlier releases; round them"
            )
        }
        cells = try LinkedCells(releases, slice: slice, limits: limits)
        report.releases = held.count
        try attack()
        report.equations = cells.sums.count
    }

    private var unit: Double { (0..<scale).reduce(1.0) { value, _ in value * 10 } }
    private var minimumCell: Int { releases.reduce(0) { max($0, $1.minimumCell) } }
    private var safetyPercent: Int { releases.reduce(0) { max($0, $1.safetyPercent) } }

    // MARK: What is known

    private enum Knowledge { case union, held, new, truth, contributors }

    private func known(_ knowledge: Knowledge) throws(ProtectionError) -> [Int64?] {
        var values: [Int64?] = Array(repeating: nil, count: cells.count)
        for cell in 0..<cells.count {
            // The newest figure of a cell counts: what was corrected is no sum about the same truth.
            for place in cells.places[cell] {
                let release = releases[Int(place.release)]
                let value: Int64?
                switch knowledge {
                case .union: value = release.isExact ? release.shown[Int(place.cell)] : nil
                case .held: value = release.isExact && place.release != new ? release.shown[Int(place.cell)] : nil
                case .new: value = release.isExact && place.release == new ? release.shown[Int(place.cell)] : nil
                case .truth: value = release.isExact ? release.trueValue(ofCell: Int(place.cell)) : nil
                case .contributors:
                    guard let truth = release.truth, !truth.contributors.isEmpty else { continue }
                    if let count = truth.contributors[Int(place.cell)] { values[cell] = count }
                    continue
                }
                if let value { values[cell] = try scaled(value, from: release.scale) }
            }
        }
        return values
    }

    private func scaled(_ value: Int64, from: Int) throws(ProtectionError) -> Int64 {
        var value = value
        for _ in from..<max(from, scale) {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, next.magnitude <= 1 << 52 else {
                throw ProtectionError(
                    .tooLarge, detail: "a value has too many digits to be held against earlier releases; express the measure in a larger unit")
            }
            value = next
        }
        return value
    }

    /// Whether the measure counts people itself.
    private var isCount: Bool { releases.allSatisfy { $0.truth?.contributors.isEmpty ?? true } }

    private func world(_ knowledge: Knowledge) throws(ProtectionError) -> LinkedWorld {
        LinkedWorld(cells, known: try known(knowledge), unit: unit, limits: limits, budget: budget)
    }

    // MARK: The attack

    private mutating func attack() throws(ProtectionError) {
        try addRegions(try world(.union).values)
        let union = try world(.union)
        let held = try world(.held)
        let new = try world(.new)
        let truth = LinkedValues(cells, known: try known(.truth)).values
        let counts = isCount ? truth : LinkedValues(cells, known: try known(.contributors)).values
        let matters = union.parts.indices.map { gains(union, $0, held, new) }
        for cell in 0..<Int32(cells.count) where cells.isNamed(cell) {
            guard findings.count < limits.findingsMax else { break }
            let target = self.target(cell, truth: truth, counts: counts)
            guard let target else { continue }
            if let part = union.part(of: cell) {
                guard matters[part] else { continue }
            } else if held.values.values[Int(cell)] != nil || new.values.values[Int(cell)] != nil {
                continue
            }
            guard let after = try union.interval(of: cell) else { throw Self.tooLarge(limits) }
            guard isBreach(after, target) else { continue }
            if try isNoNarrower(after, than: held, cell) { continue }
            if try isNoNarrower(after, than: new, cell) { continue }
            findings.append(finding(cell, union, after))
        }
        report.regions = (0..<cells.count).reduce(0) { $0 + (cells.places[$1].isEmpty ? 1 : 0) }
        report.intervals = union.intervalCount + held.intervalCount + new.intervalCount
        report.contradictions = union.contradictionCount
    }

    /// Unions of parts that the difference of two cells, or what remains of a sum, isolates; and runs of neighbouring ages.
    private mutating func addRegions(_ values: LinkedValues) throws(ProtectionError) {
        let value = values.values
        let small = 1..<Int64(clamping: Int128(max(1, minimumCell)) * Int128(unit))
        let sums = cells.sums
        for line in cells.mixedLines where line.parts.allSatisfy(cells.isNamed) {
            guard line.parts.filter({ value[Int($0)] == nil }).count >= 2 else { continue }
            if cells.tables[line.slot].isOfAges, line.parts.count <= limits.runsOfLineMax {
                for first in line.parts.indices {
                    for last in line.parts.indices where last > first { _ = try cells.addRegion(Array(line.parts[first...last]), slot: line.slot) }
                }
                continue
            }
            let members = line.members.filter { value[Int($0)] != nil }
            for outer in members {
                for inner in members where small.contains((value[Int(outer)] ?? 0) - (value[Int(inner)] ?? 0)) {
                    let slot = line.slot
                    let (large, little) = (cells.keys[Int(outer)][slot], cells.keys[Int(inner)][slot])
                    guard cells.tables[slot].contains(large, little) else { continue }
                    let inside = Set(cells.tables[slot].atoms[Int(little)])
                    let around = Set(cells.tables[slot].atoms[Int(large)])
                    let between = line.parts.filter { part in
                        cells.tables[slot].atoms[Int(cells.keys[Int(part)][slot])].allSatisfy { around.contains($0) && !inside.contains($0) }
                    }
                    if between.count >= 2 { _ = try cells.addRegion(between, slot: slot) }
                }
            }
        }
        for sum in sums where value[Int(sum.total)] != nil {
            let open = sum.parts.filter { value[Int($0)] == nil && cells.isNamed($0) }
            guard open.count >= 2, open.count < sum.parts.count else { continue }
            let rest = sum.parts.reduce(value[Int(sum.total)] ?? 0) { $0 - (value[Int($1)] ?? 0) }
            guard small.contains(rest), sum.parts.allSatisfy({ value[Int($0)] != nil || cells.isNamed($0) }) else { continue }
            let keys = open.map { cells.keys[Int($0)] }
            guard let slot = cells.tables.indices.first(where: { slot in Set(keys.map { $0[slot] }).count > 1 }) else { continue }
            _ = try cells.addRegion(open, slot: slot)
        }
    }

    /// Whether the figures around a part come from both sides, so that their union says more than either.
    private func gains(_ union: LinkedWorld, _ part: Int, _ held: LinkedWorld, _ new: LinkedWorld) -> Bool {
        var fromHeld = false
        var fromNew = false
        for sum in union.parts[part].sums {
            for (cell, _) in LinkedValues.terms(cells.sums[Int(sum)]) where union.values.values[Int(cell)] != nil {
                fromHeld = fromHeld || new.values.values[Int(cell)] == nil
                fromNew = fromNew || held.values.values[Int(cell)] == nil
            }
            if fromHeld, fromNew { return true }
        }
        return false
    }

    // MARK: Judging

    private struct Target {
        var isWithheld: Bool
        /// What the giver knows of it, in units of the measure.
        var value: Double?
        var count: Double?
        var isUnsafe: Bool
        var keepsInterval: Bool
    }

    private func target(_ cell: Int32, truth: [Int64?], counts: [Int64?]) -> Target? {
        let value = truth[Int(cell)].map { Double($0) / unit }
        let count = isCount ? value : counts[Int(cell)].map { Double($0) }
        let places = cells.places[Int(cell)]
        guard !places.isEmpty else {
            guard minimumCell > 1 else { return nil }
            return Target(isWithheld: false, value: value, count: count, isUnsafe: false, keepsInterval: false)
        }
        for place in places {
            let release = releases[Int(place.release)]
            guard release.isUnsafe[Int(place.cell)], release.shown[Int(place.cell)] == nil else { continue }
            // What has been corrected since is a figure of another truth.
            if let own = release.trueValue(ofCell: Int(place.cell)), let value, Double(own) / pow10(release.scale) != value { continue }
            return Target(isWithheld: true, value: value, count: count, isUnsafe: true, keepsInterval: release.keepsIntervals)
        }
        return nil
    }

    private func pow10(_ scale: Int) -> Double { (0..<scale).reduce(1.0) { value, _ in value * 10 } }

    /// Rounding of the programs; less than any level, however large the cells are.
    private static func tolerance(_ interval: Interval) -> Double { min(1e-3, 1e-6 * max(1, interval.low)) }

    /// Docs/Decisions/0019-differencing.md, "What is unsafe".
    private func isBreach(_ interval: Interval, _ target: Target) -> Bool {
        let tolerance = Self.tolerance(interval)
        var interval = interval
        let threshold = Double(minimumCell)
        if isCount, scale == 0 {
            interval.low = (interval.low - tolerance).rounded(.up)
            interval.high = (interval.high + tolerance).rounded(.down)
        }
        if isCount, interval.low > tolerance, interval.high < threshold - tolerance { return true }
        // Contributors that nobody can tell any more may be few.
        let isSmall = target.count.map { $0 > 0 && $0 < threshold } ?? !isCount
        guard target.isUnsafe || isSmall else { return false }
        if target.keepsInterval { return true }
        guard let value = target.value else { return interval.high - interval.low < 2 - tolerance }
        let level = max(1, value * Double(safetyPercent) / 100)
        return interval.high - value < level - tolerance || value - interval.low < min(level, value) - tolerance
    }

    /// Whether somebody who holds less can say as much. Where that cannot be computed within the limits the answer is no.
    private func isNoNarrower(_ after: Interval, than world: LinkedWorld, _ cell: Int32) throws(ProtectionError) -> Bool {
        guard let before = try world.interval(of: cell) else { return false }
        let tolerance = Self.tolerance(after)
        return before.low >= after.low - tolerance && before.high <= after.high + tolerance
    }

    private static func tooLarge(_ limits: DifferencingLimits) -> ProtectionError {
        ProtectionError(
            .tooLarge,
            detail:
                "together with what the same people hold, more than \(limits.sumsOfPartMax) sums or \(limits.cellsOfPartMax) withheld cells hang together, too many to be attacked; split the release by period or region, or give fewer codes"
        )
    }

    // MARK: Words

    private func finding(_ cell: Int32, _ union: LinkedWorld, _ after: Interval) -> Finding {
        var earlier: Set<Int> = []
        var own: Set<Int> = []
        // The figures in the sums around it; one step further where those are regions too.
        var around: Set<Int32> = [cell]
        for _ in 0..<2 {
            var next: Set<Int32> = []
            for sum in cells.sums where sum.parts.contains(where: around.contains) || around.contains(sum.total) {
                for (other, _) in LinkedValues.terms(sum) where !around.contains(other) {
                    if cells.places[Int(other)].isEmpty { next.insert(other) }
                    for place in cells.places[Int(other)] where releases[Int(place.release)].shown[Int(place.cell)] != nil {
                        if place.release == new { own.insert(Int(place.cell)) } else { earlier.insert(Int(place.release)) }
                    }
                }
            }
            if !earlier.isEmpty, !own.isEmpty { break }
            around.formUnion(next)
        }
        for place in cells.places[Int(cell)] where place.release != new { earlier.insert(Int(place.release)) }
        return Finding(
            place: cells.words(cell), isWithheld: !cells.places[Int(cell)].isEmpty, isExact: after.high - after.low < 1e-6, releases: earlier.sorted(),
            cells: own.sorted(), between: cells.places[Int(cell)].isEmpty ? between(cell) : nil)
    }

    /// The narrowest cell around a region, and the widest inside the rest of that, in the first dimension where there are such.
    private func between(_ region: Int32) -> (dimension: String, outer: String, inner: String)? {
        for line in cells.mixedLines {
            let slot = line.slot
            let table = cells.tables[slot]
            var others = cells.keys[Int(region)]
            let extent = others[slot]
            others[slot] = -1
            guard let first = line.members.first else { continue }
            var own = cells.keys[Int(first)]
            own[slot] = -1
            guard own == others else { continue }
            let extents = line.members.map { cells.keys[Int($0)][slot] }
            let atoms = Set(table.atoms[Int(extent)])
            guard let outer = extents.filter({ table.contains($0, extent) }).min(by: { table.atoms[Int($0)].count < table.atoms[Int($1)].count }) else {
                continue
            }
            let inside = extents.filter { table.contains(outer, $0) && atoms.isDisjoint(with: table.atoms[Int($0)]) }
            guard let inner = inside.max(by: { table.atoms[Int($0)].count < table.atoms[Int($1)].count }) else { continue }
            return (table.id, table.words(outer), table.words(inner))
        }
        return nil
    }

    // MARK: Earlier versions

    /// Positions in `held` of releases of which a figure was corrected since, with the cells of each later release that complete them: cells that they withheld.
    func correctedReleases() -> [(release: Int, completing: [Int: Set<Int>])] {
        var isCorrected: Set<Int32> = []
        for places in cells.places where places.count > 1 {
            guard let newest = places.last(where: { releases[Int($0.release)].shown[Int($0.cell)] != nil }) else { continue }
            let last = releases[Int(newest.release)]
            for place in places where place.release < newest.release {
                let older = releases[Int(place.release)]
                guard let value = older.shown[Int(place.cell)], let latest = last.shown[Int(newest.cell)] else { continue }
                if Double(value) / pow10(older.scale) != Double(latest) / pow10(last.scale) { isCorrected.insert(place.release) }
            }
        }
        return isCorrected.sorted().map { release in
            var completing: [Int: Set<Int>] = [:]
            for places in cells.places {
                guard let own = places.first(where: { $0.release == release }), releases[Int(release)].shown[Int(own.cell)] == nil else { continue }
                for place in places where place.release > release && releases[Int(place.release)].shown[Int(place.cell)] != nil {
                    completing[Int(place.release), default: []].insert(Int(place.cell))
                }
            }
            return (Int(release), completing)
        }
    }
}
