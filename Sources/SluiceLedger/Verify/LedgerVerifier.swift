internal import SluiceKit

/// Recomputes a whole published log from its entries and compares it with its tiles and its signed checkpoint.
///
/// It trusts nothing but the key. Memory is bounded by one bundle and one tile per level, whatever the size of the log.
package struct LedgerVerifier {
    /// What the entries must be.
    package enum EntryForm: Sendable {
        /// Ledger entries of Sluice, in canonical form.
        case ledgerEntry
        /// Any bytes: the log of another system.
        case any
    }

    /// Verifies the log in `directory` against `key`.
    ///
    /// `progress` is called after each bundle with the entries done and all; it may throw to stop. Throws what the file system
    /// or `progress` throws; everything wrong with the log itself is in the report.
    package static func verify(
        directory: String, key: VerifierKey, form: EntryForm = .ledgerEntry, progress: (UInt64, UInt64) throws -> Void = { _, _ in }
    ) throws -> LedgerReport {
        try verify(files: LedgerDirectory(path: directory), key: key, form: form, progress: progress)
    }

    package static func verify(
        files: any LedgerFiles, key: VerifierKey, form: EntryForm = .ledgerEntry, progress: (UInt64, UInt64) throws -> Void = { _, _ in }
    ) throws -> LedgerReport {
        var verifier = LedgerVerifier(files: files, form: form)
        guard let checkpoint = try verifier.readCheckpoint(key: key) else { return verifier.report }
        verifier.report.checkpoint = checkpoint
        try verifier.verifyTree(checkpoint.head, progress: progress)
        if verifier.report.damageCount < LedgerReport.damagesMax { try verifier.verifyOtherFiles(size: checkpoint.head.size) }
        return verifier.report
    }

    private let files: any LedgerFiles
    private let form: EntryForm
    private let hasher = MerkleHasher()
    private var stack: TileStack
    private var report = LedgerReport()
    /// Whether a bundle was seen: pruning withholds only a beginning (C2SP tlog-tiles, "Pruning").
    private var sawEntries = false
    private var latest: EntryTime?

    private init(files: any LedgerFiles, form: EntryForm) {
        self.files = files
        self.form = form
        stack = TileStack(hasher: hasher)
    }

    private mutating func readCheckpoint(key: VerifierKey) throws(LedgerError) -> Checkpoint? {
        guard let bytes = try files.read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else {
            report.add(LedgerError(.missing, at: .checkpoint, "the log has no checkpoint: nothing says how long it should be"))
            return nil
        }
        do throws(LedgerError) {
            return try Checkpoint(verifying: SignedNote(parsing: bytes), key: key)
        } catch {
            var error = error
            error.place = .checkpoint
            report.add(error)
            return nil
        }
    }

    // MARK: Bundles and tiles, left to right

    private mutating func verifyTree(_ head: LedgerHead, progress: (UInt64, UInt64) throws -> Void) throws {
        let full = UInt64(TilePath.fullWidth)
        var position: UInt64 = 0
        while position < head.size, report.damageCount < LedgerReport.damagesMax {
            let width = Int(min(full, head.size - position))
            let leaves = try leafHashes(position / full, width: width, head: head)
            guard let leaves else { return }
            append(leaves)
            position += UInt64(width)
            try progress(position, head.size)
        }
        guard report.damageCount < LedgerReport.damagesMax else { return }
        for partial in stack.partials where partial.path.level > 0 { compare(partial.bytes, with: partial.path) }
        if stack.root != head.root {
            report.add(
                LedgerError(
                    .damaged, at: .checkpoint,
                    "the entries lead to the root \(stack.root.base64), the checkpoint says \(head.root.base64): entries were changed, added or removed after signing"
                ))
        }
    }

    private mutating func append(_ leaves: [UInt8]) {
        for tile in stack.append(leaves: leaves) where tile.path.level > 0 { compare(tile.bytes, with: tile.path) }
    }

    /// Compares hashes computed from below with a tile of level 1 or higher.
    private mutating func compare(_ bytes: [UInt8], with path: TilePath) {
        guard let present = tileBytes(path) else { return }
        if present != bytes {
            let place = zip(present, bytes).enumerated().first { $0.element.0 != $0.element.1 }.map { $0.offset / SHA256Digest.byteCount } ?? 0
            report.add(LedgerError(.damaged, at: .tile(path), "hash \(place) differs from the one its entries give"))
        }
    }

    /// The tile, with its damage reported where it is missing or too short.
    private mutating func tileBytes(_ path: TilePath) -> [UInt8]? {
        do throws(LedgerError) {
            return try files.readHashes(path)
        } catch {
            report.add(error)
            return nil
        }
    }

    /// The hashes of the leaves of one bundle, as far as they can be known; what is wrong is reported.
    private mutating func leafHashes(_ index: UInt64, width: Int, head: LedgerHead) throws(LedgerError) -> [UInt8]? {
        let bundlePath = TilePath.entries(index, width: width)
        let tilePath = TilePath.tile(level: 0, index: index, width: width)
        let tile = tileBytes(tilePath)
        guard let bundle = try readBundle(bundlePath) else {
            if sawEntries {
                report.add(
                    LedgerError(
                        .missing, at: .tile(bundlePath), "the entries are missing, though earlier ones are there: withheld entries are always the first"))
            } else {
                report.entriesWithheld += UInt64(width)
            }
            return tile
        }
        sawEntries = true
        let first = index * UInt64(TilePath.fullWidth)
        guard let computed = hashEntries(bundle, first: first, width: width, tile: tile) else {
            report.add(LedgerError(.damaged, at: .tile(bundlePath), "does not hold \(width) whole entries: a length was changed, or bytes were cut or added"))
            return tile
        }
        guard let tile else {
            report.entriesVerified += UInt64(width)
            return computed
        }
        if tile == computed {
            report.entriesVerified += UInt64(width)
            return computed
        }
        return settle(entries: computed, tile: tile, index: index, width: width, head: head)
    }

    /// Finds out whether the entries or their tile changed: the hash above tells which of them was signed.
    private mutating func settle(entries: [UInt8], tile: [UInt8], index: UInt64, width: Int, head: LedgerHead) -> [UInt8] {
        let differing = (0..<width).filter { entries[$0 * 32..<$0 * 32 + 32] != tile[$0 * 32..<$0 * 32 + 32] }
        let first = index * UInt64(TilePath.fullWidth)
        let tilePath = TilePath.tile(level: 0, index: index, width: width)
        switch (isSigned(entries, index: index, head: head), isSigned(tile, index: index, head: head)) {
        case (false, true):
            for place in differing {
                report.add(
                    LedgerError(
                        .damaged, at: .entry(first + UInt64(place)),
                        "the entry was changed after it was signed: its hash is not the one in \(tilePath.text), which leads to the signed root"))
            }
            report.entriesVerified += UInt64(width - differing.count)
            return tile
        case (true, false):
            report.add(
                LedgerError(
                    .damaged, at: .tile(tilePath),
                    "the hash of entry \(first + UInt64(differing.first ?? 0)) was changed; the entry itself leads to the signed root"))
            report.entriesVerified += UInt64(width)
        default:
            report.add(
                LedgerError(
                    .damaged, at: .entry(first + UInt64(differing.first ?? 0)),
                    "the entry and its hash in \(tilePath.text) disagree, and neither leads to the hash above"))
        }
        return entries
    }

    /// Whether `leaves` lead to the hash that stands above their tile: in the tile of level 1 where it is full, else in the root.
    private func isSigned(_ leaves: [UInt8], index: UInt64, head: LedgerHead) -> Bool {
        if leaves.count == TilePath.fullWidth * SHA256Digest.byteCount {
            let above = TilePath.holding(index, level: 1, size: head.size)
            guard let tile = try? files.readHashes(above) else { return false }
            let start = Int(index % UInt64(TilePath.fullWidth)) * SHA256Digest.byteCount
            return hasher.perfectRoot(of: leaves).bytes == Array(tile[start..<start + SHA256Digest.byteCount])
        }
        var stack = stack
        _ = stack.append(leaves: leaves)
        return stack.root == head.root
    }

    /// The bundle, or the wider one that replaced it cut to its entries.
    private func readBundle(_ path: TilePath) throws(LedgerError) -> [UInt8]? {
        if let bytes = try files.read(path) { return bytes }
        guard !path.isFull, let bytes = try files.read(TilePath.entries(path.index)) else { return nil }
        let end = bytes.withUnsafeBytes { EntryBundle.end(of: path.width, in: $0) }
        return Array(bytes.prefix(end))
    }

    /// The leaf hashes of a bundle's entries; nil where the lengths do not fit.
    ///
    /// The form of an entry is checked on the way, unless its hash differs from its tile: then the difference is the finding.
    private mutating func hashEntries(_ bundle: [UInt8], first: UInt64, width: Int, tile: [UInt8]?) -> [UInt8]? {
        var hashes = [UInt8](repeating: 0, count: width * SHA256Digest.byteCount)
        let fits = bundle.withUnsafeBytes { bundle in
            hashes.withUnsafeMutableBytes { hashes in
                // Whole digests compare faster than slices of bytes.
                func digest(_ place: Range<Int>) -> SHA256Digest? { SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: hashes[place])) }
                return EntryBundle.forEach(in: bundle, count: width) { place, entry in
                    let hash = place * SHA256Digest.byteCount..<(place + 1) * SHA256Digest.byteCount
                    hasher.leaf(entry, into: hashes[hash])
                    guard form == .ledgerEntry else { return }
                    if let tile, digest(hash) != tile.withUnsafeBytes({ SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: $0[hash])) }) { return }
                    check(entry, index: first + UInt64(place))
                }
            }
        }
        return fits ? hashes : nil
    }

    private mutating func check(_ entry: UnsafeRawBufferPointer, index: UInt64) {
        let (problem, time) = EntryScanner.problem(in: entry)
        if let problem { report.add(LedgerError(.malformed, at: .entry(index), "not in the form of a ledger entry: \(problem)")) }
        guard let time else { return }
        if let latest, time < latest {
            report.warn("entry \(index): its time is earlier than that of an entry before it; the order of the log is the one that counts")
        }
        latest = max(latest ?? time, time)
        report.times = min(report.times?.lowerBound ?? time, time)...max(report.times?.upperBound ?? time, time)
    }

    // MARK: Files that the tree does not ask for

    /// Older partial tiles must be beginnings of the newer ones; names outside the layout are reported.
    private mutating func verifyOtherFiles(size: UInt64) throws(LedgerError) {
        var beyond = 0
        var older: [TilePath] = []
        var report = report
        try files.walk("tile") { (name) throws(LedgerError) in
            guard let path = TilePath(text: name) else {
                if name.hasSuffix(".tmp") {
                    report.warn("\(name): left over from an interrupted write")
                } else {
                    report.add(LedgerError(.malformed, at: .file(name), "no file of a log has this name"))
                }
                return
            }
            let count = TilePath.hashCount(level: path.level, size: size)
            let end = path.index * UInt64(TilePath.fullWidth) + UInt64(path.width)
            if end > count { beyond += 1 } else if !path.isFull, end < count, older.count < Self.olderTilesMax { older.append(path) }
        }
        if beyond > 0 { report.warn("\(beyond) files hold entries after the \(size) of the checkpoint: a publication was under way or was interrupted") }
        if older.count == Self.olderTilesMax { report.warn("only the first \(older.count) superseded partial tiles were compared") }
        self.report = report
        for path in older.sorted(by: { ($0.level, $0.index, $0.width) < ($1.level, $1.index, $1.width) })
        where self.report.damageCount < LedgerReport.damagesMax {
            try compareOlder(path, size: size)
        }
    }

    /// Superseded partial tiles compared: 255 of each of a bundle and two tiles, for some eighty tiles.
    static let olderTilesMax = 65_536

    private mutating func compareOlder(_ path: TilePath, size: UInt64) throws(LedgerError) {
        guard let bytes = try files.read(path) else { return }
        let first = path.index * UInt64(TilePath.fullWidth)
        let newest = TilePath.holding(first, level: path.level, size: size)
        guard let newer = try? files.readHashes(newest).prefix(path.width * SHA256Digest.byteCount) else { return }
        switch path.content {
        case .hashes:
            if !newer.elementsEqual(bytes) { report.add(LedgerError(.damaged, at: .tile(path), "differs from the beginning of the newer tile \(newest.text)")) }
        case .entries:
            var hashes: [UInt8] = []
            let fits = bytes.withUnsafeBytes { bundle in
                EntryBundle.forEach(in: bundle, count: path.width) { _, entry in hashes.append(contentsOf: hasher.leaf(entry).bytes) }
            }
            if !fits || !newer.elementsEqual(hashes) {
                report.add(LedgerError(.damaged, at: .tile(path), "its entries do not have the hashes in \(newest.text)"))
            }
        }
    }
}
