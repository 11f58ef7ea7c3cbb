package import SluiceKit

/// What a log asks of a witness: a checkpoint, with the proof that it continues the one of `oldSize` (C2SP tlog-witness, "add-checkpoint").
package struct WitnessRequest: Hashable, Sendable {
    /// The longest body that is read: 63 hashes and a checkpoint with many cosignatures.
    package static let bytesMax = 64 << 10
    /// C2SP tlog-witness: no client may send more.
    package static let hashesMax = 63
    /// What a body begins with.
    private static let old = "old "

    package let oldSize: UInt64
    package let proof: [SHA256Digest]
    package let note: SignedNote
    /// Nothing in it may be believed before `verified(by:)`.
    package let checkpoint: Checkpoint

    package init(oldSize: UInt64, proof: [SHA256Digest], note: SignedNote) throws(LedgerError) {
        guard proof.count <= Self.hashesMax else {
            throw LedgerError(.limitExceeded, "\(proof.count) hashes are more than a witness takes (\(Self.hashesMax))")
        }
        self.oldSize = oldSize
        self.proof = proof
        self.note = note
        checkpoint = try Checkpoint(body: note.body)
    }

    /// The request in `bytes`.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Self.bytesMax else {
            throw LedgerError(.limitExceeded, "a request of \(bytes.count) bytes is larger than the \(Self.bytesMax) allowed")
        }
        // The first empty line divides the proof from the checkpoint.
        guard let gap = (1..<max(bytes.count, 1)).first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw LedgerError(.malformed, "the request has no empty line before its checkpoint")
        }
        let lines = bytes[..<(gap - 1)].split(separator: 0x0a, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard let first = lines.first, first.hasPrefix(Self.old), let oldSize = LedgerNumber.parse(first.dropFirst(Self.old.count)) else {
            throw LedgerError(.malformed, "the request does not begin with a line \"old N\", a number without leading zeros")
        }
        guard lines.count - 1 <= Self.hashesMax else {
            throw LedgerError(.limitExceeded, "\(lines.count - 1) hashes are more than a witness takes (\(Self.hashesMax))")
        }
        var proof: [SHA256Digest] = []
        for line in lines.dropFirst() {
            guard let hash = SHA256Digest(base64: line) else {
                throw LedgerError(.malformed, "hash \(proof.count) of the proof is not the base 64 of 32 bytes")
            }
            proof.append(hash)
        }
        try self.init(oldSize: oldSize, proof: proof, note: SignedNote(parsing: Array(bytes[(gap + 1)...])))
    }

    /// The body to send.
    package var text: String { "\(Self.old)\(oldSize)\n" + proof.map { $0.base64 + "\n" }.joined() + "\n" + note.text }
}

/// Sizes as the C2SP formats write them.
enum LedgerNumber {
    /// ASCII decimal without leading zeros, at most `MerkleFrontier.sizeMax`.
    static func parse(_ text: some StringProtocol) -> UInt64? {
        guard let number = UInt64(text), String(number).utf8.elementsEqual(text.utf8), number <= MerkleFrontier.sizeMax else { return nil }
        return number
    }
}
