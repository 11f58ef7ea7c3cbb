import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

@Suite(.enabled(if: Corpus.isPresent, "the reference corpus is not at hand"))
struct CorpusTests {
    /// Countries in five regions by age in three groups, 1,452 cells; a `Total`, then `r…` over `c…` and `g…` over `a…`, in file order.
    static func countryByAge() throws -> (table: TestTable, status: [[String]: String]) {
        let rows = try Corpus.rows("disclosure/expected/sdctable/cob_age_HITAS.csv")
        func list(_ column: Int) -> [(id: String, parent: String?)] {
            var seen: Set<String> = []
            var found: [(id: String, parent: String?)] = []
            // Twelve countries to a region, six ages to a group.
            for code in Set(rows.map { $0[column] }).sorted() where seen.insert(code).inserted {
                switch code.first {
                case "T": found.append((code, nil))
                case "r", "g": found.append((code, "T"))
                case "c": found.append((code, "r00\((Int(code.dropFirst()) ?? 1) / 13)"))
                default: found.append((code, "g0\(((Int(code.dropFirst()) ?? 1) - 1) / 6)"))
                }
            }
            return found.map { code in code.id.first == "c" ? (code.id, "r00\(((Int(code.id.dropFirst()) ?? 1) - 1) / 12)") : code }
        }
        var table = TestTable(dimensions: [.init(id: "COB", codes: list(0)), .init(id: "AGE", codes: list(1))])
        var status: [[String]: String] = [:]
        for row in rows {
            table.add([row[0], row[1]], row[2])
            status[[row[0], row[1]]] = row[3]
        }
        return (table, status)
    }

    @Test(arguments: [ProtectionObligations.Cost.one, .value])
    func protectsCountryByAgeWithFewSecondaries(_ cost: ProtectionObligations.Cost) throws {
        let (source, status) = try Self.countryByAge()
        let table = source.table
        let obligations = ProtectionObligations(minimumCell: 3, cost: cost)
        let clock = ContinuousClock()
        let start = clock.now
        var limits = SuppressionLimits()
        limits.improvementPivotsMax = 5_000
        let (released, report) = try SuppressionPlugin.make(limits: limits).protect(table, under: obligations)
        let time = clock.now - start
        print("country x age, cost \(cost): \(report.secondary) secondaries in \(time), \(report.audit)")
        #expect(report.cells == 1_452)
        #expect(report.primary == 237)
        #expect(report.primary == status.values.filter { $0 == "u" }.count)
        // tau-ARGUS, optimal method: 29.
        #expect(report.secondary <= 31)
        #expect(try SuppressionPlugin.make().audit(released, against: table, under: obligations).cells == report.withheld)
    }

    /// Three dimensions, 3,664 cells, and an oracle on the result.
    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func protectsCountryByAgeBySexInTheEyesOfAnotherSolver() throws {
        var leaves: [[String]: Int] = [:]
        for row in try Corpus.rows("disclosure/expected/sdctable/cube_micro_counts.csv") { leaves[[row[0], row[1], row[2]]] = Int(row[3]) ?? 0 }
        let source = TestTable.cube(
            try Self.countryByAge().table.dimensions + [.init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T")])], leaves: leaves)
        let clock = ContinuousClock()
        let start = clock.now
        let (released, report) = try SuppressionPlugin.make().protect(source.table, under: ProtectionObligations(minimumCell: 3))
        print("country x age x sex: \(report.cells) cells, \(report.primary) primary, \(report.secondary) secondary in \(clock.now - start), \(report.audit)")
        let measure = released.batch.schema.measures.lowerBound
        let withheld = (0..<source.rows.count).map { released.batch.isAbsent(measure, $0) }
        let values = zip(source.rows, withheld).compactMap { $1 ? Double($0.value ?? "") : nil }
        let intervals = try Oracle.intervals(source, withheld: withheld)
        try #require(values.count == intervals.count && values.count == report.withheld)
        for (value, interval) in zip(values, intervals) {
            if value < 3 {
                #expect(interval.high >= value + 1 - 1e-6 && interval.low <= value - 1 + 1e-6)
            } else {
                #expect(interval.high - interval.low > 1e-6)
            }
        }
    }

    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"))
    func protectsToTheFullValueInTheEyesOfAnotherSolver() throws {
        var source = try Self.countryByAge().table
        source.rows.sort { $0.key.lexicographicallyPrecedes($1.key) }
        let (released, report) = try SuppressionPlugin.make().protect(source.table, under: ProtectionObligations(minimumCell: 3, safetyPercent: 100))
        // tau-ARGUS, optimal method: 38, of 161 persons.
        #expect(report.secondary <= 38)
        let measure = released.batch.schema.measures.lowerBound
        let withheld = (0..<source.rows.count).map { released.batch.isAbsent(measure, $0) }
        let values = zip(source.rows, withheld).compactMap { $1 ? Double($0.value ?? "") : nil }
        print("country x age to the full value: \(report.secondary) secondaries of \(values.filter { $0 >= 3 }.reduce(0, +))")
        for (value, interval) in zip(values, try Oracle.intervals(source, withheld: withheld)) {
            if value < 3 {
                #expect(interval.high >= 2 * value - 1e-6 && interval.low <= 1e-6)
            } else {
                #expect(interval.high - interval.low > 1e-6)
            }
        }
    }

    /// Regions by sectors of tau-ARGUS with minimum frequency 3: contributors apart from values.
    @Test func findsTheUnsafeCellsThatTauArgusFinds() throws {
        let rows = try Corpus.rows("disclosure/expected/tauargus/case00.csv")
        var source = TestTable(dimensions: [
            .init(id: "REGION", codes: [("Total", nil)] + ["A1", "A2", "B1", "B2", "B3"].map { ($0, "Total") }),
            .init(id: "SECTOR", codes: [("Total", nil)] + ["s1", "s2", "s3", "s4"].map { ($0, "Total") }),
        ])
        source.attributes.append(.init(id: "CONTRIBUTORS"))
        for row in rows { source.add([row[0], row[1]], row[2], ["OBS_STATUS": "A", "CONTRIBUTORS": row[3]]) }
        let table = source.table
        let obligations = ProtectionObligations(minimumCell: 3, safetyPercent: 20, frequencyComponent: "CONTRIBUTORS")
        let problem = try Problem(table, under: obligations, limits: SuppressionLimits())
        let system = problem.system
        let unsafe = problem.demands.unsafe
        let theirs = rows.enumerated().filter { $0.element[5] == "U" }
        #expect(Set(unsafe.keys.map { Int(system.cells[$0].row) }) == Set(theirs.map(\.offset)))
        for (row, cells) in theirs {
            let cell = try #require(unsafe[Int(system.cellOfRow[row])])
            // Their levels are whole numbers.
            #expect(abs(cell.upper - (Double(cells[7]) ?? 0)) < 1)
        }
        let (released, report) = try SuppressionPlugin.make().protect(table, under: obligations)
        #expect(report.primary == 8)
        #expect(report.secondary <= 5)
        let column = try #require(table.batch.schema.index(of: "CONTRIBUTORS"))
        #expect((0..<released.batch.rowCount).allSatisfy { released.batch.isAbsent(column, $0) })
    }
}
