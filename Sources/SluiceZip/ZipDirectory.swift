import SluiceKit

/// The entries of a ZIP archive of which every byte is accounted for.
///
/// ZIP has two descriptions of each file and lets them differ, leaves gaps, overlaps and trailers: two readers can see two packages in one file,
/// and the signature would hold for both. Here central directory and local headers must agree field by field, entries follow each
/// other from byte 0 in the order of the directory, the directory follows the last one, and the end record ends the file.
struct ZipDirectory {
    private(set) var entries: [ZipEntry] = []

    /// Files of the container beside those it covers: `mimetype`, and a manifest and a signature for each signer.
    static func ownEntries(_ limits: PackageLimits) -> Int { 1 + 2 * limits.signaturesMax }

    init(_ archive: borrowing ArchiveInput, mediaType: String, limits: PackageLimits) throws(PackageError) {
        let size = archive.size
        try Self.requireStart(archive, size: size)
        let end = try Self.endRecord(archive, size: size, mediaType: mediaType)
        let count = Int(end.u16(10))
        guard end.u16(4) == 0, end.u16(6) == 0, Int(end.u16(8)) == count else {
            throw PackageError(.unsupportedZipFeature, "the archive is one part of several; send it as one file")
        }
        let directorySize = Int64(end.u32(12))
        let directoryOffset = Int64(end.u32(16))
        guard count != 0xffff, directorySize != 0xffff_ffff, directoryOffset != 0xffff_ffff else {
            throw PackageError(.limitExceeded, "the archive is in the ZIP64 format; packages end at \(ZipFormat.bytesMax) bytes")
        }
        guard count <= limits.filesMax + Self.ownEntries(limits) else {
            throw PackageError(.limitExceeded, "the package holds \(count) files; at most \(limits.filesMax) are allowed (filesMax)")
        }
        guard directorySize <= Int64(count) * Int64(ZipFormat.centralHeaderSize + limits.nameBytesMax) else {
            throw PackageError(.limitExceeded, "the archive's directory is larger than \(count) names can make it (nameBytesMax \(limits.nameBytesMax))")
        }
        guard directoryOffset + directorySize == size - Int64(ZipFormat.endSize + Int(end.u16(20))) else {
            throw PackageError(.extraData, "there are bytes between the archive's directory and its end, or before the first file")
        }
        let directory = try archive.bytes(at: directoryOffset, count: Int(directorySize))
        try readEntries(directory, count: count, limits: limits)
        try requireContiguous(archive, directoryOffset: directoryOffset)
        try EntryName.requireDistinct(entries.map(\.name))
    }

