import CZlib
import SluiceCrypto
package import SluiceKit

/// Reads entries of an archive whose directory was found right, in memory that does not grow with them.
package struct ZipReader: ~Copyable {
    private let archive: ArchiveInput
    package let entries: [ZipEntry]
    private let input: ByteBuffer
    private let output: ByteBuffer

    /// Opens an archive of this media type, which may stand in its comment.
    package init(_ package: Content, mediaType: String, limits: PackageLimits) throws(PackageError) {
        let archive = try ArchiveInput(package, limits: limits)
        let entries = try ZipDirectory(archive, mediaType: mediaType, limits: limits).entries
        try Self.requireWithinLimits(entries, limits)
        input = ByteBuffer(count: archive.roomBytes)
        self.archive = archive
        self.entries = entries
        // Room for the largest file that has to be decompressed, up to a chunk.
        let largest = entries.reduce(0) { $1.method == .deflated ? max($0, $1.size) : $0 }
        output = ByteBuffer(count: Int(min(largest + 1, Int64(ZipWriter.chunkBytes))))
    }

    /// What the directory says is checked before anything is decompressed; that it is true is checked while decompressing.
    private static func requireWithinLimits(_ entries: [ZipEntry], _ limits: PackageLimits) throws(PackageError) {
        var total: Int64 = 0
        for entry in entries {
            let shown = EntryName.printable(entry.name)
            guard entry.size <= limits.fileBytesMax else {
                throw PackageError(.limitExceeded, file: shown, "the file has \(entry.size) bytes; at most \(limits.fileBytesMax) are allowed (fileBytesMax)")
            }
            guard !entry.growsBeyond(limits.compressionRatioMax) else {
                throw PackageError(
                    .limitExceeded, file: shown,
                    "the file grows from \(entry.compressedSize) to \(entry.size) bytes, more than \(limits.compressionRatioMax) times (compressionRatioMax)")
            }
            total += entry.size
        }
        guard total <= limits.totalBytesMax else {
            throw PackageError(.limitExceeded, "the files together have \(total) bytes; at most \(limits.totalBytesMax) are allowed (totalBytesMax)")
        }
    }

    /// Streams an entry's bytes to `body` and answers with their digest. Size and CRC are checked; what is delivered is never more than
    /// the directory says.
    package func stream(_ entry: ZipEntry, _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void) throws(PackageError) -> SHA256Digest {
        let shown = EntryName.printable(entry.name)
        let hasher = SHA256()
        var crc: UInt32 = 0
        var size: Int64 = 0
        func deliver(_ part: UnsafeRawBufferPointer) throws(PackageError) {
            size += Int64(part.count)
            guard size <= entry.size else {
                throw PackageError(.corruptData, file: shown, "the file decompresses to more than the \(entry.size) bytes it says it has")
            }
            crc = sluice_crc32(crc, part.baseAddress?.assumingMemoryBound(to: UInt8.self), part.count)
            hasher.update(part)
            try body(part)
        }
        let inflater = try entry.method == .deflated ? Inflater() : nil
        let room = output.bytes
        var ended = inflater == nil
        try archive.stream(at: entry.dataOffset, count: entry.compressedSize, room: input) { (chunk) throws(PackageError) in
            guard let inflater else { return try deliver(chunk) }
            let left = try ended ? chunk.count : inflater.run(chunk, into: room, file: shown, deliver)
            guard let left else { return }
            guard left == 0 else { throw PackageError(.extraData, file: shown, "there are bytes after the end of the file's compressed data") }
            ended = true
        }
        guard ended, size == entry.size else { throw PackageError(.corruptData, file: shown, "the file has \(size) bytes instead of \(entry.size)") }
        guard crc == entry.crc else {
            throw PackageError(.corruptData, file: shown, "the file's check sum is wrong: it was damaged on the way. Ask for it again")
        }
        return hasher.finish()
    }

    /// Passes an entry's bytes on as they stand in the archive, compressed or not; nothing of them is checked.
    func streamRaw(_ entry: ZipEntry, _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void) throws(PackageError) {
        try archive.stream(at: entry.dataOffset, count: entry.compressedSize, room: input, body)
    }

    /// A whole entry in memory, if it has no more than `bytesMax` bytes, and its digest.
    package func contents(_ entry: ZipEntry, max bytesMax: Int64, limit: String) throws(PackageError) -> (bytes: [UInt8], sha256: SHA256Digest) {
        guard entry.size <= bytesMax else {
            throw PackageError(.limitExceeded, file: entry.name, "the file has \(entry.size) bytes; at most \(bytesMax) are allowed (\(limit))")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(entry.size))
        let digest = try stream(entry) { (part) throws(PackageError) in bytes.append(contentsOf: part) }
        return (bytes, digest)
    }
}
