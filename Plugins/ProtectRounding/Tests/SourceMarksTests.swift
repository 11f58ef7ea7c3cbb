import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

/// What the source marked confidential (CONF_STATUS): withheld, without its reason, or refused.
@Suite struct SourceMarksTests {
    private let controlled = ControlledRounding(limits: RoundingLimits())
    private let random = RandomRounding(limits: RoundingLimits())
    private let context = ProtectionContext(codes: TestCodes(seed: 1))
    private var obligations: ProtectionObligations {
        var obligations = ProtectionObligations(method: RandomRounding.method, rules: PrimaryRules())
        obligations.rounding = .init(base: 5)
        return obligations
    }

    private func code(_ body: () throws(ProtectionError) -> Void) -> ProtectionError.Code? {
        do throws(ProtectionError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func controlledRoundingRefusesAMarkedCountThatItsSumsWouldTell() throws {
        var source = ControlledRoundingTests.twoWay([[41, 3, 27], [2, 17, 14]])
        let at = try #require(source.rows.firstIndex { $0.key == ["r1", "c2"] })
        func refusal(_ source: TestTable) -> ProtectionError.Code? {
            code { () throws(ProtectionError) in _ = try controlled.protect(source.table, under: ControlledRoundingTests.obligations(5)) }
        }
        source.rows[at].attributes["CONF_STATUS"] = "F"
        #expect(refusal(source) == nil)
        let (free, _) = try controlled.protect(source.table, under: ControlledRoundingTests.obligations(5))
        source.rows[at].attributes["CONF_STATUS"] = "A"
        #expect(refusal(source) == .unsupported)
        #expect(
            code { () throws(ProtectionError) in _ = try controlled.audit(free, against: source.table, under: ControlledRoundingTests.obligations(5)) }
                == .unsupported)
        // A zero would be told as well, and exactly.
        source = ControlledRoundingTests.twoWay([[41, 0, 27], [2, 17, 14]])
        source.rows[at].attributes["CONF_STATUS"] = "N"
        #expect(refusal(source) == .unsupported)
        // What the source itself did not give is nothing that could be subtracted here.
        source.rows[at].value = nil
        let (released, report) = try controlled.protect(source.table, under: ControlledRoundingTests.obligations(5))
        #expect(released.lines.contains("r1 c2 - A C") && report.withheld == 0)
    }

    @Test func whatIsWithheldIsSaidToBeEstimable() throws {
        var source = TestTable(dimensions: [.init(id: "SEX", codes: [("F", nil), ("M", nil)])])
        source.add(["F"], "40", ["OBS_STATUS": "A", "CONF_STATUS": "D"])
        source.add(["M"], "7", ["OBS_STATUS": "A"])
        let (_, report) = try random.protect(source.table, under: obligations, in: context)
        #expect(report.withheldByReason == [.declared: 1])
        #expect(report.words.contains { $0.contains("marked confidential") && $0.contains("estimated from the others") })
    }

    private static func source(_ codes: [String], isMandatory: Bool = false, ofSeries: Bool = false) -> TestTable {
        TestTable.marked(codes, isMandatory: isMandatory, ofSeries: ofSeries, unreported: "Q")
    }

    /// With a value or without, of an observation or of a series: the source's code would say why.
    @Test(arguments: [false, true]) func theReasonDoesNotTravel(_ ofSeries: Bool) throws {
        let (neutral, _) = try random.protect(Self.source(["A", "C", "D", "F"], ofSeries: ofSeries).table, under: obligations, in: context)
        #expect(neutral.lines == ["F 2026 - Q C", "F 2027 - Q C", "M 2026 10 A F", "X 2026 - Q C"])
        let source = Self.source(["A", "D", "F"], ofSeries: ofSeries)
        let (silent, _) = try random.protect(source.table, under: obligations, in: context)
        #expect(silent.lines == ["F 2026 - Q -", "F 2027 - Q -", "M 2026 10 A F", "X 2026 - Q -"])
        #expect(
            code { () throws(ProtectionError) in
                _ = try random.protect(Self.source(["A", "D", "F"], isMandatory: true, ofSeries: ofSeries).table, under: obligations, in: context)
            } == .markingImpossible)
        _ = try random.audit(silent, against: source.table, under: obligations, in: context)
        // The gate does not take another's word for it.
        for row in source.rows.indices where source.rows[row].attributes["CONF_STATUS"] != "F" {
            var told = Self.source(["A", "D", "F"], ofSeries: ofSeries)
            for at in told.rows.indices {
                if told.rows[at].attributes["CONF_STATUS"] != "F" { told.rows[at].attributes["OBS_STATUS"] = "Q" }
                if told.rows[at].attributes["CONF_STATUS"] != "F", at != row { told.rows[at].attributes["CONF_STATUS"] = nil }
                if told.rows[at].attributes["CONF_STATUS"] != "F" { told.rows[at].value = nil }
            }
            #expect(
                code { () throws(ProtectionError) in _ = try random.audit(told.table, against: source.table, under: obligations, in: context) }
                    == .auditNotClean,
                "row \(row)")
        }
    }
}
