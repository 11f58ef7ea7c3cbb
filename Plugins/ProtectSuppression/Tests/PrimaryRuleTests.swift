import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

@Suite struct PrimaryRuleTests {
    private static func unsafe(_ table: Table, _ obligations: ProtectionObligations) throws -> [Int: Demands.Unsafe] {
        let problem = try Problem(table, under: obligations, limits: SuppressionLimits())
        var found: [Int: Demands.Unsafe] = [:]
        for (cell, unsafe) in problem.demands.unsafe where problem.system.cells[cell].row >= 0 { found[Int(problem.system.cells[cell].row)] = unsafe }
        return found
    }

    private static func code(_ table: Table, _ obligations: ProtectionObligations) -> ProtectionError.Code? {
        do throws(ProtectionError) {
            _ = try SuppressionPlugin.make().protect(table, under: obligations)
            return nil
        } catch {
            return error.code
        }
    }

    private static let cases: [(file: String, rules: PrimaryRules)] = [
        ("case00.csv", PrimaryRules(minimumCell: 3, safetyPercent: 20)), ("case01.csv", PrimaryRules(dominance: [.init(n: 1, k: 75)])),
        ("case02.csv", PrimaryRules(dominance: [.init(n: 2, k: 75)])), ("case03.csv", PrimaryRules(percent: [.init(p: 15)])),
    ]

    /// Theirs are whole numbers, at least 1.
    private static func isSameLevel(_ own: Double, _ theirs: Double) -> Bool { abs(own - theirs) <= 0.5 + 1e-9 || (own < 1 && theirs == 1) }

