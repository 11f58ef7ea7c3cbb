import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    func body(sender: String, exchangeID: String, kind: BodyKind) throws -> StoredBody? {
        try rows("SELECT file, bytes FROM body WHERE sender = ? AND exchange_id = ? AND kind = ?", [sender, exchangeID, kind.rawValue]) { row in
            StoredBody(sender: sender, exchangeID: exchangeID, kind: kind, bytes: Array(row[1] as Data), file: row[0])
        }.first
    }

    func bodyFiles() throws -> Set<String> { Set(try rows("SELECT file FROM body WHERE file <> ''") { $0[0] as String }) }
}

extension SQLiteWriter {
    func put(_ body: StoredBody) throws {
        try execute(
            """
            INSERT INTO body (sender, exchange_id, kind, file, bytes) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (sender, exchange_id, kind) DO UPDATE SET file = excluded.file, bytes = excluded.bytes
            """, [body.sender, body.exchangeID, body.kind.rawValue, body.file, Data(body.bytes)],
            missing: "the body's exchange \(body.exchangeID) of \(body.sender) is not recorded")
    }

    func removeBodies(sender: String, exchangeID: String) throws -> [StoredBody] {
        let removed = try rows("SELECT kind, file FROM body WHERE sender = ? AND exchange_id = ? ORDER BY kind", [sender, exchangeID]) { row in
            StoredBody(sender: sender, exchangeID: exchangeID, kind: try value(row[0], of: "body.kind"), file: row[1])
        }
        try execute("DELETE FROM body WHERE sender = ? AND exchange_id = ?", [sender, exchangeID])
        return removed
    }
}
