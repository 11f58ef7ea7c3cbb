package import SluiceKit
internal import SluiceLedger

/// Makes the ledger searchable, stretch by stretch, after its entries were committed (Docs/Decisions/0028).
package struct LedgerIndexer: Sendable {
    /// Entries that follow a stretch before it is indexed: an exchange taken in has its agreement a few entries after its first.
    package static let lag: Int64 = 1_024
    /// Entries read at a time.
    static let batchMax = 256

    let store: any Store

    package init(store: any Store) { self.store = store }

    /// Indexes the next stretch, if it is complete; returns how many were.
    package func indexNext() async throws -> Int {
        let (next, size) = try await store.read { (try $0.ledgerStretchCount(), try $0.ledgerSize()) }
        guard size >= (next + 1) * Int64(LedgerStretch.entryCount) + Self.lag else { return 0 }
        let stretch = try await store.read { try Self.stretch(next, of: $0) }
        do { try await store.write { try $0.index(stretch) } } catch let error as StoreError where error.code == .conflict {
            // Another process of this node was faster.
        }
        return 1
    }

    /// Forgets the index; `indexNext` makes it again.
    package func forget() async throws { try await store.write { try $0.removeLedgerIndex() } }

    private static func stretch(_ number: Int64, of store: any StoreReading) throws -> LedgerStretch {
        let first = number * Int64(LedgerStretch.entryCount)
        var places: [LedgerTerm: LedgerPlaces] = [:]
        var shared = ExchangeTerms(store)
        var times: ClosedRange<Instant>?
        var place = 0
        while place < LedgerStretch.entryCount {
            let batch = try store.ledgerEntries(from: first + Int64(place), limit: min(batchMax, LedgerStretch.entryCount - place))
            guard !batch.isEmpty else { throw NodeError("the store lost ledger entry \(first + Int64(place))") }
            for entry in batch {
                defer { place += 1 }
                // The self check names what is damaged; a search goes on without it.
                guard let facts = EntryFacts(entry) else { continue }
                times = times.map { min($0.lowerBound, facts.time)...max($0.upperBound, facts.time) } ?? facts.time...facts.time
                for term in facts.terms { places[term, default: LedgerPlaces()].insert(place) }
                for term in try shared.of(facts.subject) { places[term, default: LedgerPlaces()].insert(place) }
            }
        }
        let never = Instant(milliseconds: 0)
        return LedgerStretch(number: number, times: times ?? never...never, places: places)
    }
}
