internal import SluiceKit

/// Makes proofs of entries, all under one checkpoint, from a published log; each is checked before it is given.
package final class LedgerProver {
    /// The signed checkpoint, verbatim.
    package let note: SignedNote
    package let checkpoint: Checkpoint
    private let prover: MerkleProver<TileReader>
    private let hasher = MerkleHasher()

    /// The prover of the log that `files` hold and `key` signed.
    package init(files: any LedgerFiles, key: VerifierKey) throws(LedgerError) {
        guard let bytes = try files.read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else {
            throw LedgerError(.missing, at: .checkpoint, "the log has no checkpoint yet")
        }
        note = try SignedNote(parsing: bytes)
        checkpoint = try Checkpoint(verifying: note, key: key)
        prover = MerkleProver(nodes: TileReader(files: files, size: checkpoint.head.size))
    }

    /// - Parameter entry: the bytes that are to be proven; nil where only the place is known.
    package func proof(of index: UInt64, entry: [UInt8]? = nil) throws(LedgerError) -> InclusionProof {
        let head = checkpoint.head
        guard index < head.size else {
            throw LedgerError(.missing, at: .entry(index), "the checkpoint covers only \(head.size) entries; ask again after the next publication")
        }
        let hashes = try prover.inclusion(of: index, in: head.size)
        let leaf = try prover.nodes.hash(level: 0, index: index)
        if let entry, hasher.leaf(entry) != leaf {
            throw LedgerError(.damaged, at: .entry(index), "is not the one that was published: its hash is not that of the tiles; run sluice ledger verify")
        }
        guard MerkleVerification.isIncluded(leaf, at: index, size: head.size, root: head.root, proof: hashes, with: hasher) else {
            throw LedgerError(.damaged, at: .entry(index), "the tiles do not lead from this entry to the signed root: run the ledger check")
        }
        return InclusionProof(index: index, hashes: hashes, checkpoint: note)
    }
}
