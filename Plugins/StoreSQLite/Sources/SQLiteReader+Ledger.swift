import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    func ledgerSize() throws -> Int64 {
        try rows("SELECT max(position) FROM ledger") { ($0[0] as Int64?).map { $0 + 1 } ?? 0 }.first ?? 0
    }

    func ledgerEntries(from index: Int64, limit: Int) throws -> [[UInt8]] {
        try rows("SELECT entry FROM ledger WHERE position >= ? ORDER BY position LIMIT ?", [index, max(0, limit)]) { [UInt8]($0[0] as Data) }
    }

    func ledgerEntries(subject: String, limit: Int) throws -> [(index: Int64, entry: [UInt8])] {
        try rows("SELECT position, entry FROM ledger WHERE subject = ? ORDER BY position LIMIT ?", [subject, max(0, limit)]) { row in
            (index: row[0], entry: [UInt8](row[1] as Data))
        }
    }

    func ledgerHead() throws -> PublishedHead? {
        try rows("SELECT size, root FROM ledger_head WHERE only = 0") { PublishedHead(size: $0[0], root: $0[1]) }.first
    }
}
