internal import SluiceKit

/// Recomputes the head of the log from the store's own entries: the node does so before it starts, and refuses to start on a difference.
package enum LedgerRecomputation {
    /// Checks that the first `head.size` entries of `source` lead to `head`; throws what it finds, naming the first damaged entry where it can.
    ///
    /// `files` are the published tiles: where the root differs, the first entry whose hash is not the published one is named.
    /// `progress` is called after each 256 entries and may throw to stop.
    package static func check(
        head: LedgerHead, source: some EntrySource, files: (any LedgerFiles)? = nil, progress: (UInt64, UInt64) throws -> Void = { _, _ in }
    ) throws {
        let hasher = MerkleHasher()
        var frontier = MerkleFrontier()
        var damage: LedgerError?
        while frontier.size < head.size {
            let start = frontier.size
            let wanted = Int(min(UInt64(TilePath.fullWidth) - start % UInt64(TilePath.fullWidth), head.size - start))
            let batch = try source.entries(from: start, limit: wanted)
            guard !batch.isEmpty, batch.count <= wanted else {
                throw LedgerError(
                    .missing, at: .entry(start), "the store has no such entry, though it committed \(head.size): restore the database from its latest backup")
            }
            let leaves = batch.map { hasher.leaf($0) }
            if damage == nil { damage = firstDifference(leaves, from: start, size: head.size, files: files) }
            for leaf in leaves { frontier.append(leaf, with: hasher) }
            try progress(frontier.size, head.size)
        }
        guard frontier.root(with: hasher) == head.root else {
            throw damage
                ?? LedgerError(
                    .damaged, at: .checkpoint,
                    "the store's \(head.size) entries do not lead to the head it committed: an entry was changed or removed. Restore the database from a backup"
                )
        }
        if let damage {
            throw LedgerError(
                .damaged, at: damage.place,
                "the store is whole, but the published tiles say something else here: run the ledger check on the published folder, and keep it as evidence")
        }
    }

    /// The first entry whose hash is not the one in the published tile; nil where the tile is not there to compare.
    private static func firstDifference(_ leaves: [SHA256Digest], from start: UInt64, size: UInt64, files: (any LedgerFiles)?) -> LedgerError? {
        guard let files else { return nil }
        let path = TilePath.holding(start, level: 0, size: size)
        // The newest entries may not be published yet; then any narrower tile would do, but none need exist.
        guard let tile = try? files.readHashes(path) else { return nil }
        let offset = Int(start % UInt64(TilePath.fullWidth))
        for (place, leaf) in leaves.enumerated() where tile[(offset + place) * 32..<(offset + place + 1) * 32] != leaf.bytes[...] {
            return LedgerError(
                .damaged, at: .entry(start + UInt64(place)),
                "the store holds other bytes than were published in \(path.text): restore the database from a backup")
        }
        return nil
    }
}
