import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Synchronization
import Testing

@testable import SluiceHTTP

private let hostile = #"<script>alert(1)</script><img src=x onerror=alert(2)>"'&{{title}}{{{title}}}"#

/// The search page: what it asks the ledger for, what it offers, and that nothing of it becomes mark-up.
struct SearchTests {
    private func ask(_ path: String, _ node: FakeNode, method: HTTPRequest.Method = .get) async throws -> (status: Int, text: String) {
        let routes = try InspectionRoutes(listener: InspectionListener(), node: node, tally: ExchangeTally(), logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in try await client.execute(uri: path, method: method) { $0 } }
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        return (response.status.code, String(buffer: response.body))
    }

    private static func entry(_ type: String, _ data: String, subject: String = "") -> [UInt8] {
        Array("{\"data\":\(data),\"subject\":\"\(subject)\",\"time\":\"2026-11-30T09:00:00.000Z\",\"type\":\"sluice.\(type)\"}".utf8)
    }

    private static let terms = LedgerTermCounts(
        values: [
            .type: [("sluice.package.sealed", 1_234), ("sluice.exchange.refused", 7)], .participant: [("AM.MOI", 9), ("UN.UNSD", 8)],
            .dataflow: [("AM.MOI:DF_PERMITS(1.0)", 5)], .agreement: [("PERMITS 1.0", 5), ("PERMITS", 5)],
        ], cut: [.participant])

    private func boxes(_ page: Page) -> [String] {
        page.elements.filter { $0.attributes["type"] == "checkbox" }.map { "\($0.attributes["name"] ?? "")=\($0.attributes["value"] ?? "")" }
    }

