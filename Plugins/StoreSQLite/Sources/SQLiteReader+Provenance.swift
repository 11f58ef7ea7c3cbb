import GRDB
import SluiceKit

extension SQLiteReading {
    private static var provenanceColumns: String { "exchange_id, sender, payload_sha256, content_code, terms, stored_at" }

    func provenance(sender: String, exchangeID: String) throws -> Provenance? {
        try rows("SELECT \(Self.provenanceColumns) FROM provenance WHERE sender = ? AND exchange_id = ?", [sender, exchangeID], provenance).first
    }

    func hasProvenances() throws -> Bool { try !rows("SELECT 1 FROM provenance LIMIT 1", []) { try $0[0] as Int }.isEmpty }

    func provenances(payloadSHA256: String, contentCode: String, limit: Int) throws -> [Provenance] {
        // Two walks down two indexes in the order asked for, merged; the second leaves out what the first finds.
        try rows(
            """
            SELECT \(Self.provenanceColumns) FROM provenance WHERE payload_sha256 = ?
            UNION ALL SELECT \(Self.provenanceColumns) FROM provenance WHERE content_code = ? AND content_code <> '' AND payload_sha256 <> ?
            ORDER BY stored_at DESC, exchange_id DESC LIMIT ?
            """, [payloadSHA256, contentCode, payloadSHA256, max(0, limit)], provenance)
    }

    private func provenance(_ row: Columns) throws -> Provenance {
        try Provenance(
            exchangeID: row[0], sender: row[1], payloadSHA256: row[2], contentCode: row[3], terms: row[4], storedAt: Instant(milliseconds: row[5]))
    }
}

extension SQLiteWriter {
    func insert(_ provenance: Provenance) throws {
        try execute(
            "INSERT INTO provenance (sender, exchange_id, payload_sha256, content_code, terms, stored_at) VALUES (?, ?, ?, ?, ?, ?)",
            [
                provenance.sender, provenance.exchangeID, provenance.payloadSHA256, provenance.contentCode, provenance.terms,
                provenance.storedAt.milliseconds,
            ], conflict: "the provenance of exchange \(provenance.exchangeID) of \(provenance.sender) is stored already",
            missing: "the provenance's exchange \(provenance.exchangeID) of \(provenance.sender) is not recorded")
    }
}
