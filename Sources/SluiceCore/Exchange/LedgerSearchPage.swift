package import SluiceKit

/// Where a page of a search in the ledger begins, and into which direction it goes.
package enum LedgerSearchPlace: Hashable, Sendable {
    /// The oldest first, from this index on.
    case from(Int64)
    /// The newest first, from before this index; nil from the end.
    case before(Int64?)
}

package struct LedgerSearchPage: Sendable {
    package var entries: [(index: Int64, entry: [UInt8])]
    /// Where the next page begins; nil where everything was looked at.
    package var next: LedgerSearchPlace?

    package init(entries: [(index: Int64, entry: [UInt8])] = [], next: LedgerSearchPlace? = nil) {
        self.entries = entries
        self.next = next
    }
}

/// What there is to search the ledger for: the values of each facet, and how many entries have each.
package struct LedgerTermCounts: Sendable {
    /// The most frequent first; facets without a value are left out.
    package var values: [LedgerTerm.Facet: [(value: String, entries: Int64)]]
    /// Facets that have further values.
    package var cut: Set<LedgerTerm.Facet>
    /// Entries that are not counted, because the index has yet to come to them.
    package var uncounted: Int64

    package init(values: [LedgerTerm.Facet: [(value: String, entries: Int64)]] = [:], cut: Set<LedgerTerm.Facet> = [], uncounted: Int64 = 0) {
        self.values = values
        self.cut = cut
        self.uncounted = uncounted
    }
}
