import Foundation
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Testing

@testable import SluiceHTTP

private let hostile = #"<script>alert(1)</script>"'&{{title}}"#

/// What the console says of witnesses: on the ledger's page each of them, on the front page how it stands.
struct WitnessPageTests {
    private static let now = Instant(milliseconds: 1_796_000_000_000)

    private static func line(_ name: String, ago seconds: Int64?, size: Int64 = 3, problem: String = "") -> WitnessReport.Line {
        WitnessReport.Line(
            name: name, place: "AM.MOI", size: seconds == nil ? 0 : size, cosignedAt: seconds.map { now.advanced(byMilliseconds: -1_000 * $0) },
            problem: problem)
    }

    private static func log(_ origin: String, forks: Int = 0, unproven: Int = 0, ago seconds: Int64? = 5_400) -> WitnessReport.Log {
        WitnessReport.Log(
            origin: origin, participant: "AM.MOI", size: 40, witnessedAt: seconds.map { now.advanced(byMilliseconds: -1_000 * $0) }, forks: forks,
            unproven: unproven)
    }

    private static func report(
        _ witnesses: [WitnessReport.Line], quorum: Int = 1, reached: Bool = true, logs: [WitnessReport.Log] = [], stopped: String? = nil
    ) -> WitnessReport {
        WitnessReport(
            origin: "sluice.AM.ARMSTAT", madeAt: now, published: 3, quorum: quorum, witnesses: witnesses, covered: 2, isQuorumReached: reached, logs: logs,
            stopped: stopped)
    }

    /// The page, and what stands in it within the colours that mean trouble.
    private func ask(_ path: String, _ report: WitnessReport) async throws -> (page: Page, red: [String], bytes: Int) {
        let routes = try InspectionRoutes(listener: InspectionListener(), node: FakeNode(witnessing: report), tally: ExchangeTally(), logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        let text = try await application.test(.router) { client in try await client.execute(uri: path, method: .get) { String(buffer: $0.body) } }
        let main = text[(text.range(of: "<main")?.lowerBound ?? text.startIndex)...]
        return (try Page(text), main.matches(of: /<span class="badge bad">([^<]*)</).map { String($0.output.1) }, text.utf8.count)
    }

    private func bothPages(_ report: WitnessReport) async throws -> [(page: Page, red: [String], bytes: Int)] {
        [try await ask("/console", report), try await ask("/console/visit", report)]
    }

    @Test func aQuorumThatIsReachedIsSaidWithoutAlarm() async throws {
        for (page, red, _) in try await bothPages(Self.report([Self.line("w1", ago: 240), Self.line("w2", ago: 59)], quorum: 2)) {
            #expect(page.text.contains("Witnessed") && page.text.contains("2 of 2 witnesses have cosigned it within the hour; 2 are needed."))
            #expect(page.text.contains("So many vouch for the first 2 of 3 published entries."))
            #expect(red.isEmpty, "\(red)")
        }
        let page = try await ask("/console/visit", Self.report([Self.line("w1", ago: 240), Self.line("w2", ago: 59)], quorum: 2)).page
        for words in ["w1", "AM.MOI", "3 of 3", "240 s ago", "59 s ago", Self.now.advanced(byMilliseconds: -240_000).rfc3339.prefix(10) + " "] {
            #expect(page.text.contains(words), "\(words)")
        }
    }

    @Test func aQuorumThatIsNotReachedIsRed() async throws {
        let report = Self.report(
            [Self.line("w1", ago: 10_800, problem: hostile), Self.line("w2", ago: nil), Self.line("w3", ago: 20)], quorum: 2, reached: false)
        for (page, red, _) in try await bothPages(report) {
            #expect(red.contains("Quorum NOT reached") && red.count { $0 == "refused or failed" } <= 1)
            #expect(page.text.contains("1 of 3 witnesses have cosigned it within the hour; 2 are needed."))
            #expect(page.count("script") == 0)
        }
        let (page, red, _) = try await ask("/console/visit", report)
        #expect(red.contains("over an hour old") && red.contains("never cosigned") && red.contains("refused or failed"))
        #expect(page.text.contains("180 min ago") && page.text.contains(hostile))
    }

    @Test func whoseLedgersAreWitnessedAndWhatWasRefused() async throws {
        let report = Self.report(
            [], quorum: 0, reached: false,
            logs: [
                Self.log("sluice.AM.MOI"), Self.log("sluice.NEW", ago: nil), Self.log("sluice.ODD", unproven: 1), Self.log("sluice.\(hostile)", forks: 2),
            ])
        let (page, red, _) = try await ask("/console/visit", report)
        for words in [
            "Nobody witnesses this ledger", "one history", "90 min ago", "nothing yet", "1 checkpoint was refused", "proofs are kept", hostile,
            "1 partner's ledger has two histories",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        #expect(red.contains("two histories") && page.count("script") == 0)
        #expect(try await ask("/console", report).red.contains("Nobody witnesses this ledger"))
    }

    @Test func aStoppedLedgerIsTheFirstThingToSee() async throws {
        for (page, red, _) in try await bothPages(Self.report([Self.line("w1", ago: 5)], stopped: "a witness holds \(hostile)")) {
            #expect(red.contains("Stopped") && page.text.contains("a witness holds \(hostile)"))
        }
    }

    @Test func nothingIsSaidInFrontWhereThereIsNothingToSay() async throws {
        #expect(try await !ask("/console", FakeNode().witnessing).page.text.contains("Witnesses"))
        let (page, red, _) = try await ask("/console/visit", FakeNode().witnessing)
        #expect(page.text.contains("Nobody witnesses this ledger") && red.isEmpty)
        #expect(try await !ask("/console?state=parked", Self.report([Self.line("w1", ago: nil)], reached: false)).page.text.contains("Quorum"))
    }

    @Test func manyOfThemStayOnASmallPage() async throws {
        let long = String(repeating: "\"<&", count: 300)
        let lines = (0..<300).map { Self.line("witness \($0)", ago: $0 % 2 == 0 ? nil : Int64($0) * 10_000, problem: long) }
        let logs = (0..<500).map { Self.log("sluice.P\($0)", forks: $0 == 499 ? 1 : 0) }
        let (page, red, bytes) = try await ask("/console/visit", Self.report(lines, reached: false, logs: logs))
        #expect(bytes < 100_000 && page.text.contains("740 further ones"), "\(bytes) bytes")
        #expect(red.contains("two histories") && page.text.contains("sluice.P499"), "what is wrong is not left out")
        #expect(WitnessView.age(Self.now.advanced(byMilliseconds: 3_600_000), Self.now) == "ahead of this node's clock")
        #expect(WitnessView.age(Instant(milliseconds: 0), Self.now).hasSuffix("days ago"))
    }
}
