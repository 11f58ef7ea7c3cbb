import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// Terms about single observations: time lag, forbidden combinations, number.
@Suite struct CellTermsTests {
    private func agreement(_ terms: String, _ changes: [(String, String)] = []) throws -> Agreement {
        var yaml = PermitsSample.yaml.replacingOccurrences(of: "  drop: [COMMENT_OBS]\n", with: terms)
        for (old, new) in changes {
            try #require(yaml.contains(old), "\(old)")
            yaml = yaml.replacingOccurrences(of: old, with: new)
        }
        return try AgreementReader.read(yaml)
    }

    private func codes(_ terms: String, _ lines: [String], direction: Agreement.Direction = .send, _ changes: [(String, String)] = []) throws -> [Decision
        .ReasonCode]
    {
        Decide.run(PermitsSample.request(try PermitsSample.table(lines), direction: direction), under: [try agreement(terms, changes)]).reasons.map(\.code)
    }

    /// What travels, as lines; the code of the error where nothing does.
    private func released(_ agreements: [Agreement], _ lines: [String]) throws -> [String] {
        let table = try PermitsSample.table(lines)
        let obligations = try #require(Decide.run(PermitsSample.request(table), under: agreements).obligations)
        do throws(CoarsenError) {
            return PermitsSample.lines(try Coarsen.run(table, obligations.cube).table).map { $0.split(separator: " ").prefix(4).joined(separator: " ") }
        } catch { return [error.code.rawValue] }
    }

    // MARK: Time lag. Today is 2026-03-31.

    @Test(arguments: [
        ("2026-01", "P2M", false), ("2025-12", "P2M", true), ("2026-02", "P1M", false), ("2026-01", "P1M", true), ("2025", "P3M", false), ("2024", "P3M", true),
        ("2025-Q4", "P2M", true), ("2025-Q4", "P3M", false), ("2025-S2", "P2M", true), ("2025-T3", "P2M", true), ("2025-A1", "P2M", true),
        ("2025-M12", "P2M", true),
        ("2026-W08", "P1M", true), ("2026-W09", "P1M", false), ("2026-W10", "P1M", false), ("2026-D059", "P1M", false), ("2026-D058", "P1M", true),
        ("2026-02-27", "P1M", true),
        ("2026-02-28", "P1M", false), ("2026-02-27T23:59:59", "P1M", true), ("2026-01-01/P1M", "P1M", true), ("2026-01-01/P3M", "P1M", false),
        ("2026-03-30", "P0D", true),
        ("2026-03-31", "P0D", false),
    ])
    func onlyPeriodsTravelThatEndedSoLongAgo(_ period: String, _ lag: String, _ travels: Bool) throws {
        #expect(try codes("  timeLag: \(lag)\n", ["M CIS \(period) 7"]) == (travels ? [] : [.periodTooRecent]))
    }

    @Test func whatIsTooRecentIsLeftOutOrRefused() throws {
        let lines = ["M CIS 2026-01 7", "M CIS 2026-02 8", "M CIS 2026-03 9"]
        #expect(try codes("  timeLag: P1M\n", lines) == [.periodTooRecent])
        #expect(try released([agreement("  timeLag: P1M\n  outside: drop\n")], lines) == ["M CIS 2026-01 7"])
        // The way in leaves nothing out.
        #expect(try codes("  timeLag: P1M\n  outside: drop\n", lines, direction: .accept) == [.periodTooRecent])
        #expect(try codes("  timeLag: P1M\n", ["M CIS last-year 7"]) == [.periodUnreadable])
        #expect(try codes("  timeLag: P1M\n", ["M CIS - - UNIT_MULT=0"], [("{minimumCell: 5, method: suppression}", "none")]) == [.keyPartial])
        // The longest lag of several agreements counts.
        let both = [try agreement("  timeLag: P1M\n  outside: drop\n"), try agreement("  timeLag: P3M\n  outside: drop\n", [("PERMITS\n", "SECOND\n")])]
        #expect(try released(both, lines) == [])
    }

    // MARK: Forbidden combinations

    private static let never = "  forbidden: [{SEX: [F], CITIZENSHIP: [CIS]}]\n"

