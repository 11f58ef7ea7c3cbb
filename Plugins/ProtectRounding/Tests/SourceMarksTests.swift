import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectRounding

/// What the source marked confidential (CONF_STATUS): withheld, without its reason, or refused.
@Suite struct SourceMarksTests {
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

    private static func source(_ codes: [String], isMandatory: Bool = false, ofSeries: Bool = false) -> TestTable {
        var source = TestTable(dimensions: [
            .init(id: "SEX", codes: [("F", nil), ("M", nil), ("X", nil)]), .init(id: "TIME_PERIOD", codes: [], isTime: true),
        ])
        source.attributes[1] = .init(id: "CONF_STATUS", isMandatory: isMandatory, codes: codes, relationship: ofSeries ? .dimensions(["SEX"]) : .observation)
        source.add(["F", "2026"], "40", ["OBS_STATUS": "A", "CONF_STATUS": "A"])
        source.add(["F", "2027"], nil, ["OBS_STATUS": "Q", "CONF_STATUS": "A"])
        source.add(["M", "2026"], "10", ["OBS_STATUS": "A", "CONF_STATUS": "F"])
        source.add(["X", "2026"], nil, ["OBS_STATUS": "Q", "CONF_STATUS": "D"])
        return source
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
