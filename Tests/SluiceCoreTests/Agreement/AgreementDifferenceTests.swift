import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

@Suite struct AgreementDifferenceTests {
    private func changes(_ replacements: [(String, String)]) throws -> [String] {
        var yaml = PermitsSample.yaml
        for (old, new) in replacements {
            try #require(yaml.contains(old))
            yaml = yaml.replacingOccurrences(of: old, with: new)
        }
        return AgreementDifference.changes(from: try AgreementReader.read(PermitsSample.yaml), to: try AgreementReader.read(yaml)).map(\.description)
    }

    @Test func theSameTermsDoNotDiffer() throws {
        #expect(try changes([]) == [])
        // The order of keys and the version are no terms.
        #expect(try changes([("validity: {from: 2026-01-01, until: 2026-12-31}", "validity: {until: 2026-12-31, from: 2026-01-01}")]) == [])
        #expect(try changes([("version: \"1.0\"", "version: \"1.1\"")]) == [])
    }

    @Test(arguments: [
        ("receiver: AM.ARMSTAT", "receivers: [AM.ARMSTAT, UN.UNSD]", ["wider  receivers: UN.UNSD added"]),
        ("receiver: AM.ARMSTAT", "receiver: UN.UNSD", ["wider  receivers: UN.UNSD added", "narrower  receivers: AM.ARMSTAT taken away"]),
        ("DF_PERMITS(1.0)", "DF_PERMITS", ["wider  dataflow: AM.MOI:DF_PERMITS, and was AM.MOI:DF_PERMITS(1.0)"]),
        ("DF_PERMITS(1.0)", "DF_OTHER(1.0)", ["other  dataflow: AM.MOI:DF_OTHER(1.0), and was AM.MOI:DF_PERMITS(1.0)"]),
        ("until: 2026-12-31", "until: 2027-12-31", ["wider  validity.until: 2027-12-31, and was 2026-12-31"]),
        ("from: 2026-01-01", "from: 2026-02-01", ["narrower  validity.from: 2026-02-01, and was 2026-01-01"]),
        ("SEX: all", "SEX: {codes: [_T, M]}", ["narrower  grant.dimensions.SEX: any other code may travel no more"]),
        (
            "SEX: all", "SEX: {codes: all, coarsen: {to: {_T: [M, F]}}}",
            ["narrower  grant.dimensions.SEX: F travels as _T; M travels as _T"]
        ),
        ("    SEX: all\n", "", ["narrower  grant.dimensions.SEX: was granted, and is not"]),
        (
            "deepestLevel: 2", "deepestLevel: 3",
            ["wider  grant.dimensions.CITIZENSHIP: all codes, no deeper than level 2; now all codes, no deeper than level 3"]
        ),
        (
            "{codes: all, deepestLevel: 2}", "{codes: [CIS, EU], deepestLevel: 2}",
            [
                "other  grant.dimensions.CITIZENSHIP: all codes, no deeper than level 2; now only CIS, EU, no deeper than level 2 (which of them is wider depends on the code list)"
            ]
        ),
        ("  drop: [COMMENT_OBS]\n", "", ["wider  grant.drop: COMMENT_OBS taken away"]),
        ("drop: [COMMENT_OBS]", "outside: drop\n  drop: [COMMENT_OBS]", ["wider  grant.outside: drop, and was refuse"]),
        ("minimumCell: 5", "minimumCell: 3", ["wider  protect.minimumCell: 3, and was 5"]),
        ("minimumCell: 5", "minimumCell: 10", ["narrower  protect.minimumCell: 10, and was 5"]),
        ("minimumCell: 5", "minimumCell: 5, pPercent: {p: 15}", ["narrower  protect.pPercent: p = 15 added"]),
        ("minimumCell: 5", "dominance: {n: 1, k: 75}", ["wider  protect.minimumCell: none, and was 5", "narrower  protect.dominance: n = 1, k = 75 added"]),
        ("minimumCell: 5", "minimumCell: 5, insiders: true", ["narrower  protect.insiders: true, and was false"]),
        (
            "minimumCell: 5", "minimumCell: 5, zeroRule: 3, groupDisclosure: true",
            ["narrower  protect.zeroRule: 3, and was none", "narrower  protect.groupDisclosure: true, and was false"]
        ),
        ("{minimumCell: 5, method: suppression}", "none", ["wider  protect: there was one, and there is none"]),
        ("method: suppression", "method: suppression, mode: flagged", ["wider  protect.mode: flagged, and was withheld"]),
        ("retention: P5Y", "retention: P61M", ["wider  obligations.retention: P61M, and was P5Y"]),
        ("retention: P5Y", "retention: unlimited", ["wider  obligations.retention: unlimited, and was P5Y"]),
        ("onwardTransfer: none", "onwardTransfer: [UN.UNSD]", ["wider  obligations.onwardTransfer: to UN.UNSD, and was to nobody"]),
        (
            "onwardTransfer: none", "onwardTransfer: none, embargo: \"2026-06-30T09:00:00Z\"",
            ["narrower  obligations.embargo: 2026-06-30T09:00:00Z, and was none"]
        ),
    ])
    func saysWhichTermChangedAndWhetherMoreMayTravel(_ old: String, _ new: String, _ expected: [String]) throws {
        #expect(try changes([(old, new)]) == expected)
    }

