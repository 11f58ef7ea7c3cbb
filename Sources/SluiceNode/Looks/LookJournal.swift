internal import SluiceCrypto
internal import SluiceKit
internal import SluiceLedger

#if canImport(Glibc)
    internal import Glibc
#endif

/// The looks of one month: a journal that is only appended to, and the log that is published from it, with an origin of its own.
///
///     looks/2026-11/journal      entries, each after its length in two bytes; synced before a page is shown
///     looks/2026-11/person.key   the key of this month's codes for people; it goes with the month
///     looks/2026-11/ledger/      checkpoint and tiles, as of the ledger
///     looks/2026-11/ledger.vkey  their key: the ledger's, under this log's name
///
/// Blocking; one caller at a time.
final class LookJournal: EntrySource {
    let month: String
    let personKey: [UInt8]
    private let folder: String
    private let publisher: LedgerPublisher
    private let descriptor: Int32
    /// Where each entry begins, and the end.
    private var offsets: [Int] = [0]
    private var frontier = MerkleFrontier()
    private let hasher = MerkleHasher()

    var count: Int { offsets.count - 1 }

    /// Largest journal that is opened.
    static let bytesMax = 1 << 30

    /// Opens or begins the month. An entry that a crash cut off was of a page that nobody saw, and is cut away.
    init(folder: String, month: String, key: LedgerKey) throws {
        self.month = month
        self.folder = folder
        try Folders.make(folder + "/ledger")
        let keyPath = folder + "/person.key"
        if !Folders.exists(keyPath) { try BoundedFile.replace(keyPath, with: Array(StorageKey.newText().utf8), mode: 0o600) }
        guard let digest = SHA256Digest(hex: String(decoding: try BoundedFile.load(keyPath, secret: true), as: UTF8.self).trimmingASCIIWhitespace) else {
            throw NodeError("\(keyPath) is damaged; without it this month's codes cannot be told")
        }
        personKey = digest.bytes
        try Folders.write(Array((key.verifier.text + "\n").utf8), to: folder + "/ledger.vkey", mode: 0o644)
        publisher = LedgerPublisher(files: LedgerDirectory(path: folder + "/ledger"), key: key)
        let path = folder + "/journal"
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw NodeError("cannot open \(path): \(String(cString: strerror(errno)))") }
        let bytes = try FileByteSource.contents(of: path, bytesMax: Self.bytesMax)
        var end = 0
        while end + 2 <= bytes.count {
            let next = end + 2 + Int(bytes[end]) << 8 + Int(bytes[end + 1])
            guard next <= bytes.count else { break }
            frontier.append(hasher.leaf(Array(bytes[(end + 2)..<next])), with: hasher)
            offsets.append(next)
            end = next
        }
        // First whether it goes on from what was published: a journal that was changed stays as it is, to be looked at.
        try publish()
        if end < bytes.count { guard ftruncate(descriptor, off_t(end)) == 0, fdatasync(descriptor) == 0 else { throw failure("cut off") } }
        try Folders.synchronize(folder)
    }

    deinit { close(descriptor) }

    /// The entry is on the disk when this returns, or not there.
    func append(_ entry: [UInt8]) throws {
        let framed = [UInt8(entry.count >> 8), UInt8(entry.count & 0xff)] + entry
        let end = offsets[offsets.count - 1]
        guard end + framed.count <= Self.bytesMax else { throw NodeError("\(folder)/journal is full: \(Self.bytesMax) bytes of looks in one month") }
        var written = 0
        while written < framed.count {
            let count = framed.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, framed.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let problem = failure("write")
                _ = ftruncate(descriptor, off_t(end))
                throw problem
            }
            written += count
        }
        guard fdatasync(descriptor) == 0 else {
            let problem = failure("sync")
            _ = ftruncate(descriptor, off_t(end))
            throw problem
        }
        offsets.append(end + framed.count)
        frontier.append(hasher.leaf(entry), with: hasher)
    }

    func publish() throws {
        if count == 0, try publisher.published() == nil { return }
        _ = try publisher.publish(head: frontier.head(with: hasher), source: self, persist: { _ in })
    }

    func entries(from index: UInt64, limit: Int) throws -> [[UInt8]] {
        let first = Int(index)
        guard first < count, limit > 0 else { return [] }
        return try (first..<min(count, first + limit)).map(entry)
    }

    func entry(_ index: Int) throws -> [UInt8] {
        let start = offsets[index] + 2
        var bytes = [UInt8](repeating: 0, count: offsets[index + 1] - start)
        let size = bytes.count
        guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, size, off_t(start)) }) == size else { throw failure("read") }
        return bytes
    }

    private func failure(_ verb: String) -> NodeError { NodeError("cannot \(verb) \(folder)/journal: \(String(cString: strerror(errno)))") }
}
