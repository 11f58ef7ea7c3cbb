package import SluiceKit

/// What a log asks of a witness: a checkpoint, with the proof that it continues the one of `oldSize` (C2SP tlog-witness, "add-checkpoint").
package struct WitnessRequest: Hashable, Sendable {
    /// The longest body that is read: 63 hashes and a checkpoint with many cosignatures.
    package static let bytesMax = 64 << 10
    /// C2SP tlog-witness: no client may send more.
    package static let hashesMax = ProofText.hashesMax
    /// The word a body begins with.
    private static let old = "old"

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
        var text = try ProofText(bytes, bytesMax: Self.bytesMax, what: "request")
        let oldSize = try text.takeNumber(Self.old)
        try self.init(oldSize: oldSize, proof: text.hashes(), note: text.note())
    }

    /// The body to send.
    package var text: String { "\(Self.old) \(oldSize)\n" + proof.map { $0.base64 + "\n" }.joined() + "\n" + note.text }
}
