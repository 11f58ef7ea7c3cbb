/// A word by which ledger entries are found: a facet and one of its values.
public struct LedgerTerm: Hashable, Sendable {
    public enum Facet: String, Hashable, Sendable, CaseIterable {
        /// `sluice.exchange.refused`, …
        case type
        case outcome
        /// The entry's `reasonCode`.
        case reason
        /// A sender, a receiver, or whoever the entry is about.
        case participant
        /// `AGENCY:ID(VERSION)`.
        case dataflow
        /// An agreement's id, and `ID VERSION`.
        case agreement
        case purpose
    }

    public var facet: Facet
    public var value: String

    /// Longer values are told apart by their beginning alone.
    public static let valueBytesMax = 200

    public init(_ facet: Facet, _ value: String) {
        self.facet = facet
        guard value.utf8.count > Self.valueBytesMax else {
            self.value = value
            return
        }
        // Whole characters, so that it stays text.
        var (cut, bytes) = ("", 0)
        for symbol in value.unicodeScalars {
            bytes += symbol.utf8.count
            guard bytes <= Self.valueBytesMax else { break }
            cut.unicodeScalars.append(symbol)
        }
        self.value = cut
    }
}

/// Which entries of a stretch have a term.
public struct LedgerPlaces: Hashable, Sendable {
    /// One bit for each entry.
    private var words: [UInt64]
    static let byteCount = LedgerStretch.entryCount / 8

    public init() { words = Array(repeating: 0, count: LedgerStretch.entryCount / 64) }

    /// Every entry of a stretch.
    public static var all: LedgerPlaces {
        var places = LedgerPlaces()
        for word in places.words.indices { places.words[word] = .max }
        return places
    }

    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// - Precondition: `place` is below `LedgerStretch.entryCount`.
    public mutating func insert(_ place: Int) { words[place / 64] |= 1 << UInt64(place % 64) }
    public mutating func formUnion(_ other: LedgerPlaces) { for word in words.indices { words[word] |= other.words[word] } }
    public mutating func formIntersection(_ other: LedgerPlaces) { for word in words.indices { words[word] &= other.words[word] } }

    /// The places in ascending order.
    public var ascending: [Int] {
        var found: [Int] = []
        found.reserveCapacity(count)
        for (number, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                found.append(number * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }

    /// For a store to keep: two bytes a place where they are few, most significant first; one bit for each entry otherwise.
    public var bytes: [UInt8] {
        if count * 2 < Self.byteCount { return ascending.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } }
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    }

    /// What `bytes` wrote; nil for bytes that it never writes.
    public init?(bytes: some RandomAccessCollection<UInt8>) {
        self.init()
        let bytes = Array(bytes)
        if bytes.count == Self.byteCount {
            for (place, byte) in bytes.enumerated() { words[place / 8] |= UInt64(byte) << UInt64(8 * (place % 8)) }
            return
        }
        guard bytes.count < Self.byteCount, bytes.count % 2 == 0 else { return nil }
        for place in stride(from: 0, to: bytes.count, by: 2) {
            let value = Int(bytes[place]) << 8 | Int(bytes[place + 1])
            guard value < LedgerStretch.entryCount else { return nil }
            insert(value)
        }
    }
}

/// What a search has to know of 4,096 entries that follow each other: the index of the ledger is made of such stretches, each written once.
///
/// It is made of the entries, after they were committed, and can be made again at any time. It is a help for finding and proves nothing.
public struct LedgerStretch: Hashable, Sendable {
    /// Entries in a stretch: the place of one fits into two bytes, and the places of a term into 512.
    public static let entryCount = 4_096

    /// The stretch begins with the entry `number * entryCount`.
    public var number: Int64
    /// The earliest and the latest time of its entries. They overlap those of its neighbours where a clock was set back.
    public var times: ClosedRange<Instant>
    public var places: [LedgerTerm: LedgerPlaces]

    public init(number: Int64, times: ClosedRange<Instant>, places: [LedgerTerm: LedgerPlaces]) {
        self.number = number
        self.times = times
        self.places = places
    }
}

/// What to look for in the ledger. Of each facet one of the values must hold, and of all facets together each.
public struct LedgerQuery: Hashable, Sendable {
    /// Entries of this time or later.
    public var since: Instant?
    /// Entries of before this time.
    public var until: Instant?
    public var wanted: [LedgerTerm.Facet: [String]]
    /// Entries about one of these; empty for all.
    public var subjects: [String]

    public init(since: Instant? = nil, until: Instant? = nil, wanted: [LedgerTerm.Facet: [String]] = [:], subjects: [String] = []) {
        self.since = since
        self.until = until
        self.wanted = wanted
        self.subjects = subjects
    }

    /// Whether an entry of this time may be among what is looked for.
    public func includes(_ time: Instant) -> Bool { since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true }

    /// Whether it asks for what only the exchange of an entry tells: who takes part, in which dataflow, under which agreement, for what.
    public var asksOfExchanges: Bool { !Set(wanted.keys).isDisjoint(with: LedgerTerm.Facet.ofExchanges) }
}

extension LedgerTerm.Facet {
    /// What all entries of an exchange share, though not every one of them says it.
    public static let ofExchanges: Set<Self> = [.participant, .dataflow, .agreement, .purpose]
}
