import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

@Suite struct RandomRoundingTests {
    private let protection = RandomRounding(limits: RoundingLimits())
    private let context = ProtectionContext(codes: TestCodes(seed: 1))

    private func obligations(_ base: Int, minimumCell: Int? = nil) -> ProtectionObligations {
        var obligations = ProtectionObligations(method: RandomRounding.method, rules: PrimaryRules(minimumCell: minimumCell))
        obligations.rounding = .init(base: base)
        return obligations
    }

    private func code(_ source: TestTable, _ obligations: ProtectionObligations, _ context: ProtectionContext) -> ProtectionError.Code? {
        do throws(ProtectionError) {
            _ = try protection.protect(source.table, under: obligations, in: context)
            return nil
        } catch {
            return error.code
        }
    }

    /// 5,000 keys for each residue of three bases: chi-square with one degree of freedom stays below 15.1 (one in ten thousand), and the mean within four
    /// standard errors of the true count. The keys are fixed, so a failure is a fault.
    @Test(arguments: [3, 5, 10]) func isUnbiased(_ base: Int) throws {
        let draws = 5_000
        for residue in 1..<base {
            let source = TestTable.single(String(20 * base + residue))
            let message = CellIdentity(source.table).message(ofRow: 0)
            var ups = 0
            for seed in 0..<draws
            where RandomRounding.goesUp(
                TestCodes(seed: UInt64(seed)).code(message, for: RandomRounding.use), residue: Int64(residue), base: Int64(base))
            { ups += 1 }
            let expected = Double(draws * residue) / Double(base)
            let difference = Double(ups) - expected
            let square = difference * difference / expected + difference * difference / (Double(draws) - expected)
            #expect(square < 15.1, "base \(base), residue \(residue), \(ups) of \(draws)")
            let error = 4 * (Double(residue * (base - residue)) / Double(draws)).squareRoot()
            let mean = Double(ups) / Double(draws) * Double(base)
            #expect(abs(mean - Double(residue)) <= error, "base \(base), residue \(residue), mean \(mean)")
        }
    }

    @Test func neverGoesFurtherThanTheMultiplesBeside() throws {
        var random = SeededGenerator.announced(for: "neverGoesFurtherThanTheMultiplesBeside")
        for shape in RandomTables.Shape.allCases {
            let source = RandomTables.make(shape, &random)
            let shown = try protection.protect(source.table, under: obligations(5), in: context).0.shown
            for row in source.rows {
                let value = Int(row.value ?? "") ?? 0
                let rounded = try #require(shown[row.key])
                #expect(rounded % 5 == 0 && abs(rounded - value) < 5, "seed \(random.seed)")
            }
        }
    }

