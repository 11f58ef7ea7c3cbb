import Foundation
import SluiceKit
import SluiceKitTesting
import Testing

@testable import SluiceCore

/// Agreements that forbid, channels, succession: reading, deciding, comparing, reviewing.
@Suite struct ScopeTermsTests {
    static let forbid = """
        agreement: NO-PERMITS
        version: "1.0"
        title: Suspended by order
        effect: forbid
        giver: AM.MOI
        receiver: all
        dataflow: AM.MOI:DF_PERMITS
        purpose: all
        legalBasis: Order 7
        validity: {from: 2026-03-01, until: 2026-04-30}
        """

    private func read(_ yaml: String, _ changes: [(String, String)] = []) throws -> Agreement {
        var yaml = yaml
        for (old, new) in changes {
            try #require(yaml.contains(old), "\(old)")
            yaml = yaml.replacingOccurrences(of: old, with: new)
        }
        return try AgreementReader.read(yaml)
    }

    private func detail(_ yaml: String, _ changes: [(String, String)]) throws -> String? {
        do {
            _ = try read(yaml, changes)
            return nil
        } catch let error as AgreementError { return error.detail }
    }

    private func codes(_ agreements: [Agreement], _ change: (inout AgreementRequest) -> Void = { _ in }) throws -> [Decision.ReasonCode] {
        var request = PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"]))
        change(&request)
        return Decide.run(request, under: agreements).reasons.map(\.code)
    }

    @Test func aForbidWinsOverEveryPermit() throws {
        let permit = try read(PermitsSample.yaml)
        let forbid = try read(Self.forbid)
        #expect(try codes([permit]) == [])
        #expect(try codes([permit, forbid]) == [.agreementForbids])
        #expect(try codes([forbid, permit]) == [.agreementForbids])
        #expect(try codes([forbid]) == [.agreementForbids])
        // What it is not about it leaves to the others.
        #expect(try codes([permit, read(Self.forbid, [("receiver: all", "receiver: UN.UNSD")])]) == [])
        #expect(try codes([permit, read(Self.forbid, [("purpose: all", "purpose: [sdg-reporting, press-release]")])]) == [])
        #expect(try codes([permit, read(Self.forbid, [("2026-03-01", "2026-04-01")])]) == [])
        #expect(try codes([permit, read(Self.forbid, [("DF_PERMITS", "DF_PERMITS(2.0)")])]) == [])
        #expect(try codes([permit, read(Self.forbid, [("purpose: all", "direction: accept\npurpose: all")])]) == [])
    }

    /// What a request leaves open may be what is forbidden.
    @Test func aForbidCountsWhatIsNotKnownAgainstTheRequest() throws {
        let agreements = [try read(PermitsSample.yaml), try read(Self.forbid, [("purpose: all", "channel: folder\npurpose: all")])]
        #expect(try codes(agreements) == [.agreementForbids])
        #expect(try codes(agreements) { $0.channel = "folder" } == [.agreementForbids])
        #expect(try codes(agreements) { $0.channel = "https" } == [])
        let version = [try read(Self.forbid, [("DF_PERMITS", "DF_PERMITS(1.0)")])]
        #expect(try codes(version) { $0.dataflow.version = nil } == [.agreementForbids])
    }

    @Test func aChannelHasToBeKnownAndAgreed() throws {
        let agreement = try read(PermitsSample.yaml, [("purpose:", "channel: [https]\npurpose:")])
        #expect(try codes([agreement]) { $0.channel = "https" } == [])
        #expect(try codes([agreement]) { $0.channel = "folder" } == [.agreementNone, .channelOther])
        #expect(try codes([agreement]) == [.agreementNone, .channelUnknown])
    }

    @Test(arguments: [
        ("effect: forbid", "effect: forbid\nprotect: none", "protect says how something travels"),
        ("effect: forbid", "effect: forbid\ngrant: {dimensions: {SEX: all}}", "grant says how something travels"),
        ("effect: forbid", "effect: forbids", "is forbids, which is none of permit, forbid"),
        ("effect: forbid\n", "", "receiver says all, which only an agreement that forbids may"),
        ("receiver: all", "receivers: [all, UN.UNSD]", "says all and names others"),
        ("purpose: all", "purpose: [all, research]", "says all and names others"),
        ("purpose: all", "channel: HTTPS\npurpose: all", "has to name transports as endpoints do"),
        ("version: \"1.0\"", "version: \"1.0\"\nsupersedes: \"1.0\"", "names this very version"),
        ("version: \"1.0\"", "version: \"1.0\"\nsupersedes: one and a half", "supersedes has to look like 1.0"),
    ])
    func refusesAScopeThatSaysNothing(_ old: String, _ new: String, _ words: String) throws {
        let found = try detail(Self.forbid, [(old, new)])
        #expect(found?.contains(words) == true, "\(found ?? "read")")
    }

