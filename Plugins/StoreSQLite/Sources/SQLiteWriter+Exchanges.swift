import Foundation
import GRDB
import SluiceKit

extension SQLiteWriter {
    func insert(_ exchange: ExchangeRecord) throws {
        try execute(
            """
            INSERT INTO exchange (direction, receiver, dataflow, created_at, agreement, purpose, state, reason_code, reason, observations, bytes,
                manifest_digest, package_digest, receipt_digest, seal, wrapped_key, retain_until, is_erased, findings_json, updated_at, sender, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, facts(exchange) + state(exchange) + [exchange.sender, exchange.id],
            conflict: "exchange \(exchange.id) of \(exchange.sender) is recorded already")
    }

    /// Leaves out what never changes: SQLite writes every index anew of which a column is named, whether its value is another or not.
    func update(_ exchange: ExchangeRecord) throws {
        let touched = try execute(
            """
            UPDATE exchange SET agreement = ?, purpose = ?, state = ?, reason_code = ?, reason = ?, observations = ?, bytes = ?,
                manifest_digest = ?, package_digest = ?, receipt_digest = ?, seal = ?, wrapped_key = ?, retain_until = ?, is_erased = ?, findings_json = ?,
                updated_at = ?
            WHERE sender = ? AND id = ?
            """, state(exchange) + [exchange.sender, exchange.id])
        guard touched > 0 else { throw StoreError(.notFound, detail: "exchange \(exchange.id) of \(exchange.sender) is not recorded") }
    }

    func insert(_ dataset: DatasetRecord) throws {
        try execute(
            """
            INSERT INTO dataset (sender, exchange_id, dataflow, format, name, sha256, observations, bytes, stored_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                dataset.sender, dataset.exchangeID, dataset.dataflow, dataset.format, dataset.name, dataset.sha256, dataset.observations, dataset.bytes,
                dataset.storedAt.milliseconds,
            ], conflict: "the dataset of exchange \(dataset.exchangeID) of \(dataset.sender) is stored already",
            missing: "the dataset's exchange \(dataset.exchangeID) of \(dataset.sender) is not recorded")
    }

    func removeDataset(sender: String, exchangeID: String) throws {
        try execute("DELETE FROM dataset WHERE sender = ? AND exchange_id = ?", [sender, exchangeID])
    }

    /// What an exchange is, from its first row on.
    private func facts(_ exchange: ExchangeRecord) -> StatementArguments {
        [exchange.direction.rawValue, exchange.receiver, exchange.dataflow, exchange.createdAt.milliseconds]
    }

    /// What becomes of it.
    private func state(_ exchange: ExchangeRecord) -> StatementArguments {
        [
            exchange.agreement, exchange.purpose, exchange.state.rawValue, exchange.reasonCode, exchange.reason, exchange.observations, exchange.bytes,
            exchange.manifestDigest, exchange.packageDigest, exchange.receiptDigest, exchange.seal, Data(exchange.wrappedKey),
            exchange.retainUntil?.milliseconds, exchange.isErased, exchange.findingsJSON, exchange.updatedAt.milliseconds,
        ]
    }
}
