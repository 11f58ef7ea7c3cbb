package import SluiceCore
package import SluiceKit

/// What the console finds in the ledger.
extension Node {
    package func searchLedger(_ query: LedgerQuery, _ place: LedgerSearchPlace, limit: Int) async throws -> LedgerSearchPage {
        try await LedgerSearch(store: store).page(query, place, limit: limit)
    }

    package func ledgerTerms(limit: Int) async throws -> LedgerTermCounts { try await LedgerSearch(store: store).terms(limit: limit) }

    package func exchanges(ids: Set<String>) async throws -> [String: [ExchangeRecord]] {
        try await store.read { store in
            var found: [String: [ExchangeRecord]] = [:]
            for id in ids {
                let records = try store.exchanges(id: id)
                if !records.isEmpty { found[id] = records }
            }
            return found
        }
    }
}
