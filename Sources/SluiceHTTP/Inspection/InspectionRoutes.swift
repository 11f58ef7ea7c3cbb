internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// Everything behind the inspection listener. All of it reads, but for the acts of people who say who they are.
struct InspectionRoutes {
    typealias Context = BasicRequestContext

    let listener: InspectionListener
    let node: any NodeFace
    let tally: ExchangeTally
    let console: Console
    let logger: Logger

    init(listener: InspectionListener, node: any NodeFace, tally: ExchangeTally, logger: Logger) throws(ListenerError) {
        self.listener = listener
        self.node = node
        self.tally = tally
        self.logger = logger
        console = try Console(node: node, listener: listener)
    }

    func responder() -> RouterResponder<Context> {
        let router = Router(context: Context.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: InspectionGuard(listener: listener, console: console, logger: logger))
        router.get("/") { _, _ in Response.redirect(to: "/console") }
        router.get("/health/live") { _, _ in Self.text(.ok, "live\n") }
        router.get("/health/ready") { _, _ in await readiness() }
        router.get("/metrics") { _, _ in await metrics() }
        router.get("/ledger/**") { request, _ in try await ledgerFile(request) }
        router.get("/console") { request, _ in try await console.exchangesPage(ConsoleQuery(request.uri.query ?? "")) }
        router.get("/console/approvals") { request, _ in
            try await console.approvalsPage(before: ConsoleQuery(request.uri.query ?? "").before)
        }
        router.get("/console/exchanges/{sender}/{id}") { _, context in
            try await console.exchangePage(sender: context.parameters.require("sender"), id: context.parameters.require("id"))
        }
        router.post("/console/exchanges/{sender}/{id}/acts") { request, context in
            try await console.act(on: context.parameters.require("id"), of: context.parameters.require("sender"), request)
        }
        router.get("/console/console.css") { _, _ in console.stylesheet() }
        return router.buildResponder()
    }

    /// What may be posted to is only what a form on a page leads to.
    static func allows(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        method == .get || method == .head || method == .post && path.hasPrefix("/console/exchanges/") && path.hasSuffix("/acts")
    }

    private func readiness() async -> Response {
        do {
            let status = try await node.status()
            return status.isReady ? Self.text(.ok, "ready\n") : Self.text(.serviceUnavailable, "not ready: \(status.notReadyReason)\n")
        } catch {
            logger.error("the node cannot say how it is", metadata: ["failure": "\(error)"])
            return Self.text(.serviceUnavailable, "not ready: the node cannot say how it is\n")
        }
    }

    private func metrics() async -> Response {
        var text = MetricsText()
        for family in await node.metrics() {
            text.add(name: family.name, help: family.help, type: family.type, samples: family.samples)
        }
        let counts = tally.counts
        text.add(
            name: "sluice_exchange_answers_total", help: "Answers of the exchange endpoint by HTTP status.", type: "counter",
            samples: counts.answers.sorted { $0.key < $1.key }.map { (labels: [("status", String($0.key))], value: Double($0.value)) })
        text.add(
            name: "sluice_exchange_received_bytes_total", help: "Bytes of packages received whole at the exchange endpoint.", type: "counter",
            samples: [(labels: [], value: Double(counts.receivedBytes))])
        return Self.text(.ok, text.text, contentType: MetricsText.contentType)
    }

    private func ledgerFile(_ request: Request) async throws -> Response {
        guard let path = LedgerPath(request.uri.path) else { throw HTTPError(.notFound) }
        do {
            return Response(
                status: .ok, headers: [.contentType: path.contentType, .cacheControl: path.cacheControl],
                body: try await FileBody(path: "\(node.ledgerDirectory)/\(path.relative)").responseBody())
        } catch let failure as RegularFile.Failure where failure.isMissing {
            throw HTTPError(.notFound)
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(status: status, headers: [.contentType: contentType, .cacheControl: "no-store"], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
