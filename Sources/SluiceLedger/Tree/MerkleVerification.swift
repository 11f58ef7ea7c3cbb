package import SluiceKit

/// Checks proofs of others. Total: any numbers and any hashes answer true or false.
package enum MerkleVerification {
    /// Whether `proof` shows that `leaf` stands at `index` in the tree of `size` leaves with `root`.
    package static func isIncluded(
        _ leaf: SHA256Digest, at index: UInt64, size: UInt64, root: SHA256Digest, proof: [SHA256Digest], with hasher: MerkleHasher
    ) -> Bool {
        isIncluded(leaf, at: index, start: 0, end: size, root: root, proof: proof, with: hasher)
    }

    /// Whether `proof` shows that the tree of `oldSize` leaves with `oldRoot` is the beginning of the tree of `size` leaves with `root`.
    ///
    /// The empty tree is the beginning of every tree, so a proof of it proves nothing and is refused.
    package static func isConsistent(
        oldSize: UInt64, oldRoot: SHA256Digest, size: UInt64, root: SHA256Digest, proof: [SHA256Digest], with hasher: MerkleHasher
    ) -> Bool {
        oldSize > 0 && isConsistent(start: 0, end: oldSize, subtreeRoot: oldRoot, size: size, root: root, proof: proof, with: hasher)
    }

    /// Whether `proof` shows that `leaf` stands at `index` in the subtree over the leaves from `start` to before `end` (RFC 9162, section 2.1.3.2).
    package static func isIncluded(
        _ leaf: SHA256Digest, at index: UInt64, start: UInt64, end: UInt64, root: SHA256Digest, proof: [SHA256Digest], with hasher: MerkleHasher
    ) -> Bool {
        guard isSubtree(start: start, end: end), start <= index, index < end else { return false }
        var hash = leaf
        let isWhole = climb(from: index - start, count: end - start, proof) { sibling, isLeft in
            hash = isLeft ? hasher.node(sibling, hash) : hasher.node(hash, sibling)
        }
        return isWhole && hash == root
    }

    /// A sibling on the way from a leaf to the root, and what comes of the two together.
    package struct Step: Hashable, Sendable {
        package var sibling: SHA256Digest
        package var isSiblingLeft: Bool
        package var result: SHA256Digest
    }

    /// The way that `proof` leads from `leaf` to a root, step by step; nil where it does not fit the place and the size.
    package static func steps(
        from leaf: SHA256Digest, at index: UInt64, size: UInt64, proof: [SHA256Digest], with hasher: MerkleHasher
    ) -> [Step]? {
        guard index < size else { return nil }
        var hash = leaf
        var steps: [Step] = []
        let isWhole = climb(from: index, count: size, proof) { sibling, isLeft in
            hash = isLeft ? hasher.node(sibling, hash) : hasher.node(hash, sibling)
            steps.append(Step(sibling: sibling, isSiblingLeft: isLeft, result: hash))
        }
        return isWhole ? steps : nil
    }

    /// Goes up from a leaf, telling of each sibling whether it is on the left. False where there are more or fewer than the place has.
    private static func climb(from index: UInt64, count: UInt64, _ proof: [SHA256Digest], _ visit: (SHA256Digest, Bool) -> Void) -> Bool {
        var (place, last) = (index, count - 1)
        for sibling in proof {
            if last == 0 { return false }
            let isLeft = place & 1 == 1 || place == last
            visit(sibling, isLeft)
            if isLeft {
                // A node at the right edge without a sibling rises unchanged.
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            }
            place >>= 1
            last >>= 1
        }
        return last == 0
    }

    /// Whether `proof` shows that the subtree over the leaves from `start` to before `end` with `subtreeRoot` is part of the tree of
    /// `size` leaves with `root` (draft-ietf-plants-merkle-tree-certs, "Verifying a Subtree Consistency Proof"; with `start` 0 it is RFC 9162, section 2.1.4.2).
    package static func isConsistent(
        start: UInt64, end: UInt64, subtreeRoot: SHA256Digest, size: UInt64, root: SHA256Digest, proof: [SHA256Digest], with hasher: MerkleHasher
    ) -> Bool {
        guard start <= end, end <= size else { return false }
        // No leaves: part of every tree.
        if start == end { return proof.isEmpty && subtreeRoot == MerkleHasher.emptyRoot }
        guard isSubtree(start: start, end: end) else { return false }
        var (first, last, edge) = (start, end - 1, size - 1)
        func rise() {
            first >>= 1
            last >>= 1
            edge >>= 1
        }
        while first != last, last == edge || last & 1 == 1 { rise() }
        var rest = proof[...]
        var rebuilt = subtreeRoot
        if first != last {
            guard let seed = rest.popFirst() else { return false }
            rebuilt = seed
        }
        var whole = rebuilt
        for sibling in rest {
            if edge == 0 { return false }
            if last & 1 == 1 || last == edge {
                if first < last { rebuilt = hasher.node(sibling, rebuilt) }
                whole = hasher.node(sibling, whole)
                while last & 1 == 0, last != 0 { rise() }
            } else {
                whole = hasher.node(whole, sibling)
            }
            rise()
        }
        return edge == 0 && rebuilt == subtreeRoot && whole == root
    }

    /// Whether the leaves from `start` to before `end` hang together in every larger tree: `start` is a multiple of the smallest power of two that is at least the count.
    static func isSubtree(start: UInt64, end: UInt64) -> Bool {
        guard start < end else { return false }
        let count = end - start
        guard count <= 1 << 63 else { return false }
        let power: UInt64 = count == 1 ? 1 : 1 << UInt64(64 - (count - 1).leadingZeroBitCount)
        return start & (power - 1) == 0
    }
}
