import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct DecideTests {
    private func agreement(_ changes: [(String, String)] = []) throws -> Agreement {
        var yaml = PermitsSample.yaml
        for (old, new) in changes {
            try #require(yaml.contains(old))
            yaml = yaml.replacingOccurrences(of: old, with: new)
        }
        return try AgreementReader.read(yaml)
    }

    private func decide(_ changes: [(String, String)] = [], _ change: (inout AgreementRequest) -> Void = { _ in }, lines: [String] = ["M GE 2026-01 7"]) throws
        -> Decision
    {
        var request = PermitsSample.request(try PermitsSample.table(lines))
        change(&request)
        return Decide.run(request, under: [try agreement(changes)])
    }

    @Test func permitsWithTheObligationsOfTheAgreement() throws {
        let obligations = try #require(try decide().obligations)
        #expect(obligations.agreements == ["PERMITS 1.0"])
        #expect(obligations.protection?.rules.minimumCell == 5)
        #expect(obligations.cube.coarsening["CITIZENSHIP"]?["GE"] == "CIS")
        #expect(obligations.cube.coarsening["CITIZENSHIP"]?["CIS"] == nil)
        #expect(obligations.cube.dropped == ["COMMENT_OBS"])
        #expect(obligations.handling.retention == "P5Y")
    }

    @Test func refusesWithoutAnAgreement() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        #expect(Decide.run(request, under: []).reasons.map(\.code) == [.agreementNone])
    }

    @Test func saysWhichPartOfTheScopeFails() throws {
        func code(_ change: (inout AgreementRequest) -> Void) throws -> [Decision.ReasonCode] { try decide([], change).reasons.map(\.code) }
        #expect(try code { $0.receiver = "AM.MLSA" } == [.agreementNone, .receiverOther])
        #expect(try code { $0.giver = "AM.NSS" } == [.agreementNone, .giverOther])
        #expect(try code { $0.purpose = "marketing" } == [.agreementNone, .purposeOther])
        #expect(try code { $0.purpose = "*" } == [.agreementNone, .purposeMalformed])
        #expect(try code { $0.today = CalendarDate(year: 2027, month: 1, day: 1)! } == [.agreementNone, .validityExpired])
        #expect(try code { $0.today = CalendarDate(year: 2025, month: 12, day: 31)! } == [.agreementNone, .validityNotYet])
        #expect(try code { $0.dataflow.version = "2.0" } == [.agreementNone, .dataflowOther])
        #expect(try code { $0.dataflow.version = nil } == [.agreementNone, .dataflowOther])
        #expect(try code { $0.dataflow.agency = "" } == [.agreementNone, .dataflowOther])
        #expect(try code { $0.today = CalendarDate(year: 2026, month: 12, day: 31)! } == [])
    }

    @Test func refusesWhatIsNotGranted() throws {
        #expect(try decide([("SEX: all", "SEX: {codes: [_T, F]}")]).reasons.map(\.code) == [.codeNotGranted])
        #expect(try decide([("    SEX: all\n", "")]).reasons.map(\.code) == [.dimensionNotGranted])
        #expect(try decide([("SEX: all", "SEX: {codes: [_T, F]}"), ("drop:", "outside: drop\n  drop:")]).isPermit)
    }

    @Test func refusesPartOfAKeyWhereNotEveryKeyIsGranted() throws {
        let open = ["- GE 2026-01 - UNIT_MULT=0"]
        // A protection looks at full keys only, and so does a list of codes.
        #expect(try decide(lines: open).reasons.map(\.code) == [.keyPartial])
        #expect(try decide([("SEX: all", "SEX: {codes: [_T, F]}"), ("drop:", "outside: drop\n  drop:")], lines: open).reasons.map(\.code) == [.keyPartial])
        #expect(try decide(lines: ["~ GE 2026-01 - UNIT_MULT=0"]).reasons.map(\.code) == [.keyPartial])
        // An attribute of XML may be there and empty: that names no code either, whatever is done with codes outside.
        #expect(
            try decide([("SEX: all", "SEX: {codes: [_T, M]}"), ("drop:", "outside: drop\n  drop:")], lines: ["'' GE 2026-01 - UNIT_MULT=0"]).reasons.map(\.code)
                == [.keyPartial])
        #expect(try decide(lines: ["M GE - - UNIT_MULT=0"]).reasons.map(\.code) == [.keyPartial])
        #expect(try decide(lines: ["M GE 2026-01 -"]).isPermit)
    }

    @Test func refusesTermsThatTheStructureDoesNotBind() throws {
        #expect(try decide([("SEX: all", "SEX: all\n    AGE: all")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("SEX: all", "SEX: {codes: [M, X]}")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("[COMMENT_OBS]", "[COMENT]")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("[COMMENT_OBS]", "[OBS_STATUS]")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("method: suppression", "method: suppression, totals: {AGE: _T}")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("method: suppression", "method: suppression, totals: {SEX: ALL}")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("method: suppression", "method: suppression, frequencyComponent: N")]).reasons.map(\.code) == [.termUnbound])
        #expect(try decide([("method: suppression", "method: suppression, largestComponents: [SEX]")]).reasons.map(\.code) == [.termUnbound])
    }

    @Test func refusesWhenACodelistIsMissing() throws {
        let table = try PermitsSample.table(["M GE 2026-01 7"], schema: PermitsSample.schema(hasCodelists: false))
        #expect(Decide.run(PermitsSample.request(table), under: [try agreement()]).reasons.map(\.code) == [.codelistMissing])
    }

    @Test func acceptsOnlyWhatTheGiverShouldHaveSent() throws {
        func accept(_ lines: [String]) throws -> [Decision.ReasonCode] {
            Decide.run(PermitsSample.request(try PermitsSample.table(lines), direction: .accept), under: [try agreement()]).reasons.map(\.code)
        }
        #expect(try accept(["M CIS 2026-01 7"]) == [])
        #expect(try accept(["M GE 2026-01 7"]) == [.codeTooDetailed])
        #expect(try accept(["M CIS 2026-01 7 COMMENT_OBS=two"]) == [.componentNotDropped])
        #expect(
            Decide.run(
                PermitsSample.request(try PermitsSample.table(["M CIS 2026-01 7"]), direction: .accept),
                under: [try agreement([("purpose:", "direction: send\npurpose:")])]
            )
            .reasons.map(\.code) == [.agreementNone, .directionOther])
    }

    @Test func takesTheMostProtectiveOfEachTerm() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M CIS 2026-01 7"]))
        let other = try agreement([
            ("agreement: PERMITS", "agreement: OTHER"), ("minimumCell: 5", "minimumCell: 3, safety: 20, neutralStatus: false, mode: flagged"),
            ("P5Y, onwardTransfer: none", "P1Y, onwardTransfer: public, fourEyes: true"),
            ("SEX: all", "SEX: {codes: [_T, M]}"),
        ])
        let merged = try #require(Decide.run(request, under: [try agreement(), other]).obligations)
        #expect(merged.agreements == ["OTHER 1.0", "PERMITS 1.0"])
        #expect(merged.protection == ProtectionObligations(minimumCell: 5, safetyPercent: 20))
        #expect(merged.handling == HandlingObligations(retention: "P1Y", onwardTransfer: .none, fourEyes: true))
        #expect(merged.cube.granted["SEX"] == ["_T", "M"])
    }

    @Test func takesTheShallowerOfTwoLevels() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        let (two, one) = (try agreement(), try agreement([("agreement: PERMITS", "agreement: OTHER"), ("deepestLevel: 2", "deepestLevel: 1")]))
        for agreements in [[two, one], [one, two]] {
            let map = try #require(Decide.run(request, under: agreements).obligations?.cube.coarsening["CITIZENSHIP"])
            #expect(map["GE"] == "_T" && map["CIS"] == "_T" && map["_T"] == nil)
        }
        // A sum of some and a level above it, too; but not one beside it.
        let some = try agreement([("agreement: PERMITS", "agreement: SOME"), ("{codes: all, deepestLevel: 2}", "{codes: all, coarsen: {to: {CIS: [GE]}}}")])
        #expect(Decide.run(request, under: [some, one]).obligations?.cube.coarsening["CITIZENSHIP"]?["GE"] == "_T")
    }

    @Test func takesEveryRuleThatAnyAgreementHas() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M CIS 2026-01 7"]))
        func rules(_ one: String, _ other: String) throws -> ProtectionObligations? {
            Decide.run(
                request,
                under: [
                    try agreement([("minimumCell: 5", one)]), try agreement([("agreement: PERMITS", "agreement: OTHER"), ("minimumCell: 5", other)]),
                ]
            ).obligations?.protection
        }
        #expect(
            try rules("minimumCell: 5, pPercent: {p: 15}", "dominance: [{n: 1, k: 75}, {n: 2, k: 90}], pPercent: [{p: 10}, {p: 5, n: 2}], insiders: true")?
                .rules
                == PrimaryRules(minimumCell: 5, dominance: [.init(n: 1, k: 75), .init(n: 2, k: 90)], percent: [.init(p: 15), .init(p: 5, n: 2)]))
        #expect(try rules("minimumCell: 5", "minimumCell: 5, insiders: true")?.insiders == true)
        #expect(try rules("zeroRule: 3", "zeroRule: 5, groupDisclosure: true")?.rules == PrimaryRules(zeroRange: 5, groupDisclosure: true))
        #expect(try rules("priorPosterior: {p: 10, q: 50}", "priorPosterior: {p: 20, q: 40}")?.rules.priorPosterior == [.init(p: 20, q: 40)])
        // Only the rules that look at contributions have to agree on where they are.
        #expect(try rules("minimumCell: 5", "pPercent: {p: 5}, largestComponents: [OBS_STATUS, COMMENT_OBS]")?.largestComponents.count == 2)
        #expect(try rules("pPercent: {p: 5}", "pPercent: {p: 5}, largestComponents: [OBS_STATUS, COMMENT_OBS]") == nil)
    }

    @Test func refusesAgreementsThatCannotBothBeKept() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        func both(_ changes: [(String, String)]) throws -> [Decision.ReasonCode] {
            Decide.run(request, under: [try agreement(), try agreement([("agreement: PERMITS", "agreement: B")] + changes)]).reasons.map(\.code)
        }
        #expect(try both([("{codes: all, deepestLevel: 2}", "{codes: all, coarsen: {to: {EU: [GE]}}}")]) == [.termsConflict])
        #expect(try both([("method: suppression", "method: rounding")]) == [.termsConflict])
        // To say that a dimension does not add up would take its sums out of the audit.
        #expect(try both([("method: suppression", "method: suppression, totals: {SEX: none}")]) == [.termsConflict])
        #expect(try both([("{codes: all, deepestLevel: 2}", "{codes: [GE]}")]) == [.codeNotGranted])
    }

    /// What is sent under more agreements is never more than under fewer: the property, on random agreements.
    @Test(arguments: 1...300)
    func addingAnAgreementNeverWeakens(_ seed: UInt64) throws {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func pick<Element>(_ choices: [Element]) -> Element {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return choices[Int(truncatingIfNeeded: (state >> 33) % UInt64(choices.count))]
        }
        func random(_ id: String) throws -> Agreement {
            try agreement([
                ("agreement: PERMITS", "agreement: \(id)"), ("SEX: all", "SEX: \(pick(["all", "all", "{codes: [_T, M]}", "{codes: [_T, M, F]}"]))"),
                (
                    "{codes: all, deepestLevel: 2}",
                    pick([
                        "all", "{codes: all, deepestLevel: 1}", "{codes: all, deepestLevel: 2}", "{codes: [GE, CIS, _T]}",
                        "{codes: all, coarsen: {to: {CIS: [GE]}}}",
                    ])
                ),
                ("drop: [COMMENT_OBS]", pick(["drop: [COMMENT_OBS]", "outside: drop", "outside: refuse", "outside: drop\n  drop: [UNIT_MULT]"])),
                (
                    "protect: {minimumCell: 5, method: suppression}",
                    pick([
                        "protect: none", "protect: {minimumCell: 3, method: suppression, mode: flagged}",
                        "protect: {minimumCell: 5, method: suppression, safety: 10}", "protect: {minimumCell: 4, method: suppression, totals: {SEX: none}}",
                    ])
                ),
                (
                    "retention: P5Y, onwardTransfer: none",
                    pick([
                        "retention: unlimited, onwardTransfer: public", "retention: P1Y, onwardTransfer: [UN.UNSD, UN.IOM]",
                        "retention: P2Y, onwardTransfer: [UN.UNSD]", "retention: P5Y, onwardTransfer: none",
                    ])
                ),
                ("purpose: official-statistics", pick(["purpose: official-statistics", "purpose: official-statistics", "purpose: sdg-reporting"])),
            ])
        }
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7", "F CIS 2026-01 9", "_T _T 2026-01 16"]))
        let some = [try random("A"), try random("B")]
        let added = try random("C")
        let before = Decide.run(request, under: some)
        let after = Decide.run(request, under: some + [added])
        #expect(after == Decide.run(request, under: [added] + some.reversed()), "seed \(seed): order matters")
        guard let old = before.obligations, let new = after.obligations else { return }
        #expect((new.protection?.rules.minimumCell ?? 0) >= (old.protection?.rules.minimumCell ?? 0), "seed \(seed)")
        #expect((new.protection?.rules.safetyPercent ?? 0) >= (old.protection?.rules.safetyPercent ?? 0), "seed \(seed)")
        #expect(old.protection?.mode != .withheld || new.protection?.mode == .withheld, "seed \(seed)")
        #expect(old.protection == nil || new.protection?.totals == old.protection?.totals, "seed \(seed)")
        #expect(new.cube.dropped.isSuperset(of: old.cube.dropped), "seed \(seed)")
        #expect(new.cube.outside == .refuse || old.cube.outside == .drop, "seed \(seed)")
        for (dimension, granted) in old.cube.granted { #expect(new.cube.granted[dimension]?.isSubset(of: granted) ?? false, "seed \(seed)") }
        // A code that travels now travelled before, as itself or as what it travels as now.
        func travels(_ code: String, _ dimension: String, _ cube: CubeObligations) -> String? {
            let target = cube.coarsening[dimension]?[code] ?? code
            return cube.granted[dimension]?.contains(target) ?? true ? target : nil
        }
        for (dimension, codes) in [("SEX", ["_T", "M", "F"]), ("CITIZENSHIP", PermitsSample.citizenship.map(\.0))] {
            for code in codes {
                guard let now = travels(code, dimension, new.cube) else { continue }
                let then = travels(code, dimension, old.cube)
                // Or as what that is summed to in turn.
                let isBroader = then.map { travels($0, dimension, new.cube) == now } ?? false
                #expect(then == now || then == code || isBroader, "seed \(seed): \(code) travels as \(now), and did as \(then ?? "nothing")")
            }
        }
        #expect(old.handling.retention == nil || new.handling.retention != nil, "seed \(seed)")
        if case .none = old.handling.onwardTransfer { #expect(new.handling.onwardTransfer == .none, "seed \(seed)") }
    }

    /// One agreement sums men and women to the total and the other keeps men back: women alone must not stand under the total's name.
    @Test func whatIsLeftOfASumStaysBehindAsWell() throws {
        let summing = try agreement([
            ("PERMITS\n", "SUMS\n"), ("SEX: all", "SEX: {codes: all, coarsen: {to: {_T: [M, F]}}}"), ("drop:", "outside: drop\n  drop:"),
        ])
        let keeping = try agreement([("SEX: all", "SEX: {codes: [_T, F]}"), ("drop:", "outside: drop\n  drop:")])
        let request = PermitsSample.request(try PermitsSample.table(["_T GE 2026-01 16", "M GE 2026-01 7", "F GE 2026-01 9"]))
        for agreements in [[summing, keeping], [keeping, summing]] {
            let cube = try #require(Decide.run(request, under: agreements).obligations).cube
            #expect(cube.granted["SEX"] == ["_T"] && cube.coarsening["SEX"] == nil)
        }
    }

    @Test func explainsWhatWasFoundTermByTerm() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        let permitted = Explanation.trace(request, under: StandingAgreements(inForce: [try agreement()]))
        #expect(permitted.contains { $0.contains("PERMITTED under PERMITS 1.0") })
        #expect(permitted.contains { $0.contains("grant.dimensions.CITIZENSHIP") && $0.contains("GE will be summed") })
        let refused = Explanation.trace(request, under: StandingAgreements(inForce: [try agreement([("SEX: all", "SEX: {codes: [_T, F]}")])]))
        #expect(refused.contains { $0.contains("FAILS  grant.dimensions.SEX") })
        #expect(refused.contains { $0.contains("REFUSED") } && refused.contains { $0.contains("[code.not-granted]") })
        #expect(Explanation.plan(try agreement()).contains { $0.contains("cells of 1 to 4 are unsafe") })
    }
}
