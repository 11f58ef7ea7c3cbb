package import SluiceKit

/// Where the hashes of complete subtrees come from: tiles on disk, a table, or memory.
package protocol MerkleNodes {
    /// The root of the perfect subtree over the leaves `index << level` up to `(index + 1) << level`.
    func hash(level: Int, index: UInt64) throws(LedgerError) -> SHA256Digest
}

/// Inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2), made from stored hashes.
package struct MerkleProver<Nodes: MerkleNodes> {
    package let nodes: Nodes
    private let hasher = MerkleHasher()

    package init(nodes: Nodes) { self.nodes = nodes }

    /// The hashes that lead from the leaf `index` to the root of the first `size` leaves, the leaf's sibling first.
    ///
    /// - Precondition: `index` is below `size`.
    package func inclusion(of index: UInt64, in size: UInt64) throws(LedgerError) -> [SHA256Digest] {
        precondition(index < size, "the entry is not in the tree")
        var proof: [SHA256Digest] = []
        var (start, end) = (0 as UInt64, size)
        while end - start > 1 {
            let split = start + Self.largestPower(below: end - start)
            if index < split {
                proof.append(try root(start: split, end: end))
                end = split
            } else {
                proof.append(try root(start: start, end: split))
                start = split
            }
        }
        return proof.reversed()
    }

    /// The hashes that show the tree of `old` leaves to be the beginning of the tree of `size` leaves.
    ///
    /// - Precondition: `old` is at least 1 and at most `size`.
    package func consistency(from old: UInt64, to size: UInt64) throws(LedgerError) -> [SHA256Digest] {
        precondition(old >= 1 && old <= size, "a consistency proof leads from a tree with leaves to a larger one")
        var proof: [SHA256Digest] = []
        var (start, end) = (0 as UInt64, size)
        // SUBPROOF of RFC 6962, section 2.1.2, top-down; `start` moves right only past what both trees share.
        while end != old {
            let split = start + Self.largestPower(below: end - start)
            if old <= split {
                proof.append(try root(start: split, end: end))
                end = split
            } else {
                proof.append(try root(start: start, end: split))
                start = split
            }
        }
        // The old root itself is known to the verifier; a later subtree is not.
        if start > 0 { proof.append(try root(start: start, end: end)) }
        return proof.reversed()
    }

    /// The root over the leaves from `start` to before `end`, joined from perfect subtrees.
    ///
    /// - Precondition: `start` is a multiple of the largest power of two that is at most the count, as every split leaves it.
    package func root(start: UInt64, end: UInt64) throws(LedgerError) -> SHA256Digest {
        var peaks: [SHA256Digest] = []
        var position = start
        for level in stride(from: 63, through: 0, by: -1) where (end - start) >> UInt64(level) & 1 == 1 {
            peaks.append(try nodes.hash(level: level, index: position >> UInt64(level)))
            position += 1 << UInt64(level)
        }
        return hasher.root(ofPeaks: peaks)
    }

    /// The largest power of two smaller than `count`, which is at least 2 (RFC 6962, section 2.1).
    static func largestPower(below count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
