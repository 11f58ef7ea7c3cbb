package import SluiceKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Puts the files of an exchange into an archive, as every seal does: within the limits that receivers have, and all or nothing.
package struct PackageMaker {
    /// What the writer holds itself to, so that receivers with the same limits accept what it makes.
    package let limits: PackageLimits
    /// How hard to compress, from 1 (fast) to 9 (small).
    package let compressionLevel: Int

    package init(limits: PackageLimits, compressionLevel: Int) {
        self.limits = limits
        self.compressionLevel = compressionLevel
    }

    /// What the archive says of the files in it.
    package struct Filled {
        let manifestSHA256: SHA256Digest
        let files: [CoveredFile]

        package init(manifestSHA256: SHA256Digest, files: [CoveredFile]) {
            self.manifestSHA256 = manifestSHA256
            self.files = files
        }
    }

    /// Makes an archive in memory, or under a draft's name that becomes the package's when everything is on disk.
    package func make(
        _ target: PackageTarget, sealedAt time: Instant, _ fill: (inout ZipWriter) throws(PackageError) -> Filled
    ) throws(PackageError) -> SealedPackage {
        guard case .file(let path) = target else {
            var archive = writer(ArchiveOutput(memoryBytesMax: limits.memoryBytesMax), time)
            let filled = try fill(&archive)
            let bytes = try archive.finish()
            return SealedPackage(content: .bytes(archive.takeMemory()), bytes: bytes, manifestSHA256: filled.manifestSHA256, files: filled.files)
        }
        let draft = "\(path).part-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        do throws(PackageError) {
            var archive = writer(ArchiveOutput(try File.creating(draft)), time)
            let filled = try fill(&archive)
            let bytes = try archive.finish()
            guard rename(draft, path) == 0 else { throw File.failure("cannot give the package its name", path) }
            try File.synchronizeFolder(of: path)
            return SealedPackage(content: .file(path: path), bytes: bytes, manifestSHA256: filled.manifestSHA256, files: filled.files)
        } catch {
            unlink(draft)
            throw error
        }
    }

    private func writer(_ output: consuming ArchiveOutput, _ time: Instant) -> ZipWriter {
        ZipWriter(output, time: DOSTime(time), compressionLevel: Int32(compressionLevel), compressionRatioMax: limits.compressionRatioMax)
    }

    /// Adds every file and answers with their digests.
    package func add(_ contents: PackageContents, to archive: inout ZipWriter) throws(PackageError) -> [CoveredFile] {
        var covered: [CoveredFile] = []
        var total: Int64 = 0
        for file in contents.files {
            let added =
                switch file.source {
                case .bytes(let bytes): try archive.add(file.name, bytes)
                case .file(let source): try archive.add(file.name, contentsOf: source)
                }
            total += added.size
            try requireWithinLimits(file.name, added.size, total: total)
            covered.append(CoveredFile(name: file.name, mediaType: file.mediaType, bytes: added.size, sha256: added.sha256, content: file.source))
        }
        return covered
    }

    private func requireWithinLimits(_ name: String, _ size: Int64, total: Int64) throws(PackageError) {
        let bytesMax = name == PackageContents.exchangeName ? limits.exchangeBytesMax : limits.fileBytesMax
        guard size <= bytesMax, total <= limits.totalBytesMax else {
            throw PackageError(
                .limitExceeded, file: name,
                "the file has \(size) bytes, \(total) with those before it; allowed are \(bytesMax) and \(limits.totalBytesMax). Send the dataset in parts")
        }
    }

    /// Refuses a manifest or a signature that no receiver would read.
    package func requireWithinLimits(manifest: [UInt8], signature: [UInt8]) throws(PackageError) {
        guard manifest.count <= limits.manifestBytesMax, signature.count <= limits.signatureBytesMax else {
            throw PackageError(.limitExceeded, "the manifest or the signature is larger than receivers accept (manifestBytesMax, signatureBytesMax)")
        }
    }

    /// Refuses what no receiver would open, before anything is written.
    package func requireUsable(_ contents: PackageContents) throws(PackageError) {
        let names = contents.files.map(\.name)
        guard names.count <= limits.filesMax else {
            throw PackageError(.limitExceeded, "the package would hold \(names.count) files; at most \(limits.filesMax) are allowed (filesMax)")
        }
        for file in contents.files {
            try EntryName.validate(file.name, limits: limits)
            guard !EntryName.isReserved(file.name) else {
                throw PackageError(.contentsUnusable, file: file.name, "the name belongs to the container itself; rename the file")
            }
            guard !file.mediaType.isEmpty, file.mediaType.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw PackageError(.contentsUnusable, file: file.name, "the media type is empty or not plain ASCII")
            }
        }
        try EntryName.requireDistinct(names)
        guard names.contains(PackageContents.exchangeName) else {
            throw PackageError(.contentsUnusable, file: PackageContents.exchangeName, "the package lacks the file that says what the exchange is")
        }
        guard names.contains(contents.mainFileName) else {
            throw PackageError(.contentsUnusable, file: contents.mainFileName, "the main file is not among the package's files")
        }
    }
}
