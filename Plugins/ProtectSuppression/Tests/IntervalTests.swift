import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

@Suite struct IntervalTests {
    /// Rows, columns and margins of a two-way table, whose inner cells are given.
    static func twoWay(_ inner: [[Int]]) -> TestTable {
        var leaves: [[String]: Int] = [:]
        for (row, values) in inner.enumerated() { for (column, value) in values.enumerated() { leaves[["r\(row + 1)", "c\(column + 1)"]] = value } }
        return TestTable.cube(
            [
                .init(id: "ROW", codes: [("_T", nil)] + inner.indices.map { ("r\($0 + 1)", "_T") }),
                .init(id: "COLUMN", codes: [("_T", nil)] + (inner.first ?? []).indices.map { ("c\($0 + 1)", "_T") }),
            ], leaves: leaves)
    }

    static func intervals(_ source: TestTable, withheld: [Bool]) throws -> [Interval] {
        let table = source.table
        let obligations = ProtectionObligations(minimumCell: 2)
        let observations = try Observations(table, under: obligations)
        let released = try ReleasedTable(table, observations, under: obligations).table(hiding: withheld.map { $0 ? .secondary : nil })
        let audit = try ReleaseAudit(released, against: table, under: obligations, limits: SuppressionLimits(), budget: WorkBudget(SuppressionLimits()))
        return zip(try audit.intervals(), withheld).compactMap { $1 ? $0 : nil }
    }

    @Test func findsTheTextbookInterval() throws {
        let source = Self.twoWay([[4, 3], [2, 1]])
        let found = try Self.intervals(source, withheld: source.rows.map { !$0.key.contains("_T") })
        let first = try #require(found.first)
        #expect(abs(first.low - 3) < 1e-9 && abs(first.high - 6) < 1e-9)
    }

    @Test func computesASingleWithheldCellExactly() throws {
        let source = Self.twoWay([[4, 3], [2, 1]])
        let found = try Self.intervals(source, withheld: source.rows.map { $0.key == ["r1", "c2"] })
        #expect(found == [Interval(low: 3, high: 3)])
    }

    @Test func leavesACellWithoutMarginsUnbounded() throws {
        var source = Self.twoWay([[4, 3], [2, 1]])
        source.rows.removeAll { $0.key.contains("_T") }
        let found = try Self.intervals(source, withheld: [true, false, false, false])
        #expect(found == [Interval(low: 0, high: .infinity)])
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"), arguments: 1...12)
    func agreesWithAnotherSolverOnRandomCubes(_ seed: Int) throws {
        let source = RandomCube.make(seed: seed)
        var random = SplitMix(state: UInt64(seed) &* 77)
        let withheld = source.rows.map { _ in random.below(100) < 30 }
        let own = try Self.intervals(source, withheld: withheld)
        let other = try Oracle.intervals(source, withheld: withheld)
        try #require(own.count == other.count)
        for (one, two) in zip(own, other) {
            let scale = 1e-6 * max(1, two.low)
            #expect(abs(one.low - two.low) <= scale, "seed \(seed)")
            #expect(one.high == two.high || abs(one.high - two.high) <= 1e-6 * max(1, two.high), "seed \(seed)")
        }
    }
}

/// Small cubes of two or three dimensions with hierarchies, mostly small counts; the seed replays one.
enum RandomCube {
    static func make(seed: Int) -> TestTable {
        var random = SplitMix(state: UInt64(seed))
        var dimensions: [TestTable.TestDimension] = []
        for at in 0..<(2 + seed % 2) {
            var codes: [(id: String, parent: String?)] = [("_T", nil)]
            for group in 0..<(2 + random.below(2)) {
                codes.append(("g\(group)", "_T"))
                if random.below(3) > 0 { for leaf in 0..<(2 + random.below(3)) { codes.append(("g\(group)l\(leaf)", "g\(group)")) } }
            }
            dimensions.append(.init(id: "D\(at)", codes: codes))
        }
        let leafLists = dimensions.map { dimension in dimension.codes.map(\.id).filter { id in !dimension.codes.contains { $0.parent == id } } }
        var leaves: [[String]: Int] = [:]
        func fill(_ prefix: [String]) {
            if prefix.count == dimensions.count {
                let roll = random.below(10)
                leaves[prefix] = roll < 2 ? 0 : roll < 6 ? 1 + random.below(6) : 10 + random.below(200)
                return
            }
            for code in leafLists[prefix.count] { fill(prefix + [code]) }
        }
        fill([])
        return TestTable.cube(dimensions, leaves: leaves)
    }
}