    @Test func comparesWhatIsForbiddenTheOtherWayRound() throws {
        func changes(_ old: String, _ new: String, in yaml: String = Self.forbid) throws -> [String] {
            AgreementDifference.changes(from: try read(yaml), to: try read(yaml, [(old, new)])).map(\.description)
        }
        #expect(try changes("receiver: all", "receiver: UN.UNSD") == ["wider  receivers: UN.UNSD only, and was any"])
        #expect(try changes("2026-04-30", "2026-05-31") == ["narrower  validity.until: 2026-05-31, and was 2026-04-30"])
        #expect(try changes("purpose:", "channel: https\npurpose:", in: PermitsSample.yaml) == ["narrower  channel: https only, and was any"])
        let pair = AgreementDifference.changes(from: try read(PermitsSample.yaml), to: try read(Self.forbid, [("NO-PERMITS", "PERMITS")]))
        #expect(pair.map(\.effect) == [.other, .narrower] && pair.map(\.term) == ["title", "effect"])
    }

    @Test func reviewsForbidsAndSuccession() throws {
        func remarks(_ agreements: [Agreement]) -> [String] {
            AgreementReview.remarks(on: agreements, today: CalendarDate(year: 2026, month: 3, day: 31)!).map { "\($0.code.rawValue) \($0.rule)" }
        }
        let (permit, forbid) = (try read(PermitsSample.yaml), try read(Self.forbid))
        #expect(remarks([permit, forbid]) == [])
        let whole = try read(Self.forbid, [("from: 2026-03-01, until: 2026-04-30", "from: 2026-01-01, until: 2026-12-31")])
        #expect(remarks([permit, whole]) == ["unreachable PERMITS 1.0"])
        #expect(remarks([forbid, try read(Self.forbid, [("NO-PERMITS", "SECOND"), ("receiver: all", "receiver: UN.UNSD")])]) == ["shadowed SECOND 1.0"])
        func version(_ number: String, after: String, _ changes: [(String, String)] = [], year: String) throws -> Agreement {
            try read(
                PermitsSample.yaml,
                [
                    ("version: \"1.0\"", "version: \"\(number)\"\nsupersedes: \"\(after)\""),
                    ("from: 2026-01-01, until: 2026-12-31", "from: \(year)-01-01, until: \(year)-12-31"),
                ] + changes)
        }
        #expect(remarks([permit, try version("2.0", after: "1.0", year: "2027")]) == ["widening PERMITS 2.0"])
        #expect(
            remarks([
                permit,
                try version(
                    "2.0", after: "1.0", [("minimumCell: 5", "minimumCell: 9"), ("2027-12-31", "2026-12-31"), ("2027-01-01", "2026-12-31")], year: "2027"),
            ])
                == ["versions-overlap PERMITS 2.0"])
        #expect(
            remarks([try version("2.0", after: "1.0", year: "2027"), try version("3.0", after: "1.0", year: "2028")])
                == ["contradictory PERMITS 2.0 + PERMITS 3.0 supersedes"])
        #expect(
            remarks([try version("2.0", after: "3.0", year: "2027"), try version("3.0", after: "2.0", year: "2028")])
                == ["contradictory PERMITS 2.0 + PERMITS 3.0 supersedes"])
    }

    @Test func explainsThem() throws {
        let plan = Explanation.plan(try read(Self.forbid, [("version: \"1.0\"", "version: \"2.0\"\nsupersedes: \"1.0\"\nchannel: https")]))
        for line in [
            "  effect       forbids, whatever other agreements permit", "  receivers    everybody", "  purpose      any", "  follows      version 1.0",
            "  travels by   https only",
        ] { #expect(plan.contains(line), "\(line) in \(plan)") }
        let trace = Explanation.trace(
            PermitsSample.request(try PermitsSample.table(["M GE 2026-01 7"])), under: StandingAgreements(inForce: [try read(Self.forbid)]))
        #expect(trace.contains { $0.contains("FAILS  effect: demands no AM.MOI:DF_PERMITS") } && trace.contains { $0.contains("[agreement.forbids]") })
    }
}
