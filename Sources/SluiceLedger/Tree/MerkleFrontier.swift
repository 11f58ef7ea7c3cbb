package import SluiceKit

/// The right edge of a growing tree: enough to append leaves and to know the root, in 32 bytes per bit of the size.
///
/// The node keeps one beside its entries and saves it in the same transaction, so that the head of the log is known
/// without reading the log.
package struct MerkleFrontier: Hashable, Sendable {
    /// More entries than any log will see; keeps every sum below overflow.
    package static let sizeMax: UInt64 = 1 << 62

    /// How many leaves were appended.
    package private(set) var size: UInt64 = 0
    /// The roots of the perfect trees that make up the tree, largest first; one for each bit set in `size`.
    private var peaks: [SHA256Digest] = []

    /// The tree without leaves.
    package init() {}

    /// Appends a leaf hash; joins as many trees as the size has trailing ones.
    ///
    /// - Precondition: `size` is below `sizeMax`.
    package mutating func append(_ leaf: SHA256Digest, with hasher: MerkleHasher) {
        precondition(size < Self.sizeMax, "the log is full")
        var joined = leaf
        var bits = size
        while bits & 1 == 1 {
            joined = hasher.node(peaks.removeLast(), joined)
            bits >>= 1
        }
        peaks.append(joined)
        size += 1
    }

    /// The root of the tree (RFC 6962, section 2.1), in as many hashes as there are peaks.
    package func root(with hasher: MerkleHasher) -> SHA256Digest {
        hasher.root(ofPeaks: peaks)
    }

    /// The size and root together.
    package func head(with hasher: MerkleHasher) -> LedgerHead {
        LedgerHead(size: size, root: root(with: hasher))
    }
}

extension MerkleFrontier {
    /// The bytes to save: the size as eight bytes, most significant first, then the peaks.
    package var state: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: size >> UInt64(56 - 8 * $0)) } + peaks.flatMap(\.bytes)
    }

    /// The frontier saved as `state`, or nil where the length does not fit the size.
    ///
    /// Only the form can be checked here; whether it is the right one shows when its root is compared with the head.
    package init?(state: [UInt8]) {
        guard state.count >= 8 else { return nil }
        size = state[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        guard size <= Self.sizeMax, state.count == 8 + SHA256Digest.byteCount * size.nonzeroBitCount else { return nil }
        peaks = stride(from: 8, to: state.count, by: SHA256Digest.byteCount).compactMap { SHA256Digest(bytes: Array(state[$0..<$0 + SHA256Digest.byteCount])) }
    }
}

/// The size and root of a tree: what a checkpoint commits to.
package struct LedgerHead: Hashable, Sendable {
    package var size: UInt64
    package var root: SHA256Digest

    package init(size: UInt64, root: SHA256Digest) {
        self.size = size
        self.root = root
    }

    /// The head of the log without entries.
    package static let empty = LedgerHead(size: 0, root: MerkleHasher.emptyRoot)
}
