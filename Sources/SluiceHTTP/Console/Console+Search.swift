internal import Hummingbird
internal import SluiceCore
internal import SluiceKit

extension Console {
    func searchPage(_ query: SearchQuery, _ viewer: Viewer) async throws -> Response {
        let isUsable = query.mistakes.isEmpty
        let found = isUsable ? try await node.searchLedger(query.query, query.beginning, limit: SearchPage.rowsMax) : LedgerSearchPage()
        let subjects = Set(found.entries.compactMap { (try? JSONValue(parsing: $0.entry))?["subject"]?.text }.filter { !$0.isEmpty })
        let page = SearchPage(
            status: try await node.status(), query: query, terms: try await node.ledgerTerms(limit: max(SearchPage.valuesMax, SearchPage.kindsMax)),
            found: found, exchanges: try await node.exchanges(ids: subjects))
        return html(isUsable ? .ok : .badRequest, page, "search", viewer: viewer)
    }
}