    @Test func codesThatMayNotStandTogetherRefuseOrStayBehind() throws {
        // Certain from the codes of each dimension.
        #expect(try codes(Self.never, ["F CIS 2026-01 7"]) == [.combinationForbidden])
        #expect(try codes(Self.never, ["F CIS 2026-01 7", "F EU 2026-01 9"]) == [.combinationForbidden])
        #expect(try codes(Self.never, ["M CIS 2026-01 7"]) == [])
        #expect(try codes(Self.never, ["F EU 2026-01 9"]) == [])
        // Only the rows can tell.
        let (apart, together) = (["F EU 2026-01 9", "M CIS 2026-01 7"], ["F EU 2026-01 9", "M CIS 2026-01 7", "F CIS 2026-01 5"])
        #expect(try codes(Self.never, apart) == [])
        #expect(try codes(Self.never, together) == [])
        #expect(try released([agreement(Self.never)], apart) == apart)
        #expect(try released([agreement(Self.never)], together) == ["combinationForbidden"])
        #expect(try released([agreement(Self.never + "  outside: drop\n")], together) == apart)
    }

    @Test func aCodeStandsForThoseBelowIt() throws {
        #expect(try codes(Self.never, ["F GE 2026-01 7"]) == [.combinationForbidden])
        #expect(try codes("  forbidden: [{SEX: [F], CITIZENSHIP: [CIS]}]\n", ["F GE 2026-01 7"], [(", deepestLevel: 2", "")]) == [.combinationForbidden])
        #expect(try codes("  forbidden: [{SEX: [_T], CITIZENSHIP: [CIS]}]\n", ["F CIS 2026-01 7"]) == [.combinationForbidden])
        // A code that is summed to another one does not travel, and so is not forbidden.
        #expect(try codes("  forbidden: [{SEX: [F], CITIZENSHIP: [GE]}]\n", ["F GE 2026-01 7"]) == [])
    }

    /// Another agreement that sums what one forbids does not make it fit to travel, nor what is left of that sum.
    @Test func whatOneAgreementForbidsAnotherOneDoesNotSum() throws {
        let keeping = try agreement("  forbidden: [{SEX: [F], CITIZENSHIP: [GE]}]\n  outside: drop\n", [(", deepestLevel: 2", "")])
        let summing = try agreement("  outside: drop\n", [("PERMITS\n", "SUMS\n")])
        let lines = ["F GE 2026-01 7", "F RU 2026-01 9", "M GE 2026-01 4"]
        #expect(try released([keeping], lines) == ["F RU 2026-01 9", "M GE 2026-01 4"])
        #expect(try released([keeping, summing], lines) == ["M CIS 2026-01 4"])
    }

    @Test func theWayInLooksAtEachRow() throws {
        let agreement = try agreement(Self.never)
        func first(_ lines: [String]) throws -> String? {
            let table = try PermitsSample.table(lines)
            let request = PermitsSample.request(table, direction: .accept)
            let obligations = try #require(Decide.run(request, under: [agreement]).obligations)
            return CombinationGate(table.batch.schema, obligations.cube.forbidden).firstForbidden(in: table.batch)
        }
        #expect(try first(["F EU 2026-01 9", "M CIS 2026-01 7"]) == nil)
        #expect(try first(["F EU 2026-01 9", "M CIS 2026-01 7", "F CIS 2026-01 5"]) == "F.CIS")
        #expect(try codes(Self.never, ["F CIS 2026-01 5"], direction: .accept) == [.combinationForbidden])
    }

    @Test func combinationsAreHeldAgainstTheStructure() throws {
        #expect(try codes("  forbidden: [{SEX: [X], CITIZENSHIP: [CIS]}]\n", ["M CIS 2026-01 7"]) == [.termUnbound])
        let table = try PermitsSample.table(["M GE 2026-01 7"], schema: PermitsSample.schema(hasCodelists: false))
        let decision = Decide.run(PermitsSample.request(table), under: [try agreement(Self.never, [("{codes: all, deepestLevel: 2}", "all")])])
        #expect(decision.reasons.map(\.code) == [.codelistMissing])
    }

    // MARK: Number

    @Test func countsWhatTravels() throws {
        let limit = [("protect:", "limits: {observationsMax: 2}\nprotect:")]
        let three = ["M CIS 2026-01 7", "M EU 2026-01 7", "M OTHER 2026-01 7"]
        #expect(try codes("", three, [(", deepestLevel: 2", "")] + limit) == [.observationsTooMany])
        #expect(try codes("", Array(three.prefix(2)), limit) == [])
        // Summing may make few enough of them.
        #expect(try codes("", three, limit) == [])
        #expect(try released([agreement("", limit)], three) == ["observationsTooMany"])
        #expect(try released([agreement("", limit)], ["M GE 2026-01 7", "M RU 2026-01 7", "M EU 2026-01 7"]) == ["M CIS 2026-01 14", "M EU 2026-01 7"])
        #expect(try codes("", three, direction: .accept, limit) == [.observationsTooMany])
    }

