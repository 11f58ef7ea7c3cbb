internal import SluiceKit

/// The unfinished tiles at the right edge of a log: append entries' hashes, receive tiles as they fill.
///
/// Memory: at most 255 hashes per level.
struct TileStack {
    /// How many leaves were appended.
    private(set) var size: UInt64 = 0
    /// The hashes of the unfinished tile of each level, side by side.
    private var levels: [[UInt8]] = []
    let hasher: MerkleHasher

    init(hasher: MerkleHasher) { self.hasher = hasher }

    /// The stack of the log with `size` entries, from the tiles in `files`; the caller compares its root.
    init(size: UInt64, in files: any LedgerFiles, hasher: MerkleHasher) throws(LedgerError) {
        self.hasher = hasher
        self.size = size
        for level in 0..<TilePath.levelsMax {
            let count = TilePath.hashCount(level: level, size: size)
            guard count > 0 else { break }
            let width = Int(count % UInt64(TilePath.fullWidth))
            let path = TilePath.tile(level: level, index: count / UInt64(TilePath.fullWidth), width: width)
            levels.append(width == 0 ? [] : try files.readHashes(path))
        }
    }

    /// Hashes in the unfinished tile of level 0.
    var leafTileWidth: Int { Int(size % UInt64(TilePath.fullWidth)) }

    /// The hashes of the unfinished tile of `level`.
    func partial(level: Int) -> [UInt8] { level < levels.count ? levels[level] : [] }

    /// Appends the hashes in `bytes`, at most as many as the tile of level 0 has room for, and returns the tiles that filled, lowest level first.
    mutating func append(leaves bytes: some Collection<UInt8>) -> [(path: TilePath, bytes: [UInt8])] {
        let count = bytes.count / SHA256Digest.byteCount
        var filled: [(path: TilePath, bytes: [UInt8])] = []
        precondition(leafTileWidth + count <= TilePath.fullWidth, "more leaves than the tile has room for")
        if levels.isEmpty { levels.append([]) }
        levels[0].append(contentsOf: bytes)
        size += UInt64(count)
        var level = 0
        while levels[level].count == TilePath.fullWidth * SHA256Digest.byteCount {
            let tile = levels[level]
            let number = TilePath.hashCount(level: level, size: size) / UInt64(TilePath.fullWidth) - 1
            filled.append((.tile(level: level, index: number), tile))
            let root = hasher.perfectRoot(of: tile)
            levels[level].removeAll(keepingCapacity: true)
            level += 1
            if level == levels.count { levels.append([]) }
            root.withUnsafeBytes { levels[level].append(contentsOf: $0) }
        }
        return filled
    }

    /// The unfinished tiles that are not empty, lowest level first.
    var partials: [(path: TilePath, bytes: [UInt8])] {
        levels.enumerated().compactMap { level, bytes in
            let width = bytes.count / SHA256Digest.byteCount
            guard width > 0 else { return nil }
            return (.tile(level: level, index: TilePath.hashCount(level: level, size: size) / UInt64(TilePath.fullWidth), width: width), bytes)
        }
    }

    /// The root of the whole tree.
    var root: SHA256Digest {
        var peaks: [SHA256Digest] = []
        for bytes in levels.reversed() {
            var rest = bytes[...]
            for bit in stride(from: 7, through: 0, by: -1) where rest.count / SHA256Digest.byteCount & (1 << bit) != 0 {
                let count = SHA256Digest.byteCount << bit
                peaks.append(hasher.perfectRoot(of: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
        }
        return hasher.root(ofPeaks: peaks)
    }
}
