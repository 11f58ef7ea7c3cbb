internal import SluiceKit
internal import SluiceLedger

/// What all entries of an exchange share, asked of the store once for each: an exchange has several entries, and they lie near each other.
struct ExchangeTerms {
    let store: any StoreReading
    private var known: [String: Set<LedgerTerm>] = [:]

    init(_ store: any StoreReading) { self.store = store }

    /// Of every exchange with this id: two senders may have given the same.
    mutating func of(_ subject: String) throws -> Set<LedgerTerm> {
        if let terms = known[subject] { return terms }
        let terms = Set(try store.exchanges(id: subject).flatMap { LedgerTerm.shared(by: $0) })
        known[subject] = terms
        return terms
    }
}
