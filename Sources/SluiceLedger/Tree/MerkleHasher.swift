internal import SluiceCrypto
package import SluiceKit

/// The hashes of an RFC 6962 tree (section 2.1): leaves under the prefix 0, nodes under the prefix 1.
///
/// It reuses one hasher and belongs to one task at a time; loops make one and keep it.
package final class MerkleHasher {
    /// The root of the tree without leaves: the digest of nothing.
    package static let emptyRoot = SHA256.hash([])

    private let sha = SHA256()
    private let pair = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * SHA256Digest.byteCount, alignment: 16)

    package init() {}

    deinit { pair.deallocate() }

    /// The hash of the leaf that holds `entry`.
    package func leaf(_ entry: UnsafeRawBufferPointer) -> SHA256Digest {
        sha.hash(prefix: 0, entry)
    }

    /// The hash of the leaf that holds `entry`.
    package func leaf(_ entry: [UInt8]) -> SHA256Digest {
        entry.withUnsafeBytes { leaf($0) }
    }

    /// Writes the hash of the leaf that holds `entry` to `hash`, which is 32 bytes long.
    func leaf(_ entry: UnsafeRawBufferPointer, into hash: Slice<UnsafeMutableRawBufferPointer>) {
        sha.hash(prefix: 0, entry, into: UnsafeMutableRawBufferPointer(rebasing: hash))
    }

    /// The hash of the node above `left` and `right`.
    package func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: pair[..<SHA256Digest.byteCount]).copyMemory(from: $0) }
        right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: pair[SHA256Digest.byteCount...]).copyMemory(from: $0) }
        return sha.hash(prefix: 1, UnsafeRawBufferPointer(pair))
    }

    /// The root of the perfect tree above the hashes in `bytes`, a power of two of them side by side; `bytes` is used up.
    func perfectRoot(consuming bytes: UnsafeMutableRawBufferPointer) -> SHA256Digest {
        var count = bytes.count / SHA256Digest.byteCount
        precondition(count > 0 && count & (count - 1) == 0, "a perfect tree has a power of two of leaves")
        while count > 1 {
            for place in 0..<count / 2 {
                let pair = UnsafeRawBufferPointer(rebasing: bytes[64 * place..<64 * place + 64])
                sha.hash(prefix: 1, pair, into: UnsafeMutableRawBufferPointer(rebasing: bytes[32 * place..<32 * place + 32]))
            }
            count /= 2
        }
        return SHA256Digest { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<SHA256Digest.byteCount])) }
    }

    /// The root of the perfect tree above `hashes`, a power of two of them side by side.
    func perfectRoot(of hashes: some Collection<UInt8>) -> SHA256Digest {
        var copy = Array(hashes)
        return copy.withUnsafeMutableBytes { perfectRoot(consuming: $0) }
    }

    /// The root above perfect trees in their order, largest first (RFC 6962, section 2.1: the left tree is the largest power of two).
    func root(ofPeaks peaks: [SHA256Digest]) -> SHA256Digest {
        guard var root = peaks.last else { return Self.emptyRoot }
        for peak in peaks.dropLast().reversed() { root = node(peak, root) }
        return root
    }
}
