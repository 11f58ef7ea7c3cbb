internal import Hummingbird
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// The pages for people: rendered here, complete without scripts, safe to print and to bookmark. Every one is told who looks.
struct Console: Sendable {
    let node: any NodeFace
    let listener: InspectionListener
    let sessions: Sessions
    let cookie: SessionCookie
    private let templates: ConsoleTemplates

    init(node: any NodeFace, listener: InspectionListener, sessions: Sessions = Sessions()) throws(ListenerError) {
        self.node = node
        self.listener = listener
        self.sessions = sessions
        cookie = SessionCookie(participant: node.participantName, isSecure: listener.isBehindTLS)
        templates = try ConsoleTemplates()
    }

    func exchangesPage(_ query: ConsoleQuery, _ viewer: Viewer) async throws -> Response {
        let status = try await node.status()
        // One more than shown tells whether there are older ones.
        var records = query.mistakes.isEmpty ? try await node.exchanges(query.filter(limit: listener.exchangesPerPage + 1)) : []
        let hasOlder = records.count > listener.exchangesPerPage
        records = Array(records.prefix(listener.exchangesPerPage))
        let warnings = query.isEverything ? node.certificateWarnings() : []
        var page = ExchangesPage(status: status, query: query, records: records, hasOlder: hasOlder, warnings: warnings)
        if query.isEverything {
            if viewer.session != nil { page.visit = await visitCard(viewer) }
            let witnessing = WitnessView(try await node.witnessReport())
            page.witnessing = witnessing.isWorthSaying ? witnessing : nil
        }
        return html(query.mistakes.isEmpty ? .ok : .badRequest, page, "exchanges", viewer: viewer)
    }

    /// - Parameter query: of which `before` counts, for paging.
    func approvalsPage(_ query: ConsoleQuery, _ viewer: Viewer) async throws -> Response {
        guard query.mistakes.isEmpty else { throw HTTPError(.badRequest, message: query.mistakes.joined(separator: " ")) }
        let most = listener.exchangesPerPage
        var records = try await node.exchanges(ExchangeFilter(state: .awaitingApproval, direction: .outgoing, before: query.before, limit: most + 1))
        let hasOlder = records.count > most
        records = Array(records.prefix(most))
        var releases: [ReleaseView] = []
        for record in records { releases.append(ReleaseView(record, try await node.ledgerEntries(subject: record.id))) }
        let older = hasOlder ? records.last.map { "\(ApprovalsPage.address)?before=\(ConsoleQuery.percentEncoded($0.id))" } : nil
        return html(.ok, ApprovalsPage(status: try await node.status(), releases: releases, olderAddress: older), "approvals", viewer: viewer)
    }

    /// - Parameter text: a place as `LooksPage` writes it; empty for the newest.
    func looksPage(before text: String, _ viewer: Viewer) async throws -> Response {
        let place = LooksPage.place(text)
        guard place != nil || text.isEmpty else {
            throw HTTPError(.badRequest, message: "Pages begin before a look such as 2026-11.42; the links on the page lead on.")
        }
        let looks = try await node.looks(before: place, limit: LooksPage.perPage + 1)
        return html(.ok, LooksPage(status: try await node.status(), looks: looks), "looks", viewer: viewer)
    }

    func exchangePage(sender: String, id: String, _ viewer: Viewer) async throws -> Response {
        guard ParticipantID(sender) != nil, id.utf8.count <= ConsoleQuery.valueBytesMax, let record = try await node.exchange(sender: sender, id: id) else {
            throw HTTPError(.notFound)
        }
        let entries = try await node.ledgerEntries(subject: record.id)
        let acts = ExchangeAct.offered(for: record)
        let mayAct = !acts.isEmpty && listener.takesPassphrases && node.knowsPeople && viewer.mayUse(.act)
        let page = ExchangePage(
            status: try await node.status(), record: record, entries: entries, entriesShownMax: listener.ledgerEntriesShownMax, acts: mayAct ? acts : [])
        return html(.ok, page, "exchange", viewer: viewer)
    }

