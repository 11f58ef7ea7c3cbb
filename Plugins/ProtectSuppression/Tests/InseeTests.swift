import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// INSEE's business tables (rtauargus): two hierarchies, and tables that are linked by their margins.
@Suite(.enabled(if: Corpus.isPresent, "the reference corpus is not at hand"))
struct InseeTests {
    private static let folder = "disclosure/tables/rtauargus/"
    private static let rules = PrimaryRules(minimumCell: 3, safetyPercent: 10, dominance: [.init(n: 1, k: 85)])

    private static func tree(_ file: String) throws -> [String: String] {
        var parent: [String: String] = [:]
        for row in try Corpus.rows(folder + file) {
            for (above, below) in zip(row, row.dropFirst()) where above != below { parent[below] = above }
            parent[row[0]] = "Total"
        }
        return parent
    }

    private static func dimension(_ id: String, _ codes: Set<String>, _ parent: [String: String], total: String = "Total") -> TestTable.TestDimension {
        .init(id: id, codes: codes.sorted().map { code in (code, code == total ? nil : parent[code].map { $0 == "Total" ? total : $0 } ?? total) })
    }

    /// - Parameter files: each with its dimensions; one that a table does not have is at the total there.
    private static func cube(_ dimensions: [String], _ files: [(name: String, columns: [String])], total: [String: String] = [:]) throws -> TestTable {
        let parents = [
            "ACTIVITY": try tree("activity_corr_table_activity_corr_table.csv"), "NUTS": try tree("nuts23_fr_corr_table_nuts23_fr_corr_table.csv"),
        ]
        var rows: [[String]: [String]] = [:]
        for (name, columns) in files {
            for row in try Corpus.rows(folder + name) {
                let key = dimensions.map { id in columns.firstIndex(of: id).map { row[$0] } ?? "Total" }
                rows[key] = Array(row[columns.count...])
            }
        }
        var source = TestTable(
            dimensions: dimensions.enumerated().map { at, id in
                dimension(id, Set(rows.keys.map { $0[at] }), parents[id] ?? [:], total: total[id] ?? "Total")
            })
        source.attributes += [.init(id: "FIRMS"), .init(id: "LARGEST")]
        for key in rows.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let row = rows[key] else { continue }
            source.add(key, row[1], ["OBS_STATUS": "A", "FIRMS": row[0], "LARGEST": row[2]])
        }
        return source
    }

    private func protect(_ name: String, _ source: TestTable) throws {
        let obligations = ProtectionObligations(rules: Self.rules, frequencyComponent: "FIRMS", largestComponents: ["LARGEST"], cost: .one)
        let table = source.table
        var limits = SuppressionLimits()
        limits.improvementPivotsMax = 5_000
        let clock = ContinuousClock()
        let start = clock.now
        let (released, report) = try SuppressionPlugin.make(limits: limits).protect(table, under: obligations)
        print("\(name): \(report.cells) cells, \(report.primary) unsafe, \(report.secondary) further, \(report.rounds) rounds, \(clock.now - start)")
        #expect(report.primary > 0)
        #expect(try SuppressionPlugin.make().audit(released, against: table, under: obligations).cells == report.withheld)
    }

    @Test func protectsActivityBySize() throws {
        try protect("activity x size", Self.cube(["ACTIVITY", "SIZE"], [("turnover_act_size_turnover_act_size.csv", ["ACTIVITY", "SIZE"])]))
    }

    @Test func protectsTwoHierarchiesBySize() throws {
        try protect(
            "activity x region x size",
            Self.cube(
                ["ACTIVITY", "NUTS", "SIZE"], [("turnover_act_nuts_size_turnover_act_nuts_size.csv", ["ACTIVITY", "NUTS", "SIZE"])],
                total: ["NUTS": "Total_EAST"]))
    }

    @Test func protectsFourLinkedTables() throws {
        try protect(
            "four linked tables",
            Self.cube(
                ["ACTIVITY", "NUTS", "SIZE", "CJ"],
                [
                    ("turnover_act_size_turnover_act_size.csv", ["ACTIVITY", "SIZE"]), ("turnover_act_cj_turnover_act_cj.csv", ["ACTIVITY", "CJ"]),
                    ("turnover_nuts_size_turnover_nuts_size.csv", ["NUTS", "SIZE"]), ("turnover_nuts_cj_turnover_nuts_cj.csv", ["NUTS", "CJ"]),
                ]))
    }

    /// Activity by region with all levels, from respondents: 591 cells. Not the table of 2,132 cells with 509 unsafe ones of which tau-ARGUS modular left 8 unprotected.
    @Test func protectsTwoHierarchiesMadeOfRespondents() throws {
        let rows = try Corpus.rows(Self.folder + "indiv_dt_indiv_dt.csv")
        var activities: [String: String?] = ["Total": nil]
        var regions: [String: String?] = ["Total": nil]
        var records: [(key: [String], value: String)] = []
        for row in rows {
            let lowest = "\(row[1]).\(row[2])"
            activities[row[0]] = "Total"
            activities["\(row[0]).\(row[1])"] = row[0]
            activities[lowest] = "\(row[0]).\(row[1])"
            regions[row[6]] = "Total"
            regions[row[7]] = row[6]
            records.append(([lowest, row[7]], String(Int((Double(row[10]) ?? 0).rounded()))))
        }
        func list(_ parents: [String: String?]) -> [(id: String, parent: String?)] { parents.keys.sorted().map { ($0, parents[$0] ?? nil) } }
        let micro = MicroTable([.init(id: "ACTIVITY", codes: list(activities)), .init(id: "NUTS", codes: list(regions))], records: records)
        let table = micro.table
        let obligations = ProtectionObligations(rules: Self.rules, cost: .value)
        var limits = SuppressionLimits()
        limits.improvementPivotsMax = 5_000
        let (released, report) = try SuppressionPlugin.make(limits: limits).protect(table, under: obligations)
        print("respondents: \(report.cells) cells, \(report.primary) unsafe, \(report.secondary) further, \(report.rounds) rounds")
        #expect(try SuppressionPlugin.make().audit(released, against: table, under: obligations).cells == report.withheld)
    }
}
