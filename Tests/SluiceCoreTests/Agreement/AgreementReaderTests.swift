import Foundation
import SluiceKit
import Testing

@testable import SluiceCore

@Suite struct AgreementReaderTests {
    private func error(_ yaml: String) -> AgreementError? {
        do throws(AgreementError) {
            _ = try AgreementReader.read(yaml, file: "a.yaml")
            return nil
        } catch {
            return error
        }
    }

    private func error(replacing old: String, with new: String) throws -> AgreementError? {
        try #require(PermitsSample.yaml.contains(old))
        return error(PermitsSample.yaml.replacingOccurrences(of: old, with: new))
    }

    @Test func readsEveryTerm() throws {
        let agreement = try AgreementReader.read(
            PermitsSample.yaml.replacingOccurrences(
                of: "protect: {minimumCell: 5, method: suppression}",
                with:
                    "protect: {minimumCell: 5, method: suppression, safety: 10, mode: flagged, frequencyComponent: N, totals: {SEX: _T, CITIZENSHIP: {_T: [CIS, EU]}, TIME_PERIOD: none}, neutralStatus: false, cost: one}"
            ).replacingOccurrences(
                of: "retention: P5Y, onwardTransfer: none",
                with: "retention: P18M, onwardTransfer: [UN.UNSD], embargo: 2026-06-30T08:00:00Z, citation: MoI, fourEyes: true"))
        #expect(agreement.name == "PERMITS 1.0")
        #expect(agreement.receivers == ["AM.ARMSTAT"])
        #expect(agreement.dimensions["CITIZENSHIP"]?.deepestLevel == 2)
        #expect(agreement.dropped == ["COMMENT_OBS"])
        let protection = try #require(agreement.protection)
        #expect(
            protection
                == ProtectionObligations(
                    minimumCell: 5, safetyPercent: 10, mode: .flagged, frequencyComponent: "N",
                    totals: ["SEX": .code("_T"), "CITIZENSHIP": .parts([.init(total: "_T", parts: ["CIS", "EU"])]), "TIME_PERIOD": .none], neutralStatus: false,
                    cost: .one))
        #expect(
            agreement.handling
                == HandlingObligations(
                    retention: "P18M", onwardTransfer: .to(["UN.UNSD"]), embargo: "2026-06-30T08:00:00Z", citation: "MoI", fourEyes: true))
    }

    @Test func readsEveryPrimaryRule() throws {
        let agreement = try AgreementReader.read(
            PermitsSample.yaml.replacingOccurrences(
                of: "{minimumCell: 5, method: suppression}",
                with:
                    "{method: suppression, dominance: {n: 1, k: 75}, pPercent: [{p: 15}, {p: 10, n: 2}], priorPosterior: {p: 10, q: 50}, zeroRule: 3, groupDisclosure: true, insiders: true, largestComponents: [A, B, C]}"
            ))
        let protection = try #require(agreement.protection)
        #expect(
            protection.rules
                == PrimaryRules(
                    dominance: [.init(n: 1, k: 75)], percent: [.init(p: 15), .init(p: 10, n: 2)], priorPosterior: [.init(p: 10, q: 50)], zeroRange: 3,
                    groupDisclosure: true))
        #expect(protection.insiders && protection.largestComponents == ["A", "B", "C"])
    }

    @Test(arguments: [
        ("minimumCell: 5", "minimumCell: 0", "protect.minimumCell has to be a whole number from 2 to 1000000"),
        ("minimumCell: 5", "minimumCell: 1", "protect.minimumCell has to be a whole number from 2 to 1000000"),
        ("minimumCell: 5, ", "", "protect.method has no rule that makes a cell unsafe"),
        ("minimumCell: 5", "safety: 10", "there is no minimumCell"),
        ("minimumCell: 5", "dominance: {n: 0, k: 75}", "protect.dominance.n has to be a whole number from 1 to 10"),
        ("minimumCell: 5", "dominance: {n: 1, k: 0}", "protect.dominance.k has to be a whole number from 1 to 100"),
        ("minimumCell: 5", "dominance: [{n: 1, k: 70}, {n: 2, k: 101}]", "protect.dominance[2].k has to be"),
        ("minimumCell: 5", "dominance: [{n: 1, k: 70}, {n: 1, k: 70}]", "says the same rule twice"),
        ("minimumCell: 5", "dominance: []", "has to be a mapping"),
        ("minimumCell: 5", "pPercent: {p: 0}", "protect.pPercent.p has to be a whole number from 1 to 1000"),
        ("minimumCell: 5", "pPercent: {p: 1001}", "protect.pPercent.p has to be"),
        ("minimumCell: 5", "pPercent: {p: 10.5}", "protect.pPercent.p has to be"),
        ("minimumCell: 5", "priorPosterior: {p: 50, q: 50}", "protect.priorPosterior.q has to be more than p"),
        ("minimumCell: 5", "zeroRule: 0", "protect.zeroRule has to be"),
        ("minimumCell: 5", "dominance: {n: 2, k: 75}, largestComponents: A", "names 1 component, and the rules look at the 2 largest"),
        ("minimumCell: 5", "dominance: {n: 2, k: 75, p: 3}", "protect.dominance.p is not a term of agreements"),
    ])
    func refusesRulesThatProtectNobody(_ old: String, _ new: String, _ words: String) throws {
        let found = try #require(try error(replacing: old, with: new), "\(new)")
        #expect(found.detail.contains(words), "\(found)")
    }

    @Test func refusesAGrantOfNothing() throws {
        let dimensions = "\n    SEX: all\n    CITIZENSHIP: {codes: all, deepestLevel: 2}\n    TIME_PERIOD: all"
        #expect(try error(replacing: dimensions, with: " {}")?.detail.contains("grants nothing") == true)
        #expect(try error(replacing: dimensions, with: "")?.code == .valueInvalid)
    }

    @Test func namesTheNearestKeyForATypingError() throws {
        let found = try #require(try error(replacing: "minimumCell", with: "minimunCell"))
        #expect(found.code == .keyUnknown)
        #expect(found.line == 16)
        #expect(found.description.contains("protect.minimunCell") && found.description.contains("did you mean minimumCell"))
    }

    @Test(arguments: [
        "giver: AM.MOI\n", "legalBasis: Law on Official Statistics\n", "validity: {from: 2026-01-01, until: 2026-12-31}\n",
        "protect: {minimumCell: 5, method: suppression}\n", ", method: suppression", "retention: P5Y, ",
    ])
    func refusesAMissingTerm(_ term: String) throws {
        #expect(try error(replacing: term, with: "")?.code == .keyMissing)
    }

    @Test(arguments: [
        ("minimumCell: 5", "minimumCell: five"), ("minimumCell: 5", "minimumCell: 1"), ("minimumCell: 5", "minimumCell: -5"),
        ("official-statistics", "\"Official Statistics\""),
        ("P5Y", "5 years"), ("P5Y", "P"), ("2026-12-31", "2026-02-30"), ("2026-12-31", "2025-12-31"), ("AM.MOI:DF_PERMITS(1.0)", "DF_PERMITS(1.0)"),
        ("AM.MOI:DF_PERMITS(1.0)", "AM.MOI:DF_PERMITS()"), ("codes: all, ", "codes: [], "), ("giver: AM.MOI", "giver: ''"),
        ("receiver: AM.ARMSTAT", "receiver: [AM.ARMSTAT, AM.ARMSTAT]"),
        ("SEX: all", "SEX: some"), ("deepestLevel: 2", "deepestLevel: 0"), ("onwardTransfer: none", "onwardTransfer: 'some body'"),
    ])
    func refusesAValueItCannotBind(_ old: String, _ new: String) throws {
        #expect(try error(replacing: old, with: new)?.code == .valueInvalid)
    }

    @Test func refusesKeysThatStandTwice() throws {
        #expect(error(PermitsSample.yaml + "\nprotect: none\n")?.code == .keyDuplicate)
        #expect(try error(replacing: "SEX: all", with: "SEX: all\n    SEX: {codes: [M]}")?.code == .keyDuplicate)
    }

    @Test func refusesAnchorsAndAliases() throws {
        #expect(try error(replacing: "SEX: all", with: "SEX: &a all")?.code == .forbidden)
        #expect(try error(replacing: "SEX: all\n    CITIZENSHIP: {codes: all, deepestLevel: 2}", with: "SEX: &a all\n    CITIZENSHIP: *a")?.code == .forbidden)
    }

    @Test func refusesAnAliasBombWithoutExpandingIt() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 { bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n" }
        #expect(error(bomb)?.code == .forbidden)
    }

    @Test(arguments: [
        String(repeating: "[", count: 200_000), String(repeating: "- ", count: 200_000), String(repeating: "{a: ", count: 50_000), "", "%", "a: b: c",
        "--- a\n--- b", "\u{0}",
        "[]", "just text", "? [a]\n: b", String(repeating: "x", count: 2 << 20),
    ])
    func refusesHostileTextWithoutCrashing(_ text: String) {
        #expect(error(text) != nil)
    }

    @Test func keepsCountryCodesThatYAMLTakesForBooleans() throws {
        let agreement = try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "{codes: all, deepestLevel: 2}", with: "{codes: [NO, _T]}"))
        #expect(agreement.dimensions["CITIZENSHIP"]?.codes == ["NO", "_T"])
    }

    @Test func digestsContentAndNotLayout() throws {
        let one = try AgreementReader.read(PermitsSample.yaml)
        let lines = PermitsSample.yaml.split(separator: "\n").map(String.init)
        let moved = try AgreementReader.read("# a comment\n" + ([lines[2], lines[0], lines[1]] + lines.dropFirst(3)).joined(separator: "\n"))
        let changed = try AgreementReader.read(PermitsSample.yaml.replacingOccurrences(of: "minimumCell: 5", with: "minimumCell: 4"))
        #expect(one.canonicalBytes == moved.canonicalBytes)
        #expect(one.canonicalBytes != changed.canonicalBytes)
    }

    @Test func refusesTwoTargetsForOneCode() throws {
        #expect(try error(replacing: "{codes: all, deepestLevel: 2}", with: "{codes: all, coarsen: {to: {CIS: [GE], EU: [GE, FR]}}}")?.code == .valueInvalid)
        #expect(try error(replacing: "{codes: all, deepestLevel: 2}", with: "{codes: all, coarsen: {to: {CIS: [GE], EU: [CIS]}}}")?.code == .valueInvalid)
    }

    /// Every agreement that ships.
    static let samples: [URL] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        func files(in folder: URL) -> [URL] { (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? [] }
        let flows = files(in: root.appendingPathComponent("Config/flows")).flatMap(files).filter { $0.lastPathComponent.hasPrefix("agreement") }
        return (files(in: root.appendingPathComponent("Config/agreements")) + flows)
            .filter { $0.pathExtension == "yaml" && !$0.lastPathComponent.hasSuffix(".tests.yaml") }.sorted { $0.path < $1.path }
    }()

    @Test func readsAndExplainsEverySampleAgreement() throws {
        try #require(Self.samples.count >= 14)
        for file in Self.samples {
            let agreement = try AgreementReader.read(try String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent)
            #expect(Explanation.plan(agreement).count > (agreement.isPermit ? 12 : 8))
        }
    }
}
