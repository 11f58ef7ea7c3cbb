package import SluiceKit

/// One event of the ledger: a CloudEvents 1.0 envelope as RFC 8785 canonical JSON.
///
/// The bytes are what the tree hashes, so there is one spelling: exactly the members `data, id, source, specversion, subject,
/// time, type`, and in `data` only objects, arrays, texts, true, false and whole numbers within 2^53. Digests, counts and
/// codes go in; payloads, names and addresses never do.
package struct LedgerEntry: Hashable, Sendable {
    /// C2SP tlog-tiles, "Log entries": the length of an entry is written in 16 bits.
    package static let bytesMax = 65_535
    /// How deep `data` may nest, itself included.
    package static let depthMax = 16

    /// A UUIDv7 in lower case.
    package var id: String
    /// The participant's node, as a URI.
    package var source: String
    /// What happened, such as `sluice.exchange.sealed`.
    package var type: String
    /// When, in UTC, as RFC 3339 with a `Z`.
    package var time: String
    /// The exchange (or other thing) it happened to.
    package var subject: String
    /// The particulars.
    package var data: [JSONMember]

    package init(id: UUIDv7, source: String, type: String, time: String, subject: String, data: [JSONMember]) {
        self.id = id.description
        self.source = source
        self.type = type
        self.time = time
        self.subject = subject
        self.data = data
    }

    /// The bytes to append to the log; throws for what an entry may not hold.
    package func encoded() throws(LedgerError) -> [UInt8] {
        let envelope: JSONValue = [
            "data": .object(data), "id": .string(id), "source": .string(source), "specversion": "1.0", "subject": .string(subject), "time": .string(time),
            "type": .string(type),
        ]
        let bytes: [UInt8]
        do { bytes = try envelope.canonicalBytes() } catch { throw LedgerError(.malformed, "the ledger entry cannot be written: \(error.detail)") }
        // The reader's rules are the writer's: nothing is appended that a verifier would refuse.
        if let problem = EntryScanner.problem(in: bytes) { throw LedgerError(.malformed, "the ledger entry cannot be written: \(problem)") }
        return bytes
    }

    /// The entry in `bytes`, which must be its canonical form to the byte.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        if let problem = EntryScanner.problem(in: bytes) { throw LedgerError(.malformed, "no ledger entry: \(problem)") }
        guard let value = try? JSONValue(parsing: bytes), let data = value["data"]?.members, let id = value["id"]?.text, let source = value["source"]?.text,
            let subject = value["subject"]?.text, let time = value["time"]?.text, let type = value["type"]?.text
        else { throw LedgerError(.malformed, "no ledger entry: a member is missing") }
        self.id = id
        self.source = source
        self.type = type
        self.time = time
        self.subject = subject
        self.data = data
    }
}
