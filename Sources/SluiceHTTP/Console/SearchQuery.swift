internal import SluiceCore
internal import SluiceKit

/// What the ledger is searched for, from the query of an address: the address is the whole of a search, so that it can be kept and sent.
struct SearchQuery: Hashable {
    /// In the order of the page.
    static let facets: [LedgerTerm.Facet] = [.type, .participant, .dataflow, .agreement, .outcome, .reason, .purpose]
    /// Longest query in bytes: the log of looks keeps all of it, and signing in leads on to it.
    static let bytesMax = 1_000
    static let valuesMax = 24
    static let path = "/console/search"

    /// Values of one facet are alternatives; what is chosen of all facets has to hold together.
    var wanted: [LedgerTerm.Facet: [String]] = [:]
    var exchange: String?
    var first: CivilDate?
    /// That day is included.
    var last: CivilDate?
    var isOldestFirst = false
    /// Where the page begins: newest first before this entry, oldest first from it on.
    var place: Int64?
    /// What was asked for and not understood, in words; then nothing is searched for.
    var mistakes: [String] = []

    init() {}

    init(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else {
            mistakes = ["A search has at most \(Self.bytesMax) bytes in its address; this one has \(text.utf8.count). Choose fewer values."]
            return
        }
        var given: Set<String> = []
        // The length bounds their number.
        for (name, value) in FormFields.pairs(text, most: Self.bytesMax) where !value.isEmpty {
            // Mistakes are shown on a page, where a control character is no text.
            guard !EscapedText.hasControl(name), !EscapedText.hasControl(value) else {
                mistakes.append("A value or its name has a control character, such as a line break.")
                continue
            }
            guard value.utf8.count <= LedgerTerm.valueBytesMax else {
                mistakes.append("The value of “\(name.prefix(40))” is too long: at most \(LedgerTerm.valueBytesMax) bytes.")
                continue
            }
            if let facet = LedgerTerm.Facet(rawValue: name) {
                choose(facet, value)
            } else if !given.insert(name).inserted {
                mistakes.append("“\(name.prefix(40))” is given twice.")
            } else {
                take(name, value)
            }
        }
        if let first, let last, last < first { mistakes.append("The last day, \(Self.text(last)), is before the first, \(Self.text(first)).") }
        if given.contains("before"), isOldestFirst { mistakes.append("“before” pages from the newest; with the oldest first it is “from”.") }
        if given.contains("from"), !isOldestFirst { mistakes.append("“from” goes with “order=oldest”; from the newest it is “before”.") }
        if wanted.values.reduce(0, { $0 + $1.count }) > Self.valuesMax { mistakes.append("At most \(Self.valuesMax) values can be chosen at a time.") }
        if mistakes.isEmpty, address.utf8.count > Self.path.utf8.count + 1 + Self.bytesMax {
            mistakes.append("A search has at most \(Self.bytesMax) bytes in its address. Choose fewer values.")
        }
    }

    private mutating func choose(_ facet: LedgerTerm.Facet, _ value: String) {
        var value = value
        if facet == .type {
            value = value.hasPrefix(Self.typePrefix) ? value : Self.typePrefix + value
            guard LedgerEvent.Kind(rawValue: value) != nil else { return mistakes.append("No entry is of the kind “\(value)”.") }
        }
        if !wanted[facet, default: []].contains(value) { wanted[facet, default: []].append(value) }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "exchange": exchange = value
        case "first":
            first = CivilDate(iso8601: value)
            if first == nil { mistakes.append("The first day is a date such as 2026-11-30, not “\(value)”.") }
        case "last":
            last = CivilDate(iso8601: value)
            if last == nil { mistakes.append("The last day is a date such as 2026-11-30, not “\(value)”.") }
        case "order":
            isOldestFirst = value == "oldest"
            if !["oldest", "newest"].contains(value) { mistakes.append("The order is “newest” or “oldest”, not “\(value)”.") }
        case "before", "from":
            place = Int64(value)
            if String(place ?? -1) != value || place ?? -1 < 0 {
                mistakes.append("A page begins at the number of an entry, 0 or more; “\(value)” is none. Begin again without “\(name)”.")
            }
        default:
            let known = Self.facets.map(\.rawValue) + ["exchange", "first", "last", "order"]
            mistakes.append("There is no facet “\(name.prefix(40))”. There are \(known.joined(separator: ", ")).")
        }
    }

    // MARK: To the ledger

    var query: LedgerQuery {
        LedgerQuery(
            since: first.map { Self.start(of: $0, after: 0) }, until: last.map { Self.start(of: $0, after: 1) }, wanted: wanted,
            subjects: exchange.map { [$0] } ?? [])
    }

    var beginning: LedgerSearchPlace { isOldestFirst ? .from(place ?? 0) : .before(place) }

    private static func start(of date: CivilDate, after days: Int) -> Instant { Instant(milliseconds: Int64(date.daysSince1970 + days) * 86_400_000) }

    // MARK: To an address

    var address: String {
        var parts: [(String, String)] = []
        for facet in Self.facets { parts += (wanted[facet] ?? []).map { (facet.rawValue, Self.short($0, facet)) } }
        if let exchange { parts.append(("exchange", exchange)) }
        if let first { parts.append(("first", Self.text(first))) }
        if let last { parts.append(("last", Self.text(last))) }
        if isOldestFirst { parts.append(("order", "oldest")) }
        if let place { parts.append((isOldestFirst ? "from" : "before", String(place))) }
        let query = parts.map { "\($0)=\(ConsoleQuery.percentEncoded($1))" }.joined(separator: "&")
        return query.isEmpty ? Self.path : "\(Self.path)?\(query)"
    }

    func with(_ change: (inout SearchQuery) -> Void) -> SearchQuery {
        var copy = self
        copy.mistakes = []
        // Another search begins at its own beginning.
        copy.place = nil
        change(&copy)
        return copy
    }

    func without(_ facet: LedgerTerm.Facet, _ value: String) -> SearchQuery {
        with {
            let left = (wanted[facet] ?? []).filter { $0 != value }
            $0.wanted[facet] = left.isEmpty ? nil : left
        }
    }

    /// Something is chosen.
    var isNarrowed: Bool { !wanted.isEmpty || exchange != nil || first != nil || last != nil }

    private static let typePrefix = "sluice."

    /// Kinds are written without what they all begin with.
    static func short(_ value: String, _ facet: LedgerTerm.Facet) -> String {
        facet == .type && value.hasPrefix(typePrefix) ? String(value.dropFirst(typePrefix.count)) : value
    }

    static func text(_ date: CivilDate) -> String { String(start(of: date, after: 0).rfc3339.prefix(10)) }
}

extension SearchQuery {
    /// The same search at a command line of the node.
    var command: String {
        var words = ["sluice ledger search --config node.yaml"]
        for facet in Self.facets { words += (wanted[facet] ?? []).map { "--\(facet.rawValue)=\(Self.quoted(Self.short($0, facet)))" } }
        if let exchange { words.append("--exchange=\(Self.quoted(exchange))") }
        if let first { words.append("--since=\(Self.text(first))") }
        // The command leaves out the day that it names.
        if let last { words.append("--until=\(Self.text(CivilDate(daysSince1970: last.daysSince1970 + 1)))") }
        if isOldestFirst { words.append("--oldest-first") }
        if let place { words.append("--\(isOldestFirst ? "from" : "before")=\(place)") }
        return words.joined(separator: " ")
    }

    /// As one word of a POSIX shell, whatever is in it.
    private static func quoted(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "._-:/".utf8.contains(byte)
            }
        }
        return plain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
