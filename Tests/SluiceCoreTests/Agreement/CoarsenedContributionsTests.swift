import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct CoarsenedContributionsTests {
    private let toRegions = CubeObligations(coarsening: ["CITIZENSHIP": ["GE": "CIS", "RU": "CIS", "FR": "EU", "DE": "EU"]])
    private let counted = ProtectionObligations(minimumCell: 5, frequencyComponent: "COMMENT_OBS")

    @Test func whatIsKnownOfContributorsIsAddedUpWithTheCells() throws {
        var table = try PermitsSample.table(["M GE 2026-01 7", "M RU 2026-01 5", "M FR 2026-01 9"])
        var known = CellContributions(depth: 2)
        known.append(count: 3, largest: [ExactDecimal("4")!, ExactDecimal("2")!], cellKey: 200)
        known.append(count: 1, largest: [ExactDecimal("5")!], cellKey: 100)
        known.append(count: 9, largest: [ExactDecimal("1")!], cellKey: 7)
        table.contributions = known
        let result = try Coarsen.run(table, toRegions).table
        let contributions = try #require(result.contributions)
        #expect(contributions.counts == [4, 9] && contributions.cellKeys == [44, 7])
        #expect(contributions.largest(0).map(\.description) == ["5", "4"] && contributions.largest(1).map(\.description) == ["1"])
    }

    @Test func aFrequencyAttributeSaysItOfTheSum() throws {
        // Both say 3, and an attribute that is the same in all parts would stay 3.
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=3", "M RU 2026-01 5 COMMENT_OBS=3", "M FR 2026-01 9 COMMENT_OBS=4"])
        let result = try Coarsen.run(table, toRegions, protection: counted).table
        #expect(PermitsSample.lines(result) == ["M CIS 2026-01 12 A 6 -", "M EU 2026-01 9 A 4 -"] && result.contributions?.counts == [6, 4])
    }

    @Test func aDroppedFrequencyIsReadBeforeItIsDropped() throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=3", "F GE 2026-01 5 COMMENT_OBS=2"])
        let result = try Coarsen.run(table, CubeObligations(dropped: ["COMMENT_OBS"]), protection: counted).table
        #expect(PermitsSample.lines(result) == ["M GE 2026-01 7 A - -", "F GE 2026-01 5 A - -"] && result.contributions?.counts == [3, 2])
    }

    @Test(arguments: ["some", "2.5", "-"]) func aSumOfWhichNobodyKnowsTheContributorsIsRefused(_ text: String) throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=3", "M RU 2026-01 5" + (text == "-" ? "" : " COMMENT_OBS=\(text)")])
        #expect(throws: CoarsenError.self) { try Coarsen.run(table, toRegions, protection: counted) }
    }

    private var keyed: ProtectionObligations {
        var keyed = ProtectionObligations(method: "cell-key", rules: PrimaryRules())
        keyed.cellKey = .init(table: "T", component: "COMMENT_OBS")
        return keyed
    }

    @Test func aCellKeySaysItOfTheSum() throws {
        // Equal keys are no key of the sum, and different ones are not dropped: 200 + 200 is 144 mod 256, and 255 + 1 is 0.
        let table = try PermitsSample.table([
            "M GE 2026-01 7 COMMENT_OBS=200", "M RU 2026-01 5 COMMENT_OBS=200", "M FR 2026-01 9 COMMENT_OBS=255", "M DE 2026-01 1 COMMENT_OBS=1",
            "F NO 2026-01 3 COMMENT_OBS=77", "F RU 2026-01 0", "F GE 2026-01 2 COMMENT_OBS=5",
        ])
        let result = try Coarsen.run(table, toRegions, protection: keyed).table
        #expect(
            PermitsSample.lines(result) == ["M CIS 2026-01 12 A 144 -", "M EU 2026-01 10 A 0 -", "F NO 2026-01 3 A 77 -", "F CIS 2026-01 2 A 5 -"])
        #expect(result.contributions?.cellKeys == [144, 0, 77, 5])
    }

    @Test func aDroppedCellKeyIsReadBeforeItIsDropped() throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=3", "M RU 2026-01 5 COMMENT_OBS=3"])
        let result = try Coarsen.run(table, CubeObligations(coarsening: toRegions.coarsening, dropped: ["COMMENT_OBS"]), protection: keyed).table
        #expect(PermitsSample.lines(result) == ["M CIS 2026-01 12 A - -"] && result.contributions?.cellKeys == [6])
    }

    @Test(arguments: ["256", "-1", "2.5", "x", "-"]) func aSumOfWhichNobodyKnowsTheKeyIsRefused(_ text: String) throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=3", "M RU 2026-01 5" + (text == "-" ? "" : " COMMENT_OBS=\(text)")])
        #expect(throws: CoarsenError.self) { try Coarsen.run(table, toRegions, protection: keyed) }
    }

    @Test func aTableWithNothingToDoKeepsItsOwnComponents() throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=nobody knows"].map { $0.replacing(" knows", with: "") })
        #expect(try Coarsen.run(table, CubeObligations(), protection: counted).table.contributions == nil)
    }
}
