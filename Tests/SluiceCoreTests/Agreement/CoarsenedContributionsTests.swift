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

    @Test func aTableWithNothingToDoKeepsItsOwnComponents() throws {
        let table = try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=nobody knows"].map { $0.replacing(" knows", with: "") })
        #expect(try Coarsen.run(table, CubeObligations(), protection: counted).table.contributions == nil)
    }
}