    /// Replays, parks, cancels or rules, then shows the exchange: a reload repeats nothing. Who is signed in gives the passphrase again: a screen that was left
    /// alone lets nobody act.
    func act(on id: String, of sender: String, _ request: Request, _ context: ConsoleContext, _ viewer: Viewer) async throws -> Response {
        do throws(Problem) {
            guard listener.takesPassphrases else {
                throw Problem(
                    status: 403, code: "listener-open", title: "Not from here",
                    detail: "This console is open beyond its machine and plain HTTP, so it asks for no passphrase. Use the command line: sluice exchange.")
            }
            let fields = try await fields(of: request)
            try requireToken(fields, viewer)
            let form = try ActForm(fields, person: viewer.person?.name)
            guard try await isOwn(id, of: sender) else {
                throw Problem(status: 404, code: "exchange-unknown", title: "Unknown", detail: "There is no such exchange.")
            }
            try await node.perform(form.act, exchangeID: id, reason: form.reason, as: form.credentials, from: listener.client(of: request, context))
        } catch {
            var response = messagePage(.init(code: error.status), error.detail, back: ExchangeRowView.address(sender: sender, id: id), viewer: viewer)
            if let seconds = error.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
            return response
        }
        return Response.redirect(to: ExchangeRowView.address(sender: sender, id: id))
    }

    /// The fields of a form that was on a page of ours.
    func fields(of request: Request) async throws(Problem) -> [String: String] {
        // Browsers say where a form was (Fetch Metadata); other programs need a passphrase just the same.
        if let site = request.headers[.secFetchSite], site != "same-origin" {
            throw Problem(status: 403, code: "form-foreign", title: "Not from here", detail: "The form was on a page of another site. Nothing was done.")
        }
        guard request.headers[.contentType]?.lowercased().split(separator: ";").first.map(String.init) == ActForm.mediaType else {
            throw Problem(status: 415, code: "form-malformed", title: "Not a form", detail: "A form is expected: \(ActForm.mediaType).")
        }
        var body: ByteBuffer
        do { body = try await request.body.collect(upTo: ActForm.bytesMax) } catch {
            throw Problem(status: 413, code: "form-too-long", title: "Too long", detail: "A form has at most \(ActForm.bytesMax) bytes.")
        }
        guard let text = body.readString(length: body.readableBytes) else {
            throw Problem(status: 400, code: "form-malformed", title: "Not UTF-8", detail: "The form is not UTF-8.")
        }
        var fields: [String: String] = [:]
        for (name, value) in FormFields.pairs(text) {
            guard fields.updateValue(value, forKey: name) == nil else {
                throw Problem(status: 400, code: "form-malformed", title: "Form not complete", detail: "“\(name.prefix(40))” is given twice.")
            }
        }
        return fields
    }

    private func isOwn(_ id: String, of sender: String) async throws(Problem) -> Bool {
        do {
            guard id.utf8.count <= ConsoleQuery.valueBytesMax, let record = try await node.exchange(sender: sender, id: id) else { return false }
            return record.direction == .outgoing
        } catch {
            throw Problem(status: 503, code: "temporarily-unavailable", title: "Not possible now", detail: "The node cannot be asked now. Nothing was done.")
        }
    }

    /// - Parameter back: where the reader came from; nil leads to the exchanges.
    func messagePage(_ status: HTTPResponse.Status, _ words: String, back: String? = nil, viewer: Viewer? = nil) -> Response {
        html(status, MessagePage(heading: "\(status.code) \(status.reasonPhrase)", words: words, back: back), "message", viewer: viewer)
    }

    func stylesheet() -> Response { file(templates.stylesheet, "text/css; charset=utf-8") }
    func script() -> Response { file(templates.script, "text/javascript; charset=utf-8") }

    private func file(_ bytes: [UInt8], _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "max-age=300"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    func html(_ status: HTTPResponse.Status, _ page: some ConsolePage, _ template: String, viewer: Viewer?) -> Response {
        var page = page
        page.viewer = viewer.map(ViewerView.init)
        return Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: templates.render(page, template))))
    }
}
