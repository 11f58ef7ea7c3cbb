import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    func ledgerSize() throws -> Int64 {
        guard let last = try rows("SELECT max(position) FROM ledger", [], { try $0[0] as Int64? }).first ?? nil else { return 0 }
        guard last >= 0, last < .max else { throw StoreError(.damaged, detail: "the ledger ends at position \(last); restore the file from a backup") }
        return last + 1
    }

    func ledgerEntries(from index: Int64, limit: Int) throws -> [[UInt8]] {
        var next = max(0, index)
        return try rows("SELECT position, entry FROM ledger WHERE position >= ? ORDER BY position LIMIT ?", [index, max(0, limit)]) { row in
            let position: Int64 = try row[0]
            // A number that was changed on the disk: the entries are whole, and stand at other places.
            guard position == next else {
                throw StoreError(.damaged, detail: "entry \(position) of the ledger stands where entry \(next) should; restore the file from a backup")
            }
            next &+= 1
            return try [UInt8](row[1] as Data)
        }
    }

    func ledgerEntries(subject: String, limit: Int) throws -> [(index: Int64, entry: [UInt8])] {
        try rows("SELECT position, entry FROM ledger WHERE subject = ? ORDER BY position LIMIT ?", [subject, max(0, limit)]) { row in
            try (index: row[0], entry: [UInt8](row[1] as Data))
        }
    }

    func ledgerHead() throws -> PublishedHead? {
        try rows("SELECT size, root FROM ledger_head WHERE only = 0") { try PublishedHead(size: $0[0], root: $0[1]) }.first
    }

    // MARK: The index

    func ledgerStretchCount() throws -> Int64 {
        try rows("SELECT max(number) FROM ledger_stretch") { try ($0[0] as Int64?).map { $0 &+ 1 } ?? 0 }.first ?? 0
    }

    func ledgerStretches(since: Instant?, until: Instant?) throws -> [Int64] {
        // All rows: one for 4,096 entries, and which of them a time falls into cannot be told by order, since clocks are set back.
        try rows(
            "SELECT number FROM ledger_stretch WHERE latest >= ? AND earliest < ? ORDER BY number",
            [since?.milliseconds ?? .min, until?.milliseconds ?? .max]
        ) { try $0[0] }
    }

    func ledgerPlaces(of terms: [LedgerTerm], stretches: ClosedRange<Int64>) throws -> [Int64: LedgerPlaces] {
        var found: [Int64: LedgerPlaces] = [:]
        for term in terms {
            let rows = try rows(
                """
                SELECT stretch, places FROM ledger_place
                WHERE term = (SELECT term FROM ledger_term WHERE facet = ? AND value = ?) AND stretch BETWEEN ? AND ?
                """, [term.facet.rawValue, term.value, stretches.lowerBound, stretches.upperBound]
            ) { row in
                guard let places = LedgerPlaces(bytes: try row[1] as Data) else {
                    throw StoreError(.damaged, detail: "the ledger's search index is damaged; make it again with `sluice ledger search --rebuild`")
                }
                return (stretch: try row[0] as Int64, places: places)
            }
            for row in rows { found[row.stretch, default: LedgerPlaces()].formUnion(row.places) }
        }
        return found
    }

    func ledgerTerms(_ facet: LedgerTerm.Facet, limit: Int) throws -> [(value: String, entries: Int64)] {
        try rows("SELECT value, entries FROM ledger_term WHERE facet = ? ORDER BY entries DESC LIMIT ?", [facet.rawValue, max(0, limit)]) {
            try (value: $0[0], entries: $0[1])
        }
    }
}
