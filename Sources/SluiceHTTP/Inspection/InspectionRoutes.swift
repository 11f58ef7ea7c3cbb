internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// Everything behind the inspection listener. All of it reads, but for the acts of people who say who they are.
struct InspectionRoutes {
    typealias Context = ConsoleContext

    let listener: InspectionListener
    let node: any NodeFace
    let tally: ExchangeTally
    let console: Console
    let logger: Logger

    init(listener: InspectionListener, node: any NodeFace, tally: ExchangeTally, logger: Logger, sessions: Sessions = Sessions()) throws(ListenerError) {
        self.listener = listener
        self.node = node
        self.tally = tally
        self.logger = logger
        console = try Console(node: node, listener: listener, sessions: sessions)
    }

    func responder() -> RouterResponder<Context> {
        let router = Router(context: Context.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: InspectionGuard(listener: listener, console: console, allowed: AllowedMethods(routes), logger: logger))
        addRoutes(to: router)
        return router.buildResponder()
    }

    /// Every address and what is asked of it, as registered; `HEAD` stands nowhere, and is answered wherever `GET` is. Docs/openapi.yaml says the same.
    var routes: [(path: RouterPath, method: HTTPRequest.Method)] {
        let router = Router(context: Context.self)
        addRoutes(to: router)
        return router.routes.map { ($0.path, $0.method) }
    }

    private func addRoutes(to router: Router<Context>) {
        router.get("/") { _, _ in Response.redirect(to: "/console") }
        router.get("/health/live") { _, _ in Self.text(.ok, "live\n") }
        router.get("/health/ready") { _, _ in await readiness() }
        router.get("/metrics") { _, _ in await metrics() }
        router.get("/ledger/checkpoint") { request, _ in try await ledgerFile(request) }
        router.get("/ledger/witnessed-checkpoint") { request, _ in try await ledgerFile(request) }
        router.get("/ledger/tile/**") { request, _ in try await ledgerFile(request) }
        add(.exchanges, to: router) { request, _, viewer in try await console.exchangesPage(ConsoleQuery(request.uri.query ?? ""), viewer) }
        add(.approvals, to: router) { request, _, viewer in try await console.approvalsPage(ConsoleQuery(request.uri.query ?? ""), viewer) }
        add(.exchange, to: router) { _, context, viewer in
            try await console.exchangePage(sender: context.parameters.require("sender"), id: context.parameters.require("id"), viewer)
        }
        add(.act, to: router) { request, context, viewer in
            try await console.act(on: context.parameters.require("id"), of: context.parameters.require("sender"), request, context, viewer)
        }
        add(.search, to: router) { request, _, viewer in try await console.searchPage(SearchQuery(request.uri.query ?? ""), viewer) }
        add(.entry, to: router) { _, context, viewer in try await console.entryPage(index: context.parameters.require("index"), viewer) }
        add(.visit, to: router) { _, _, viewer in try await console.visitPage(viewer) }
        add(.looks, to: router) { request, _, viewer in
            try await console.looksPage(before: FormFields.pairs(request.uri.query ?? "").first { $0.0 == "before" }?.1 ?? "", viewer)
        }
        add(.statistics, to: router) { _, _, viewer in try await console.statisticsPage(viewer) }
        add(.retention, to: router) { _, _, viewer in try await console.retentionPage(viewer) }
        add(.register, to: router) { request, _, viewer in try await console.registerPage(request.uri.query ?? "", viewer) }
        add(.registerTable, to: router) { _, _, _ in try await console.registerTable() }
        add(.signInForm, to: router) { request, _, _ in console.signInPage(request) }
        add(.signIn, to: router) { request, context, _ in try await console.signIn(request, context) }
        add(.signOut, to: router) { request, _, viewer in try await console.signOut(request, viewer) }
        add(.stylesheet, to: router) { _, _, _ in console.stylesheet() }
        add(.script, to: router) { _, _, _ in console.script() }
    }

    /// Adds a page behind its gate: who may not see it is turned away, and a look at records is noted before they are shown.
    private func add(
        _ route: ConsoleRoute, to router: Router<Context>, page: @escaping @Sendable (Request, Context, Viewer) async throws -> Response
    ) {
        router.on(RouterPath(route.path), method: route.method) { [self] request, context in
            switch console.admit(request, to: route) {
            case .turnedAway(let response): return response
            case .admitted(let viewer):
                if route.isLook { try await note(route, request, context, viewer) }
                return try await page(request, context, viewer)
            }
        }
    }

    private func note(_ route: ConsoleRoute, _ request: Request, _ context: Context, _ viewer: Viewer) async throws {
        let subject = context.parameters.get("id") ?? context.parameters.get("index").map { "entry \($0)" } ?? ""
        let most = ConsoleQuery.valueBytesMax
        let look = Look(
            person: viewer.person?.name, page: route.rawValue, subject: String(subject.prefix(most)), query: String((request.uri.query ?? "").prefix(4 * most)))
        do { try await node.note(look) } catch {
            logger.error("a look could not be noted", metadata: ["page": "\(route.rawValue)", "failure": "\(error)"])
            throw HTTPError(.serviceUnavailable, message: "This look cannot be recorded, so nothing is shown. The node's log says why.")
        }
    }

    private func readiness() async -> Response {
        do {
            let status = try await node.status()
            let selfCheck = status.selfCheck.map { "ledger self check: \($0.sentence)\n" } ?? ""
            return status.isReady
                ? Self.text(.ok, "ready\n" + selfCheck) : Self.text(.serviceUnavailable, "not ready: \(status.notReadyReason)\n" + selfCheck)
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
