internal import SluiceKit

/// An exchange in words and as JSON.
enum ExchangeReport {
    static func outcome(_ record: ExchangeRecord) -> String {
        "exchange \(record.id): \(record.state.rawValue)\(record.reason.isEmpty ? "" : ": \(record.reason) [\(record.reasonCode)]")"
    }

    static func line(_ record: ExchangeRecord) -> String {
        "\(record.id)  \(record.createdAt.rfc3339)  \(record.sender) → \(record.receiver)  \(record.dataflow)  \(record.state.rawValue)"
            + (record.reason.isEmpty ? "" : "  \(record.reason) [\(record.reasonCode)]")
    }

    static func summary(_ record: ExchangeRecord) -> JSONValue { .object(members(record)) }

    static func whole(_ record: ExchangeRecord, _ item: OutboxItem?, _ entries: [(index: Int64, entry: [UInt8])]) -> JSONValue {
        var members = members(record)
        if let item {
            members.append(
                JSONMember(
                    "outbox",
                    .object([
                        JSONMember("attempts", .integer(Int64(item.attempts))), JSONMember("nextAttemptAt", .string(item.nextAttemptAt.rfc3339)),
                        JSONMember("isParked", .bool(item.isParked)), JSONMember("lastError", .string(item.lastError)),
                    ])))
        }
        members.append(JSONMember("findings", (try? JSONValue(parsing: Array(record.findingsJSON.utf8))) ?? .array([])))
        members.append(
            JSONMember(
                "entries",
                .array(
                    entries.map { entry in
                        .object([JSONMember("index", .integer(entry.index)), JSONMember("entry", (try? JSONValue(parsing: entry.entry)) ?? .null)])
                    })))
        return .object(members)
    }

    static func lines(_ record: ExchangeRecord, _ item: OutboxItem?, _ entries: [(index: Int64, entry: [UInt8])]) -> [String] {
        var lines = [
            outcome(record), "  \(record.sender) → \(record.receiver), \(record.dataflow)",
            "  agreement \(record.agreement.isEmpty ? "none" : record.agreement), purpose \(record.purpose.isEmpty ? "none" : record.purpose)",
            "  begun \(record.createdAt.rfc3339), changed \(record.updatedAt.rfc3339), \(record.observations) observations, \(record.bytes) bytes",
        ]
        for (name, digest) in [("manifest", record.manifestDigest), ("package", record.packageDigest), ("receipt", record.receiptDigest)] where !digest.isEmpty
        {
            lines.append("  \(name) SHA-256 \(digest)")
        }
        if record.isErased { lines.append("  package and receipt were erased") }
        if let until = record.retainUntil { lines.append("  kept until \(until.rfc3339)") }
        if let item {
            lines.append("  \(item.attempts) failed attempts, \(item.isParked ? "parked" : "next \(item.nextAttemptAt.rfc3339)"); \(item.lastError)")
        }
        let findings = (try? JSONValue(parsing: Array(record.findingsJSON.utf8)))?.elements ?? []
        for finding in findings { lines.append("  \(finding["severity"]?.text ?? "") \(finding["code"]?.text ?? ""): \(finding["message"]?.text ?? "")") }
        for (index, entry) in entries {
            let value = try? JSONValue(parsing: entry)
            let outcome = value?["data"]?["outcome"]?.text ?? ""
            lines.append("  ledger \(index)  \(value?["time"]?.text ?? "")  \(value?["type"]?.text ?? "")\(outcome.isEmpty ? "" : "  \(outcome)")")
        }
        return lines
    }

    private static func members(_ record: ExchangeRecord) -> [JSONMember] {
        [
            JSONMember("exchange", .string(record.id)), JSONMember("direction", .string(record.direction.rawValue)),
            JSONMember("sender", .string(record.sender)), JSONMember("receiver", .string(record.receiver)), JSONMember("dataflow", .string(record.dataflow)),
            JSONMember("state", .string(record.state.rawValue)), JSONMember("reasonCode", .string(record.reasonCode)),
            JSONMember("reason", .string(record.reason)),
            JSONMember("agreement", .string(record.agreement)), JSONMember("purpose", .string(record.purpose)),
            JSONMember("observations", .integer(Int64(record.observations))), JSONMember("bytes", .integer(Int64(record.bytes))),
            JSONMember("manifestSHA256", .string(record.manifestDigest)), JSONMember("packageSHA256", .string(record.packageDigest)),
            JSONMember("receiptSHA256", .string(record.receiptDigest)), JSONMember("isErased", .bool(record.isErased)),
            JSONMember("retainUntil", record.retainUntil.map { .string($0.rfc3339) } ?? .null),
            JSONMember("createdAt", .string(record.createdAt.rfc3339)), JSONMember("updatedAt", .string(record.updatedAt.rfc3339)),
        ]
    }
}