    // MARK: Reading, comparing, reviewing

    @Test(arguments: [
        ("  timeLag: 3 months\n", "grant.timeLag has to be an ISO 8601 duration"), ("  timeLag: -P3M\n", "grant.timeLag has to be"),
        ("  forbidden: {SEX: [F]}\n", "grant.forbidden has to be a list of combinations"), ("  forbidden: []\n", "has to be a list of combinations"),
        ("  forbidden: [{SEX: [F]}]\n", "has an entry of one dimension"), ("  forbidden: [{}]\n", "has an entry of no dimension"),
        ("  forbidden: [{SEX: [F], AGE: [Y]}]\n", "AGE is not among grant.dimensions"),
        ("  forbidden: [{SEX: [], CITIZENSHIP: [CIS]}]\n", "has to be a text or a list of texts"),
        ("  forbidden: [{SEX: F, CITIZENSHIP: CIS}, {CITIZENSHIP: [CIS], SEX: [F]}]\n", "names the same combination twice"),
        ("limits: {observationsMax: 0}\n", "limits.observationsMax has to be a whole number"), ("limits: {}\n", "limits.observationsMax is missing"),
        ("limits: {perDay: 3}\n", "limits.perDay is not a term"),
    ])
    func refusesTermsThatSayNothing(_ term: String, _ words: String) throws {
        do {
            _ = try agreement(term)
            Issue.record("\(term) was read")
        } catch let error as AgreementError { #expect(error.detail.contains(words), "\(error)") }
    }

    @Test(arguments: [
        ("", "  timeLag: P3M\n", ["narrower  grant.timeLag: P3M, and was none"]),
        ("  timeLag: P3M\n", "  timeLag: P2M\n", ["wider  grant.timeLag: P2M, and was P3M"]),
        ("  timeLag: P3M\n", "  timeLag: P90D\n", ["other  grant.timeLag: P90D, and was P3M"]),
        ("  timeLag: P3M\n", "  timeLag: P93D\n", ["narrower  grant.timeLag: P93D, and was P3M"]),
        ("", never, ["narrower  grant.forbidden: CITIZENSHIP CIS with SEX F added"]),
        (never, "", ["wider  grant.forbidden: CITIZENSHIP CIS with SEX F taken away"]),
        (never, "  forbidden: [{SEX: [F, M], CITIZENSHIP: [CIS]}]\n", ["narrower  grant.forbidden: CITIZENSHIP CIS with SEX F, M added"]),
    ])
    func saysWhetherMoreMayTravel(_ old: String, _ new: String, _ expected: [String]) throws {
        #expect(AgreementDifference.changes(from: try agreement(old), to: try agreement(new)).map(\.description) == expected)
    }

    @Test func whatIsSummedOtherwiseMayNoLongerBeForbidden() throws {
        let (old, new) = (try agreement(Self.never), try agreement(Self.never, [("deepestLevel: 2", "deepestLevel: 1")]))
        #expect(AgreementDifference.changes(from: old, to: new).map(\.effect) == [.other])
    }

    @Test func aCombinationThatNeverTravelsIsNamed() throws {
        let agreement = try agreement("  forbidden: [{SEX: [F], TIME_PERIOD: [2026-01]}]\n", [("SEX: all", "SEX: {codes: [_T, M]}")])
        let remarks = AgreementReview.remarks(on: [agreement], today: CalendarDate(year: 2026, month: 3, day: 31)!)
        #expect(remarks.map { "\($0.code.rawValue) \($0.rule)" } == ["unreachable PERMITS 1.0 grant.forbidden"])
    }

    @Test func explainsThem() throws {
        let plan = Explanation.plan(
            try agreement(Self.never + "  timeLag: P3M\n", [("protect:", "limits: {observationsMax: 500}\nprotect:"), ("P5Y,", "P5Y, notify: [dpo, press],")]))
        for line in [
            "    never together: CITIZENSHIP CIS with SEX F", "    only periods that ended at least P3M ago", "    at most 500 observations of a dataset",
            "  told         dpo, press",
        ] {
            #expect(plan.contains(line), "\(line) in \(plan)")
        }
    }
}
