package import SluiceCore
package import SluiceKit
internal import SluiceLedger

/// Finds entries of the ledger in the node's store, by the index where there is one and by looking at each entry where there is none yet.
///
/// What is found was read from the ledger and looked at once more. The index can only hide an entry, never make one up; `rebuild` makes it again.
package struct LedgerSearch: Sendable {
    package typealias Place = LedgerSearchPlace
    package typealias Page = LedgerSearchPage

    /// Entries that are not indexed and that one page looks at: it then ends, and the next goes on.
    package static let scannedMax: Int64 = 1 << 16
    /// Entries of one subject that are looked at.
    package static let subjectEntriesMax = 10_000
    /// Stretches whose index is read at a time.
    static let stretchesMax: Int64 = 64

    let store: any Store

    package init(store: any Store) { self.store = store }

    package func page(_ query: LedgerQuery, _ place: Place, limit: Int) async throws -> Page {
        try await store.read { store in
            var walk = Walk(store: store, query: query, limit: limit)
            return try walk.page(place)
        }
    }
}

extension LedgerSearch {
    /// One search within one snapshot.
    private struct Walk {
        let store: any StoreReading
        let query: LedgerQuery
        let limit: Int
        private var page = Page()
        private var shared: ExchangeTerms
        private var isNewestFirst = true

        init(store: any StoreReading, query: LedgerQuery, limit: Int) {
            self.store = store
            shared = ExchangeTerms(store)
            self.query = query
            self.limit = max(1, limit)
        }

        private var isFull: Bool { page.entries.count >= limit }

        mutating func page(_ place: Place) throws -> Page {
            let size = try store.ledgerSize()
            let range: Range<Int64>
            switch place {
            case .from(let index):
                isNewestFirst = false
                range = min(max(0, index), size)..<size
            case .before(let index): range = 0..<min(max(0, index ?? size), size)
            }
            if !query.subjects.isEmpty {
                try takeSubjects(range)
                return page
            }
            let indexed = min(try store.ledgerStretchCount() * Int64(LedgerStretch.entryCount), size)
            let searched = range.clamped(to: 0..<indexed)
            let scanned = range.clamped(to: indexed..<size)
            if isNewestFirst {
                if try scan(scanned) { try take(searched) }
            } else if try take(searched) {
                try scan(scanned)
            }
            return page
        }

        // MARK: By subject

        private mutating func takeSubjects(_ range: Range<Int64>) throws {
            var found: [(index: Int64, entry: [UInt8])] = []
            for subject in Set(query.subjects) {
                for row in try store.ledgerEntries(subject: subject, limit: LedgerSearch.subjectEntriesMax) where range.contains(row.index) {
                    guard let facts = EntryFacts(row.entry), try matches(facts) else { continue }
                    found.append(row)
                }
            }
            found.sort { isNewestFirst ? $0.index > $1.index : $0.index < $1.index }
            page.entries = Array(found.prefix(limit))
            if found.count > limit, let last = page.entries.last { page.next = after(last.index) }
        }

        // MARK: Without the index

        /// Looks at each entry; false where the page ended on the way.
        @discardableResult
        private mutating func scan(_ range: Range<Int64>) throws -> Bool {
            var left = range
            var seen: Int64 = 0
            while !left.isEmpty {
                let count = min(Int64(LedgerIndexer.batchMax), Int64(left.count))
                let first = isNewestFirst ? left.upperBound - count : left.lowerBound
                let batch = try store.ledgerEntries(from: first, limit: Int(count))
                for place in isNewestFirst ? Array(batch.indices.reversed()) : Array(batch.indices) {
                    guard let facts = EntryFacts(batch[place]), try matches(facts) else { continue }
                    if isFull {
                        page.next = isNewestFirst ? .before(first + Int64(place) + 1) : .from(first + Int64(place))
                        return false
                    }
                    page.entries.append((index: first + Int64(place), entry: batch[place]))
                }
                left = isNewestFirst ? left.lowerBound..<first : first + count..<left.upperBound
                seen += count
                if seen >= LedgerSearch.scannedMax, !left.isEmpty {
                    page.next = isNewestFirst ? .before(left.upperBound) : .from(left.lowerBound)
                    return false
                }
            }
            return true
        }

        // MARK: With the index

        /// Follows the index through the stretches that have entries of the range; false where the page ended on the way.
        @discardableResult
        private mutating func take(_ range: Range<Int64>) throws -> Bool {
            guard !range.isEmpty else { return true }
            let width = Int64(LedgerStretch.entryCount)
            let stretches = try store.ledgerStretches(since: query.since, until: query.until)
                .filter { $0 * width < range.upperBound && ($0 + 1) * width > range.lowerBound }
            var left = stretches[...]
            while !left.isEmpty {
                // A window of numbers, whether or not each of them is asked for.
                let window: ArraySlice<Int64>
                if isNewestFirst {
                    let last = left[left.endIndex - 1]
                    window = left[(left.firstIndex { $0 > last - LedgerSearch.stretchesMax } ?? left.startIndex)...]
                    left = left[..<window.startIndex]
                } else {
                    let first = left[left.startIndex]
                    window = left[..<(left.firstIndex { $0 >= first + LedgerSearch.stretchesMax } ?? left.endIndex)]
                    left = left[window.endIndex...]
                }
                let places = try places(in: window)
                for stretch in isNewestFirst ? Array(window.reversed()) : Array(window) {
                    guard let found = places?[stretch] ?? (places == nil ? LedgerPlaces.all : nil), !found.isEmpty else { continue }
                    guard try take(found, of: stretch, within: range) else { return false }
                }
            }
            return true
        }

        /// Where all terms meet; nil where the query names none.
        private func places(in window: ArraySlice<Int64>) throws -> [Int64: LedgerPlaces]? {
            guard let first = window.first, let last = window.last else { return [:] }
            var met: [Int64: LedgerPlaces]?
            for facet in LedgerTerm.Facet.allCases where query.wanted[facet] != nil {
                let found = try store.ledgerPlaces(of: query.terms(facet), stretches: first...last)
                guard let before = met else {
                    met = found
                    continue
                }
                met = before.reduce(into: [:]) { met, stretch in
                    guard let others = found[stretch.key] else { return }
                    var both = stretch.value
                    both.formIntersection(others)
                    if !both.isEmpty { met[stretch.key] = both }
                }
                if met?.isEmpty ?? true { return met }
            }
            return met
        }

        private mutating func take(_ places: LedgerPlaces, of stretch: Int64, within range: Range<Int64>) throws -> Bool {
            let first = stretch * Int64(LedgerStretch.entryCount)
            for place in isNewestFirst ? places.ascending.reversed() : places.ascending {
                let index = first + Int64(place)
                guard range.contains(index) else { continue }
                guard let entry = try store.ledgerEntries(from: index, limit: 1).first, let facts = EntryFacts(entry), try matches(facts) else { continue }
                if isFull {
                    page.next = isNewestFirst ? .before(index + 1) : .from(index)
                    return false
                }
                page.entries.append((index: index, entry: entry))
            }
            return true
        }

        // MARK: Whether an entry is meant

        private mutating func matches(_ facts: EntryFacts) throws -> Bool {
            try query.matches(facts) { try shared.of(facts.subject) }
        }

        private func after(_ index: Int64) -> Place { isNewestFirst ? .before(index) : .from(index + 1) }
    }
}
