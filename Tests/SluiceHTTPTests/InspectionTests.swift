import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SluiceCore
import SluiceKit
import Testing

@testable import SluiceHTTP

/// The second listener, asked through its router without sockets.
struct InspectionTests {
    private func get(
        _ path: String, node: FakeNode = FakeNode(), method: HTTPRequest.Method = .get, host: String = "localhost", tally: ExchangeTally = ExchangeTally()
    ) async throws -> TestResponse {
        let routes = try InspectionRoutes(listener: InspectionListener(), node: node, tally: tally, logger: quietLogger)
        let application = Application(responder: routes.responder(), logger: quietLogger)
        return try await application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: [:]) { $0 }
        }
    }

    @Test func isAliveEvenWhenTheNodeIsNot() async throws {
        let response = try await get("/health/live", node: FakeNode(nodeStatus: nil))
        #expect(response.status == .ok)
    }

    @Test func saysWhyItIsNotReady() async throws {
        let response = try await get("/health/ready", node: FakeNode(nodeStatus: FakeNode.status(isReady: false, reason: "the ledger is locked")))
        #expect(response.status == .serviceUnavailable)
        #expect(String(buffer: response.body) == "not ready: the ledger is locked\n")
        #expect(try await get("/health/ready").status == .ok)
        let unwell = try await get("/health/ready", node: FakeNode(nodeStatus: nil))
        #expect(unwell.status == .serviceUnavailable)
        #expect(!String(buffer: unwell.body).contains("Unwell"), "an error's own words stay in the log")
    }

    @Test func readinessSaysHowTheSelfCheckStands() async throws {
        var status = FakeNode.status()
        var selfCheck = SelfCheckStatus(paceSeconds: 3_600, madeAt: status.startedAt.advanced(byMilliseconds: 120_000))
        selfCheck.lastRound = .init(startedAt: status.startedAt, endedAt: status.startedAt, entries: 4_321)
        status.selfCheck = selfCheck
        let ready = try await get("/health/ready", node: FakeNode(nodeStatus: status))
        #expect(ready.status == .ok && String(buffer: ready.body) == "ready\nledger self check: 4321 entries were whole 120 s ago\n")
        // Too old is told, and stops nothing.
        status.selfCheck?.madeAt = status.startedAt.advanced(byMilliseconds: 7_201_000)
        let late = try await get("/health/ready", node: FakeNode(nodeStatus: status))
        #expect(late.status == .ok && String(buffer: late.body).contains("120 min ago, which is too long: a round should end within 60 min"))
    }

    @Test func writesMetricsThatPrometheusReads() async throws {
        let tally = ExchangeTally()
        tally.answered(200)
        tally.answered(200)
        tally.answered(422)
        tally.received(bytes: 1000)
        var node = FakeNode()
        node.families = [
            (
                name: "sluice_outbox", help: "Waiting\nor \\parked", type: "gauge",
                samples: [(labels: [("state", "a\"b\\c\nd")], value: 2.5), (labels: [], value: .infinity)]
            ),
            (name: "not a name", help: "", type: "gauge", samples: []),
        ]
        let response = try await get("/metrics", node: node, tally: tally)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            String(buffer: response.body) == #"""
                # HELP sluice_outbox Waiting\nor \\parked
                # TYPE sluice_outbox gauge
                sluice_outbox{state="a\"b\\c\nd"} 2.5
                sluice_outbox +Inf
                # HELP sluice_exchange_answers_total Answers of the exchange endpoint by HTTP status.
                # TYPE sluice_exchange_answers_total counter
                sluice_exchange_answers_total{status="200"} 2
                sluice_exchange_answers_total{status="422"} 1
                # HELP sluice_exchange_received_bytes_total Bytes of packages received whole at the exchange endpoint.
                # TYPE sluice_exchange_received_bytes_total counter
                sluice_exchange_received_bytes_total 1000

                """#)
    }

    @Test func servesTheLedgersFilesAndNoOthers() async throws {
        let folder = try PackageFolder()
        let ledger = folder.directory + "/ledger"
        for (path, text) in [
            ("checkpoint", "origin\n3\n"), ("tile/0/000", "hashes"), ("tile/0/x001/234.p/7", "partial"), ("tile/entries/000", "entries"), ("secret", "no"),
        ] {
            let url = URL(fileURLWithPath: "\(ledger)/\(path)")
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let node = FakeNode(ledgerDirectory: ledger)
        let checkpoint = try await get("/ledger/checkpoint", node: node)
        #expect(String(buffer: checkpoint.body) == "origin\n3\n")
        #expect(checkpoint.headers[.cacheControl] == "no-cache")
        #expect(checkpoint.headers[.contentType] == "text/plain; charset=utf-8")
        for (path, text) in [("tile/0/000", "hashes"), ("tile/0/x001/234.p/7", "partial"), ("tile/entries/000", "entries")] {
            let response = try await get("/ledger/\(path)", node: node)
            #expect(String(buffer: response.body) == text)
            #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(response.headers[.contentType] == "application/octet-stream")
        }
        for path in ["secret", "tile/0/001", "tile/0", "tile", "", "../package.asice", "tile/0/../../secret", "tile/0/%2e%2e/secret", "tile/0/x001"] {
            #expect(try await get("/ledger/\(path)", node: node).status == .notFound, "\(path)")
        }
    }

    @Test(arguments: [
        "tile/0/000", "tile/63/999", "tile/entries/x001/x234/067", "tile/1/x001/067.p/255", "tile/entries/000.p/1", "checkpoint",
    ])
    func knowsThePathsOfTheTileFormat(_ path: String) { #expect(LedgerPath("/ledger/" + path)?.relative == path) }

    @Test(arguments: [
        "tile/00/000", "tile/64/000", "tile/x/000", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/x001", "tile/0/001/002", "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01", "tile/0/000.p", "tile/0/000.p/1/2", "tile/0/x001.p/1", "tile//000", "tile/0/000/", "tile/0/0\u{0661}0", "tile/data/000",
        "checkpoint/", "checkpoint2", "x",
        "tile/0/x001/x001/x001/x001/x001/x001/x001/001",
    ])
    func knowsNoOtherPaths(_ path: String) { #expect(LedgerPath("/ledger/" + path) == nil) }

    @Test func canOnlyBeRead() async throws {
        for method in [HTTPRequest.Method.post, .put, .delete, .options] {
            for path in ["/console", "/metrics", "/ledger/tile/0/000"] {
                let response = try await get(path, method: method)
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET, HEAD")
            }
            #expect(try await get("/nowhere", method: method).status == .notFound)
        }
        #expect(try await get("/console", method: .head).body.readableBytes == 0)
    }

    @Test func everyAnswerKeepsTheBrowserNarrow() async throws {
        for path in ["/", "/console", "/console/console.css", "/console/nowhere", "/metrics", "/nowhere", "/health/live"] {
            let response = try await get(path)
            #expect(
                response.headers[.contentSecurityPolicy] == "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func knowsItsOwnNamesOnly() {
        var listener = InspectionListener()
        for name in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"] { #expect(listener.serves(hostField: name), "\(name)") }
        for name in [nil, "rebound.example", "rebound.example:8080", "localhost.rebound.example", ""] {
            #expect(!listener.serves(hostField: name), "\(name ?? "none")")
        }
        listener.hostNames = ["Sluice.Example.org"]
        #expect(listener.serves(hostField: "sluice.example.org:443"))
        listener.host = "0.0.0.0"
        #expect(!listener.serves(hostField: "rebound.example"))
        listener.hostNames = []
        #expect(listener.serves(hostField: "10.0.0.7:8080"))
    }
}
