import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

@Suite struct SuppressionTests {
    /// Little improvement: these tests are about safety.
    private static let limits: SuppressionLimits = {
        var limits = SuppressionLimits()
        limits.improvementPivotsMax = 500
        return limits
    }()
    private let protection = SuppressionPlugin.make(limits: limits)

    private func code(
        _ source: TestTable, _ obligations: ProtectionObligations = ProtectionObligations(minimumCell: 5), limits: SuppressionLimits = SuppressionLimits()
    ) -> ProtectionError.Code? {
        do throws(ProtectionError) {
            _ = try SuppressionPlugin.make(limits: limits).protect(source.table, under: obligations)
            return nil
        } catch {
            return error.code
        }
    }

    /// Each observation as `codes value status confidentiality`.
    private func lines(_ table: Table) -> [String] {
        (0..<table.batch.rowCount).map { row in table.batch.schema.components.indices.map { table.batch.string($0, row) ?? "-" }.joined(separator: " ") }
    }

    @Test func withholdsASmallCountAndWhatGivesItAway() throws {
        let (released, report) = try protection.protect(IntervalTests.twoWay([[4, 30], [20, 40]]).table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.primary == 1 && report.secondary == 3)
        #expect(
            lines(released) == [
                "_T _T 94 A -", "_T c1 24 A -", "_T c2 70 A -", "r1 _T 34 A -", "r1 c1 - Q C", "r1 c2 - Q C", "r2 _T 60 A -", "r2 c1 - Q C", "r2 c2 - Q C",
            ])
        #expect(report.audit.cells == 4)
        #expect((report.audit.narrowestWidth ?? 0) >= 2)
    }

    @Test func leavesASafeTableAsItIs() throws {
        let source = IntervalTests.twoWay([[14, 30], [0, 40]])
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.withheld == 0)
        #expect(lines(released).sorted() == lines(source.table).sorted())
    }

    /// The cheapest of several searches counts, and a large table is searched once. Seen on the patterns that came to be released without a repair.
    @Test func severalStartsWithholdNoMoreThanOne() throws {
        func further(_ table: Table, starts: Int, cellsMax: Int) throws -> Int? {
            var limits = SuppressionLimits()
            (limits.startsMax, limits.startsCellsMax) = (starts, cellsMax)
            let (_, report) = try SuppressionPlugin.make(limits: limits).protect(table, under: ProtectionObligations(minimumCell: 5, cost: .one))
            return report.rounds == 1 ? report.secondary : nil
        }
        var (one, several) = (0, 0)
        for seed in 200..<240 {
            let table = RandomCube.make(seed: seed).table
            guard let single = try further(table, starts: 1, cellsMax: 5_000), let cheapest = try further(table, starts: 4, cellsMax: 5_000) else { continue }
            #expect(cheapest <= single, "seed \(seed)")
            #expect(try further(table, starts: 4, cellsMax: 0) == single, "seed \(seed)")
            one += single
            several += cheapest
        }
        #expect(several < one, "\(one) further cells from one start, \(several) from four")
    }

    /// The claim the plugin exists for, judged by another solver on its own reading of the table.
    @Test(.enabled(if: OraclePython.interpreter != nil, "SLUICE_ORACLE_PYTHON is not set"), arguments: 100...139)
    func everyWithheldCellIsSafeInTheEyesOfAnotherSolver(_ seed: Int) throws {
        let source = RandomCube.make(seed: seed)
        let percent = [0, 10, 50][seed % 3]
        let obligations = ProtectionObligations(minimumCell: 3 + seed % 5, safetyPercent: percent, cost: seed % 2 == 0 ? .one : .value)
        let (released, report) = try protection.protect(source.table, under: obligations)
        let values = source.rows.map { Int($0.value ?? "") ?? 0 }
        // Rows of the test cube are in key order already, as released rows are.
        let withheld = (0..<source.rows.count).map { released.batch.isAbsent(released.batch.schema.measures.lowerBound, $0) }
        #expect(withheld.filter { $0 }.count == report.withheld)
        let intervals = try Oracle.intervals(source, withheld: withheld)
        for (value, interval) in zip(zip(values, withheld).compactMap { $1 ? $0 : nil }, intervals) {
            if value > 0, value < (obligations.rules.minimumCell ?? 0) {
                let level = max(1, Double(value * percent) / 100)
                #expect(interval.high - Double(value) >= level - 1e-6, "seed \(seed)")
                #expect(Double(value) - interval.low >= min(level, Double(value)) - 1e-6, "seed \(seed)")
            } else {
                #expect(interval.high - interval.low > 1e-6, "seed \(seed)")
            }
        }
        for (value, isWithheld) in zip(values, withheld) where value > 0 && value < (obligations.rules.minimumCell ?? 0) { #expect(isWithheld, "seed \(seed)") }
    }

    @Test(arguments: [200, 202, 204, 205, 206, 208, 210])
    func protectsRandomCubesAndPassesItsOwnGate(_ seed: Int) throws {
        let source = RandomCube.make(seed: seed)
        let obligations = ProtectionObligations(minimumCell: 5, safetyPercent: 10)
        let (released, report) = try protection.protect(source.table, under: obligations)
        #expect(try protection.audit(released, against: source.table, under: obligations).cells == report.withheld)
        let (again, _) = try protection.protect(source.table, under: obligations)
        #expect(lines(released) == lines(again), "seed \(seed): not deterministic")
    }

    @Test func rowOrderOfTheSourceTellsNothing() throws {
        var source = IntervalTests.twoWay([[4, 30, 9], [20, 40, 3], [2, 11, 60]])
        let (first, _) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        source.rows.sort { (Int($0.value ?? "") ?? 0) > (Int($1.value ?? "") ?? 0) }
        let (second, _) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(lines(first).map { $0.split(separator: " ").prefix(2).joined() } == lines(second).map { $0.split(separator: " ").prefix(2).joined() })
    }

    @Test func nothingOfAHiddenValueIsLeftInMemoryOrAttributes() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T"), ("X", "_T")])])
        source.attributes += [.init(id: "COMMENT_OBS"), .init(id: "DECIMALS", isMandatory: true, codes: ["0"])]
        source.add(["_T"], "1000", ["OBS_STATUS": "A", "DECIMALS": "0"])
        source.add(["M"], "3", ["OBS_STATUS": "E", "COMMENT_OBS": "three", "DECIMALS": "0"])
        source.add(["F"], "500", ["OBS_STATUS": "A", "COMMENT_OBS": "many", "DECIMALS": "0"])
        source.add(["X"], "497", ["OBS_STATUS": "A", "COMMENT_OBS": "also many", "DECIMALS": "0"])
        let (released, _) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        let rows = lines(released)
        #expect(rows.contains("M - Q C - 0"))
        #expect(rows.filter { $0.contains(" Q C ") }.count == 2)
        for column in released.batch.schema.components.indices where released.batch.isCoded[column] {
            let dictionary = released.batch.dictionary(column)
            #expect(!(0..<UInt32(dictionary.count)).contains { ["three", "E"].contains(dictionary.string($0)) })
        }
        #expect(released.batch.arenaByteCount < source.table.batch.arenaByteCount)
        source.rows[1].attributes["DECIMALS"] = nil
        #expect(code(source) == .attributeReveals)
    }

    @Test func flagsInsteadOfWithholdingWhereAgreed() throws {
        var obligations = ProtectionObligations(minimumCell: 5, mode: .flagged, neutralStatus: false)
        let source = IntervalTests.twoWay([[4, 30], [20, 40]])
        let (released, _) = try protection.protect(source.table, under: obligations)
        #expect(lines(released).filter { $0.hasSuffix(" A A") } == ["r1 c1 4 A A"])
        #expect(lines(released).filter { $0.hasSuffix(" A D") }.count == 3)
        obligations.neutralStatus = true
        #expect(lines(try protection.protect(source.table, under: obligations).0).filter { $0.hasSuffix(" A C") }.count == 4)
    }

    @Test func withholdsWhatTheSourceDeclaredConfidential() throws {
        var source = IntervalTests.twoWay([[40, 30], [20, 40]])
        source.rows = source.rows.map { $0.key == ["r1", "c1"] ? ($0.key, $0.value, ["OBS_STATUS": "A", "CONF_STATUS": "C"]) : $0 }
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.withheldByReason == [.declared: 1, .secondary: 3])
        #expect(lines(released).contains("r1 c1 - Q C"))
    }

    @Test(arguments: ["~", ""]) func refusesARowThatLeavesADimensionOpen(code: String) throws {
        var source = IntervalTests.twoWay([[40, 30], [20, 40]])
        source.rows.append((["r1", code], "", ["OBS_STATUS": "A"]))
        let error = #expect(throws: ProtectionError.self) { try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5)) }
        #expect(error?.code == .keyPartial)
    }

    @Test func protectsASmallRestOfATotalWhosePartsAreNotAllPublished() throws {
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("_T", nil), ("A", "_T"), ("B", "_T"), ("C", "_T"), ("D", "_T")])])
        source.add(["_T"], 100)
        source.add(["A"], 60)
        source.add(["B"], 37)
        // C and D are absent, and the total says that three persons live there.
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.primary == 0 && report.secondary == 1)
        #expect(lines(released).contains("B - Q C"))
        #expect(report.audit.unreportedCells == 1)
    }

    /// A of both sexes has no row, and C neither, so that two cells of one sum have none: A is known from its own parts, then C, of one firm.
    @Test func countsTheContributorsOfARestBesideAMarginWithoutARow() throws {
        var source = TestTable(dimensions: [
            .init(id: "AREA", codes: [("_T", nil), ("A", "_T"), ("A1", "A"), ("A2", "A"), ("B", "_T"), ("C", "_T")]),
            .init(id: "SEX", codes: [("_T", nil), ("F", "_T"), ("M", "_T")]),
        ])
        source.attributes.append(.init(id: "FIRMS"))
        func secondary(ofFirms firms: Int) throws -> Int {
            source.rows = []
            let rows = [("_T", "_T", 100, firms), ("A1", "_T", 20, 8), ("A2", "_T", 10, 9), ("B", "_T", 67, 12), ("A", "F", 15, 8)]
            for (area, sex, value, count) in rows { source.add([area, sex], String(value), ["OBS_STATUS": "A", "FIRMS": String(count)]) }
            return try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5, frequencyComponent: "FIRMS")).1.secondary
        }
        #expect(try secondary(ofFirms: 30) > 0)
        // Six firms are enough.
        #expect(try secondary(ofFirms: 35) == 0)
        // A firm in two areas counts twice: that none is left over does not mean that nobody gave the rest.
        #expect(try secondary(ofFirms: 29) > 0)
    }

    @Test func aRestOfUnknownContributorsIsTakenForOne() throws {
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("_T", nil), ("A", "_T"), ("B", "_T"), ("C", "_T"), ("D", "_T")])])
        source.attributes.append(.init(id: "LARGEST"))
        for (code, value, largest) in [("_T", "100", "30"), ("A", "60", "30"), ("B", "37", "15")] {
            source.add([code], value, ["OBS_STATUS": "A", "LARGEST": largest])
        }
        let rules = PrimaryRules(dominance: [.init(n: 1, k: 80)])
        #expect(try protection.protect(source.table, under: ProtectionObligations(rules: rules, largestComponents: ["LARGEST"])).1.secondary > 0)
    }

    @Test func takesAbsentPartsForZeroWhereTheTotalSaysSo() throws {
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("_T", nil), ("A", "_T"), ("B", "_T"), ("C", "_T"), ("D", "_T")])])
        source.add(["_T"], 100)
        source.add(["A"], 60)
        source.add(["B"], 38)
        source.add(["C"], 2)
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.secondary == 1)
        #expect(lines(released).contains("C - Q C") && lines(released).contains("B - Q C"))
    }

    @Test func usesMarginsThatAreNotPublished() throws {
        // Both one-way margins without the grand total: their sums are equal, and an attacker knows it.
        var source = IntervalTests.twoWay([[40, 30], [20, 50]])
        source.rows.removeAll { $0.key == ["_T", "_T"] }
        let table = source.table
        let system = try Problem(table, under: ProtectionObligations(minimumCell: 5), limits: SuppressionLimits()).system
        #expect(system.equations.count == 6)
        #expect(system.unreportedCells == 1)
    }

    @Test func auditsEachPeriodAlone() throws {
        var source = TestTable(dimensions: [
            .init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T")]), .init(id: "TIME_PERIOD", codes: [], isTime: true),
        ])
        for month in 1...3 {
            source.add(["_T", "2026-0\(month)"], 30)
            source.add(["M", "2026-0\(month)"], month == 2 ? 3 : 10)
            source.add(["F", "2026-0\(month)"], month == 2 ? 27 : 20)
        }
        let (_, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.withheld == 2)
    }

    @Test func keepsDecimalsAndTheirSpelling() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T"), ("X", "_T")])])
        source.add(["_T"], "100.50")
        source.add(["M"], "2.25")
        source.add(["F"], "48.250")
        source.add(["X"], "50.0")
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.withheld == 2)
        #expect(lines(released).contains("_T 100.50 A -"))
    }

    @Test func gateRefusesATableThatWasTamperedWith() throws {
        let source = IntervalTests.twoWay([[4, 30], [20, 40]])
        let obligations = ProtectionObligations(minimumCell: 5)
        let (released, _) = try protection.protect(source.table, under: obligations)
        func refused(_ change: (Batch) throws -> Void) throws -> Bool {
            let (copy, _) = try protection.protect(source.table, under: obligations)
            try change(copy.batch)
            do { _ = try protection.audit(copy, against: source.table, under: obligations) } catch { return error.code == .auditNotClean }
            return false
        }
        _ = try protection.audit(released, against: source.table, under: obligations)
        let value = released.batch.schema.measures.lowerBound
        func put(_ batch: Batch, _ row: Int, _ text: String) throws { try Array(text.utf8).withUnsafeBytes { try batch.set(value, row, $0) } }
        // Publishing one secondary opens the pattern; row 5 is r1 c2, row 4 the unsafe cell, row 0 the grand total.
        #expect(try refused { try put($0, 5, "30") })
        #expect(try refused { try put($0, 4, "4") })
        #expect(try refused { try put($0, 0, "95") })
        #expect(try refused { $0.clear(value, 0) })
        #expect(
            try refused {
                $0.clear(value + 1, 4); $0.clear(value + 2, 4)
            })
        #expect(try refused { batch in batch.retainRows { $0 != 8 } })
    }

    @Test func refusesWhatItCannotProtect() throws {
        var source = IntervalTests.twoWay([[4, 30], [20, 40]])
        func with(_ key: [String], _ value: String?) -> TestTable {
            var copy = source
            copy.rows = copy.rows.map { $0.key == key ? ($0.key, value, $0.attributes) : $0 }
            return copy
        }
        #expect(code(with(["r1", "c1"], "about four")) == .measureNotNumeric)
        #expect(code(with(["r1", "c1"], "-4")) == .negativeValue)
        #expect(code(with(["r1", "c1"], "99999999999999999999999999999999999")) == .measureNotNumeric)
        #expect(code(with(["r1", "c1"], "4000000000000000000")) == .tooLarge)
        #expect(code(with(["r1", "c1"], "0.0000000000000000004")) == .tooLarge)
        #expect(code(with(["_T", "_T"], "93")) == .additivityUnknown)
        #expect(code(with(["_T", "_T"], "95")) == .additivityUnknown)
        #expect(code(with(["_T", "_T"], nil)) == nil)
        #expect(code(source, ProtectionObligations(method: "rounding", minimumCell: 5)) == .unsupported)
        #expect(code(source, ProtectionObligations(minimumCell: 1)) == .unsupported)
        #expect(code(source, ProtectionObligations(minimumCell: 5, totals: ["AGE": .code("_T")])) == .additivityUnknown)
        source.add(["r1", "c1"], 4)
        #expect(code(source) == .keyDuplicate)
    }

    @Test func refusesWhereNoMarkFits() throws {
        var source = IntervalTests.twoWay([[4, 30], [20, 40]])
        source.attributes = [.init(id: "CONF_STATUS", codes: ["C", "F"])]
        #expect(code(source) == nil)
        source.attributes = [.init(id: "OBS_STATUS", codes: ["A"])]
        #expect(code(source) == .markingImpossible)
        #expect(code(source, ProtectionObligations(minimumCell: 5, mode: .flagged)) == .markingImpossible)
        source.attributes = [.init(id: "OBS_STATUS")]
        #expect(code(source) == nil)
        source.attributes = [.init(id: "OBS_STATUS"), .init(id: "UNIT_MULT")]
        source.rows = source.rows.map { ($0.key, $0.value, ["OBS_STATUS": "A", "UNIT_MULT": "3"]) }
        #expect(code(source) == .unsupported)
    }

    @Test func keepsToItsLimits() throws {
        let source = IntervalTests.twoWay([[4, 30], [20, 40]])
        var limits = SuppressionLimits()
        limits.cellsMax = 8
        #expect(code(source, limits: limits) == .tooLarge)
        limits = SuppressionLimits()
        limits.pivotsMax = 3
        #expect(code(source, limits: limits) == .tooLarge)
        limits = SuppressionLimits()
        limits.deadline = .zero
        #expect(code(RandomCube.make(seed: 2), limits: limits) == .deadline)
    }

    @Test func protectsAnEmptyTableAndOneWithoutTotals() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("_T", nil), ("M", "_T"), ("F", "_T")])])
        #expect(try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5)).1.cells == 0)
        source.add(["M"], 3)
        source.add(["F"], 8)
        let (released, report) = try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5))
        #expect(report.primary == 1 && report.secondary == 0)
        #expect(lines(released) == ["F 8 A -", "M - Q C"])
    }

    @Test func agreementCanSayHowADimensionAddsUp() throws {
        // No parents in the list, and a total of an unusual name.
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("ALL", nil), ("A", nil), ("B", nil), ("C", nil)])])
        source.add(["ALL"], 103)
        source.add(["A"], 60)
        source.add(["B"], 40)
        source.add(["C"], 3)
        #expect(code(source) == .additivityUnknown)
        for totals in [ProtectionObligations.Totals.code("ALL"), .parts([.init(total: "ALL", parts: ["A", "B", "C"])])] {
            #expect(try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5, totals: ["AREA": totals])).1.secondary == 1)
        }
        #expect(try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5, totals: ["AREA": .none])).1.secondary == 0)
    }

    /// One of them may be the total of the others: what is withheld could be computed.
    @Test func refusesCodesOfWhichNobodySaysHowTheyAddUp() throws {
        var source = TestTable(dimensions: [.init(id: "AREA", codes: [("ALL", nil), ("A", nil), ("B", nil), ("B1", "B"), ("B2", "B")])])
        source.add(["A"], 60)
        #expect(code(source) == nil)
        source.add(["B1"], 30)
        source.add(["B2"], 10)
        #expect(code(source) == nil)
        source.add(["ALL"], 100)
        #expect(code(source) == .additivityUnknown)
        #expect(code(source, ProtectionObligations(minimumCell: 5, totals: ["AREA": .code("ALL")])) == nil)
        source.dimensions[0].codes.append(("_T", nil))
        #expect(code(source) == nil)
    }

    @Test func refusesCodesThatAreTheirOwnAncestors() throws {
        var source = IntervalTests.twoWay([[4, 30], [20, 40]])
        source.dimensions[0].codes = source.dimensions[0].codes.map { ($0.id, $0.id == "_T" ? "r1" : $0.parent) }
        #expect(code(source) == .additivityUnknown)
    }

    @Test func refusesACodelistThatIsNotAtHandUnlessTheAgreementSaysHowItAddsUp() throws {
        var source = IntervalTests.twoWay([[4, 30], [20, 40]])
        source.dimensions[0].isListAtHand = false
        #expect(code(source) == .additivityUnknown)
        let totals: [String: ProtectionObligations.Totals] = ["ROW": .parts([.init(total: "_T", parts: ["r1", "r2"])])]
        #expect(try protection.protect(source.table, under: ProtectionObligations(minimumCell: 5, totals: totals)).1.secondary == 3)
    }
}
