/// Where a log's files lie. Tests put a failing one in the place of `LedgerDirectory`.
package protocol LedgerFiles: Sendable {
    /// The bytes of the file, or nil where there is none; throws for more than `bytesMax`.
    func read(_ path: String, bytesMax: Int) throws(LedgerError) -> [UInt8]?
    /// Replaces the file whole or not at all, and its bytes are on the disk on return; its name is after `sync()`.
    func write(_ bytes: [UInt8], to path: String) throws(LedgerError)
    /// Returns once the names of all files written are on the disk.
    func sync() throws(LedgerError)
    /// Removes a folder with the files in it; none is no error.
    func removeFolder(_ path: String) throws(LedgerError)
    /// Calls `visit` with every file at or below `folder`, in no order; a file still being written ends in `.tmp`.
    func walk(_ folder: String, _ visit: (String) throws(LedgerError) -> Void) throws(LedgerError)
}

extension LedgerFiles {
    /// The largest file of the layout: a bundle of 256 entries of the largest size.
    static var bundleBytesMax: Int { TilePath.fullWidth * (2 + LedgerEntry.bytesMax) }

    func read(_ path: TilePath) throws(LedgerError) -> [UInt8]? {
        try read(path.text, bytesMax: Self.bundleBytesMax)
    }

    /// The tile `path`, or as much of a wider one: a log may delete a partial tile once the full one exists (C2SP tlog-tiles, "Partial Tiles").
    func readHashes(_ path: TilePath) throws(LedgerError) -> [UInt8] {
        let bytesWanted = path.width * 32
        if let bytes = try read(path), bytes.count == bytesWanted { return bytes }
        let full = TilePath(path.content, index: path.index)
        if !path.isFull, let bytes = try read(full), bytes.count == TilePath.fullWidth * 32 { return Array(bytes.prefix(bytesWanted)) }
        if let bytes = try read(path) {
            throw LedgerError(.damaged, at: .tile(path), "has \(bytes.count) bytes instead of \(bytesWanted)")
        }
        throw LedgerError(.missing, at: .tile(path), "the file is missing; restore it from a backup, or publish the log again into an empty folder")
    }
}
