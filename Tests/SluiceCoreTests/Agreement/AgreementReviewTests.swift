import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct AgreementReviewTests {
    private static let today = CalendarDate(year: 2026, month: 3, day: 31)!

    private func agreement(_ changes: [(String, String)] = []) throws -> Agreement {
        var yaml = PermitsSample.yaml
        for (old, new) in changes {
            try #require(yaml.contains(old), "\(old)")
            yaml = yaml.replacingOccurrences(of: old, with: new)
        }
        return try AgreementReader.read(yaml)
    }

    private func codes(_ agreements: [Agreement], structures: StructureSet = StructureSet()) -> [String] {
        AgreementReview.remarks(on: agreements, today: Self.today, structures: structures).map { "\($0.severity.rawValue) \($0.code.rawValue) \($0.rule)" }
    }

    @Test func nothingIsSaidOfAnAgreementInOrder() throws {
        #expect(codes([try agreement()]) == [])
        // About other messages: no matter how different.
        #expect(
            codes([
                try agreement(),
                try agreement([("PERMITS\n", "OTHER\n"), ("receiver: AM.ARMSTAT", "receiver: UN.UNSD"), ("{minimumCell: 5, method: suppression}", "none")]),
            ]) == [])
    }

    @Test func namesWhatEnded() throws {
        #expect(codes([try agreement([("until: 2026-12-31", "until: 2026-03-30")])]) == ["warning ended PERMITS 1.0 validity.until"])
        #expect(codes([try agreement([("until: 2026-12-31", "until: 2026-03-31")])]) == [])
    }

    @Test(arguments: [
        ("{codes: [_T], coarsen: {to: {X: [M, F]}}}", ["warning unreachable PERMITS 1.0 grant.dimensions.SEX"]),
        ("{codes: [_T, M], coarsen: {to: {_T: [M, F]}}}", ["warning unreachable PERMITS 1.0 grant.dimensions.SEX"]),
        ("{codes: [_T], coarsen: {to: {_T: [M, F, _T]}}}", []),
    ])
    func namesGrantsThatNothingReaches(_ sex: String, _ expected: [String]) throws {
        #expect(codes([try agreement([("SEX: all", "SEX: \(sex)")])]) == expected)
    }

    @Test func namesTwoTextsOfOneName() throws {
        #expect(codes([try agreement(), try agreement()]).contains("warning version-repeated PERMITS 1.0"))
        #expect(codes([try agreement(), try agreement([("minimumCell: 5", "minimumCell: 6")])]) == ["error version-repeated PERMITS 1.0"])
    }

    @Test func namesVersionsInForceTogether() throws {
        let wider = try agreement([("version: \"1.0\"", "version: \"2.0\""), ("minimumCell: 5", "minimumCell: 3")])
        // The newer allows more, and never gets to: the older applies as well, and is stricter.
        #expect(codes([wider, try agreement()]) == ["warning versions-overlap PERMITS 2.0", "warning shadowed PERMITS 2.0"])
        let later = try agreement([("version: \"1.0\"", "version: \"2.0\""), ("from: 2026-01-01, until: 2026-12-31", "from: 2027-01-01, until: 2027-12-31")])
        #expect(codes([try agreement(), later]) == [])
    }

    @Test func namesWhatChangesNothing() throws {
        let narrow = try agreement([("PERMITS\n", "NARROW\n"), ("SEX: all", "SEX: {codes: [_T]}")])
        #expect(codes([try agreement(), narrow]) == ["warning shadowed PERMITS 1.0"])
        // Neither applies wherever the other does.
        let other = try agreement([("PERMITS\n", "NARROW\n"), ("SEX: all", "SEX: {codes: [_T]}"), ("until: 2026-12-31", "until: 2026-06-30")])
        #expect(codes([try agreement(), other]) == [])
        // Of two that say the same one is named.
        #expect(codes([try agreement(), try agreement([("PERMITS\n", "SAME\n")])]) == ["warning shadowed PERMITS 1.0"])
    }

    /// Two bases contradict each other; taking one agreement out would let travel what both together refuse.
    @Test func whatContradictsIsNotShadowed() throws {
        let protections = [5, 10].map { "{method: random-rounding, rounding: {base: \($0)}}" }
        let one = try agreement([("{minimumCell: 5, method: suppression}", protections[0])])
        let other = try agreement([("PERMITS\n", "SECOND\n"), ("{minimumCell: 5, method: suppression}", protections[1])])
        #expect(codes([one, other]) == ["error contradictory PERMITS 1.0 + SECOND 1.0 protect.rounding"])
    }

    @Test(arguments: [
        ("method: suppression", "method: rounding", "error contradictory PERMITS 1.0 + SECOND 1.0 protect.method"),
        (
            "method: suppression", "method: suppression, totals: {SEX: _T}", "error contradictory PERMITS 1.0 + SECOND 1.0 protect.totals.SEX"
        ),
        ("    SEX: all\n", "", "error contradictory PERMITS 1.0 + SECOND 1.0 grant.dimensions.SEX"),
    ])
    func namesWhatCannotBothBeKept(_ old: String, _ new: String, _ expected: String) throws {
        #expect(codes([try agreement(), try agreement([("PERMITS\n", "SECOND\n"), (old, new)])]).contains(expected))
    }

    @Test func namesGrantsWithoutACodeInCommon() throws {
        let one = try agreement([("SEX: all", "SEX: {codes: [M]}")])
        let other = try agreement([("PERMITS\n", "SECOND\n"), ("SEX: all", "SEX: {codes: [F]}")])
        #expect(codes([one, other]) == ["error contradictory PERMITS 1.0 + SECOND 1.0 grant.dimensions.SEX"])
    }

    @Test func holdsTermsAgainstTheStructure() throws {
        var structures = StructureSet()
        let structure = PermitsSample.schema().structure
        structures.add(structure)
        structures.add(Codelist(identity: ArtefactIdentity(agency: "AM.MOI", id: "CL_SEX"), codes: [Code(id: "_T"), Code(id: "M"), Code(id: "F")]))
        structures.add(
            Codelist(identity: ArtefactIdentity(agency: "AM.MOI", id: "CL_CITIZENSHIP"), codes: PermitsSample.citizenship.map { Code(id: $0.0, parent: $0.1) }))
        structures.add(Dataflow(identity: ArtefactIdentity(agency: "AM.MOI", id: "DF_PERMITS", version: "1.0"), structure: structure.reference))
        #expect(codes([try agreement()], structures: structures) == [])
        #expect(
            codes([try agreement([("SEX: all", "SEX: {codes: [_T, X]}")])], structures: structures) == ["error unbound PERMITS 1.0 grant.dimensions.SEX"])
        #expect(codes([try agreement([("    SEX: all\n", "")])], structures: structures) == ["error unbound PERMITS 1.0 grant.dimensions.SEX"])
        #expect(codes([try agreement([("COMMENT_OBS", "OBS_STATUS")])], structures: structures) == ["error unbound PERMITS 1.0 grant.drop"])
        // A dataflow that is not at hand says nothing against the terms.
        #expect(codes([try agreement([("DF_PERMITS", "DF_OTHER"), ("SEX: all", "SEX: {codes: [_T, X]}")])], structures: structures) == [])
    }

    /// Taking out an agreement that is said to change nothing changes no decision.
    @Test func whatIsShadowedDecidesNothing() throws {
        let sex = ["all", "{codes: [_T]}", "{codes: [_T, M]}", "{codes: all, coarsen: {to: {_T: [M, F]}}}"]
        let cells = ["{minimumCell: 3, method: suppression}", "{minimumCell: 5, method: suppression}", "none"]
        let rows = ["_T CIS 2026-01 7", "M GE 2026-01 7", "F DE 2026-01 7 COMMENT_OBS=x"]
        var shadowedCount = 0
        for (one, other) in sex.flatMap({ one in sex.map { (one, $0) } }) {
            for (left, right) in cells.flatMap({ left in cells.map { (left, $0) } }) {
                let first = try agreement([("SEX: all", "SEX: \(one)"), ("{minimumCell: 5, method: suppression}", left)])
                let second = try agreement([("PERMITS\n", "SECOND\n"), ("SEX: all", "SEX: \(other)"), ("{minimumCell: 5, method: suppression}", right)])
                for remark in AgreementReview.remarks(on: [first, second], today: Self.today) where remark.code == .shadowed {
                    shadowedCount += 1
                    let kept = remark.rule == first.name ? second : first
                    for row in rows {
                        for direction in Agreement.Direction.allCases {
                            let request = PermitsSample.request(try PermitsSample.table([row]), direction: direction)
                            let (both, alone) = (Decide.run(request, under: [first, second]), Decide.run(request, under: [kept]))
                            #expect(both.isPermit == alone.isPermit, "\(row) \(direction): \(one), \(other)")
                            #expect(both.obligations?.cube == alone.obligations?.cube && both.obligations?.protection == alone.obligations?.protection)
                        }
                    }
                }
            }
        }
        #expect(shadowedCount > 20, "\(shadowedCount)")
    }
}
