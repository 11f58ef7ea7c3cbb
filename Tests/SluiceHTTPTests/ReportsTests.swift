import Foundation
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Testing

@testable import SluiceHTTP

private let hostile = #"<script>alert(1)</script>"'&{{title}}"#

/// Statistics, retention and the register: what they add up, and that nothing of it becomes mark-up.
struct ReportsTests {
    private func ask(_ path: String, _ node: FakeNode) async throws -> (status: Int, headers: HTTPFields, text: String) {
        let routes = try InspectionRoutes(listener: InspectionListener(), node: node, tally: ExchangeTally(), logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in try await client.execute(uri: path, method: .get) { $0 } }
        return (response.status.code, response.headers, String(buffer: response.body))
    }

    private static func entry(_ type: String, _ day: String, _ data: String) -> [UInt8] {
        Array("{\"data\":\(data),\"time\":\"\(day)T09:00:00.000Z\",\"type\":\"sluice.\(type)\"}".utf8)
    }

    private static func statistics(days: Int = 1) -> LedgerStatistics {
        var statistics = LedgerStatistics(firstIndex: 5)
        for number in 0..<days {
            let day = String(Instant(milliseconds: 1_796_000_000_000 - Int64(number) * 86_400_000).rfc3339.prefix(10))
            for (type, data) in [
                ("package.sealed", #"{"bytes":4100}"#), ("receipt.verified", #"{"outcome":"accepted"}"#), ("receipt.verified", #"{"outcome":"refused"}"#),
                ("exchange.refused", #"{"outcome":"refused"}"#), ("package.received", #"{"bytes":900}"#), ("receipt.issued", #"{"outcome":"accepted"}"#),
                ("dataset.protected", #"{"protections":[{"method":"m","primary":9,"withheld.smallCount":35,"withheld.secondary":18},{"withheld.zero":1}]}"#),
            ] { statistics.add(entry(type, day, data)) }
        }
        return statistics
    }

    @Test func theLedgersEntriesAreAddedUp() throws {
        var statistics = Self.statistics()
        for odd in ["", "no JSON", "[]", "{}", #"{"type":"sluice.package.sealed","data":{"bytes":1}}"#, #"{"type":"x","time":"2026-11-30T","data":{}}"#] {
            statistics.add(Array(odd.utf8))
        }
        statistics.add(Self.entry("package.sealed", "2026-11-30", #"{"bytes":-7}"#))
        statistics.add(Self.entry("dataset.protected", "2026-11-30", #"{"protections":"none"}"#))
        let (name, tally) = try #require(statistics.periods.first)
        #expect(name == "2026-11-30" && statistics.periods.count == 1 && statistics.entryCount == 15)
        #expect(tally.sent == 1 && tally.taken == 1 && tally.refused == 1 && tally.bytesOut == 4_100 && tally.bytesIn == 900 && tally.withheldCells == 54)
        let months = Self.statistics(days: 70).periods
        #expect(months.map(\.name) == ["2026-09", "2026-10", "2026-11"] && months.map(\.tally.sent).reduce(0, +) == 70)
    }

    @Test(arguments: [1, 31, 70]) func chartsAndTableSayTheSame(days: Int) async throws {
        var node = FakeNode()
        node.statistics = Self.statistics(days: days)
        let answer = try await ask("/console/statistics", node)
        let page = try Page(answer.text)
        let periods = node.statistics.periods.count
        #expect(page.count("svg") == 4 && page.elements.count { $0.attributes["class"] == "column" } == 4 * periods)
        #expect(page.elements.count { $0.name == "th" && $0.attributes["scope"] == "row" } == periods)
        for bar in page.elements where bar.attributes["class"] == "column" {
            let numbers = ["x", "y", "width", "height"].compactMap { Int(bar.attributes[$0] ?? "") }
            #expect(numbers.count == 4 && numbers[0] + numbers[2] <= 760 && numbers[1] >= 30 && numbers[1] + numbers[3] == 150)
        }
        #expect(answer.text.utf8.count < 100_000)
        #expect(try Page(try await ask("/console/statistics", FakeNode()).text).text.contains("Nothing has been exchanged yet"))
    }

    @Test func whatIsDueIsListedWithItsMonths() async throws {
        var (soon, late) = (FakeNode.record(1), FakeNode.record(2))
        soon.retainUntil = Instant(milliseconds: 1_795_000_000_000)
        late.retainUntil = Instant(milliseconds: 1_800_000_000_000)
        late.dataflow = hostile
        late.agreement = hostile
        let page = try Page(try await ask("/console/retention", FakeNode(records: [soon, late, FakeNode.record(3)])).text)
        #expect(page.text.contains("7 exchanges have had theirs erased") && page.text.contains("overdue"))
        #expect(page.text.contains("1 in 2026-11") && page.text.contains("1 in 2027-01") && page.text.contains(hostile) && page.count("script") == 0)
        #expect(page.elements.count { $0.attributes["href"]?.hasPrefix("/console/exchanges/") == true } == 2)
        #expect(try await ask("/console/retention", FakeNode()).text.contains("Nothing that is kept has an end"))
    }

    private static func agreement(_ title: String) throws -> Agreement {
        let yaml = """
            agreement: PERMITS
            version: "1.0"
            title: '\(title.replacingOccurrences(of: "'", with: "''"))'
            giver: AM.MOI
            receiver: AM.ARMSTAT
            dataflow: AM.MOI:DF_PERMITS
            purpose: [official-statistics, research]
            legalBasis: "=HYPERLINK(1), a law"
            validity: {from: 2025-01-01, until: 2099-12-31}
            grant: {dimensions: {SEX: all}}
            protect: none
            obligations: {retention: P5Y, onwardTransfer: none, fourEyes: true}
            """
        return try AgreementReader.read(yaml)
    }

    @Test func theRegisterSaysWhatAgreementsDo() async throws {
        var node = FakeNode()
        node.standingAgreements = try [hostile, "two \"words\""].map { StandingAgreement(try Self.agreement($0), .active) }
        let page = try Page(try await ask("/console/register", node).text)
        for words in ["PERMITS 1.0", "AM.MOI", "official-statistics, research", "a law", "P5Y", "to nobody", "receives", "a second person approves", hostile] {
            #expect(page.text.contains(words), "the register lacks \(words)")
        }
        #expect(page.count("script") == 0)
        #expect(page.elements.contains { $0.attributes["href"] == "/console/search?agreement=PERMITS%201.0" })
        let table = try await ask("/console/register.csv", node)
        #expect(table.headers[.contentType]?.hasPrefix("text/csv") == true && table.headers[.contentDisposition]?.hasPrefix("attachment") == true)
        let lines = table.text.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("Agreement,Title,") && lines[2].contains("\"two \"\"words\"\"\""))
        #expect(lines[1].contains("\"'=HYPERLINK(1), a law\""), "a spreadsheet must not take it for a formula")
    }

    @Test func twoVersionsAreCompared() async throws {
        var (node, wider) = (FakeNode(), try Self.agreement("a title"))
        wider.version = "2.0"
        wider.receivers.append("UN.UNSD")
        wider.legalBasis = hostile
        node.standingAgreements = [StandingAgreement(try Self.agreement("a title"), .ended), StandingAgreement(wider, .active)]
        let page = try Page(try await ask("/console/register?from=PERMITS+1.0&to=PERMITS%202.0", node).text)
        #expect(page.text.contains("From PERMITS 1.0 to PERMITS 2.0") && page.text.contains("wider") && page.text.contains("UN.UNSD"))
        #expect(page.text.contains(hostile) && page.count("script") == 0)
        #expect(page.elements.count { $0.name == "option" && $0.attributes["selected"] != nil } == 2)
        #expect(try await ask("/console/register?from=PERMITS+1.0&to=PERMITS+1.0", node).text.contains("No term changes"))
        #expect(try await ask("/console/register?from=%3Cscript%3E&to=x", node).status == 400)
        node.standingAgreements.removeLast()
        #expect(try await !ask("/console/register", node).text.contains("Compare two"), "there is nothing to compare it with")
    }

    @Test func anEntryIsShownByteForByteWithItsWay() async throws {
        var node = FakeNode()
        let bytes = #"{"data":{"reason":"<script>alert(1)</script>&{{title}}"},"subject":"<img src=x>","time":"t","type":"<b>"}"#
        let hashes = (0..<3).map { String(repeating: "\($0)", count: 64) }
        node.path = LedgerPathFacts(
            index: 5, entry: Array(bytes.utf8), leaf: hashes[0],
            steps: [
                .init(sibling: hashes[1], isSiblingLeft: true, result: hashes[2]), .init(sibling: hashes[2], isSiblingLeft: false, result: hashes[1]),
            ], checkpoint: PublishedCheckpoint(text: "<i>\n7\n", size: 7, root: "r", verifierKey: "k\"><script>"))
        let answer = try await ask("/console/ledger/5", node)
        let page = try Page(answer.text)
        #expect(page.text.contains(bytes) && page.text.contains("root 11111111…1111") && hashes.allSatisfy { page.text.contains($0) })
        #expect(page.elements.filter { $0.name == "script" }.map { $0.attributes["src"] } == ["/console/ledger.js"])
        #expect(
            page.elements.allSatisfy { element in !["img", "b", "i"].contains(element.name) && element.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
        #expect(page.elements.contains { $0.attributes["id"] == "key" && $0.attributes["value"] == "k\"><script>" })
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        #expect(
            policy == "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        for odd in ["6", "05", "-1", "x", "5x", "9999999999999999999999"] { #expect(try await ask("/console/ledger/\(odd)", node).status == 404, "\(odd)") }
    }
}
