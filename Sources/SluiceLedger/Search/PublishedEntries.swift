internal import SluiceKit

/// The entries of a published log, read bundle by bundle. What it reads is proven by nothing but the log's own verification, or a proof of each entry.
package struct PublishedEntries {
    private let files: any LedgerFiles
    /// The checkpoint that says how many there are.
    package let checkpoint: Checkpoint

    /// - Parameter key: that of the log; nil believes the checkpoint unseen.
    package init(files: any LedgerFiles, key: VerifierKey?) throws(LedgerError) {
        self.files = files
        guard let bytes = try files.read(LedgerPublisher.checkpointName, bytesMax: SignedNote.bytesMax) else {
            throw LedgerError(.missing, at: .checkpoint, "the log has no checkpoint yet")
        }
        let note = try SignedNote(parsing: bytes)
        if let key { checkpoint = try Checkpoint(verifying: note, key: key) } else { checkpoint = try Checkpoint(body: note.body) }
    }

    package var size: UInt64 { checkpoint.head.size }
    package var bundleCount: UInt64 { (size + UInt64(TilePath.fullWidth) - 1) / UInt64(TilePath.fullWidth) }

    /// Calls `visit` with the entries of a bundle, in order. False, without a call, where the bundle is withheld.
    package func forEach(inBundle bundle: UInt64, _ visit: (UInt64, UnsafeRawBufferPointer) -> Void) throws(LedgerError) -> Bool {
        let first = bundle * UInt64(TilePath.fullWidth)
        let width = Int(min(UInt64(TilePath.fullWidth), size - first))
        let path = TilePath.entries(bundle, width: width)
        // A log may delete a partial bundle once the full one exists.
        var present = try files.read(path)
        if present == nil, !path.isFull { present = try files.read(TilePath.entries(bundle)) }
        guard let bytes = present else { return false }
        let fits = bytes.withUnsafeBytes { bytes in
            let used = path.isFull ? bytes : UnsafeRawBufferPointer(rebasing: bytes[..<EntryBundle.end(of: width, in: bytes)])
            return EntryBundle.forEach(in: used, count: width) { place, entry in visit(first + UInt64(place), entry) }
        }
        guard fits else {
            throw LedgerError(.damaged, at: .tile(path), "does not hold \(width) whole entries; run sluice ledger verify on the folder")
        }
        return true
    }

    /// The bytes of one entry.
    package func entry(_ index: UInt64) throws(LedgerError) -> [UInt8] {
        guard index < size else { throw LedgerError(.missing, at: .entry(index), "the checkpoint covers only \(size) entries") }
        var found: [UInt8]?
        guard try forEach(inBundle: index / UInt64(TilePath.fullWidth), { place, entry in if place == index { found = Array(entry) } }), let found else {
            throw LedgerError(.missing, at: .entry(index), "its bytes are withheld: the log was pruned, and only its hash is kept")
        }
        return found
    }
}
