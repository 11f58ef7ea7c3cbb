/// Why the ledger could not be written, read or believed.
package struct LedgerError: Error, Hashable, CustomStringConvertible {
    /// What a program switches on.
    package enum Code: String, Hashable, Sendable {
        /// Text or bytes that break the format they claim to be in.
        case malformed
        /// A signature that is missing, by an unknown key, or wrong.
        case signature
        /// Bytes that disagree with what the log committed to.
        case damaged
        /// What should be there and is not.
        case missing
        /// The store holds fewer entries than were published: signing again would fork the log.
        case rollback
        /// Larger than a named limit.
        case limitExceeded
        /// The file system refused.
        case storage
    }

    package var code: Code
    /// Where it shows, if at one place.
    package var place: LedgerPlace?
    /// What is wrong and how to mend it, for people.
    package var detail: String

    package init(_ code: Code, at place: LedgerPlace? = nil, _ detail: String) {
        self.code = code
        self.place = place
        self.detail = detail
    }

    package var description: String {
        guard let place else { return detail }
        return "\(place): \(detail)"
    }
}

/// One place of the log that a finding can name.
package enum LedgerPlace: Hashable, Sendable, CustomStringConvertible {
    case checkpoint
    case entry(UInt64)
    case tile(TilePath)
    case file(String)

    package var description: String {
        switch self {
        case .checkpoint: "checkpoint"
        case .entry(let index): "entry \(index)"
        case .tile(let path): path.text
        case .file(let path): path
        }
    }
}
