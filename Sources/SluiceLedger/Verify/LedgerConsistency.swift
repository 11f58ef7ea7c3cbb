package import SluiceKit

/// Whether a published log continues a checkpoint of it that somebody kept, from its hash tiles alone.
package struct LedgerConsistency: Hashable, Sendable {
    package let origin: String
    /// The head that was kept.
    package let old: LedgerHead
    /// The head that is published.
    package let new: LedgerHead
    /// Why the one does not continue the other; nil where it does.
    package let problem: String?

    /// - Parameters:
    ///   - files: the published log.
    ///   - bytes: the checkpoint that was kept.
    ///   - key: has signed both.
    /// - Throws: where either is not a checkpoint that the key has signed.
    package init(of files: any LedgerFiles, since bytes: [UInt8], key: VerifierKey) throws(LedgerError) {
        let kept = try Checkpoint(verifying: SignedNote(parsing: bytes), key: key).head
        guard let bytes = try files.read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else {
            throw LedgerError(.missing, at: .checkpoint, "the log has no checkpoint")
        }
        let published = try Checkpoint(verifying: SignedNote(parsing: bytes), key: key).head
        origin = key.name
        old = kept
        new = published
        problem = Self.problem(files, from: kept, to: published)
    }

    /// Why the log of `files` with the signed `head` does not continue `old`; nil where it does.
    package static func problem(_ files: any LedgerFiles, from old: LedgerHead, to head: LedgerHead) -> String? {
        guard old.size <= head.size else {
            return "it had \(old.size) entries and has \(head.size): it was restored from an older copy, or entries were taken away"
        }
        guard old.size > 0 else { return old.root == MerkleHasher.emptyRoot ? nil : "the checkpoint of no entries has another root than the empty log" }
        guard old.size < head.size else {
            return old.root == head.root ? nil : "it has another root for the same \(old.size) entries: the log has two histories, and both are signed"
        }
        do throws(LedgerError) {
            let prover = MerkleProver(nodes: TileReader(files: files, size: head.size))
            let (proof, oldRoot) = (try prover.consistency(from: old.size, to: head.size), try prover.root(start: 0, end: old.size))
            func isConsistent(_ root: SHA256Digest) -> Bool {
                MerkleVerification.isConsistent(oldSize: old.size, oldRoot: root, size: head.size, root: head.root, proof: proof, with: MerkleHasher())
            }
            if isConsistent(old.root) { return nil }
            // The tiles lead to the signed root, and from them the first entries have another one.
            if isConsistent(oldRoot) { return "its first \(old.size) entries are not those of the checkpoint: the log has two histories, and both are signed" }
            return "its tiles do not lead to the root that is signed: run sluice ledger verify"
        } catch {
            return "\(error)"
        }
    }
}