    /// Says what kind of file this is when it is no archive at all.
    private static func requireStart(_ archive: borrowing ArchiveInput, size: Int64) throws(PackageError) {
        guard size > 0 else { throw PackageError(.truncated, "the package is empty") }
        let start = try archive.bytes(at: 0, count: Int(min(size, 4)))
        let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]
        guard start.elementsEqual(signature.prefix(start.count)) else {
            throw PackageError(.notAZip, "the file does not begin like a ZIP archive; is it a package?")
        }
        guard size <= ZipFormat.bytesMax else { throw PackageError(.limitExceeded, "the package is larger than \(ZipFormat.bytesMax) bytes") }
        guard size >= Int64(ZipFormat.localHeaderSize + ZipFormat.endSize) else {
            throw PackageError(.truncated, "the package ends at byte \(size); it was not received completely. Ask for it again")
        }
    }

    /// The end record, which must end the file: without a comment, or with the one that the standard allows.
    private static func endRecord(_ archive: borrowing ArchiveInput, size: Int64, mediaType: String) throws(PackageError) -> ZipFields {
        // EN 319 162-1, A.1, allows the media type as the archive's comment; no other comment is.
        let comment = Array("mimetype=\(mediaType)".utf8)
        for comment in [[], comment] where size >= Int64(ZipFormat.endSize + comment.count) {
            let bytes = try archive.bytes(at: size - Int64(ZipFormat.endSize + comment.count), count: ZipFormat.endSize + comment.count)
            let fields = ZipFields(bytes[...])
            if fields.u32(0) == ZipFormat.endSignature, Int(fields.u16(20)) == comment.count, bytes[ZipFormat.endSize...].elementsEqual(comment) {
                return fields
            }
        }
        // Only to say which of two things is wrong: an end record further up means something follows it.
        let tail = try archive.bytes(at: size - min(size, 66_000), count: Int(min(size, 66_000)))
        let marker: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
        let found = tail.count >= ZipFormat.endSize && (0...(tail.count - ZipFormat.endSize)).contains { tail[$0..<$0 + 4].elementsEqual(marker) }
        throw found
            ? PackageError(.extraData, "bytes follow the end of the archive, or it has a comment other than its media type; send the package as it was sealed")
            : PackageError(.truncated, "the archive's directory is missing: the package was not received completely. Ask for it again")
    }

    // MARK: Central directory (APPNOTE, 4.3.12)

    private mutating func readEntries(_ directory: [UInt8], count: Int, limits: PackageLimits) throws(PackageError) {
        var rest = directory[...]
        var producer: [UInt32]?
        for number in 0..<count {
            guard rest.count >= ZipFormat.centralHeaderSize else {
                throw PackageError(.headerMismatch, "the archive's directory ends in file \(number + 1) of \(count)")
            }
            let fields = ZipFields(rest)
            guard fields.u32(0) == ZipFormat.centralSignature else {
                throw PackageError(.headerMismatch, "the archive's directory is damaged at file \(number + 1)")
            }
            let nameCount = Int(fields.u16(28))
            guard rest.count - ZipFormat.centralHeaderSize >= nameCount else { throw PackageError(.headerMismatch, "the archive's directory ends in a name") }
            let nameBytes = Array(rest.dropFirst(ZipFormat.centralHeaderSize).prefix(nameCount))
            let name = try EntryName.validated(nameBytes, limits: limits)
            entries.append(try Self.entry(fields, name: name, nameBytes: nameBytes))
            // Who made the archive, and the files' attributes, are said once per file and covered by nothing. One producer
            // writes them alike, so demanding that they are alike notices a change and costs nobody anything.
            let attributes = [UInt32(fields.u16(4)), fields.u32(38)]
            guard attributes == producer ?? attributes else {
                throw PackageError(.headerMismatch, file: name, "the file was added by another program or with other attributes than the first")
            }
            producer = attributes
            rest = rest.dropFirst(ZipFormat.centralHeaderSize + nameCount)
        }
        guard rest.isEmpty else { throw PackageError(.extraData, "there are bytes after the last file in the archive's directory") }
    }

    private static func entry(_ fields: ZipFields, name: String, nameBytes: [UInt8]) throws(PackageError) -> ZipEntry {
        let shown = EntryName.printable(name)
        let flags = fields.u16(8)
        guard flags & ZipFormat.flagsEncrypted == 0 else {
            throw PackageError(.encrypted, file: shown, "the file is encrypted with ZIP's own encryption, which is no protection; send it unencrypted over TLS")
        }
        guard flags & ZipFormat.flagDataDescriptor == 0 else {
            throw PackageError(.unsupportedZipFeature, file: shown, "the file's sizes follow its data (data descriptor); the packer must write them before it")
        }
        guard flags & ~(ZipFormat.flagUTF8 | ZipFormat.flagsDeflateEffort) == 0 else {
            throw PackageError(.unsupportedZipFeature, file: shown, "the archive uses ZIP features that packages do not (flags \(String(flags, radix: 16)))")
        }
        guard flags & ZipFormat.flagUTF8 != 0 || nameBytes.allSatisfy({ $0 < 0x80 }) else {
            throw PackageError(.unsafeName, file: shown, "the file name is not ASCII and not marked as UTF-8; the packer must set that mark")
        }
        guard let method = ZipEntry.Method(rawValue: fields.u16(10)), method == .deflated || flags & ZipFormat.flagsDeflateEffort == 0 else {
            throw PackageError(
                .unsupportedZipFeature, file: shown, "the file is compressed with method \(fields.u16(10)); allowed are stored (0) and deflate (8)")
        }
        let versionNeeded = fields.u16(6)
        guard versionNeeded == 10 || versionNeeded == 20 else {
            throw PackageError(.unsupportedZipFeature, file: shown, "the file needs ZIP version \(versionNeeded); packages need 1.0 or 2.0")
        }
        guard fields.u16(30) == 0, fields.u16(32) == 0 else {
            throw PackageError(.extraData, file: shown, "the file carries an extra field or a comment, which nothing covers; pack without them (zip -X)")
        }
        guard fields.u16(34) == 0, fields.u16(36) == 0 else {
            throw PackageError(.unsupportedZipFeature, file: shown, "the file begins on another disk or is marked as text")
        }
        try requireRegular(attributes: fields.u32(38), versionMadeBy: fields.u16(4), shown: shown)
        let entry = ZipEntry(
            name: name, nameBytes: nameBytes, method: method, flags: flags, versionNeeded: versionNeeded,
            time: DOSTime(time: fields.u16(12), date: fields.u16(14)), crc: fields.u32(16), compressedSize: Int64(fields.u32(20)),
            size: Int64(fields.u32(24)), headerOffset: Int64(fields.u32(42)))
        guard entry.size <= ZipFormat.bytesMax, entry.compressedSize <= ZipFormat.bytesMax, entry.headerOffset <= ZipFormat.bytesMax else {
            throw PackageError(.limitExceeded, file: shown, "the file is in the ZIP64 format; packages end at \(ZipFormat.bytesMax) bytes")
        }
        guard method == .deflated || entry.size == entry.compressedSize else {
            throw PackageError(.headerMismatch, file: shown, "the file is stored as it is, but with two different sizes")
        }
        return entry
    }

    /// Files only: a link could lead out of the folder, a device anywhere (APPNOTE, 4.4.15).
    private static func requireRegular(attributes: UInt32, versionMadeBy: UInt16, shown: String) throws(PackageError) {
        guard [0, 3].contains(versionMadeBy >> 8), versionMadeBy & 0xff <= 63 else {
            throw PackageError(
                .unsupportedZipFeature, file: shown, "the archive was made on a system whose file attributes are not understood (\(versionMadeBy >> 8))")
        }
        // The high half holds Unix's mode, whose type must be a regular file or unstated; in the low half DOS marks labels and folders.
        let type = attributes >> 28
        guard type == 0 || type == 0o10, attributes & 0x18 == 0 else {
            throw PackageError(.unsafeName, file: shown, "this is a link, a folder or a device; packages hold plain files only")
        }
    }

    // MARK: Local headers (APPNOTE, 4.3.7)

    private func requireContiguous(_ archive: borrowing ArchiveInput, directoryOffset: Int64) throws(PackageError) {
        var expected: Int64 = 0
        for entry in entries {
            let shown = EntryName.printable(entry.name)
            guard entry.headerOffset == expected, entry.endOffset <= directoryOffset else {
                throw PackageError(
                    .headerMismatch, file: shown, "the file does not begin where the one before it ends (byte \(expected)), or reaches into the directory")
            }
            let header = try archive.bytes(at: entry.headerOffset, count: ZipFormat.localHeaderSize + entry.nameBytes.count)
            guard header == ZipWriter.localHeader(entry) else {
                throw PackageError(.headerMismatch, file: shown, "the archive describes the file in two ways that differ")
            }
            expected = entry.endOffset
        }
        guard expected == directoryOffset else { throw PackageError(.extraData, "there are bytes between the last file and the archive's directory") }
    }
}
