import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    func body(sender: String, exchangeID: String, kind: BodyKind) throws -> StoredBody? {
        try rows("SELECT file, bytes FROM body WHERE sender = ? AND exchange_id = ? AND kind = ?", [sender, exchangeID, kind.rawValue]) { row in
            try StoredBody(sender: sender, exchangeID: exchangeID, kind: kind, bytes: Array(row[1] as Data), file: row[0])
        }.first
    }

    func refusedCopy(sender: String, exchangeID: String, packageDigest: String) throws -> RefusedCopy? {
        try rows(
            "SELECT code, receipt, seal, refused_at FROM refused_copy WHERE sender = ? AND exchange_id = ? AND package_digest = ?",
            [sender, exchangeID, packageDigest]
        ) { row in
            try RefusedCopy(
                sender: sender, exchangeID: exchangeID, packageDigest: packageDigest, code: row[0], receipt: Array(row[1] as Data),
                seal: row[2], refusedAt: Instant(milliseconds: row[3]))
        }.first
    }

    func bodyFiles() throws -> Set<String> { Set(try rows("SELECT file FROM body WHERE file <> ''") { try $0[0] as String }) }
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

    func put(_ copy: RefusedCopy) throws {
        try execute(
            """
            INSERT INTO refused_copy (sender, exchange_id, package_digest, code, receipt, seal, refused_at) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (sender, exchange_id, package_digest) DO NOTHING
            """, [copy.sender, copy.exchangeID, copy.packageDigest, copy.code, Data(copy.receipt), copy.seal, copy.refusedAt.milliseconds],
            missing: "the copy's exchange \(copy.exchangeID) of \(copy.sender) is not recorded")
    }

    func removeRefusedCopies(before time: Instant) throws {
        try execute("DELETE FROM refused_copy WHERE refused_at < ?", [time.milliseconds])
    }

    func removeBodies(sender: String, exchangeID: String) throws -> [StoredBody] {
        let removed = try rows("SELECT kind, file FROM body WHERE sender = ? AND exchange_id = ? ORDER BY kind", [sender, exchangeID]) { row in
            try StoredBody(sender: sender, exchangeID: exchangeID, kind: value(row[0], of: "body.kind"), file: row[1])
        }
        try execute("DELETE FROM body WHERE sender = ? AND exchange_id = ?", [sender, exchangeID])
        return removed
    }
}