    @Test(.enabled(if: Corpus.isPresent, "the reference corpus is not at hand"), arguments: 0...3)
    func findsWhatTauArgusFoundOnItsOwnTables(_ number: Int) throws {
        let records = try Corpus.rows("disclosure/expected/tauargus/micro.csv").map { (key: [$0[0], $0[1]], value: $0[2]) }
        let micro = MicroTable.regionsBySectors(records)
        let own = try Self.unsafe(micro.table, ProtectionObligations(rules: Self.cases[number].rules))
        let rows = try Corpus.rows("disclosure/expected/tauargus/\(Self.cases[number].file)")
        #expect(rows.count == micro.source.rows.count)
        for row in rows {
            let at = try #require(micro.source.rows.firstIndex { $0.key == [row[0], row[1]] })
            #expect(ExactDecimal(micro.source.rows[at].value ?? "") == ExactDecimal(row[2]))
            #expect((own[at] != nil) == (row[5] == "U"), "\(row)")
            if let cell = own[at], let level = Double(row[7]) { #expect(Self.isSameLevel(cell.upper, level), "\(row) \(cell.upper)") }
        }
        let (released, report) = try SuppressionPlugin.make().protect(micro.table, under: ProtectionObligations(rules: Self.cases[number].rules))
        #expect(report.primary == rows.filter { $0[5] == "U" }.count)
        #expect(report.secondary <= rows.filter { $0[5] == "M" }.count)
        #expect(released.contributions == nil)
    }

    @Test(.enabled(if: Oracle.hasTauArgus, "SLUICE_ORACLE_PYTHON has no pytauargus"), arguments: 1...12)
    func findsWhatTauArgusFindsOnRandomTables(_ seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &* 0x9177)
        var records: [(key: [String], value: String)] = []
        for region in 0..<(3 + random.below(3)) {
            for sector in 0..<(2 + random.below(4)) {
                for _ in 0..<(1 + random.below(6)) {
                    records.append((["r\(region)", "s\(sector)"], String(1 + random.below(random.below(3) == 0 ? 400 : 20))))
                }
            }
        }
        let (name, rules): (String, PrimaryRules) =
            [
                ("FREQ(4,30)", PrimaryRules(minimumCell: 4, safetyPercent: 30)), ("NK(1,70)", PrimaryRules(dominance: [.init(n: 1, k: 70)])),
                ("NK(2,85)", PrimaryRules(dominance: [.init(n: 2, k: 85)])), ("P(20,1)", PrimaryRules(percent: [.init(p: 20)])),
                ("P(10,2)", PrimaryRules(percent: [.init(p: 10, n: 2)])), ("PQ(10,50,1)", PrimaryRules(priorPosterior: [.init(p: 10, q: 50)])),
            ][seed % 6]
        let micro = MicroTable.regionsBySectors(records)
        guard let theirs = try Oracle.tauArgus(records, rule: name) else {
            print("tau-ARGUS crashed on seed \(seed)")
            return
        }
        let own = try Self.unsafe(micro.table, ProtectionObligations(rules: rules))
        for (key, isUnsafe, level) in theirs {
            // Theirs has empty cells too.
            guard let at = micro.source.rows.firstIndex(where: { $0.key == key }) else {
                #expect(!isUnsafe)
                continue
            }
            #expect((own[at] != nil) == isUnsafe, "seed \(seed) \(name) \(key)")
            if let cell = own[at], isUnsafe { #expect(Self.isSameLevel(cell.upper, level), "seed \(seed) \(name) \(key) \(cell.upper) \(level)") }
        }
    }

    @Test func takesContributionsFromComponentsAndLetsNoneOfThemTravel() throws {
        var source = TestTable(dimensions: [.init(id: "SECTOR", codes: [("_T", nil), ("a", "_T"), ("b", "_T"), ("c", "_T")])])
        source.attributes += [.init(id: "FIRMS"), .init(id: "LARGEST"), .init(id: "SECOND")]
        func row(_ code: String, _ value: String, _ firms: String, _ largest: String, _ second: String) {
            source.add([code], value, ["OBS_STATUS": "A", "FIRMS": firms, "LARGEST": largest, "SECOND": second])
        }
        row("_T", "300", "30", "90", "40")
        row("a", "100", "10", "90", "4")
        row("b", "100", "10", "20", "20")
        row("c", "100", "10", "40", "10")
        let rules = PrimaryRules(minimumCell: 3, dominance: [.init(n: 1, k: 80)])
        var obligations = ProtectionObligations(rules: rules, frequencyComponent: "FIRMS", largestComponents: ["LARGEST", "SECOND"], neutralStatus: false)
        let found = try Self.unsafe(source.table, obligations)
        #expect(found.count == 1 && found[1]?.reason == .dominance && found[1]?.code == "O")
        #expect(found[1]?.upper == 12.5)
        let (released, report) = try SuppressionPlugin.make().protect(source.table, under: obligations)
        #expect(report.withheldByReason == [.dominance: 1, .secondary: 1])
        for id in ["FIRMS", "LARGEST", "SECOND"] {
            let column = try #require(released.batch.schema.index(of: id))
            #expect((0..<released.batch.rowCount).allSatisfy { released.batch.isAbsent(column, $0) })
        }
        // A receiver who gets flags gets the number of contributors, but never the largest of them.
        obligations.mode = .flagged
        let (flagged, _) = try SuppressionPlugin.make().protect(source.table, under: obligations)
        #expect(flagged.batch.string(try #require(flagged.batch.schema.index(of: "FIRMS")), 0) == "30")
        #expect(flagged.batch.isAbsent(try #require(flagged.batch.schema.index(of: "LARGEST")), 0))
        // The gate refuses a table in which one was left.
        let column = try #require(flagged.batch.schema.index(of: "LARGEST"))
        try Array("90".utf8).withUnsafeBytes { try flagged.batch.set(column, 0, $0) }
        #expect(throws: ProtectionError.self) { try SuppressionPlugin.make().audit(flagged, against: source.table, under: obligations) }
    }

    @Test(arguments: [
        (["5", "2", "9", "1"], "greatest contribution above the value"), (["5", "0", "", ""], "a value without contributors"),
        (["5", "1", "3", "2"], "more contributions than contributors"), (["5", "3", "2", "3"], "not in order"),
        (["5", "2", "3", "1"], "all given, not the value"),
        (["5", "2", "3", "-1"], "negative"), (["5", "", "3", "1"], "no number of contributors"), (["5", "two", "3", "1"], "not a number"),
    ])
    func refusesContributionsThatCannotBe(_ fields: [String], _ what: String) throws {
        var source = TestTable(dimensions: [.init(id: "SECTOR", codes: [("_T", nil), ("a", "_T"), ("b", "_T")])])
        source.attributes += [.init(id: "FIRMS"), .init(id: "LARGEST"), .init(id: "SECOND")]
        source.add(["_T"], "105", ["OBS_STATUS": "A", "FIRMS": "30", "LARGEST": "20", "SECOND": "20"])
        source.add(["b"], "100", ["OBS_STATUS": "A", "FIRMS": "28", "LARGEST": "20", "SECOND": "20"])
        var attributes = ["OBS_STATUS": "A"]
        for (id, text) in zip(["FIRMS", "LARGEST", "SECOND"], fields.dropFirst()) where !text.isEmpty { attributes[id] = text }
        source.add(["a"], fields[0], attributes)
        let obligations = ProtectionObligations(
            rules: PrimaryRules(minimumCell: 3, percent: [.init(p: 10)]), frequencyComponent: "FIRMS", largestComponents: ["LARGEST", "SECOND"])
        let found = Self.code(source.table, obligations)
        #expect([.contributionsContradict, .negativeValue, .measureNotNumeric].contains(found), "\(what): \(String(describing: found))")
    }

    @Test func refusesRulesThatNeedWhatNobodyGives() throws {
        let source = IntervalTests.twoWay([[4, 30], [20, 40]])
        func code(_ rules: PrimaryRules, insiders: Bool = false) -> ProtectionError.Code? {
            Self.code(source.table, ProtectionObligations(rules: rules, insiders: insiders))
        }
        #expect(code(PrimaryRules(dominance: [.init(n: 1, k: 80)])) == .unsupported)
        #expect(code(PrimaryRules(percent: [.init(p: 10)])) == .unsupported)
        #expect(code(PrimaryRules(priorPosterior: [.init(p: 10, q: 50)])) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: 5, zeroRange: 3)) == .unsupported)
        #expect(code(PrimaryRules()) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: 0)) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: -3)) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: 5, dominance: [.init(n: 0, k: 80)])) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: 5, priorPosterior: [.init(p: 50, q: 10)])) == .unsupported)
        #expect(code(PrimaryRules(minimumCell: 5)) == nil)
        var table = source.table
        table.contributions = CellContributions(depth: 2)
        #expect(Self.code(table, ProtectionObligations(minimumCell: 5)) == .unsupported)
    }

    /// No contributors, contributors that are all zero, and a cell that cannot be.
    @Test func tellsThreeKindsOfZerosApart() throws {
        var source = TestTable(dimensions: [.init(id: "SECTOR", codes: [("_T", nil), ("a", "_T"), ("b", "_T"), ("c", "_T"), ("d", "_T")])])
        var contributions = CellContributions(depth: 1)
        for (code, value, count) in [("_T", "60", 12), ("a", "0", 4), ("b", "0", 0), ("c", "60", 8)] {
            source.add([code], value)
            contributions.append(count: Int64(count), largest: value == "0" ? [] : [try #require(ExactDecimal("9"))])
        }
        source.add(["d"], nil, ["OBS_STATUS": "M"])
        contributions.append(count: 0, largest: [ExactDecimal]())
        var table = source.table
        table.contributions = contributions
        let found = try Self.unsafe(table, ProtectionObligations(rules: PrimaryRules(minimumCell: 3, zeroRange: 5)))
        #expect(found.count == 1 && found[1]?.reason == .zero && found[1]?.upper == 5 && found[1]?.lower == 0)
        let (released, report) = try SuppressionPlugin.make().protect(table, under: ProtectionObligations(rules: PrimaryRules(minimumCell: 3, zeroRange: 5)))
        #expect(report.withheldByReason == [.zero: 1, .secondary: 1])
        #expect(released.batch.string(released.batch.schema.measures.lowerBound, 2) == "0")
    }

    @Test func withholdsTheZerosBesideAGroupThatFallsIntoOnePart() throws {
        let source = IntervalTests.twoWay([[0, 30], [20, 40]])
        let rules = PrimaryRules(minimumCell: 5, groupDisclosure: true)
        let found = try Self.unsafe(source.table, ProtectionObligations(rules: rules))
        #expect(found.count == 1 && found.values.first?.reason == .group)
        let (_, report) = try SuppressionPlugin.make().protect(source.table, under: ProtectionObligations(rules: rules))
        #expect(report.withheldByReason == [.group: 1, .secondary: 3])
        // Without an observation for the zero there is nothing to withhold.
        var silent = source
        silent.rows.removeAll { $0.key == ["r1", "c1"] }
        #expect(Self.code(silent.table, ProtectionObligations(rules: rules)) == .unsupported)
    }

    @Test func saysWhichConcentrationWhereReasonsAreTold() throws {
        func code(_ dominance: [PrimaryRules.Dominance], _ percent: [PrimaryRules.PercentRule] = []) throws -> String? {
            let judge = PrimaryJudge(rules: PrimaryRules(dominance: dominance, percent: percent), unit: 1)
            return judge.judge(.init(value: 100, count: nil, largest: [60, 35, 2]))?.code
        }
        #expect(try code([.init(n: 1, k: 50)]) == "O")
        #expect(try code([.init(n: 1, k: 70), .init(n: 2, k: 90)]) == "T")
        #expect(try code([.init(n: 1, k: 50), .init(n: 2, k: 90)]) == "G")
        #expect(try code([.init(n: 3, k: 90)]) == "M")
        #expect(try code([], [.init(p: 20)]) == "M")
        #expect(try code([.init(n: 1, k: 70)]) == nil)
    }
}
