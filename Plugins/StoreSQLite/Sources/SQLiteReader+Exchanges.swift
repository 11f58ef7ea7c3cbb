import Foundation
import GRDB
import SluiceKit

extension SQLiteReading {
    private static var exchangeColumns: String {
        """
        sender, id, direction, receiver, dataflow, agreement, purpose, state, reason_code, reason, observations, bytes,
        manifest_digest, package_digest, receipt_digest, seal, wrapped_key, retain_until, is_erased, findings_json, created_at, updated_at
        """
    }

    func exchange(sender: String, id: String) throws -> ExchangeRecord? {
        try rows("SELECT \(Self.exchangeColumns) FROM exchange WHERE sender = ? AND id = ?", [sender, id], exchange).first
    }

    func exchanges(id: String) throws -> [ExchangeRecord] {
        try rows("SELECT \(Self.exchangeColumns) FROM exchange WHERE id = ? ORDER BY sender", [id], exchange)
    }

    func exchanges(_ filter: ExchangeFilter) throws -> [ExchangeRecord] {
        var asked = Conditions()
        asked.add("state = ?", filter.state?.rawValue)
        asked.add("direction = ?", filter.direction?.rawValue)
        asked.add("dataflow = ?", filter.dataflow)
        asked.add("id < ?", filter.before)
        let select = "SELECT \(Self.exchangeColumns) FROM exchange"
        let order = "ORDER BY id DESC LIMIT ?"
        let limit: StatementArguments = [max(0, filter.limit)]
        guard let participant = filter.participant else {
            return try rows("\(select)\(asked.all.isEmpty ? "" : " WHERE ")\(asked.all.joined(separator: " AND ")) \(order)", asked.arguments + limit, exchange)
        }
        // A participant is the one side or the other: two walks down two indexes, merged; an OR would sort all that matches.
        let others = asked.all.map { " AND \($0)" }.joined()
        return try rows(
            "\(select) WHERE sender = ?\(others) UNION ALL \(select) WHERE receiver = ? AND sender <> ?\(others) \(order)",
            [participant] + asked.arguments + [participant, participant] + asked.arguments + limit, exchange)
    }

    func newestExchange(sender: String, receiver: String, dataflow: String, state: ExchangeState) throws -> ExchangeRecord? {
        try rows(
            """
            SELECT \(Self.exchangeColumns) FROM exchange INDEXED BY exchange_by_lane
            WHERE dataflow = ? AND receiver = ? AND sender = ? AND state = ? ORDER BY id DESC LIMIT 1
            """, [dataflow, receiver, sender, state.rawValue], exchange
        ).first
    }

    func exchangesToErase(now: Instant, limit: Int) throws -> [ExchangeRecord] {
        try rows(
            """
            SELECT \(Self.exchangeColumns) FROM exchange WHERE retain_until <= ? AND state NOT IN ('queued', 'handed-over', 'received')
            AND NOT (state IN ('parked', 'awaiting-approval') AND retain_until <= created_at) ORDER BY retain_until LIMIT ?
            """, [now.milliseconds, max(0, limit)], exchange)
    }

    func erasedCount() throws -> Int { try count("erased") }

    func exchangeCounts() throws -> [ExchangeState: Int] {
        var counts: [ExchangeState: Int] = [:]
        // '0' follows '/' in the order of bytes: this is the range of everything that begins with `exchange/`.
        let tallies = try rows("SELECT name, count FROM tally WHERE name > 'exchange/' AND name < 'exchange0'") {
            try (name: $0[0] as String, count: $0[1] as Int)
        }
        for (name, count) in tallies where count > 0 {
            counts[try value(String(name.dropFirst("exchange/".count)), of: "exchange.state")] = count
        }
        return counts
    }

    func dataset(sender: String, exchangeID: String) throws -> DatasetRecord? {
        try rows("SELECT \(Self.datasetColumns) FROM dataset WHERE sender = ? AND exchange_id = ?", [sender, exchangeID], dataset).first
    }

    func datasets(dataflow: String?, limit: Int) throws -> [DatasetRecord] {
        let order = "ORDER BY stored_at DESC, rowid DESC LIMIT ?"
        guard let dataflow else { return try rows("SELECT \(Self.datasetColumns) FROM dataset \(order)", [max(0, limit)], dataset) }
        return try rows("SELECT \(Self.datasetColumns) FROM dataset WHERE dataflow = ? \(order)", [dataflow, max(0, limit)], dataset)
    }

    private static var datasetColumns: String { "exchange_id, sender, dataflow, format, name, sha256, observations, bytes, stored_at" }

    private func exchange(_ row: Columns) throws -> ExchangeRecord {
        var record = try ExchangeRecord(
            id: row[1], direction: try value(row[2], of: "exchange.direction"), sender: row[0], receiver: row[3], dataflow: row[4],
            state: try value(row[7], of: "exchange.state"), createdAt: Instant(milliseconds: row[20]))
        record.agreement = try row[5]
        record.purpose = try row[6]
        record.reasonCode = try row[8]
        record.reason = try row[9]
        record.observations = try row[10]
        record.bytes = try row[11]
        record.manifestDigest = try row[12]
        record.packageDigest = try row[13]
        record.receiptDigest = try row[14]
        record.seal = try row[15]
        record.wrappedKey = try Array(row[16] as Data)
        record.retainUntil = try (row[17] as Int64?).map(Instant.init(milliseconds:))
        record.isErased = try row[18]
        record.findingsJSON = try row[19]
        record.updatedAt = try Instant(milliseconds: row[21])
        return record
    }

    private func dataset(_ row: Columns) throws -> DatasetRecord {
        try DatasetRecord(
            exchangeID: row[0], sender: row[1], dataflow: row[2], format: row[3], name: row[4], sha256: row[5], observations: row[6], bytes: row[7],
            storedAt: Instant(milliseconds: row[8]))
    }
}
