internal import Hummingbird
internal import NIOCore
internal import SluiceCore
internal import SluiceKit

/// The pages for people: rendered here, complete without scripts, safe to print and to bookmark.
struct Console: Sendable {
    let node: any NodeFace
    let listener: InspectionListener
    private let templates: ConsoleTemplates

    init(node: any NodeFace, listener: InspectionListener) throws(ListenerError) {
        self.node = node
        self.listener = listener
        templates = try ConsoleTemplates()
    }

    func exchangesPage(_ query: ConsoleQuery) async throws -> Response {
        let status = try await node.status()
        // One more than shown tells whether there are older ones.
        var records = query.mistakes.isEmpty ? try await node.exchanges(query.filter(limit: listener.exchangesPerPage + 1)) : []
        let hasOlder = records.count > listener.exchangesPerPage
        records = Array(records.prefix(listener.exchangesPerPage))
        let page = ExchangesPage(status: status, query: query, records: records, hasOlder: hasOlder)
        return html(query.mistakes.isEmpty ? .ok : .badRequest, templates.render(page, "exchanges"))
    }

    func exchangePage(sender: String, id: String) async throws -> Response {
        guard ParticipantID(sender) != nil, id.utf8.count <= ConsoleQuery.valueBytesMax, let record = try await node.exchange(sender: sender, id: id) else {
            throw HTTPError(.notFound)
        }
        let entries = try await node.ledgerEntries(subject: record.id)
        let page = ExchangePage(status: try await node.status(), record: record, entries: entries, entriesShownMax: listener.ledgerEntriesShownMax)
        return html(.ok, templates.render(page, "exchange"))
    }

    func messagePage(_ status: HTTPResponse.Status, _ words: String) -> Response {
        html(status, templates.render(MessagePage(heading: "\(status.code) \(status.reasonPhrase)", words: words), "message"))
    }

    func stylesheet() -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: templates.stylesheet)))
    }

    private func html(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
