package import SluiceKit

/// The hashes of a log's subtrees, read from its tiles as the tree of a given size has them.
///
/// What it gives is what the files say: proofs made from it are checked against a signed checkpoint before they are shown.
package final class TileReader: MerkleNodes {
    /// Tiles kept in memory; a proof touches two per level.
    package static let tilesCachedMax = 64

    private let files: any LedgerFiles
    private let size: UInt64
    private let hasher = MerkleHasher()
    private var cache: [TilePath: [UInt8]] = [:]

    /// The tree of `size` leaves in `files`.
    package init(files: any LedgerFiles, size: UInt64) {
        self.files = files
        self.size = size
    }

    package func hash(level: Int, index: UInt64) throws(LedgerError) -> SHA256Digest {
        let tileLevel = level / 8
        let height = level % 8
        let first = index << UInt64(height)
        let path = TilePath.holding(first, level: tileLevel, size: size)
        let tile = try bytes(of: path)
        let start = Int(first % UInt64(TilePath.fullWidth)) * SHA256Digest.byteCount
        let end = start + SHA256Digest.byteCount << height
        guard end <= tile.count else { throw LedgerError(.damaged, at: .tile(path), "is too short for the hash asked of it") }
        return hasher.perfectRoot(of: tile[start..<end])
    }

    private func bytes(of path: TilePath) throws(LedgerError) -> [UInt8] {
        if let tile = cache[path] { return tile }
        let tile = try files.readHashes(path)
        if cache.count >= Self.tilesCachedMax { cache.removeAll(keepingCapacity: true) }
        cache[path] = tile
        return tile
    }
}
