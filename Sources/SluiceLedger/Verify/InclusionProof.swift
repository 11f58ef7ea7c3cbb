package import SluiceKit

/// A file that proves, offline, that an entry is in a log (C2SP tlog-proof): both sides of an exchange keep one.
package struct InclusionProof: Hashable, Sendable {
    /// The longest file that is read: a note, 63 hashes and some extra data.
    package static let bytesMax = SignedNote.bytesMax + 1 << 16
    /// A path in the largest tree.
    static let hashesMax = 63
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
        guard bytes.count <= Self.bytesMax else {
            throw LedgerError(.limitExceeded, "a proof of \(bytes.count) bytes is larger than the \(Self.bytesMax) allowed")
        }
        // The first empty line divides the proof from the checkpoint.
        guard let gap = (1..<max(bytes.count, 1)).first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw LedgerError(.malformed, "the proof has no empty line before its checkpoint")
        }
        var lines = bytes[..<(gap - 1)].split(separator: 0x0a, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }[...]
        guard lines.popFirst() == Self.firstLine else { throw LedgerError(.malformed, "a proof starts with the line \(Self.firstLine)") }
        var extra: [UInt8]?
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let decoded = Base64.decode(line.dropFirst(6)) else { throw LedgerError(.malformed, "the extra line is not base 64") }
            extra = decoded
            lines.removeFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let index = UInt64(line.dropFirst(6)), "index \(index)".utf8.elementsEqual(line.utf8)
        else {
            throw LedgerError(.malformed, "the proof has no line \"index N\" with a number without leading zeros")
        }
        guard lines.count <= Self.hashesMax else { throw LedgerError(.limitExceeded, "\(lines.count) hashes are more than any log needs (\(Self.hashesMax))") }
        var hashes: [SHA256Digest] = []
        for line in lines {
            guard let hash = SHA256Digest(base64: line) else {
                throw LedgerError(.malformed, "hash \(hashes.count) of the proof is not the base 64 of 32 bytes")
            }
            hashes.append(hash)
        }
        self.init(index: index, hashes: hashes, checkpoint: try SignedNote(parsing: Array(bytes[(gap + 1)...])), extra: extra)
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
