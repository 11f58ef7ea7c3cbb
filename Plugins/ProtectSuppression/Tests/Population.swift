import SluiceKit
import SluiceKitTesting

@testable import ProtectSuppression

/// People of known age, sex and region, and releases of them as an agency would make: tabulated, protected by suppression.
struct Population {
    /// Cuts of age between which people are not told apart in these tests.
    static let cuts = [0, 10, 15, 18, 30, 65, YearSpan.noEnd]
    static let sexes = ["F", "M"]
    static let regions = ["r1", "r2", "r3"]
    /// Of each (age band, sex, region), one after the other, how many there are.
    var counts: [Int]

    static var atomCount: Int { (cuts.count - 1) * sexes.count * regions.count }
    static func atom(_ age: Int, _ sex: Int, _ region: Int) -> Int { (age * sexes.count + sex) * regions.count + region }

    /// - Parameter times: how many there are of each person.
    static func random(_ random: inout SplitMix, times: Int = 1) -> Population {
        Population(
            counts: (0..<atomCount).map { _ in
                let roll = random.below(10)
                return times * (roll < 2 ? 0 : roll < 6 ? 1 + random.below(5) : 6 + random.below(40))
            })
    }

    /// How a release cuts its dimensions; nil leaves a dimension out.
    struct Partition {
        /// Ages at which it cuts, ascending, of `cuts`.
        var ages: [Int]?
        var hasSex: Bool
        var hasRegion: Bool
    }

    private struct Axis {
        var id: String
        var codes: [(id: String, parent: String?, bands: [Int])]
        var extents: [Extent]
    }

    private func axes(_ partition: Partition) -> [Axis] {
        var axes: [Axis] = []
        if let cuts = partition.ages {
            let bounds = [0] + cuts + [YearSpan.noEnd]
            var codes: [(id: String, parent: String?, bands: [Int])] = [("_T", nil, Array(0..<Self.cuts.count - 1))]
            var extents = [Extent.all]
            for (from, to) in zip(bounds, bounds.dropFirst()) where cuts.count > 0 {
                let id = from == 0 ? "Y_LT\(to)" : to == YearSpan.noEnd ? "Y_GE\(from)" : "Y\(from)T\(to - 1)"
                codes.append((id, "_T", (0..<Self.cuts.count - 1).filter { Self.cuts[$0] >= from && Self.cuts[$0 + 1] <= to }))
                extents.append(Extent(years: [YearSpan(from: from, to: to)]))
            }
            axes.append(Axis(id: "AGE", codes: codes, extents: extents))
        }
        if partition.hasSex {
            axes.append(
                Axis(
                    id: "SEX", codes: [("_T", nil, [0, 1])] + Self.sexes.indices.map { (Self.sexes[$0], "_T", [$0]) },
                    extents: [.all] + Self.sexes.map { .leaf($0) }))
        }
        if partition.hasRegion {
            axes.append(
                Axis(
                    id: "REGION", codes: [("_T", nil, [0, 1, 2])] + Self.regions.indices.map { (Self.regions[$0], "_T", [$0]) },
                    extents: [.all] + Self.regions.map { .leaf($0) }))
        }
        return axes
    }

    /// What a release shows, and of which atoms each of its cells consists.
    struct Release {
        var figures: ReleasedFigures
        var atomsOfCell: [[Int]]
    }

    /// - Returns: nil where suppression refuses.
    func release(
        _ partition: Partition, id: String, day: Int = 1, to holders: [String], isPublic: Bool = false,
        scope: ProtectionObligations.Differencing.Scope = .receiver,
        minimumCell: Int = 5, period: String = "2026-01"
    ) -> Release? {
        let axes = axes(partition)
        var source = TestTable(dimensions: axes.map { axis in TestTable.TestDimension(id: axis.id, codes: axis.codes.map { ($0.id, $0.parent) }) })
        var atomsOfCell: [[Int]] = []
        var codesOfCell: [[UInt32]] = []
        func fill(_ prefix: [Int]) {
            if prefix.count < axes.count {
                for code in axes[prefix.count].codes.indices { fill(prefix + [code]) }
                return
            }
            func bands(_ id: String, _ all: Int) -> [Int] {
                axes.firstIndex { $0.id == id }.map { axes[$0].codes[prefix[$0]].bands } ?? Array(0..<all)
            }
            var atoms: [Int] = []
            for age in bands("AGE", Self.cuts.count - 1) {
                for sex in bands("SEX", 2) { for region in bands("REGION", 3) { atoms.append(Self.atom(age, sex, region)) } }
            }
            source.add(zip(axes, prefix).map { $0.codes[$1].id }, atoms.reduce(0) { $0 + counts[$1] })
            atomsOfCell.append(atoms)
            codesOfCell.append(prefix.map { UInt32($0) })
        }
        fill([])
        let table = source.table
        guard let released = try? SuppressionPlugin.make().protect(table, under: ProtectionObligations(minimumCell: minimumCell)).0 else { return nil }
        var isShown: [String: Bool] = [:]
        for row in 0..<released.batch.rowCount {
            let key = released.batch.seriesKey(row)
            isShown[key] = released.batch.cell(released.batch.schema.measures.lowerBound, row) != nil
        }
        var figures = ReleasedFigures(
            exchangeID: id, releasedAt: Instant(milliseconds: 1_767_600_000_000 + Int64(day) * 86_400_000), population: "P", dataflow: "T:DF", holders: holders,
            isPublic: isPublic, scope: scope, minimumCell: minimumCell,
            dimensions: axes.map { axis in
                ReleasedFigures.Dimension(
                    id: axis.id, list: axis.id == "AGE" ? ReleasedFigures.Dimension.ages : "CL_\(axis.id)",
                    codes: zip(axis.codes, axis.extents).map { ReleasedFigures.Code($0.id, $1) }, isComplete: true)
            }, slices: [.init(period: period)])
        var hidden: [Int64?] = []
        for cell in codesOfCell.indices {
            let value = Int64(atomsOfCell[cell].reduce(0) { $0 + counts[$1] })
            let shown = isShown[zip(axes, codesOfCell[cell]).map { $0.codes[Int($1)].id }.joined(separator: ".")] ?? false
            figures.append(slice: 0, codes: codesOfCell[cell], shown: shown ? value : nil, isUnsafe: !shown && value > 0 && value < Int64(minimumCell))
            hidden.append(shown ? nil : value)
        }
        figures.truth = ReleasedFigures.Truth(values: hidden)
        return Release(figures: figures, atomsOfCell: atomsOfCell)
    }
}
