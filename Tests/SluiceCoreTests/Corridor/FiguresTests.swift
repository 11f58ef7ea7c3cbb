import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct FiguresTests {
    private let flow = ArtefactReference(.dataflow, agency: "AM.MOI", id: "DF_PERMITS", version: "1.0")

    private func figures(_ released: [String], original: [String]?, _ obligations: Obligations? = nil, schema: DatasetSchema = PermitsSample.schema()) throws
        -> ReleasedFigures
    {
        let terms = obligations ?? Obligations(agreements: ["A"], protection: ProtectionObligations(minimumCell: 5))
        let whole = try original.map { try PermitsSample.table($0, schema: schema) }
        return try Figures(try PermitsSample.table(released, schema: schema), original: whole, obligations: terms).make(
            exchangeID: "x", releasedAt: Instant(milliseconds: 0), population: "P", dataflow: flow, receiver: "AM.ARMSTAT")
    }

    @Test func saysWhatIsShownAndWhatIsWithheldWhateverTheOrder() throws {
        let found = try figures(
            ["F _T 2026-01 -", "_T _T 2026-01 40", "M _T 2026-01 37"], original: ["_T _T 2026-01 40", "M _T 2026-01 37", "F _T 2026-01 3"])
        #expect(found.shown == [nil, 40, 37] && found.isUnsafe == [true, false, false])
        #expect(found.truth?.values == [3, nil, nil] && found.truth?.contributors == [])
        #expect(found.slices.map(\.periodText) == ["2026-01"] && found.minimumCell == 5)
        let sex = try #require(found.dimensions.first { $0.id == "SEX" })
        #expect(sex.list == "CL_SEX" && sex.isComplete)
        #expect(Dictionary(uniqueKeysWithValues: sex.codes.map { ($0.id, $0.extent) }) == ["_T": .all, "F": .leaf("F"), "M": .leaf("M")])
    }

    @Test func knowsWhatTheCodesOfAListContain() throws {
        let found = try figures(["_T CIS 2026-01 40", "_T RU 2026-01 30", "_T _T 2026-01 90"], original: nil)
        let citizenship = try #require(found.dimensions.first { $0.id == "CITIZENSHIP" })
        let extents = Dictionary(uniqueKeysWithValues: citizenship.codes.map { ($0.id, $0.extent) })
        #expect(extents == ["_T": .all, "CIS": Extent(leaves: ["GE", "RU"]), "RU": .leaf("RU")])
        // France is in the list and in no code of this table.
        #expect(!citizenship.isComplete && found.truth == nil)
    }

    @Test func periodsAreTheSameHoweverTheyAreSpelled() throws {
        let one = try figures(["_T _T 2026-01 40"], original: nil)
        let other = try figures(["_T _T 2026-M01 40"], original: nil)
        #expect(one.periods == other.periods && one.periods.count == 1)
        #expect(try figures(["_T _T 2026-02 40"], original: nil).periods != one.periods)
    }

    @Test func codesThatDoNotAddUpAreNotRelated() throws {
        var protection = ProtectionObligations(minimumCell: 5)
        protection.totals = ["SEX": .none]
        let found = try figures(["F _T 2026-01 40", "M _T 2026-01 30"], original: nil, Obligations(agreements: ["A"], protection: protection))
        #expect(found.dimensions.map(\.id) == ["CITIZENSHIP"])
        #expect(found.slices.map(\.labels) == [["SEX=F"], ["SEX=M"]])
    }

    @Test func holdersArePublicityAndOnwardTransferToo() throws {
        var obligations = Obligations(agreements: ["A"], protection: nil)
        obligations.handling.onwardTransfer = .to(["UN.UNSD", "AM.ARMSTAT"])
        let passed = try figures(["_T _T 2026-01 40"], original: nil, obligations)
        #expect(passed.holders == ["AM.ARMSTAT", "UN.UNSD"] && !passed.isPublic && passed.minimumCell == 0)
        obligations.handling.onwardTransfer = .public
        #expect(try figures(["_T _T 2026-01 40"], original: nil, obligations).isPublic)
    }

    @Test func leavesOutWhatWasNotReportedAndWhatLeavesADimensionOpen() throws {
        let found = try figures(["_T _T 2026-01 -", "_T CIS 2026-01 7", "~ CIS 2026-01 7", "_T EU 2026-01 NaN"], original: ["_T CIS 2026-01 7"])
        #expect(found.shown == [7])
    }

    @Test func roundedFiguresAreNoSums() throws {
        let obligations = Obligations(agreements: ["A"], protection: ProtectionObligations(method: "random-rounding", minimumCell: 5))
        #expect(try !figures(["_T _T 2026-01 40"], original: ["_T _T 2026-01 41"], obligations).isExact)
        #expect(try !figures(["_T _T 2026-01 -40"], original: nil).isExact)
    }
}