    /// The receiver knows every figure within a base, so a smaller one tells more; two methods each show what the other hides.
    @Test func aSmallerBaseIsWiderAndAnotherMethodLeavesProtectionOpen() throws {
        func changes(_ old: String, _ new: String) throws -> [AgreementDifference.Change] {
            let versions = try [old, new].map {
                try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "{minimumCell: 5, method: suppression}", with: $0))
            }
            return AgreementDifference.changes(from: versions[0], to: versions[1])
        }
        func rounding(_ base: Int, _ method: String = "random-rounding") -> String { "{method: \(method), rounding: {base: \(base)}}" }
        #expect(try changes(rounding(10), rounding(3)).map(\.description) == ["wider  protect.rounding.base: 3, and was 10"])
        #expect(try changes(rounding(3), rounding(10)).map(\.description) == ["narrower  protect.rounding.base: 10, and was 3"])
        for (old, new, term) in [
            (rounding(5), rounding(5, "controlled-rounding"), "protect.method"), (rounding(5), "{minimumCell: 5, method: suppression}", "protect.method"),
            ("{minimumCell: 5, method: suppression}", "{minimumCell: 5, method: suppression, totals: {SEX: none}}", "protect.totals.SEX"),
            ("{method: cell-key, cellKey: {table: A}}", "{method: cell-key, cellKey: {table: B}}", "protect.cellKey"),
        ] {
            #expect(try changes(old, new).contains { $0.term == term && $0.leavesProtectionOpen }, "\(old) to \(new)")
        }
        let cheaper = try changes("{minimumCell: 5, method: suppression}", "{minimumCell: 5, method: suppression, cost: one}")
        #expect(cheaper.map(\.description) == ["other  protect.cost: one, and was value"] && !cheaper[0].leavesProtectionOpen)
    }

    /// A rule that another one covers is none more: (2, 60) finds every cell unsafe that (1, 75) does.
    @Test func aRuleIsHeldAgainstThoseItCovers() throws {
        func changes(_ old: String, _ new: String) throws -> [String] {
            let versions = try [old, new].map { try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "minimumCell: 5", with: $0)) }
            return AgreementDifference.changes(from: versions[0], to: versions[1]).map(\.description)
        }
        #expect(try changes("dominance: {n: 1, k: 75}", "dominance: {n: 2, k: 60}") == ["narrower  protect.dominance: n = 2, k = 60 added"])
        #expect(try changes("dominance: [{n: 1, k: 75}, {n: 2, k: 60}]", "dominance: {n: 2, k: 60}") == [])
        #expect(
            try changes("dominance: {n: 1, k: 60}", "dominance: {n: 2, k: 75}")
                == ["narrower  protect.dominance: n = 2, k = 75 added", "wider  protect.dominance: n = 1, k = 60 taken away"])
        #expect(try changes("priorPosterior: {p: 10, q: 50}", "priorPosterior: {p: 10, q: 40}") == ["narrower  protect.priorPosterior: p = 10, q = 40 added"])
    }

    /// A summing that is added can let travel what was refused before: the code was not granted, its sum is.
    @Test func summingIntoAGrantedCodeIsWider() throws {
        let old = try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "SEX: all", with: "SEX: {codes: [_T]}"))
        let new = try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "SEX: all", with: "SEX: {codes: [_T], coarsen: {to: {_T: [M, F]}}}"))
        #expect(
            AgreementDifference.changes(from: old, to: new).map(\.description) == ["wider  grant.dimensions.SEX: F may travel as _T; M may travel as _T"])
    }

    /// What no change calls wider or other lets nothing through that was refused, whatever is asked.
    @Test func narrowerNeverLetsMoreThrough() throws {
        var random = SeededGenerator(seed: 20_261_122)
        func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &random)! }
        var agreements: [Agreement] = []
        for sex in ["all", "{codes: [_T]}", "{codes: [_T, M]}", "{codes: [_T], coarsen: {to: {_T: [M, F]}}}", "{codes: all, coarsen: {to: {_T: [F]}}}"] {
            for citizenship in [
                "all", "{codes: all, deepestLevel: 2}", "{codes: all, deepestLevel: 1}", "{codes: [CIS, GE]}", "{codes: [CIS], deepestLevel: 2}",
            ] {
                for protect in ["none", "{minimumCell: 5, method: suppression}", "{minimumCell: 3, method: suppression, mode: flagged}"] {
                    for drop in ["", "  drop: [COMMENT_OBS]\n", "  outside: drop\n"] {
                        agreements.append(
                            try AgreementReader.read(
                                PermitsSample.yaml.replacingOccurrences(of: "SEX: all", with: "SEX: \(sex)")
                                    .replacingOccurrences(of: "{codes: all, deepestLevel: 2}", with: citizenship)
                                    .replacingOccurrences(of: "{minimumCell: 5, method: suppression}", with: protect)
                                    .replacingOccurrences(of: "  drop: [COMMENT_OBS]\n", with: drop)
                                    .replacingOccurrences(of: "receiver: AM.ARMSTAT", with: pick(["receiver: AM.ARMSTAT", "receivers: [AM.ARMSTAT, UN.UNSD]"]))
                                    .replacingOccurrences(of: "until: 2026-12-31", with: "until: \(pick(["2026-12-31", "2026-02-28"]))")))
                    }
                }
            }
        }
        var comparedCount = 0
        for _ in 0..<60_000 {
            let (old, new) = (pick(agreements), pick(agreements))
            guard AgreementDifference.changes(from: old, to: new).allSatisfy({ $0.effect == .narrower }) else { continue }
            let row = "\(pick(["_T", "M", "F", "-"])) \(pick(["_T", "CIS", "GE", "DE", "-"])) 2026-01 7\(pick(["", " COMMENT_OBS=x"]))"
            var request = PermitsSample.request(try PermitsSample.table([row]), direction: pick([.send, .accept]))
            request.receiver = pick(["AM.ARMSTAT", "UN.UNSD"])
            guard let stricter = Decide.run(request, under: [new]).obligations else { continue }
            comparedCount += 1
            let laxer = try #require(Decide.run(request, under: [old]).obligations, "\(row) \(request.direction): \(old) to \(new)")
            #expect(stricter.cube.dropped.isSuperset(of: laxer.cube.dropped))
            #expect((stricter.protection?.rules.minimumCell ?? 0) >= (laxer.protection?.rules.minimumCell ?? 0))
        }
        #expect(comparedCount > 200, "\(comparedCount) pairs")
    }
}
