import SluiceKit
import SluiceKitTesting
import Testing

@testable import ProtectSuppression

/// What the source marked confidential (CONF_STATUS) leaves without its reason, with a value or without, of an observation or of a series.
@Suite struct SourceMarksTests {
    private static func source(_ codes: [String], isMandatory: Bool = false, ofSeries: Bool = false) -> TestTable {
        TestTable.marked(codes, isMandatory: isMandatory, ofSeries: ofSeries, unreported: "M")
    }

    @Test(arguments: [false, true]) func theReasonDoesNotTravel(_ ofSeries: Bool) throws {
        let protection = SuppressionPlugin.make()
        var obligations = ProtectionObligations(minimumCell: 5)
        obligations.totals = ["SEX": .none]
        let full = Self.source(["A", "C", "D", "F"], ofSeries: ofSeries)
        let (neutral, _) = try protection.protect(full.table, under: obligations)
        #expect(neutral.lines == ["F 2026 - Q C", "F 2027 - M C", "M 2026 10 A F", "X 2026 - M C"])
        let source = Self.source(["A", "D", "F"], ofSeries: ofSeries)
        let (silent, _) = try protection.protect(source.table, under: obligations)
        #expect(silent.lines == ["F 2026 - Q -", "F 2027 - M -", "M 2026 10 A F", "X 2026 - M -"])
        let error = #expect(throws: ProtectionError.self) {
            try protection.protect(Self.source(["A", "D", "F"], isMandatory: true, ofSeries: ofSeries).table, under: obligations)
        }
        #expect(error?.code == .markingImpossible)
        // The gate looks at it too.
        var told = full
        told.rows[0] = (["F", "2026"], nil, ["OBS_STATUS": "Q", "CONF_STATUS": "C"])
        told.rows[1].attributes["CONF_STATUS"] = "C"
        #expect(throws: ProtectionError.self) { try protection.audit(told.table, against: full.table, under: obligations) }
        told.rows[3].attributes["CONF_STATUS"] = "C"
        _ = try protection.audit(told.table, against: full.table, under: obligations)
        // Where reasons are told, the source's own is.
        guard !ofSeries else { return }
        obligations.neutralStatus = false
        #expect(try protection.protect(full.table, under: obligations).0.lines == ["F 2026 - Q A", "F 2027 - M A", "M 2026 10 A F", "X 2026 - M D"])
    }

    @Test func aHiddenCellDoesNotSayWhyWhereItMayNot() throws {
        let protection = SuppressionPlugin.make()
        let obligations = ProtectionObligations(minimumCell: 5)
        let source = IntervalTests.twoWay([[4, 30], [20, 40]])
        let (released, _) = try protection.protect(source.table, under: obligations)
        let schema = released.batch.schema
        let column = try #require(schema.index(of: "CONF_STATUS"))
        let row = try #require((0..<released.batch.rowCount).first { released.batch.string(column, $0) == "C" })
        try Array("A".utf8).withUnsafeBytes { try released.batch.set(column, row, $0) }
        let error = #expect(throws: ProtectionError.self) { try protection.audit(released, against: source.table, under: obligations) }
        #expect(error?.detail.contains("says why") == true)
    }

    @Test(arguments: [false, true]) func coarseningTellsNoReasonEither(_ hasCode: Bool) throws {
        let protection = SuppressionPlugin.makeCoarsening()
        let obligations = ProtectionObligations(method: "coarsening", minimumCell: 5)
        var source = IntervalTests.twoWay([[14, 30], [20, 40]])
        source.attributes[1].codes = hasCode ? ["A", "C", "F"] : ["A", "F"]
        source.rows.removeAll { $0.key == ["r1", "c1"] }
        source.add(["r1", "c1"], nil, ["OBS_STATUS": "M", "CONF_STATUS": "A"])
        let (released, _) = try protection.protect(source.table, under: obligations)
        #expect(released.lines.contains("r1 c1 - M \(hasCode ? "C" : "-")"))
        _ = try protection.audit(released, against: source.table, under: obligations)
        #expect(throws: ProtectionError.self) { try protection.audit(source.table, against: source.table, under: obligations) }
    }
}
