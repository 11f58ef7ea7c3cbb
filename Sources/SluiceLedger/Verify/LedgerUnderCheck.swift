internal import SluiceKit

/// A log with the two places that have to agree: the store's entries and the published files.
package struct LedgerUnderCheck {
    private let files: any LedgerFiles
    private let source: any EntrySource
    private let key: VerifierKey
    private let head: () throws -> LedgerHead?
    private let hasher = MerkleHasher()

    static let republish =
        "Stop the node and restore the file from a backup; without one keep a copy of the ledger's folder as evidence, remove the folder and start again: it is published anew from the store"
    static let restore = "Restore the node's store from a backup"

    /// - Parameter head: what the store says that it signed last.
    package init(files: any LedgerFiles, source: any EntrySource, key: VerifierKey, head: @escaping () throws -> LedgerHead?) {
        self.files = files
        self.source = source
        self.key = key
        self.head = head
    }

    /// The head of the published checkpoint, signed by the key and known to the store; nil where nothing was published yet.
    func signedHead() throws -> LedgerHead? {
        guard let bytes = try files.read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else {
            guard let known = try head() else { return nil }
            throw LedgerError(
                .missing, at: .checkpoint, "the checkpoint is missing, though the store has signed one of \(known.size) entries. \(Self.republish)")
        }
        let signed: LedgerHead
        do throws(LedgerError) { signed = try Checkpoint(verifying: SignedNote(parsing: bytes), key: key).head } catch {
            throw LedgerError(error.code, at: .checkpoint, "\(error.detail). \(Self.republish)")
        }
        // After the checkpoint: the store knows a head before its signature is shown.
        guard let known = try head() else {
            throw LedgerError(.rollback, at: .checkpoint, "the store knows no head of the published ledger: it is not the one that wrote it. \(Self.restore)")
        }
        guard known.size >= signed.size else {
            throw LedgerError(
                .rollback, at: .checkpoint,
                "\(signed.size) entries are published, but the store knows of only \(known.size): it was restored from an older backup, or was changed. \(Self.restore)"
            )
        }
        guard known.size > signed.size || known.root == signed.root else {
            throw LedgerError(
                .damaged, at: .checkpoint, "the store has another root for the \(signed.size) entries than the one that is signed. \(Self.restore)")
        }
        return signed
    }

    /// The unfinished tile of each level, which together make the root.
    func unfinishedTiles(of signed: LedgerHead) throws -> TileStack {
        let stack: TileStack
        do throws(LedgerError) { stack = try TileStack(size: signed.size, in: files, hasher: hasher) } catch { throw mended(error) }
        guard stack.root == signed.root else { throw try unfinishedDamage(of: signed, stack) }
        return stack
    }

    /// Which of the unfinished tiles is not what the hashes below it give.
    private func unfinishedDamage(of signed: LedgerHead, _ stack: TileStack) throws -> LedgerError {
        for partial in stack.partials {
            let first = partial.path.index * UInt64(TilePath.fullWidth)
            var below: [UInt8] = []
            if partial.path.level == 0 {
                for entry in try entries(from: first, count: partial.path.width) { below += hasher.leaf(entry).bytes }
            } else {
                for place in 0..<UInt64(partial.path.width) {
                    let child = TilePath.tile(level: partial.path.level - 1, index: first + place)
                    do throws(LedgerError) { below += hasher.perfectRoot(of: try files.readHashes(child)).bytes } catch { throw mended(error) }
                }
            }
            if let place = Self.firstDifference(partial.bytes, below) {
                let what = partial.path.level == 0 ? "entry \(first + UInt64(place))" : "the tile below it"
                return LedgerError(
                    .damaged, at: .tile(partial.path),
                    "hash \(place) is not the one that \(what) gives, and the tiles do not lead to the signed root. \(Self.republish)")
            }
        }
        return LedgerError(
            .damaged, at: .checkpoint,
            "the tiles lead to the root \(stack.root.base64), the checkpoint says \(signed.root.base64): entries were changed, added or removed after signing. \(Self.restore)"
        )
    }

    // MARK: A bundle, its entries and what is above them

    func checkBundle(_ number: UInt64, of signed: LedgerHead, _ unfinished: TileStack) throws {
        let first = number * UInt64(TilePath.fullWidth)
        let leaves = try tile(level: 0, number, of: signed, unfinished)
        let width = leaves.count / SHA256Digest.byteCount
        let bundlePath = TilePath.entries(number, width: width)
        let leafTile = TilePath.holding(first, level: 0, size: signed.size)
        var expected: [UInt8] = []
        for (place, entry) in try entries(from: first, count: width).enumerated() {
            guard hasher.leaf(entry).bytes == Array(leaves[place * 32..<place * 32 + 32]) else {
                throw LedgerError(
                    .damaged, at: .entry(first + UInt64(place)),
                    "the store holds other bytes than were signed: their hash is not the one in \(leafTile.text), which leads to the signed root. \(Self.restore)"
                )
            }
            try EntryBundle.append(entry, to: &expected)
        }
        guard let present = try readBundle(bundlePath) else {
            throw LedgerError(.missing, at: .tile(bundlePath), "the published entries are missing. \(Self.republish)")
        }
        guard present == expected else {
            let byte = zip(present, expected).enumerated().first { $0.element.0 != $0.element.1 }.map(\.offset) ?? min(present.count, expected.count)
            let index = first + UInt64(Self.place(ofByte: byte, in: expected))
            throw LedgerError(
                .damaged, at: .tile(bundlePath), "the published bytes of entry \(index) are not those that were signed; the store's are. \(Self.republish)")
        }
    }

    /// A tile's hashes, after every hash above it was found right up to the unfinished tiles.
    private func tile(level: Int, _ index: UInt64, of signed: LedgerHead, _ unfinished: TileStack) throws -> [UInt8] {
        let path = TilePath.holding(index * UInt64(TilePath.fullWidth), level: level, size: signed.size)
        if !path.isFull { return unfinished.partial(level: level) }
        let full = UInt64(TilePath.fullWidth)
        let above = try tile(level: level + 1, index / full, of: signed, unfinished)
        let hashes: [UInt8]
        do throws(LedgerError) { hashes = try files.readHashes(path) } catch { throw mended(error) }
        let place = Int(index % full) * SHA256Digest.byteCount
        guard hasher.perfectRoot(of: hashes).bytes == Array(above[place..<place + SHA256Digest.byteCount]) else {
            let parent = TilePath.holding(index, level: level + 1, size: signed.size)
            throw LedgerError(
                .damaged, at: .tile(path), "its hashes do not give hash \(index % full) of \(parent.text), which leads to the signed root. \(Self.republish)")
        }
        return hashes
    }

    /// The bundle, or the wider one that replaced it cut to its entries.
    private func readBundle(_ path: TilePath) throws(LedgerError) -> [UInt8]? {
        if let bytes = try files.read(path) { return bytes }
        guard !path.isFull, let bytes = try files.read(TilePath.entries(path.index)) else { return nil }
        return Array(bytes.prefix(bytes.withUnsafeBytes { EntryBundle.end(of: path.width, in: $0) }))
    }

    /// All entries of a bundle; a source may give fewer at a time.
    private func entries(from first: UInt64, count: Int) throws -> [[UInt8]] {
        var entries: [[UInt8]] = []
        while entries.count < count {
            let batch = try source.entries(from: first + UInt64(entries.count), limit: count - entries.count)
            guard !batch.isEmpty, batch.count <= count - entries.count else {
                throw LedgerError(.missing, at: .entry(first + UInt64(entries.count)), "the store has no such entry, though it was signed. \(Self.restore)")
            }
            entries += batch
        }
        return entries
    }

    // MARK: Superseded partial tiles

    /// Compares up to `limit` of them, from the `first` on in order of names; returns how many there were.
    func checkOlder(from first: Int, limit: Int, of signed: LedgerHead, _ unfinished: TileStack) throws -> Int {
        var older: [TilePath] = []
        for partial in unfinished.partials {
            var folders = [partial.path.partialsFolder]
            if partial.path.level == 0 { folders.append(TilePath.entries(partial.path.index).partialsFolder) }
            for folder in folders {
                try files.walk(folder) { (name) throws(LedgerError) in
                    if let path = TilePath(text: name), path.width < partial.path.width { older.append(path) }
                }
            }
        }
        let batch = older.sorted { $0.text < $1.text }.dropFirst(first).prefix(limit)
        for path in batch {
            // One that has just been removed is no damage.
            guard let bytes = try files.read(path) else { continue }
            let hashes = unfinished.partial(level: path.level).prefix(path.width * SHA256Digest.byteCount)
            var computed = path.content == .entries ? [] : bytes
            if path.content == .entries {
                _ = bytes.withUnsafeBytes { EntryBundle.forEach(in: $0, count: path.width) { _, entry in computed += hasher.leaf(entry).bytes } }
            }
            guard hashes.elementsEqual(computed) else {
                throw LedgerError(
                    .damaged, at: .tile(path),
                    "differs from the beginning of the tile that superseded it, which leads to the signed root. Stop the node, keep a copy as evidence and remove the file: nobody needs it any more"
                )
            }
        }
        return batch.count
    }

    // MARK: Words

    /// The same error with what to do, where it is the file's.
    private func mended(_ error: LedgerError) -> LedgerError {
        error.code == .storage ? error : LedgerError(error.code, at: error.place, "\(error.detail). \(Self.republish)")
    }

    /// The first hash that differs; nil where none does.
    private static func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        guard left.count == right.count else { return min(left.count, right.count) / SHA256Digest.byteCount }
        return zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }.map { $0.offset / SHA256Digest.byteCount }
    }

    /// Which entry of a sound bundle a byte belongs to.
    private static func place(ofByte byte: Int, in bundle: [UInt8]) -> Int {
        bundle.withUnsafeBytes { bundle in
            var (place, end) = (0, 0)
            while bundle.count - end >= 2 {
                end += 2 + EntryBundle.length(at: end, of: bundle)
                if byte < end { return place }
                place += 1
            }
            return max(0, place - 1)
        }
    }
}
