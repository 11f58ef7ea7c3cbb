import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct CoarsenTests {
    private let toRegions = CubeObligations(coarsening: ["CITIZENSHIP": ["GE": "CIS", "RU": "CIS", "FR": "EU", "DE": "EU", "NO": "OTHER"]])

    private func code(_ lines: [String], _ cube: CubeObligations) throws -> CoarsenError.Code? {
        let table = try PermitsSample.table(lines)
        do throws(CoarsenError) {
            _ = try Coarsen.run(table, cube)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func sumsExactDecimals() throws {
        let (table, report) = try Coarsen.run(try PermitsSample.table(["M GE 2026-01 0.1", "M RU 2026-01 0.20", "M FR 2026-01 9007199254740993"]), toRegions)
        #expect(PermitsSample.lines(table) == ["M CIS 2026-01 0.30 A - -", "M EU 2026-01 9007199254740993 A - -"])
        #expect(report.observationsBefore == 3 && report.observationsAfter == 2 && report.summed == 2)
    }

    @Test func keepsAPublishedRegionInsteadOfAddingItsCountries() throws {
        let (table, report) = try Coarsen.run(try PermitsSample.table(["M CIS 2026-01 12", "M GE 2026-01 7", "M RU 2026-01 5", "F GE 2026-01 3"]), toRegions)
        #expect(PermitsSample.lines(table) == ["M CIS 2026-01 12 A - -", "F CIS 2026-01 3 A - -"])
        #expect(report.superseded == 2)
    }

    @Test func sumsRegionsAndNotTheirCountriesWhenBothStandInTheData() throws {
        let all = Dictionary(uniqueKeysWithValues: PermitsSample.citizenship.compactMap { $0.1 == nil ? nil : ($0.0, "_T") })
        let (table, _) = try Coarsen.run(
            try PermitsSample.table(["M CIS 2026-01 12", "M GE 2026-01 7", "M RU 2026-01 5", "M FR 2026-01 2"]),
            CubeObligations(coarsening: ["CITIZENSHIP": all]))
        #expect(PermitsSample.lines(table) == ["M _T 2026-01 14 A - -"])
    }

    @Test func refusesABroaderCodeOfUnknownContent() throws {
        #expect(try code(["M OTHER 2026-01 4", "M FR 2026-01 2"], CubeObligations(coarsening: ["CITIZENSHIP": ["FR": "OTHER"]])) == .ambiguous)
        let (table, _) = try Coarsen.run(
            try PermitsSample.table(["M OTHER 2026-01 4", "M FR 2026-01 2"]), CubeObligations(coarsening: ["CITIZENSHIP": ["FR": "OTHER", "OTHER": "OTHER"]]))
        #expect(PermitsSample.lines(table) == ["M OTHER 2026-01 6 A - -"])
    }

    @Test func hasNoSumWhereAPartIsMissing() throws {
        let (table, _) = try Coarsen.run(try PermitsSample.table(["M GE 2026-01 - OBS_STATUS=L", "M RU 2026-01 5"]), toRegions)
        #expect(PermitsSample.lines(table) == ["M CIS 2026-01 - L - -"])
    }

    @Test func recomputesStatusAndLeavesOutWhatDiffers() throws {
        let (table, _) = try Coarsen.run(try PermitsSample.table(["M GE 2026-01 7 OBS_STATUS=E COMMENT_OBS=x", "M RU 2026-01 5 COMMENT_OBS=y"]), toRegions)
        #expect(PermitsSample.lines(table) == ["M CIS 2026-01 12 E - -"])
    }

    @Test func refusesToAddUnits() throws {
        #expect(try code(["M GE 2026-01 7 UNIT_MULT=3", "M RU 2026-01 5 UNIT_MULT=0"], toRegions) == .unitsDiffer)
        #expect(try code(["M GE 2026-01 7 UNIT_MULT=3", "M RU 2026-02 5 UNIT_MULT=0"], toRegions) == .attributeDiffers)
    }

    @Test func refusesOrLeavesOutWhatIsNotGranted() throws {
        let lines = ["M GE 2026-01 7", "F GE 2026-01 5"]
        #expect(try code(lines, CubeObligations(granted: ["SEX": ["M"]])) == .codeNotGranted)
        let (table, report) = try Coarsen.run(try PermitsSample.table(lines), CubeObligations(granted: ["SEX": ["M"]], outside: .drop))
        #expect(PermitsSample.lines(table) == ["M GE 2026-01 7 A - -"])
        #expect(report.leftOut == 1)
    }

    @Test func dropsAttributes() throws {
        let (table, report) = try Coarsen.run(try PermitsSample.table(["M GE 2026-01 7 COMMENT_OBS=x"]), CubeObligations(dropped: ["COMMENT_OBS"]))
        #expect(PermitsSample.lines(table) == ["M GE 2026-01 7 A - -"])
        #expect(report.droppedAttributes == ["COMMENT_OBS"])
    }

    @Test func refusesTextAndDuplicates() throws {
        #expect(try code(["M GE 2026-01 many", "M RU 2026-01 5"], toRegions) == .measureNotNumeric)
        #expect(try code(["M GE 2026-01 7", "M GE 2026-01 5"], toRegions) == .keyDuplicate)
        #expect(try code([], toRegions) == nil)
    }
}
