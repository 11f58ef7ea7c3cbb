package import SluiceCore
internal import SluiceKit
internal import SluiceLedger

extension LedgerSearch {
    /// Entries behind the index that are counted beside it, the newest: more than the index leaves out while it keeps up.
    package static let countedMax: Int64 = 1 << 13

    /// What there is to search for: of each facet at most `limit` values, the most frequent first.
    package func terms(limit: Int) async throws -> LedgerTermCounts {
        try await store.read { store in
            let size = try store.ledgerSize()
            let indexed = min(try store.ledgerStretchCount() * Int64(LedgerStretch.entryCount), size)
            let first = max(indexed, size - Self.countedMax)
            let tail = try Self.count(first..<size, of: store)
            var found = LedgerTermCounts(uncounted: first - indexed)
            for facet in LedgerTerm.Facet.allCases {
                var counts = tail[facet] ?? [:]
                // What is rare in the index and not among these is counted only as far as the tail has it.
                for term in try store.ledgerTerms(facet, limit: limit + counts.count + 1) { counts[term.value, default: 0] += term.entries }
                let ordered = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
                if ordered.count > limit { found.cut.insert(facet) }
                if !ordered.isEmpty { found.values[facet] = ordered.prefix(max(0, limit)).map { (value: $0.key, entries: $0.value) } }
            }
            return found
        }
    }

    private static func count(_ range: Range<Int64>, of store: any StoreReading) throws -> [LedgerTerm.Facet: [String: Int64]] {
        var counts: [LedgerTerm.Facet: [String: Int64]] = [:]
        var shared = ExchangeTerms(store)
        var index = range.lowerBound
        while index < range.upperBound {
            let batch = try store.ledgerEntries(from: index, limit: min(LedgerIndexer.batchMax, Int(range.upperBound - index)))
            guard !batch.isEmpty else { break }
            for entry in batch {
                guard let facts = EntryFacts(entry) else { continue }
                for term in try shared.of(facts.subject).union(facts.terms) { counts[term.facet, default: [:]][term.value, default: 0] += 1 }
            }
            index += Int64(batch.count)
        }
        return counts
    }
}
