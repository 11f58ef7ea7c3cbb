import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

/// The terms of the method `records`: read, merged, compared, explained.
@Suite struct RecordRulesTests {
    private static let terms =
        "method: records, identifiers: NAME, pseudonyms: [PERSON, RECORD], quasiIdentifiers: [SEX, AGE, CITIZENSHIP], sensitive: [EXPLOITATION], kAnonymity: 5, lDiversity: 2, tCloseness: 30, generalise: {CITIZENSHIP: {topLevel: 1}, AGE: {bands: [5, 10, 20]}}, bounds: {AGE: {bottom: 10, top: 80}}, suppressedMax: 4"

    private func agreement(_ terms: String = terms) throws -> Agreement {
        try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "minimumCell: 5, method: suppression", with: terms), file: "a.yaml")
    }

    private func rules(_ terms: String = terms) throws -> RecordRules { try #require(try agreement(terms).protection?.records) }

    private func changed(_ old: String, _ new: String) throws -> String {
        try #require(Self.terms.contains(old), "\(old)")
        return Self.terms.replacingOccurrences(of: old, with: new)
    }

    @Test func readsEveryTerm() throws {
        let protection = try #require(try agreement().protection)
        #expect(protection.method == "records" && protection.rules.isEmpty)
        #expect(
            protection.records
                == RecordRules(
                    identifiers: ["NAME"], pseudonyms: ["PERSON", "RECORD"], quasiIdentifiers: ["SEX", "AGE", "CITIZENSHIP"], sensitive: ["EXPLOITATION"], k: 5,
                    diversity: .distinct(2), closenessPercent: 30, generalisation: ["CITIZENSHIP": .hierarchy(topLevel: 1), "AGE": .bands([5, 10, 20])],
                    bounds: ["AGE": .init(bottom: 10, top: 80)], suppressedPercentMax: 4))
        #expect(try rules(try changed("lDiversity: 2", "lDiversity: {entropy: 3}")).diversity == .entropy(3))
        let least = try rules("method: records, quasiIdentifiers: SEX, kAnonymity: 2")
        #expect(least == RecordRules(quasiIdentifiers: ["SEX"], k: 2))
        #expect(least.suppressedPercentMax == 5)
    }

    @Test(arguments: [
        ("kAnonymity: 5", "kAnonymity: 1", "protect.kAnonymity has to be a whole number from 2 to 1000000"),
        (", kAnonymity: 5", "", "protect.kAnonymity is missing"),
        ("quasiIdentifiers: [SEX, AGE, CITIZENSHIP]", "quasiIdentifiers: []", "protect.quasiIdentifiers has to be a text or a list of texts"),
        ("quasiIdentifiers: [SEX, AGE, CITIZENSHIP], ", "", "protect.quasiIdentifiers is missing"),
        ("[SEX, AGE, CITIZENSHIP]", "[SEX, SEX]", "names SEX twice"),
        ("sensitive: [EXPLOITATION]", "sensitive: [SEX]", "protect.sensitive names SEX, which is among the quasiIdentifiers already"),
        ("identifiers: NAME", "identifiers: PERSON", "protect.pseudonyms names PERSON, which is among the identifiers already"),
        ("sensitive: [EXPLOITATION], ", "", "protect.lDiversity speaks of sensitive components"),
        ("lDiversity: 2", "lDiversity: 1", "protect.lDiversity has to be a whole number from 2 to 1000"),
        ("lDiversity: 2", "lDiversity: {entropy: 0}", "protect.lDiversity.entropy has to be"),
        ("lDiversity: 2", "lDiversity: {recursive: 2}", "protect.lDiversity.recursive is not a term of agreements"),
        ("tCloseness: 30", "tCloseness: 0.3", "protect.tCloseness has to be a whole number from 0 to 100"),
        ("suppressedMax: 4", "suppressedMax: 101", "protect.suppressedMax has to be"),
        ("bands: [5, 10, 20]", "bands: [5, 12]", "each width has to be a multiple of the one before"),
        ("bands: [5, 10, 20]", "bands: [10, 5]", "each width has to be a multiple of the one before"),
        ("bands: [5, 10, 20]", "bands: [1]", "protect.generalise.AGE.bands has to be whole numbers from 2"),
        ("bands: [5, 10, 20]", "topLevel: 1, bands: [5]", "protect.generalise.AGE needs either topLevel or bands"),
        ("{topLevel: 1}", "{topLevel: 0}", "protect.generalise.CITIZENSHIP.topLevel has to be"),
        ("{CITIZENSHIP: {topLevel: 1}", "{EXPLOITATION: {topLevel: 1}", "is not among the quasiIdentifiers"),
        ("bounds: {AGE: {bottom: 10, top: 80}}", "bounds: {NAME: {top: 80}}", "is neither among the quasiIdentifiers nor sensitive"),
        ("{bottom: 10, top: 80}", "{bottom: 90, top: 80}", "lies above the top"),
        ("{bottom: 10, top: 80}", "{}", "protect.bounds.AGE"),
        ("suppressedMax: 4", "suppressedMax: 4, minimumCell: 5", "protect.minimumCell is no term of the method records"),
        ("suppressedMax: 4", "suppressedMax: 4, mode: flagged", "protect.mode is no term of the method records"),
        ("suppressedMax: 4", "suppressedMax: 4, kanonymity: 3", "did you mean kAnonymity"),
        ("method: records", "method: suppression, minimumCell: 5", "belongs to the method records"),
    ])
    func refusesWhatMakesNoSense(_ old: String, _ new: String, _ words: String) throws {
        do throws(AgreementError) {
            _ = try AgreementReader.read(
                PermitsSample.yaml.replacingOccurrences(of: "minimumCell: 5, method: suppression", with: changedOrFail(old, new)), file: "a.yaml")
            Issue.record("was read: \(new)")
        } catch {
            #expect(error.detail.contains(words), "\(error)")
        }
    }

    private func changedOrFail(_ old: String, _ new: String) -> String { Self.terms.replacingOccurrences(of: old, with: new) }

    private func merged(_ one: RecordRules, _ other: RecordRules) -> (rules: RecordRules?, conflicts: [String]) {
        func terms(_ id: String, _ rules: RecordRules) throws -> UnboundTerms {
            var agreement = try agreement()
            agreement.id = id
            agreement.protection?.records = rules
            return UnboundTerms(agreement)
        }
        guard let left = try? terms("A", one), let right = try? terms("B", other) else { return (nil, ["unreadable"]) }
        let merge = ObligationMerge([left, right])
        return (merge.obligations.protection?.records, merge.conflicts.map(\.rule))
    }

    @Test func severalAgreementsMeetAtTheMostProtectiveOfEachTerm() throws {
        let one = try rules()
        var other = try rules()
        other.k = 7
        other.diversity = .entropy(2)
        other.closenessPercent = nil
        other.suppressedPercentMax = 2
        other.identifiers = ["PASSPORT", "RECORD"]
        other.pseudonyms = ["PERSON"]
        other.quasiIdentifiers = ["SEX", "AGE", "REGION"]
        other.sensitive = ["EXPLOITATION", "DEBT"]
        other.generalisation = ["AGE": .bands([5, 10, 20])]
        other.bounds = ["AGE": .init(top: 70), "DEBT": .init(top: 1_000)]
        for (left, right) in [(one, other), (other, one)] {
            let (rules, conflicts) = merged(left, right)
            #expect(conflicts.isEmpty)
            #expect(rules?.k == 7 && rules?.diversity == .entropy(2) && rules?.closenessPercent == 30 && rules?.suppressedPercentMax == 2)
            #expect(Set(rules?.identifiers ?? []) == ["NAME", "PASSPORT", "RECORD"])
            // An identifier of one is no pseudonym any more.
            #expect(rules?.pseudonyms == ["PERSON"])
            #expect(Set(rules?.quasiIdentifiers ?? []) == ["SEX", "AGE", "CITIZENSHIP", "REGION"])
            #expect(Set(rules?.sensitive ?? []) == ["EXPLOITATION", "DEBT"])
            #expect(rules?.generalisation == ["CITIZENSHIP": .hierarchy(topLevel: 1), "AGE": .bands([5, 10, 20])])
            #expect(rules?.bounds == ["AGE": .init(bottom: 10, top: 70), "DEBT": .init(top: 1_000)])
        }
        #expect(merged(one, one).rules == one)
        var strict = one
        strict.diversity = .distinct(4)
        #expect(merged(strict, other).rules?.diversity == .entropy(4))
    }

    @Test func whatCannotBothBeKeptIsAConflict() throws {
        let one = try rules()
        func conflicts(_ change: (inout RecordRules) -> Void) -> [String] {
            var other = one
            change(&other)
            return merged(one, other).conflicts
        }
        #expect(conflicts { $0.generalisation["AGE"] = .bands([7]) } == ["A 1.0 + B 1.0 protect.generalise.AGE"])
        #expect(conflicts { $0.bounds["AGE"] = .init(bottom: 90) } == ["A 1.0 + B 1.0 protect.bounds.AGE"])
        #expect(
            conflicts {
                $0.sensitive = ["SEX"]; $0.quasiIdentifiers = ["AGE", "CITIZENSHIP"]
            } == ["A 1.0 + B 1.0 protect.SEX"])
        #expect(
            conflicts {
                $0.identifiers = ["SEX"]; $0.quasiIdentifiers = ["AGE", "CITIZENSHIP"]
            } == [])
    }

    @Test func saysWhichVersionIsWider() throws {
        func changes(_ old: String, _ new: String) throws -> [String] {
            AgreementDifference.changes(from: try agreement(), to: try agreement(try changed(old, new))).map(\.description)
        }
        #expect(try changes("kAnonymity: 5", "kAnonymity: 3") == ["wider  protect.kAnonymity: 3, and was 5"])
        #expect(try changes("identifiers: NAME", "identifiers: [NAME, PASSPORT]") == ["narrower  protect.identifiers: PASSPORT added"])
        #expect(try changes("lDiversity: 2", "lDiversity: {entropy: 2}") == ["narrower  protect.lDiversity: entropy of log 2, and was 2 different values"])
        #expect(try changes(", tCloseness: 30", "") == ["wider  protect.tCloseness: none, and was 30 %"])
        #expect(try changes("suppressedMax: 4", "suppressedMax: 9") == ["wider  protect.suppressedMax: 9, and was 4"])
        #expect(
            try changes("bottom: 10, top: 80", "bottom: 12, top: 80") == [
                "narrower  protect.bounds.AGE: at least 12, at most 80, and was at least 10, at most 80"
            ])
        #expect(try changes("bands: [5, 10, 20]", "bands: [5]") == ["other  protect.generalise.AGE: in bands of 5, and was in bands of 5, 10, 20"])
    }

    @Test func explainsWhatTravels() throws {
        let plan = Explanation.plan(try agreement()).joined(separator: "\n")
        for words in [
            "never travel: NAME", "at least 5 records share all of SEX, AGE, CITIZENSHIP", "AGE may be made coarser in bands of 5, 10, 20",
            "numbers of AGE: at least 10, at most 80", "at most 4 % of the records",
        ] { #expect(plan.contains(words), "\(words) in\n\(plan)") }
        #expect(!plan.contains("OBS_STATUS"))
    }

    @Test func aComponentThatTheStructureDoesNotHaveRefuses() throws {
        let request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        let unknown = Decide.run(request, under: [try agreement()]).reasons
        #expect(unknown.contains { $0.code == .termUnbound && $0.rule.hasSuffix("protect.quasiIdentifiers") && $0.words.contains("AGE") })
        #expect(Decide.run(request, under: [try agreement("method: records, quasiIdentifiers: [SEX], kAnonymity: 3")]).isPermit)
    }
}
