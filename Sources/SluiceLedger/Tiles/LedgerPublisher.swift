internal import SluiceKit

/// Where committed entries come from: the node's store.
package protocol EntrySource {
    /// The entries from index `from` on, in order: at least one and at most `limit`, whatever exists.
    func entries(from: UInt64, limit: Int) throws -> [[UInt8]]
}

/// Publishes a log: writes the tiles of committed entries, then signs and writes the checkpoint.
///
/// Every file but the checkpoint is written once and never changed; the checkpoint comes last. After a crash at any
/// point the same call writes the same bytes. One publisher per log at a time: the node holds the sequencer's lock.
package struct LedgerPublisher {
    /// The checkpoint's file name.
    package static let checkpointName = "checkpoint"
    /// The newest checkpoint that a quorum of witnesses has cosigned; under load the newest of all has not been everywhere yet.
    package static let witnessedName = "witnessed-checkpoint"
    /// Entries asked of the source at a time.
    package static let batchMax = TilePath.fullWidth

    private let files: any LedgerFiles
    private let key: LedgerKey

    package init(files: any LedgerFiles, key: LedgerKey) {
        self.files = files
        self.key = key
    }

    /// Publishes the first `head.size` entries of `source` and returns the text of the checkpoint that covers them.
    ///
    /// `head` is the head the store committed together with the entries. The checkpoint is signed only if the entries lead
    /// to the same root and continue what was published before; `persist` then saves the head as signed before the signature
    /// can be seen by anyone. Returns the checkpoint as it stands when there is nothing new.
    package func publish(head: LedgerHead, source: some EntrySource, persist: (LedgerHead) throws -> Void) throws -> String {
        let published = try self.published()
        let old = published?.checkpoint.head ?? .empty
        guard head.size >= old.size else {
            throw LedgerError(
                .rollback, at: .checkpoint,
                "\(old.size) entries are published, but the store holds only \(head.size): it was restored from an older backup. Do not sign again; restore the newer entries (they are in tile/entries) first"
            )
        }
        let hasher = MerkleHasher()
        var stack = try TileStack(size: old.size, in: files, hasher: hasher)
        guard stack.root == old.root else {
            throw LedgerError(
                .damaged, at: .checkpoint, "the tiles at the right edge do not lead to the published root; run the ledger check, and restore the tile it names")
        }
        if let published, head.size == old.size {
            guard head.root == old.root else { throw Self.fork(head) }
            return published.note.text
        }
        try appendTiles(to: &stack, upTo: head.size, from: source)
        guard stack.root == head.root else { throw Self.fork(head) }
        for partial in stack.partials { try writeOnce(partial.bytes, to: partial.path) }
        try files.sync()

        let checkpoint = try Checkpoint(origin: key.verifier.name, head: head)
        try persist(head)
        let text = try key.sign(checkpoint.body).text
        try files.write(Array(text.utf8), to: Self.checkpointName)
        try files.sync()
        try removePartials(from: old.size, to: head.size)
        return text
    }

    /// The checkpoint that stands in the files and its note, or nil for a log not yet published; throws where our key did not sign it.
    package func published() throws(LedgerError) -> (checkpoint: Checkpoint, note: SignedNote)? { try note(in: Self.checkpointName) }

    private func note(in name: String) throws(LedgerError) -> (checkpoint: Checkpoint, note: SignedNote)? {
        guard let bytes = try files.read(name, bytesMax: SignedNote.bytesMax) else { return nil }
        let note = try SignedNote(parsing: bytes)
        return (try Checkpoint(verifying: note, key: key.verifier), note)
    }

    /// Puts cosignatures below the published checkpoint, where it still is the one that was cosigned, and keeps the newest checkpoint with a quorum
    /// under `witnessedName`. One publisher per log at a time, as for `publish`.
    package func keep(_ cosignatures: [Cosignature], of note: SignedNote, policy: WitnessPolicy) throws(LedgerError) {
        let lines = cosignatures.map(\.line)
        var cosigned = try note.adding(lines)
        if let current = try published()?.note, current.body == note.body {
            cosigned = try current.adding(lines)
            try files.write(Array(cosigned.text.utf8), to: Self.checkpointName)
        }
        if try policy.holds(for: cosigned) {
            let size = try Checkpoint(body: cosigned.body).head.size
            // One that is damaged is written anew.
            let kept = (try? self.note(in: Self.witnessedName))?.checkpoint.head.size ?? 0
            if size >= kept { try files.write(Array(cosigned.text.utf8), to: Self.witnessedName) }
        }
        try files.sync()
    }

    private static func fork(_ head: LedgerHead) -> LedgerError {
        LedgerError(
            .damaged, at: .checkpoint,
            "the store's \(head.size) entries do not lead to the head it committed: an entry was changed or removed. Nothing was signed; run the ledger check to find the entry"
        )
    }

    /// Writes the bundles, and the tiles that fill, of the entries from the last tile boundary on.
    private func appendTiles(to stack: inout TileStack, upTo size: UInt64, from source: some EntrySource) throws {
        var position = stack.size - UInt64(stack.leafTileWidth)
        var hashes: [UInt8] = []
        while position < size {
            // One bundle a turn; the first may begin with entries that a partial bundle already published.
            let known = Int(stack.size - position)
            let wanted = Int(min(UInt64(TilePath.fullWidth), size - position))
            var bundle: [UInt8] = []
            hashes.removeAll(keepingCapacity: true)
            var cursor = 0
            while cursor < wanted {
                let batch = try source.entries(from: position + UInt64(cursor), limit: min(wanted - cursor, Self.batchMax))
                guard !batch.isEmpty, batch.count <= wanted - cursor else {
                    throw LedgerError(.missing, at: .entry(position + UInt64(cursor)), "the store has no such entry, though it committed \(size)")
                }
                for entry in batch {
                    try EntryBundle.append(entry, to: &bundle)
                    stack.hasher.leaf(entry).withUnsafeBytes { hashes.append(contentsOf: $0) }
                }
                cursor += batch.count
            }
            let partial = stack.partial(level: 0)
            for place in 0..<known where hashes[place * 32..<place * 32 + 32] != partial[place * 32..<place * 32 + 32] {
                throw LedgerError(
                    .damaged, at: .entry(position + UInt64(place)), "the store holds other bytes than were published; restore the entry from tile/entries")
            }
            try writeOnce(bundle, to: .entries(position / UInt64(TilePath.fullWidth), width: wanted))
            for tile in stack.append(leaves: hashes[(known * 32)...]) { try writeOnce(tile.bytes, to: tile.path) }
            position += UInt64(wanted)
        }
    }

    /// Tiles never change: one that is there already must be the same.
    private func writeOnce(_ bytes: [UInt8], to path: TilePath) throws(LedgerError) {
        if let present = try files.read(path) {
            guard present == bytes else {
                throw LedgerError(
                    .damaged, at: .tile(path), "the file differs from what the entries give; keep a copy of it as evidence, then remove it and publish again")
            }
            return
        }
        try files.write(bytes, to: path.text)
    }

    /// Removes the partial tiles that became full between two sizes; C2SP tlog-tiles, "Partial Tiles", allows it from then on.
    private func removePartials(from old: UInt64, to size: UInt64) throws(LedgerError) {
        for level in 0..<TilePath.levelsMax {
            let number = TilePath.hashCount(level: level, size: old) / UInt64(TilePath.fullWidth)
            guard TilePath.hashCount(level: level, size: size) / UInt64(TilePath.fullWidth) > number else { return }
            try files.removeFolder(TilePath.tile(level: level, index: number).partialsFolder)
            if level == 0 { try files.removeFolder(TilePath.entries(number).partialsFolder) }
        }
    }
}
