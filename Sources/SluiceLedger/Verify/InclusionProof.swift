package import SluiceKit

/// A file that proves, offline, that an entry is in a log (C2SP tlog-proof): both sides of an exchange keep one.
package struct InclusionProof: Hashable, Sendable {
    /// The longest file that is read: a note, 63 hashes and some extra data.
    package static let bytesMax = SignedNote.bytesMax + 1 << 16
    static let firstLine = "c2sp.org/tlog-proof@v1"

    /// The entry's place in the log, from 0.
    package let index: UInt64
    /// The hashes from the leaf's sibling up.
    package let hashes: [SHA256Digest]
    /// The signed checkpoint, verbatim.
    package let checkpoint: SignedNote
    /// Opaque bytes that nothing vouches for; Sluice writes none.
    package let extra: [UInt8]?

    package init(index: UInt64, hashes: [SHA256Digest], checkpoint: SignedNote, extra: [UInt8]? = nil) {
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
        self.extra = extra
    }

    /// The proof for the entry `index` of the published log in `files`, checked against its checkpoint before it is returned.
    package init(index: UInt64, files: any LedgerFiles, key: VerifierKey) throws(LedgerError) {
        self = try LedgerProver(files: files, key: key).proof(of: index)
    }

    /// The file's text.
    package var text: String {
        var lines = [Self.firstLine]
        if let extra { lines.append("extra \(Base64.encode(extra))") }
        lines.append("index \(index)")
        lines += hashes.map(\.base64)
        return lines.joined(separator: "\n") + "\n\n" + checkpoint.text
    }

    /// The proof in `bytes`. Nothing in it may be believed before `verify`.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        var text = try ProofText(bytes, bytesMax: Self.bytesMax, what: "proof")
        guard text.takeLine() == Self.firstLine else { throw LedgerError(.malformed, "a proof starts with the line \(Self.firstLine)") }
        var extra: [UInt8]?
        if let line = text.lines.first, line.hasPrefix("extra ") {
            guard let decoded = Base64.decode(line.dropFirst(6)) else { throw LedgerError(.malformed, "the extra line is not base 64") }
            extra = decoded
            _ = text.takeLine()
        }
        let index = try text.takeNumber("index")
        self.init(index: index, hashes: try text.hashes(), checkpoint: try text.note(), extra: extra)
    }

    /// Checks that `entry` is in the log of `key` at `index`, and returns the checkpoint that says so.
    @discardableResult
    package func verify(entry: [UInt8], key: VerifierKey) throws(LedgerError) -> Checkpoint {
        let checkpoint = try Checkpoint(verifying: checkpoint, key: key)
        let hasher = MerkleHasher()
        guard MerkleVerification.isIncluded(hasher.leaf(entry), at: index, size: checkpoint.head.size, root: checkpoint.head.root, proof: hashes, with: hasher)
        else {
            throw LedgerError(
                .damaged, at: .entry(index),
                "the proof does not lead from this entry to the signed root: the entry or the proof was changed, or they do not belong together")
        }
        return checkpoint
    }
}
