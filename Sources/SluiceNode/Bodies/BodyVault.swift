internal import SluiceCrypto
package import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// Keeps packages and receipts encrypted, each exchange under a key of its own: small ones in the store, large ones in files.
///
/// Its calls block while they read and write files.
package struct BodyVault: Sendable {
    /// Largest body that lies in the store itself, in bytes.
    package static let bytesInStoreMax = 256 << 10

    package let storageKey: StorageKey
    private let directory: String

    package init(storageKey: StorageKey, directory: String) throws {
        self.storageKey = storageKey
        self.directory = directory
        try Folders.make(directory)
    }

    /// Encrypts a body for the store. A file of it is complete and on disk when this returns; it counts once the store knows its name.
    package func seal(_ content: Content, _ kind: BodyKind, sender: String, exchangeID: String, key: ExchangeKey) throws -> StoredBody {
        switch content {
        case .bytes(let bytes) where bytes.count <= Self.bytesInStoreMax:
            return StoredBody(sender: sender, exchangeID: exchangeID, kind: kind, bytes: try key.cipher(kind).seal(bytes))
        default:
            // Random, so that a trip that is run again after a crash meets no file of the first.
            let name = "\(sender).\(exchangeID).\(kind.rawValue).\(Hexadecimal.encode(SecureRandom.bytes(4)))"
            try write(content, with: key.cipher(kind), to: directory + "/" + name)
            return StoredBody(sender: sender, exchangeID: exchangeID, kind: kind, file: name)
        }
    }

    /// A body that can be read.
    package func open(_ body: StoredBody, of record: ExchangeRecord, mediaType: String) throws -> KeptBody {
        let cipher = try storageKey.key(of: record).cipher(body.kind)
        if body.file.isEmpty { return KeptBody(try cipher.open(body.bytes), mediaType: mediaType) }
        return try KeptBody(fileAt: directory + "/" + body.file, cipher: cipher, mediaType: mediaType)
    }

    /// Removes the files of bodies that are gone from the store.
    package func removeFiles(of bodies: [StoredBody]) { for body in bodies where !body.file.isEmpty { unlink(directory + "/" + body.file) } }

    /// A file that no exchange knows yet may be of a trip under way in another process; one so old is not.
    static let sweepAgeSeconds = 3_600

    /// Removes files that no exchange knows: what a crash left between writing one and recording it.
    package func sweep(keeping known: Set<String>, now: Instant) {
        for name in Folders.names(in: directory) where !known.contains(name) {
            var status = stat()
            guard lstat(directory + "/" + name, &status) == 0, now.seconds - Int64(status.st_mtim.tv_sec) > Int64(Self.sweepAgeSeconds) else { continue }
            unlink(directory + "/" + name)
        }
    }

    private func write(_ content: Content, with cipher: SegmentedCipher, to path: String) throws {
        let source = try content.source()
        let total = try content.byteCount()
        let file = try NewFile(path)
        var sealing = SegmentedCipher.Sealing(cipher)
        try sealing.head.withUnsafeBytes { try file.append($0) }
        var buffer = [UInt8](repeating: 0, count: SegmentedCipher.segmentBytes)
        var done = 0
        repeat {
            let wanted = min(buffer.count, total - done)
            var filled = 0
            while filled < wanted {
                let count = try buffer.withUnsafeMutableBytes { try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled..<wanted])) }
                guard count > 0 else { throw NodeError("a body became shorter while it was encrypted") }
                filled += count
            }
            done += filled
            try sealing.seal(buffer[..<filled], isLast: done == total).withUnsafeBytes { try file.append($0) }
        } while done < total
        try file.keep()
        try Folders.synchronize(directory)
    }
}
