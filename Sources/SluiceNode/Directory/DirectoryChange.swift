package import SluiceCore
package import SluiceKit

/// What happened to a participant in the directory, for the ledger and for the screen.
package struct DirectoryChange: Hashable, Sendable {
    package var statement: DirectoryStatement
    /// SHA-256 of the signed bytes.
    package var statementSHA256: SHA256Digest
    package var stateBefore: ParticipantRecord.State?
    package var record: ParticipantRecord

    /// What the ledger holds: digests and states. The person stands in the signed statement, not here, where it could never be erased.
    package var ledgerData: [JSONMember] {
        [
            JSONMember("participant", .string(statement.participant.rawValue)), JSONMember("act", .string(statement.act.rawValue)),
            JSONMember("document", .string(statement.document.hex)), JSONMember("statement", .string(statementSHA256.hex)),
            JSONMember("number", .integer(Int64(statement.number))), JSONMember("stateBefore", .string(stateBefore?.rawValue ?? "")),
            JSONMember("state", .string(record.state.rawValue)),
        ]
    }

    package var json: JSONValue {
        var members = ledgerData + [JSONMember("person", .string(statement.person)), JSONMember("time", .string(statement.time.rfc3339))]
        if let pending = record.pending {
            members.append(JSONMember("waits", .string(pending.document.hex)))
            members.append(JSONMember("approvals", .integer(Int64(pending.approvers.count))))
            members.append(JSONMember("approvalsRequired", .integer(Int64(record.rule.approvalsRequired))))
        }
        return .object(members)
    }
}
