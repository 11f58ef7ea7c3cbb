internal import SluiceCore
internal import SluiceKit

/// `/console/search`: what the ledger has of what is chosen, and what there is to choose.
struct SearchPage: ConsolePage {
    /// What is chosen, and the address of the search without it.
    struct Chosen {
        var facet: String
        var word: String
        var without: String
    }
    struct Value {
        var id: String
        var name: String
        var value: String
        var word: String
        /// Empty where it is not counted.
        var count: String
        var isChosen: Bool
    }
    struct Facet {
        var id: String
        var name: String
        var title: String
        var summary: String
        var isOpen: Bool
        var values: [Value]
        var hasValues: Bool
        /// There are values beyond those listed: then one can be typed.
        var takesAnother: Bool
    }

    /// Entries on one page at most.
    static let rowsMax = 50
    /// Values listed of a facet; of the kinds of entry all.
    static let valuesMax = 12
    static let kindsMax = LedgerEvent.Kind.allCases.count
    /// Bytes of what entries and partners say on one page, escaped: rows that would go beyond are on the next, values have to be typed.
    static let rowBytesMax = 36_000
    static let valueBytesMax = 2_500

    var viewer: ViewerView?
    var title = "Search the ledger"
    var node: NodeView
    var mistakes: [String]
    var hasMistakes: Bool
    var facets: [Facet]
    var uncounted: String?
    var chosen: [Chosen]
    var hasChosen: Bool
    var first: String
    var last: String
    var exchange: String
    var isOldestFirst: Bool
    var rows: [SearchRowView]
    var hasRows: Bool
    var caption: String
    /// The number of the entry before which, or from which on, nothing was looked at yet, where the page ended before it was full.
    var lookedAt: String?
    var nextAddress: String?
    var nextWord: String
    var beginningAddress: String?
    var beginningWord: String
    var address: String
    var command: String

    init(status: NodeStatus, query: SearchQuery, terms: LedgerTermCounts, found: LedgerSearchPage, exchanges: [String: [ExchangeRecord]]) {
        node = NodeView(status)
        mistakes = query.mistakes
        hasMistakes = !mistakes.isEmpty
        facets = SearchQuery.facets.map { Self.facet($0, query, terms) }
        uncounted = terms.uncounted == 0 ? nil : grouped(terms.uncounted)
        chosen = Self.chosen(query)
        hasChosen = !chosen.isEmpty
        first = query.first.map(SearchQuery.text) ?? ""
        last = query.last.map(SearchQuery.text) ?? ""
        exchange = query.exchange ?? ""
        isOldestFirst = query.isOldestFirst
        (rows, nextAddress, lookedAt) = ([], nil, nil)
        var next = found.next
        var bytes = 0
        for (number, one) in found.entries.enumerated() {
            let row = SearchRowView(one.index, one.entry, exchanges, status)
            bytes += row.escapedBytes
            if number > 0, bytes > Self.rowBytesMax {
                next = query.isOldestFirst ? .from(one.index) : .before(found.entries[number - 1].index)
                break
            }
            rows.append(row)
        }
        hasRows = !rows.isEmpty
        let order = query.isOldestFirst ? "the oldest first" : "the newest first"
        caption = (query.isNarrowed ? "Entries that match, " : "All entries, ") + order
        nextWord = query.isOldestFirst ? "Newer" : "Older"
        beginningWord = query.isOldestFirst ? "Oldest" : "Newest"
        if let next {
            let index = Self.index(next)
            nextAddress = query.with { $0.place = index }.address
            if rows.count == found.entries.count, rows.count < Self.rowsMax { lookedAt = index.map(grouped) }
        }
        beginningAddress = query.place == nil ? nil : query.with { _ in }.address
        address = query.address
        command = query.command
    }

    private static func index(_ place: LedgerSearchPlace) -> Int64? {
        switch place {
        case .from(let index): index
        case .before(let index): index
        }
    }

    // MARK: Facets

    static func title(_ facet: LedgerTerm.Facet) -> String {
        switch facet {
        case .type: "What happened"
        case .participant: "Participant"
        case .dataflow: "Dataflow"
        case .agreement: "Agreement"
        case .outcome: "Outcome"
        case .reason: "Reason code"
        case .purpose: "Purpose"
        }
    }

    private static func word(_ value: String, _ facet: LedgerTerm.Facet) -> String {
        facet == .type ? EntryWords.words(of: value, isOutgoing: true).word : value
    }

    private static func facet(_ facet: LedgerTerm.Facet, _ query: SearchQuery, _ terms: LedgerTermCounts) -> Facet {
        let wanted = query.wanted[facet] ?? []
        let counts = terms.values[facet] ?? []
        // What is chosen stands first, so that it can be taken away wherever it is among the others.
        var listed = wanted.map { value in (value: value, entries: counts.first { $0.value == value }?.entries) }
        var isCut = terms.cut.contains(facet)
        var (count, bytes) = (0, 0)
        for (value, entries) in counts where !wanted.contains(value) {
            bytes += 2 * EscapedText.byteCount(value)
            // What a form cannot send as it stands is not offered.
            guard count < (facet == .type ? kindsMax : valuesMax), bytes <= valueBytesMax, !EscapedText.hasControl(value) else {
                isCut = true
                continue
            }
            count += 1
            listed.append((value, entries))
        }
        let values = listed.enumerated().map { number, one in
            Value(
                id: "\(facet.rawValue)-\(number)", name: facet.rawValue, value: SearchQuery.short(one.value, facet), word: word(one.value, facet),
                count: one.entries.map(grouped) ?? "", isChosen: wanted.contains(one.value))
        }
        let summary = wanted.isEmpty ? "" : wanted.count == 1 ? "1 chosen" : "\(wanted.count) chosen"
        return Facet(
            id: "\(facet.rawValue)-other", name: facet.rawValue, title: title(facet), summary: summary,
            isOpen: !wanted.isEmpty || facet == .type || facet == .participant, values: values, hasValues: !values.isEmpty,
            takesAnother: isCut && facet != .type)
    }

    private static func chosen(_ query: SearchQuery) -> [Chosen] {
        var chosen: [Chosen] = []
        for facet in SearchQuery.facets {
            for value in query.wanted[facet] ?? [] {
                chosen.append(Chosen(facet: title(facet), word: word(value, facet), without: query.without(facet, value).address))
            }
        }
        if let exchange = query.exchange { chosen.append(Chosen(facet: "Exchange", word: exchange, without: query.with { $0.exchange = nil }.address)) }
        if let first = query.first {
            chosen.append(Chosen(facet: "From", word: SearchQuery.text(first), without: query.with { $0.first = nil }.address))
        }
        if let last = query.last { chosen.append(Chosen(facet: "To", word: SearchQuery.text(last), without: query.with { $0.last = nil }.address)) }
        return chosen
    }
}
