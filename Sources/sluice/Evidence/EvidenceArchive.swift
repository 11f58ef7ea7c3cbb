internal import SluiceKit
internal import SluiceNode
internal import SluiceZip

/// A folder of evidence as one ZIP file, and back.
enum EvidenceArchive {
    static let mediaType = "application/vnd.sluice.evidence+zip"

    static var limits: PackageLimits {
        var limits = PackageLimits()
        limits.filesMax = EvidenceLayout.filesMax
        limits.nameBytesMax = 500
        return limits
    }

    static func pack(_ folder: String, into path: String, at time: Instant) throws {
        var archive = ZipWriter(
            ArchiveOutput(try File.creating(path)), time: DOSTime(time), compressionLevel: 6, compressionRatioMax: limits.compressionRatioMax)
        _ = try archive.addStored("mimetype", Array(mediaType.utf8))
        for name in try SumFile.files(in: folder).regular { _ = try archive.add(name, contentsOf: folder + "/" + name) }
        _ = try archive.finish()
    }

    /// Takes out every file; nothing stays where one is not right.
    static func unpack(_ path: String, into folder: String) throws(PackageError) {
        let reader = try ZipReader(.file(path: path), mediaType: mediaType, limits: limits)
        var target = try ExtractionFolder(target: folder)
        for entry in reader.entries where entry.name != "mimetype" {
            let output = try target.create(entry.name)
            var offset: Int64 = 0
            _ = try reader.stream(entry) { (part) throws(PackageError) in
                try output.write(part, at: offset)
                offset += Int64(part.count)
            }
        }
        try target.handOver()
    }
}
