import Foundation
import SluiceKit
import Testing

@testable import ProtectSuppression

@Suite(.enabled(if: Corpus.root != nil, "the reference corpus is not at hand"))
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
        let (released, report) = try SuppressionPlugin.make().protect(table, under: obligations)
        let time = clock.now - start
        print("country x age, cost \(cost): \(report.secondary) secondaries in \(time), \(report.audit)")
        #expect(report.cells == 1_452)
        #expect(report.primary == 237)
        #expect(report.primary == status.values.filter { $0 == "u" }.count)
        #expect(report.secondary < 60)
        #expect(try SuppressionPlugin.make().audit(released, against: table, under: obligations).cells == report.withheld)
    }
}