    @Test func anAddressIsAWholeSearch() async throws {
        let node = FakeNode(terms: Self.terms)
        let path =
            "/console/search?first=2026-11-01&type=exchange.refused&type=sluice.package.sealed&participant=AM.MOI&last=2026-11-30&exchange=x&order=oldest"
            + "&dataflow=AM.MOI%3ADF_PERMITS%281.0%29&agreement=PERMITS+1.0&outcome=refused&reason=check.codes&purpose=research&from=&before="
        let answer = try await ask(path, node)
        #expect(answer.status == 200)
        let asked = try #require(node.kept.searches.withLock { $0 }.first)
        #expect(
            asked
                == LedgerQuery(
                    since: Instant(rfc3339: "2026-11-01T00:00:00Z"), until: Instant(rfc3339: "2026-12-01T00:00:00Z"),
                    wanted: [
                        .type: ["sluice.exchange.refused", "sluice.package.sealed"], .participant: ["AM.MOI"], .dataflow: ["AM.MOI:DF_PERMITS(1.0)"],
                        .agreement: ["PERMITS 1.0"], .outcome: ["refused"], .reason: ["check.codes"], .purpose: ["research"],
                    ], subjects: ["x"]))
        // The address that the page gives to pass on asks for the same, and so does the command.
        let page = try Page(answer.text)
        let own = try #require(page.elements.last { $0.name == "a" && $0.attributes["href"]?.hasPrefix("/console/search?") == true }?.attributes["href"])
        _ = try await ask(own, node)
        #expect(node.kept.searches.withLock { $0 }.last == asked && own.utf8.count < path.utf8.count)
        #expect(
            page.text.contains(
                "sluice ledger search --config node.yaml --type=exchange.refused --type=package.sealed --participant=AM.MOI "
                    + "--dataflow='AM.MOI:DF_PERMITS(1.0)' --agreement='PERMITS 1.0' --outcome=refused --reason=check.codes --purpose=research --exchange=x "
                    + "--since=2026-11-01 --until=2026-12-01 --oldest-first"))
    }

    @Test func whatIsChosenCanBeTakenAwayOneByOne() async throws {
        let answer = try await ask(
            "/console/search?type=package.sealed&participant=NOBODY&participant=AM.MOI&first=2026-11-01&before=7", FakeNode(terms: Self.terms))
        let page = try Page(answer.text)
        let addresses = page.elements.compactMap { $0.attributes["href"] }
        for left in [
            "participant=NOBODY&participant=AM.MOI&first=2026-11-01", "type=package.sealed&participant=AM.MOI&first=2026-11-01",
            "type=package.sealed&participant=NOBODY&first=2026-11-01", "type=package.sealed&participant=NOBODY&participant=AM.MOI",
        ] { #expect(addresses.contains("/console/search?" + left), "\(left) is not offered") }
        let checked = page.elements.filter { $0.attributes["checked"] != nil }.compactMap { $0.attributes["value"] }
        #expect(checked == ["package.sealed", "NOBODY", "AM.MOI"], "what nobody has stays there to be taken away")
        #expect(page.elements.contains { $0.attributes["id"] == "first" && $0.attributes["value"] == "2026-11-01" })
    }

    @Test func eachFacetOffersItsValues() async throws {
        var terms = Self.terms
        terms.values[.reason] = (0..<40).map { ("code.\($0)", Int64(100 - $0)) }
        terms.values[.outcome] = [("two\nlines", 3), ("refused", 2)]
        terms.uncounted = 4_321
        let page = try Page(try await ask("/console/search?reason=code.39", FakeNode(terms: terms)).text)
        let boxes = boxes(page)
        for value in [
            "type=package.sealed", "participant=UN.UNSD", "dataflow=AM.MOI:DF_PERMITS(1.0)", "agreement=PERMITS", "outcome=refused", "reason=code.39",
        ] {
            #expect(boxes.contains(value), "\(value) is not offered")
        }
        #expect(boxes.count { $0.hasPrefix("reason=") } == SearchPage.valuesMax + 1)
        #expect(!boxes.contains { $0.contains("lines") }, "what a form would change is not offered")
        // Where more is there than is listed, one can be typed.
        let typed = page.elements.filter { $0.attributes["id"]?.hasSuffix("-other") == true }.compactMap { $0.attributes["name"] }
        #expect(typed == ["participant", "outcome", "reason"])
        for words in ["Sealed", "1\u{202F}234", "but for 4\u{202F}321 that are not counted yet", "No entry has one yet."] {
            #expect(page.text.contains(words), "\(words)")
        }
    }

    @Test func eachEntryLeadsToItsProofAndItsExchange() async throws {
        var other = FakeNode.record(1)
        other.sender = "AM.OTHER"
        let id = FakeNode.id(1)
        var node = FakeNode(records: [FakeNode.record(1, direction: .outgoing), other, FakeNode.record(2)])
        node.entries = [
            (0, Self.entry("package.sealed", "{}", subject: FakeNode.id(2))), (1, Self.entry("dataset.read", "{}", subject: id)),
            (2, Self.entry("exchange.refused", #"{"outcome":"refused","reasonCode":"check.codes","counterpart":"AM.MOI"}"#, subject: FakeNode.id(9))),
            (3, Array("no JSON".utf8)),
        ]
        let page = try Page(try await ask("/console/search", node).text)
        let addresses = page.elements.compactMap { $0.attributes["href"] }
        for address in ["/console/ledger/0", "/console/ledger/2", "/console/exchanges/AM.ARMSTAT/\(id)", "/console/exchanges/AM.OTHER/\(id)"] {
            #expect(addresses.contains(address), "\(address)")
        }
        #expect(addresses.contains("/console/exchanges/UN.UNSD/\(FakeNode.id(2))"))
        #expect(!addresses.contains { $0.hasSuffix(FakeNode.id(9)) } && page.text.contains(FakeNode.id(9)), "an exchange that is not kept has no page")
        #expect(!addresses.contains("/console/ledger/3") && page.text.contains("not yet published"), "what no checkpoint covers has no proof yet")
        for words in ["\(id) of AM.OTHER", "check.codes", "AM.MOI", "2026-11-30 09:00:00", "No entry that can be read"] {
            #expect(page.text.contains(words), "\(words)")
        }
    }

    @Test func pagesLeadThroughEveryEntryOnce() async throws {
        var node = FakeNode()
        node.entries = (0..<120).map { (Int64($0), Self.entry("package.sealed", "{}")) }
        for (order, expected) in [("newest", Array((0..<120).reversed())), ("oldest", Array(0..<120))] {
            var (address, seen, pages): (String?, [Int], Int) = ("/console/search?order=\(order)", [], 0)
            while let here = address {
                let page = try Page(try await ask(here, node).text)
                // Numbers of rows, published or not, stand in the row's head.
                seen += page.text.matches(of: /(?m)^(\d+)(?:not yet published)?$/).compactMap { Int($0.output.1) }
                address = page.elements.first { $0.attributes["rel"] == "next" }?.attributes["href"]
                #expect((page.elements.first { $0.attributes["rel"] == "first" } != nil) == (pages > 0))
                pages += 1
            }
            #expect(seen == expected && pages == 3, "\(order): \(seen)")
        }
        node.unfinished = .before(70_000)
        let page = try Page(try await ask("/console/search?outcome=refused", node).text)
        #expect(page.text.contains("looked as far as entry 70\u{202F}000") && !page.text.contains("No entry has all"))
        #expect(page.elements.contains { $0.attributes["href"] == "/console/search?outcome=refused&before=70000" })
    }

    @Test(arguments: [
        ("colour=red", "There is no facet “colour”"), ("type=nonsense", "No entry is of the kind “sluice.nonsense”"),
        ("first=yesterday", "The first day is a date such as"), ("last=2026-02-30", "The last day is a date such as"), ("first=2026-13-01", "The first day"),
        ("first=2026-11-30&last=2026-11-01", "is before the first"), ("before=-1", "A page begins at the number of an entry"),
        ("before=x", "A page begins"), ("before=99999999999999999999", "A page begins"), ("before=007", "A page begins"),
        ("from=3", "“from” goes with “order=oldest”"), ("order=oldest&before=3", "“before” pages from the newest"), ("order=sideways", "The order is"),
        ("exchange=a&exchange=b", "“exchange” is given twice"), ("outcome=a%0Ab", "has a control character"), ("outcome=%00", "has a control character"),
        ("%1b=x", "has a control character"),
        ("participant=" + String(repeating: "x", count: 201), "too long: at most 200 bytes"),
        (String(repeating: "outcome=&", count: 200), "has at most 1000 bytes in its address"),
        ((0...SearchQuery.valuesMax).map { "reason=r\($0)" }.joined(separator: "&"), "At most 24 values"),
        ("outcome=" + String(repeating: "\"", count: 190) + "&reason=" + String(repeating: "\"", count: 190), "has at most 1000 bytes in its address"),
        ("%3Cscript%3E=1", "There is no facet “<script>”"), ("first=%3Cimg%3E", "not “<img>”"),
    ]) func whatIsNotUnderstoodIsSaidAndNotSearchedFor(query: String, words: String) async throws {
        let node = FakeNode(entries: [(0, Self.entry("package.sealed", "{}", subject: "a subject"))], terms: Self.terms)
        let answer = try await ask("/console/search?" + query.replacingOccurrences(of: "\"", with: "%22"), node)
        let page = try Page(answer.text)
        #expect(answer.status == 400 && page.text.contains("Nothing was searched for"))
        #expect(page.text.contains(words), "\(page.text)")
        #expect(node.kept.searches.withLock { $0.isEmpty } && !page.text.contains("a subject") && page.count("script") == 0 && page.count("img") == 0)
        #expect(page.elements.contains { $0.name == "form" && $0.attributes["action"] == "/console/search" }, "the form is there to try again")
    }

    @Test func hostileTextStaysTextAndPagesStaySmall() async throws {
        let long = String(repeating: #"<"&'>"#, count: 40)
        var terms = LedgerTermCounts()
        for facet in LedgerTerm.Facet.allCases { terms.values[facet] = (0..<40).map { ($0 == 0 ? hostile : "\($0)\(long.prefix(190))", 1) } }
        var node = FakeNode(terms: terms)
        node.records = (0..<50).map { number in
            var record = FakeNode.record(number)
            record.dataflow = hostile + long
            return record
        }
        func json(_ text: String) -> String { JSONValue.string(text).compactText }
        node.entries = (0..<50).map { number in
            let data = #"{"outcome":\#(json(hostile + long)),"reasonCode":\#(json(hostile + long)),"counterpart":\#(json(hostile))}"#
            return (
                Int64(number), Array("{\"data\":\(data),\"subject\":\"\(FakeNode.id(number))\",\"time\":\(json(long)),\"type\":\(json(hostile + long))}".utf8)
            )
        }
        let chosen = (0..<SearchQuery.valuesMax - 1).map { "reason=%3C%22\($0)" }.joined(separator: "&") + "&outcome="
        for query in ["", "?" + chosen + String(repeating: "%22", count: 100), "?exchange=" + String(repeating: "%3C", count: 200)] {
            let answer = try await ask("/console/search" + query, node)
            let page = try Page(answer.text)
            #expect(answer.status == 200 && answer.text.utf8.count < 100_000, "\(query.prefix(20)): \(answer.status), \(answer.text.utf8.count) bytes")
            #expect(page.text.contains(hostile), "it is shown as it stands")
            #expect(page.elements.allSatisfy { $0.name != "script" && $0.name != "img" })
            #expect(page.elements.allSatisfy { element in element.attributes.keys.allSatisfy { !$0.hasPrefix("on") && $0 != "style" } })
            let addresses = page.elements.flatMap { element in ["href", "src", "action"].compactMap { element.attributes[$0] } }
            #expect(
                addresses.allSatisfy { $0.hasPrefix("/console") || $0.hasPrefix("/ledger/") || ["/metrics", "/health/ready", "#main", "#found"].contains($0) })
            // What did not fit is on the next page.
            let next = try #require(page.elements.first { $0.attributes["rel"] == "next" }?.attributes["href"])
            let shown = page.text.matches(of: /not yet published/).count + page.elements.count { $0.attributes["href"]?.hasPrefix("/console/ledger/") == true }
            #expect(next.hasSuffix("before=\(50 - shown)") && shown > 5, "\(shown) rows, then \(next)")
        }
    }

    @Test func theDescriptionHasEveryKindOfEntry() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Docs/openapi.yaml"), encoding: .utf8)
        let search = text[try #require(text.range(of: "/console/search:")).upperBound...]
        let list = try #require(search.firstMatch(of: /\(sluice\[\.\]\)\?\(([^)]*)\)/)).1
        let described = list.replacingOccurrences(of: "[.]", with: ".").split(separator: "|").map(String.init)
        #expect(Set(described) == Set(LedgerEvent.Kind.allCases.map { SearchQuery.short($0.rawValue, .type) }))
    }

    @Test func aCommandCanBePasted() throws {
        let query = SearchQuery("outcome=%27%3B+rm+-rf+%2F+%27&reason=-x&exchange=%24%28id%29")
        #expect(query.mistakes.isEmpty)
        #expect(query.command == #"sluice ledger search --config node.yaml --outcome=''\''; rm -rf / '\''' --reason=-x --exchange='$(id)'"#)
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "set -- " + query.command + #"; printf '%s\n' "$@""#]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(words.hasSuffix("--outcome='; rm -rf / '\n--reason=-x\n--exchange=$(id)\n"), "\(words)")
    }

    @Test func thePageIsBuiltForEveryReader() async throws {
        for path in ["/console/search", "/console/search?reason=x&first=2026-01-01", "/console/search?first=x"] {
            let node = FakeNode(entries: [(0, Self.entry("package.sealed", "{}"))], terms: Self.terms)
            let page = try Page(try await ask(path, node).text)
            #expect(page.count("h1") == 1 && page.count("main") == 1 && page.count("caption") == page.count("table"))
            #expect(page.elements.allSatisfy { $0.name != "th" || ["col", "row"].contains($0.attributes["scope"] ?? "") })
            let labelled = Set(page.elements.compactMap { $0.name == "label" ? $0.attributes["for"] : nil })
            #expect(page.elements.allSatisfy { !["input", "select"].contains($0.name) || labelled.contains($0.attributes["id"] ?? "") })
            #expect(page.count("legend") == page.count("fieldset") && page.count("fieldset") == SearchQuery.facets.count)
            let ids = page.elements.compactMap { $0.attributes["id"] }
            #expect(Set(ids).count == ids.count)
        }
        #expect(try await ask("/console/search", FakeNode(nodeStatus: nil)).status == 500)
        #expect(try await ask("/console/search", FakeNode(), method: .post).status == 405, "a search only reads")
    }
}
