import CZlib
import SluiceCrypto
import SluiceKit

/// Reads entries of an archive whose directory was found right, in memory that does not grow with them.
struct ZipReader: ~Copyable {
    private let file: File
    let entries: [ZipEntry]
    private let input: ByteBuffer
    private let output: ByteBuffer

    init(_ path: String, limits: PackageLimits) throws(PackageError) {
        let file = try File.reading(path)
        let entries = try ZipDirectory(file, limits: limits).entries
        try Self.requireWithinLimits(entries, limits)
        self.file = file
        self.entries = entries
        input = ByteBuffer(count: ZipWriter.chunkBytes)
        output = ByteBuffer(count: ZipWriter.chunkBytes)
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
    func stream(_ entry: ZipEntry, _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void) throws(PackageError) -> SHA256Digest {
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
        var position = entry.dataOffset
        var ended = inflater == nil
        while position < entry.endOffset {
            let wanted = Int(min(Int64(input.bytes.count), entry.endOffset - position))
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input.bytes[..<wanted]), at: position)
            guard count == wanted else { throw PackageError(.truncated, file: shown, "the package became shorter while it was read") }
            position += Int64(count)
            let chunk = UnsafeRawBufferPointer(rebasing: input.bytes[..<count])
            guard let inflater else {
                try deliver(chunk)
                continue
            }
            if case .ended(let left) = try inflater.run(chunk, into: output.bytes, file: shown, deliver) {
                guard left == 0, position == entry.endOffset else {
                    throw PackageError(.extraData, file: shown, "there are bytes after the end of the file's compressed data")
                }
                ended = true
            }
        }
        guard ended, size == entry.size else { throw PackageError(.corruptData, file: shown, "the file has \(size) bytes instead of \(entry.size)") }
        guard crc == entry.crc else {
            throw PackageError(.corruptData, file: shown, "the file's check sum is wrong: it was damaged on the way. Ask for it again")
        }
        return hasher.finish()
    }

    /// A whole entry in memory, if it has no more than `bytesMax` bytes.
    func bytes(_ entry: ZipEntry, max bytesMax: Int64, limit: String) throws(PackageError) -> [UInt8] {
        guard entry.size <= bytesMax else {
            throw PackageError(.limitExceeded, file: entry.name, "the file has \(entry.size) bytes; at most \(bytesMax) are allowed (\(limit))")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(entry.size))
        _ = try stream(entry) { (part) throws(PackageError) in bytes.append(contentsOf: part) }
        return bytes
    }
}