    @Test func theSameCellRoundsTheSameInAnyTableOrderAndVersion() throws {
        var random = SeededGenerator(seed: 8)
        let source = RandomTables.make(.hierarchical, &random)
        let whole = try protection.protect(source.table, under: obligations(5), in: context).0.shown
        var other = source
        other.rows.shuffle(using: &random)
        other.rows.removeLast(other.rows.count / 2)
        other.version = "2.3"
        // Dimensions in another order, and another value in one row: the rest is as it was.
        other.dimensions.reverse()
        other.rows = other.rows.map { ($0.key.reversed(), $0.value, $0.attributes) }
        let part = try protection.protect(other.table, under: obligations(5), in: context).0.shown
        #expect(part.count == other.rows.count)
        for (key, value) in part { #expect(whole[key.reversed()] == value) }
        let again = try protection.protect(source.table, under: obligations(5), in: ProtectionContext(codes: TestCodes(seed: 2))).0.shown
        #expect(again != whole, "another key draws otherwise")
    }

    @Test func namesOfCellsCannotBeConfused() {
        func message(_ ids: [String], _ codes: [String]) -> [UInt8] {
            var table = TestTable(dimensions: ids.map { .init(id: $0, codes: [], hasCodelist: false) })
            table.add(codes, "1")
            return CellIdentity(table.table).message(ofRow: 0)
        }
        #expect(message(["A", "B"], ["x.y", "z"]) != message(["A", "B"], ["x", "y.z"]))
        #expect(message(["A", "B"], ["x", "y"]) != message(["A", "B"], ["y", "x"]))
        #expect(message(["A", "B"], ["x", "y"]) == message(["B", "A"], ["y", "x"]))
        #expect(message(["AB"], ["x"]) != message(["A"], ["Bx"]))
    }

    @Test func saysThatSumsNoLongerAddUpAndByHowMuch() throws {
        let source = ControlledRoundingTests.twoWay([[4, 3, 1], [2, 1, 1]])
        let (_, report) = try protection.protect(source.table, under: obligations(5), in: context)
        // Three parts and their total, each less than five away.
        #expect(report.figures.contains(JSONMember("sumsDifferAtMost", .integer(16))))
        #expect(report.words.contains { $0.contains("no longer add up") && $0.contains("16") })
        #expect(report.cells == source.rows.count && report.withheld == 0)
    }

    @Test func withholdsWhatComesOutBelowTheMinimumAndKeepsZeros() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("F", nil), ("M", nil), ("X", nil), ("Y", nil)])])
        source.add(["F"], "6")
        source.add(["M"], "0")
        source.add(["X"], nil, ["OBS_STATUS": "M"])
        source.add(["Y"], "40", ["OBS_STATUS": "A", "CONF_STATUS": "C"])
        let (released, report) = try protection.protect(source.table, under: obligations(3, minimumCell: 10), in: context)
        #expect(released.lines == ["F - Q C", "M 0 A -", "X - M -", "Y - Q C"])
        #expect(report.withheldByReason == [.smallCount: 1, .declared: 1])
        source.attributes = []
        source.rows = source.rows.map { ($0.key, $0.value, [:]) }
        #expect(code(source, obligations(3, minimumCell: 10), context) == .markingImpossible)
        #expect(code(source, obligations(3), context) == nil)
    }

    @Test func clearsWhatWouldTellTheOriginal() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("F", nil), ("M", nil)])])
        source.attributes = [
            .init(id: "OBS_STATUS", isMandatory: true, codes: ["A", "N", "Q"]), .init(id: "COMMENT_OBS"), .init(id: "DECIMALS"),
            .init(id: "CONTRIBUTORS"), .init(id: "LARGEST"), .init(id: "SOURCE", isMandatory: true, codes: ["S1", "S2"]),
        ]
        source.add(["M"], "13", ["OBS_STATUS": "A", "COMMENT_OBS": "thirteen", "DECIMALS": "0", "CONTRIBUTORS": "13", "LARGEST": "1", "SOURCE": "S1"])
        source.add(["F"], "2", ["OBS_STATUS": "N", "COMMENT_OBS": "two", "DECIMALS": "0", "CONTRIBUTORS": "2", "LARGEST": "1", "SOURCE": "S2"])
        var terms = obligations(5)
        terms.frequencyComponent = "CONTRIBUTORS"
        terms.largestComponents = ["LARGEST"]
        let (released, _) = try protection.protect(source.table, under: terms, in: context)
        #expect(released.lines.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") } == ["A - 0 - - S2", "A - 0 - - S1"])
        #expect(released.batch.arenaByteCount < source.table.batch.arenaByteCount)
        let status = try #require(released.batch.schema.index(of: "OBS_STATUS"))
        #expect(!(0..<UInt32(released.batch.dictionary(status).count)).contains { released.batch.dictionary(status).string($0) == "N" })
        source.attributes[1].isMandatory = true
        #expect(code(source, terms, context) == .attributeReveals)
        source.attributes[1].isMandatory = false
        source.attributes[3].isMandatory = true
        #expect(code(source, terms, context) == .attributeReveals)
        source.attributes[3].isMandatory = false
        source.attributes[0].codes = ["N", "Q"]
        #expect(code(source, terms, context) == .attributeReveals)
        terms.largestComponents = ["SEX"]
        #expect(code(source, terms, context) == .unsupported)
    }

    @Test func refusesWithoutAKey() {
        #expect(code(TestTable.single("3"), obligations(5), ProtectionContext()) == .keyMissing)
        #expect(code(TestTable.single("3"), obligations(1), context) == .unsupported)
        var terms = obligations(5)
        terms.rounding = nil
        #expect(code(TestTable.single("3"), terms, context) == .unsupported)
        var limits = RoundingLimits()
        limits.cellsMax = 0
        #expect(throws: ProtectionError.self) {
            try RandomRounding(limits: limits).protect(TestTable.single("3").table, under: obligations(5), in: context)
        }
    }
}
