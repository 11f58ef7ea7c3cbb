import Foundation
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Testing

@testable import SluiceHTTP

private let hostile = #"<script>alert(1)</script><img src=x onerror=alert(2)>"'&{{title}}{{{title}}}"#

/// The console's pages, rendered through the router and read as XML.
struct ConsoleTests {
    private func page(_ path: String, _ node: FakeNode, expecting status: HTTPResponse.Status = .ok, perPage: Int = 50) async throws -> Page {
        var listener = InspectionListener()
        listener.exchangesPerPage = perPage
        let routes = try InspectionRoutes(listener: listener, node: node, tally: ExchangeTally(), logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        let response = try await application.test(.router) { client in try await client.execute(uri: path, method: .get) { $0 } }
        #expect(response.status == status)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        return try Page(String(buffer: response.body))
    }

    private static func hostileNode() -> FakeNode {
        var record = FakeNode.record(1, .refused)
        record.dataflow = hostile
        record.agreement = hostile
        record.purpose = hostile
        record.reason = hostile
        record.reasonCode = hostile
        record.packageDigest = hostile
        record.findingsJSON = String(
            decoding: (try? JSONSerialization.data(withJSONObject: [
                [
                    "code": hostile, "severity": "error", "message": hostile, "advice": hostile, "position": ["line": 7, "column": 3], "component": hostile,
                    "text": hostile,
                    "observations": 4,
                ], [hostile: hostile],
            ])) ?? Data(), as: UTF8.self)
        var run = FeedRun(feed: hostile, scheduledAt: Instant(milliseconds: 1_790_000_000_000), startedAt: Instant(milliseconds: 1_790_000_000_000))
        run.outcome = .failed
        run.detail = hostile
        run.exchangeID = hostile
        let feed = NodeStatus.FeedStatus(id: hostile, schedule: hostile, timeZone: hostile, nextRun: nil, lastRun: run)
        let entry = (try? JSONSerialization.data(withJSONObject: ["type": hostile, "time": hostile, "data": ["reason": hostile]])) ?? Data()
        return FakeNode(
            nodeStatus: FakeNode.status(isReady: false, reason: hostile, feeds: [feed]), records: [record],
            entries: [(index: 5, entry: [UInt8](entry)), (index: 2, entry: Array("no JSON \(hostile)".utf8))])
    }

    @Test func hostileTextStaysText() async throws {
        let node = Self.hostileNode()
        for path in ["/console", "/console/exchanges/UN.UNSD/\(FakeNode.id(1))"] {
            let page = try await page(path, node)
            #expect(page.elements.allSatisfy { $0.name != "script" && $0.name != "img" })
            #expect(page.elements.allSatisfy { element in element.attributes.keys.allSatisfy { !$0.hasPrefix("on") && $0 != "style" } })
            #expect(page.text.contains(hostile), "it is shown as it stands")
        }
        let filtered = try await page("/console?participant=%3Cscript%3E&dataflow=%22%3E%3Cscript%3E", node, expecting: .badRequest)
        #expect(filtered.elements.allSatisfy { $0.name != "script" })
        #expect(filtered.elements.contains { $0.name == "input" && $0.attributes["value"] == "\"><script>" })
    }

    @Test func theHeadOfAPageSaysHowTheSelfCheckStandsAndIsRedWhereItIsNotWell() async throws {
        func badges(_ change: (inout SelfCheckStatus) -> Void) async throws -> (text: String, bad: Int) {
            var status = FakeNode.status()
            var selfCheck = SelfCheckStatus(paceSeconds: 3_600, madeAt: status.startedAt.advanced(byMilliseconds: 7_200_000))
            selfCheck.lastRound = .init(startedAt: status.startedAt, endedAt: status.startedAt, entries: 4_321)
            change(&selfCheck)
            status.selfCheck = selfCheck
            let page = try await self.page("/console", FakeNode(nodeStatus: status))
            return (page.text, page.elements.count { $0.attributes["class"] == "badge bad" })
        }
        let well = try await badges { _ in }
        #expect(well.text.contains("Ledger self check") && well.text.contains("4321 entries were whole 120 min ago"))
        let late = try await badges { $0.paceSeconds = 3_599 }
        #expect(late.bad == well.bad + 1 && late.text.contains("too long"))
        let damaged = try await badges { $0.damage = "entry 17: \(hostile)" }
        #expect(damaged.bad == well.bad + 1 && damaged.text.contains("DAMAGED entry 17: \(hostile)"))
        #expect(try await !self.page("/console", FakeNode()).text.contains("Ledger self check"), "a face that knows of none says nothing")
    }

    @Test func theFrontPageSaysWhichCertificatesNeedAttention() async throws {
        let warnings = (1...23).map { number in
            CertificateWarning(
                owner: ParticipantID("UN.UNSD")!, use: .sealing, kind: number == 1 ? .revoked : .endsSoon, sha256: nil, secondsLeft: 86_400 * Int64(number),
                detail: "\(hostile) \(number)")
        }
        let page = try await page("/console", FakeNode(warnings: warnings))
        #expect(page.text.contains("critical") && page.text.contains("\(hostile) 20") && !page.text.contains("\(hostile) 21"))
        #expect(page.text.contains("3 further warnings") && page.count("script") == 0)
        #expect(try await !self.page("/console?state=parked", FakeNode(warnings: warnings)).text.contains("critical"), "a filter is about exchanges alone")
        #expect(try await !self.page("/console", FakeNode()).text.contains("Certificates"))
    }

    private static func entry(_ type: String, _ data: String) -> [UInt8] { Array("{\"type\":\"\(type)\",\"data\":\(data)}".utf8) }

    @Test func whatWaitsForApprovalIsListedWithWhatWouldLeave() async throws {
        var node = FakeNode(records: [FakeNode.record(1, .awaitingApproval, direction: .outgoing), FakeNode.record(2, .queued, direction: .outgoing)])
        node.entries = [
            (0, Self.entry("sluice.dataset.read", #"{"observations":1234}"#)),
            (1, Self.entry("sluice.dataset.checked", #"{"findings":{"status.value-absent":3}}"#)),
            (2, Self.entry("sluice.agreement.decided", #"{"outcome":"permit","rules":["PERMITS 1.0"],"agreementSHA256":"abc"}"#)),
            (3, Self.entry("sluice.dataset.protected", #"{"protections":[{"method":"suppression 0.1.0","primary":35,"secondary":18}]}"#)),
            (4, Self.entry("sluice.dataset.written", #"{"observations":150,"format":"sdmx-csv-2.0","payloadSHA256":"def"}"#)),
            (5, Array("no JSON".utf8)),
        ]
        for path in ["/console/approvals", "/console/exchanges/AM.ARMSTAT/\(FakeNode.id(1))"] {
            let page = try await page(path, node)
            for words in ["PERMITS 1.0", "35", "18", "150 observations", "3 × status.value-absent", "permit"] {
                #expect(page.text.contains(words), "\(path) lacks \(words)")
            }
            #expect(page.count("h1") == 1 && page.count("main") == 1)
        }
        #expect(try await !page("/console/approvals", node).text.contains(FakeNode.id(2)))
        #expect(try await page("/console/approvals", FakeNode()).text.contains("Nothing waits for approval"))
        let many = FakeNode(records: (1...3).map { FakeNode.record($0, .awaitingApproval, direction: .outgoing) })
        let first = try await page("/console/approvals", many, perPage: 2)
        #expect(first.elements.contains { $0.attributes["href"] == "/console/approvals?before=\(FakeNode.id(2))" })
    }

    @Test func linksOnlyWithinTheNode() async throws {
        for path in ["/console", "/console/exchanges/UN.UNSD/\(FakeNode.id(1))", "/console?state=parked"] {
            let page = try await page(path, Self.hostileNode())
            let addresses = page.elements.flatMap { element in ["href", "src", "action"].compactMap { element.attributes[$0] } }
            #expect(!addresses.isEmpty)
            #expect(addresses.allSatisfy { $0.hasPrefix("/") && !$0.hasPrefix("//") || $0 == "#main" }, "\(addresses)")
        }
    }

    @Test func pagesAreBuiltForEveryReader() async throws {
        for path in ["/console", "/console/exchanges/UN.UNSD/\(FakeNode.id(1))", "/console?state=none"] {
            let page = try await page(path, Self.hostileNode(), expecting: path.hasSuffix("none") ? .badRequest : .ok)
            #expect(page.count("h1") == 1 && page.count("main") == 1)
            #expect(page.elements.first { $0.name == "html" }?.attributes["lang"] == "en")
            #expect(page.count("caption") == page.count("table"))
            #expect(page.elements.allSatisfy { $0.name != "th" || ["col", "row"].contains($0.attributes["scope"] ?? "") })
            let labelled = Set(page.elements.compactMap { $0.name == "label" ? $0.attributes["for"] : nil })
            #expect(page.elements.allSatisfy { !["input", "select"].contains($0.name) || labelled.contains($0.attributes["id"] ?? "") })
            let ids = page.elements.compactMap { $0.attributes["id"] }
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func filtersAndPagesThroughTheExchanges() async throws {
        let node = FakeNode(records: (1...7).map { FakeNode.record($0, $0 % 2 == 0 ? .refused : .accepted) })
        func ids(_ page: Page) -> [String] {
            page.elements.filter { $0.name == "a" && $0.attributes["class"] == "id" }.map { String($0.attributes["href"]?.suffix(1) ?? "") }
        }
        let first = try await page("/console", node, perPage: 3)
        #expect(ids(first) == ["7", "6", "5"])
        let older = try #require(first.elements.first { $0.attributes["rel"] == "next" }?.attributes["href"])
        #expect(older == "/console?before=\(FakeNode.id(5))")
        let second = try await page(older, node, perPage: 3)
        #expect(ids(second) == ["4", "3", "2"])
        let last = try await page(try #require(second.elements.first { $0.attributes["rel"] == "next" }?.attributes["href"]), node, perPage: 3)
        #expect(ids(last) == ["1"])
        #expect(last.elements.allSatisfy { $0.attributes["rel"] != "next" })
        #expect(last.elements.first { $0.attributes["rel"] == "first" }?.attributes["href"] == "/console")
        let refused = try await page("/console?state=refused&direction=in&participant=UN.UNSD&dataflow=IAEG-SDGs%3ADF_SDG_GLH%281.21%29", node)
        #expect(ids(refused) == ["6", "4", "2"])
        #expect(refused.elements.contains { $0.name == "option" && $0.attributes["value"] == "refused" && $0.attributes["selected"] != nil })
        #expect(try await page("/console?direction=out", node).text.contains("No exchange matches the filter."))
    }

    @Test func showsOneExchangeFromStateToLedger() async throws {
        let page = try await page("/console/exchanges/UN.UNSD/\(FakeNode.id(1))", Self.hostileNode())
        #expect(page.text.contains("Our signed receipt says refused."))
        #expect(page.text.contains("line 7, column 3"))
        #expect(page.text.contains("not yet published"))
        let (earlier, later) = (try #require(page.text.range(of: "entry 2")), try #require(page.text.range(of: "entry 5")))
        #expect(earlier.lowerBound < later.lowerBound, "entries stand in the order of the log")
        #expect(page.text.contains("1\u{202F}234\u{202F}567"))
    }

    @Test func showsFindingsAsTheKitWritesThem() async throws {
        let finding = Finding(
            .codeUnknown, at: Position(line: 7, column: 3, row: 6), seriesKey: "A.N.X", timePeriod: "2024", component: "SEX", offendingText: "X",
            message: "The code X is not in the code list.", advice: "Use F or M.", observations: 4)
        var record = FakeNode.record(1, .refused)
        record.findingsJSON = JSONValue.array([finding.json]).compactText
        let page = try await page("/console/exchanges/UN.UNSD/\(FakeNode.id(1))", FakeNode(records: [record]))
        for words in ["code.unknown", "line 7, column 3, row 6, A.N.X, 2024, SEX, “X”", "The code X is not in the code list.", "Use F or M."] {
            #expect(page.text.contains(words), "\(words)")
        }
    }

    @Test func aMissingExchangeIsAPageToo() async throws {
        for path in ["/console/exchanges/UN.UNSD/none", "/console/exchanges/%3Cscript%3E/x", "/console/nowhere"] {
            let page = try await page(path, FakeNode(), expecting: .notFound)
            #expect(page.text.contains("There is nothing at this address."))
        }
    }

    @Test func aFailureTellsOnlyWhereToLook() async throws {
        let page = try await page("/console", FakeNode(nodeStatus: nil), expecting: .internalServerError)
        #expect(page.text.contains("Its log has the details under"))
        #expect(!page.text.contains("Unwell"))
    }
}
