package import SluiceKit

/// Finds entries in a published folder, without a store and without an index: every bundle is read, in memory that does not grow with the log.
package struct PublishedSearch {
    /// Exchanges that are kept in mind while a search asks for what only other entries of an exchange tell.
    package static let exchangesMax = 2_000_000

    package let entries: PublishedEntries

    package init(_ entries: PublishedEntries) { self.entries = entries }

    /// Calls `visit` with each entry that is looked for, in order of the index or against it, until it answers false. Returns how many entries are withheld.
    ///
    /// Where the query asks for what the exchange of an entry tells, the folder is read twice.
    @discardableResult
    package func forEach(
        _ query: LedgerQuery, in range: Range<UInt64>, newestFirst: Bool, _ visit: (UInt64, [UInt8]) throws -> Bool
    ) throws -> UInt64 {
        let exchanges = query.asksOfExchanges ? try exchanges(query) : [:]
        let range = range.clamped(to: 0..<entries.size)
        guard !range.isEmpty else { return 0 }
        let width = UInt64(TilePath.fullWidth)
        let bundles = range.lowerBound / width...(range.upperBound - 1) / width
        var withheld: UInt64 = 0
        for step in 0...bundles.upperBound - bundles.lowerBound {
            let bundle = newestFirst ? bundles.upperBound - step : bundles.lowerBound + step
            var found: [(UInt64, [UInt8])] = []
            let isThere = try entries.forEach(inBundle: bundle) { index, bytes in
                guard range.contains(index), let facts = EntryFacts(bytes) else { return }
                if query.matches(facts, shared: { exchanges[facts.subject] ?? [] }) { found.append((index, Array(bytes))) }
            }
            if !isThere { withheld += min(width, entries.size - bundle * width) }
            for (index, entry) in newestFirst ? found.reversed() : found {
                guard try visit(index, entry) else { return withheld }
            }
        }
        return withheld
    }

    /// Of each exchange that tells any of the terms asked for, those.
    private func exchanges(_ query: LedgerQuery) throws -> [String: Set<LedgerTerm>] {
        let asked = Set(LedgerTerm.Facet.ofExchanges.flatMap { query.terms($0) })
        var exchanges: [String: Set<LedgerTerm>] = [:]
        for bundle in 0..<entries.bundleCount {
            _ = try entries.forEach(inBundle: bundle) { _, bytes in
                guard let facts = EntryFacts(bytes) else { return }
                for term in facts.terms where asked.contains(term) { exchanges[facts.subject, default: []].insert(term) }
            }
            guard exchanges.count <= Self.exchangesMax else {
                throw LedgerError(
                    .limitExceeded, "more than \(Self.exchangesMax) exchanges have what is asked for; search in the node's own store, which has an index")
            }
        }
        return exchanges
    }
}
