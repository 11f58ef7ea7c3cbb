import CZlib
import SluiceCrypto
package import SluiceKit

/// Writes a ZIP archive entry by entry, in memory that does not grow with the files (APPNOTE 6.3.10, without ZIP64).
package struct ZipWriter: ~Copyable {
    private var archive: ArchiveOutput
    private let time: DOSTime
    private let compressionLevel: Int32
    private let compressionRatioMax: Int64
    private var entries: [ZipEntry] = []
    private var position: Int64 = 0

    /// Most bytes read and written at a time.
    static let chunkBytes = 256 << 10
    /// Bytes to read or write at a time for as many in all: most files of most packages are far smaller than a chunk.
    static func roomBytes(for byteCount: Int64) -> Int { Int(min(max(byteCount, 512), Int64(chunkBytes))) }
    /// Smaller files are stored as they are: deflate gains little, and every byte of a stored file has one meaning.
    static let deflateBytesMin: Int64 = 4096

    package init(_ archive: consuming ArchiveOutput, time: DOSTime, compressionLevel: Int32, compressionRatioMax: Int64) {
        self.archive = archive
        self.time = time
        self.compressionLevel = compressionLevel
        self.compressionRatioMax = compressionRatioMax
    }

    /// A file's size and digest as they went into the archive.
    package struct Added: Hashable {
        package let size: Int64
        package let sha256: SHA256Digest
    }

    /// Adds bytes as they are.
    package mutating func addStored(_ name: String, _ bytes: [UInt8]) throws(PackageError) -> Added {
        try add(name, MemorySource(bytes: bytes), .stored)
    }

    /// Adds bytes, deflated when they are many and become fewer.
    package mutating func add(_ name: String, _ bytes: [UInt8]) throws(PackageError) -> Added {
        try addSmallest(name, MemorySource(bytes: bytes))
    }

    /// Adds a file, deflated when it is large and becomes smaller.
    package mutating func add(_ name: String, contentsOf path: String) throws(PackageError) -> Added {
        try addSmallest(name, FileSource(file: File.reading(path)))
    }

    private mutating func addSmallest(_ name: String, _ source: borrowing some Source & ~Copyable) throws(PackageError) -> Added {
        guard compressionLevel > 0, try source.size() >= Self.deflateBytesMin else { return try add(name, source, .stored) }
        let start = position
        let added = try add(name, source, .deflated)
        guard let entry = entries.last else { return added }
        // A receiver refuses what grows beyond its limit, so what compresses too well is stored as it is.
        let grows = entry.compressedSize >= entry.size
        guard grows || entry.growsBeyond(compressionRatioMax) else { return added }
        entries.removeLast()
        position = start
        try archive.truncate(to: start)
        return try add(name, source, .stored)
    }

    private mutating func add(_ name: String, _ source: borrowing some Source & ~Copyable, _ method: ZipEntry.Method) throws(PackageError) -> Added {
        guard entries.count < ZipFormat.entriesMax else { throw tooLarge(name) }
        let nameBytes = Array(name.utf8)
        var entry = ZipEntry(
            name: name, nameBytes: nameBytes, method: method, flags: nameBytes.allSatisfy { $0 < 0x80 } ? 0 : ZipFormat.flagUTF8,
            versionNeeded: method == .stored ? 10 : 20, time: time, crc: 0, compressedSize: 0, size: 0, headerOffset: position)
        position = entry.dataOffset
        let hasher = SHA256()
        let sourceBytes = try source.size()
        let deflater = try method == .deflated ? Deflater(level: compressionLevel, for: sourceBytes) : nil
        let room = ByteBuffer(count: deflater == nil ? 0 : Self.roomBytes(for: sourceBytes))
        try source.stream { (chunk, isLast) throws(PackageError) in
            hasher.update(chunk)
            entry.crc = sluice_crc32(entry.crc, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self), chunk.count)
            entry.size += Int64(chunk.count)
            if let deflater {
                try deflater.run(chunk, into: room.bytes, finish: isLast) { (part) throws(PackageError) in try write(part, name) }
            } else {
                try write(chunk, name)
            }
        }
        guard entry.size <= ZipFormat.bytesMax else { throw tooLarge(name) }
        entry.compressedSize = position - entry.dataOffset
        // The header comes before the data but knows its sizes only now.
        try writeBytes(Self.localHeader(entry), at: entry.headerOffset)
        entries.append(entry)
        return Added(size: entry.size, sha256: hasher.finish())
    }

    /// Adds an entry of another archive as it is, compressed or not.
    package mutating func copy(_ original: ZipEntry, from source: borrowing ZipReader) throws(PackageError) {
        guard entries.count < ZipFormat.entriesMax else { throw tooLarge(original.name) }
        var entry = original
        entry.headerOffset = position
        position = entry.dataOffset
        try source.streamRaw(original) { (part) throws(PackageError) in try write(part, original.name) }
        try writeBytes(Self.localHeader(entry), at: entry.headerOffset)
        entries.append(entry)
    }

    /// Writes the directory and makes all of it survive a power failure. Answers with the archive's size.
    package mutating func finish() throws(PackageError) -> Int64 {
        var directory: [UInt8] = []
        for entry in entries { directory += Self.centralHeader(entry) }
        let offset = position
        let count = UInt16(truncatingIfNeeded: entries.count)
        var end: [UInt8] = []
        end.appendLittle(ZipFormat.endSignature)
        for number in [0, 0, count, count] as [UInt16] { end.appendLittle(number) }
        end.appendLittle(UInt32(truncatingIfNeeded: directory.count))
        end.appendLittle(UInt32(truncatingIfNeeded: offset))
        end.appendLittle(0 as UInt16)
        guard offset + Int64(directory.count + end.count) <= ZipFormat.bytesMax else { throw tooLarge("the directory") }
        try writeBytes(directory + end, at: offset)
        try archive.synchronize()
        return offset + Int64(directory.count + end.count)
    }

    // MARK: Headers

    static func localHeader(_ entry: ZipEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ZipFormat.localHeaderSize + entry.nameBytes.count)
        bytes.appendLittle(ZipFormat.localSignature)
        bytes += sharedFields(entry)
        bytes.appendLittle(0 as UInt16)
        return bytes + entry.nameBytes
    }

    private static func centralHeader(_ entry: ZipEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittle(ZipFormat.centralSignature)
        bytes.appendLittle(0x0314 as UInt16)  // made on Unix, version 2.0
        bytes += sharedFields(entry)
        // Extra field, comment, disk, internal attributes: none.
        for _ in 0..<4 { bytes.appendLittle(0 as UInt16) }
        bytes.appendLittle(0o100644 << 16 as UInt32)
        bytes.appendLittle(UInt32(truncatingIfNeeded: entry.headerOffset))
        return bytes + entry.nameBytes
    }

    /// What both headers say of a file, in the same order: version needed to length of name.
    private static func sharedFields(_ entry: ZipEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in [entry.versionNeeded, entry.flags, entry.method.rawValue, entry.time.time, entry.time.date] { bytes.appendLittle(field) }
        bytes.appendLittle(entry.crc)
        bytes.appendLittle(UInt32(truncatingIfNeeded: entry.compressedSize))
        bytes.appendLittle(UInt32(truncatingIfNeeded: entry.size))
        bytes.appendLittle(UInt16(truncatingIfNeeded: entry.nameBytes.count))
        return bytes
    }

    // MARK: Output

    private mutating func write(_ buffer: UnsafeRawBufferPointer, _ name: String) throws(PackageError) {
        guard position + Int64(buffer.count) <= ZipFormat.bytesMax else { throw tooLarge(name) }
        try archive.write(buffer, at: position)
        position += Int64(buffer.count)
    }

    private mutating func writeBytes(_ bytes: [UInt8], at offset: Int64) throws(PackageError) {
        try bytes.withRawBytes { (buffer) throws(PackageError) in try archive.write(buffer, at: offset) }
    }

    /// The archive, when it was written into memory.
    package consuming func takeMemory() -> [UInt8] { archive.takeMemory() }

    private func tooLarge(_ name: String) -> PackageError {
        PackageError(
            .limitExceeded, file: EntryName.printable(name),
            "with this the package would exceed \(ZipFormat.bytesMax) bytes, the end of the ZIP format without extension. Send the dataset in parts")
    }
}
