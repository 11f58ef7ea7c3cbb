import SluiceCrypto
public import SluiceKit

extension ASiCSeal {
    /// Opens in the order in which trust grows: the archive's structure, the signatures over the manifests, the manifests, then the files
    /// against their digests; see `Seal`.
    public func open(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
    ) throws(PackageError) -> OpenedPackage {
        let archive = try ZipReader(package, limits: limits)
        let judged = try JudgedContainer(archive, trust: trust, at: time, limits: limits)
        let exchange = try Self.exchange(judged.covered, archive, limits)
        let files =
            switch target {
            case .memory: try Self.read(judged.covered, archive, limits, exchange)
            case .directory(let path): try Self.extract(judged.covered, archive, into: path, exchange)
            }
        return OpenedPackage(
            files: files, exchange: exchange, mainFileName: judged.mainFileName, manifestSHA256: judged.manifestSHA256, signer: judged.signer,
            counterSigners: judged.counterSigners)
    }

    /// The small file first: when it is too large or not the one that was sealed, nothing needs to be written at all.
    private static func exchange(_ covered: [JudgedContainer.Covered], _ archive: borrowing ZipReader, _ limits: PackageLimits) throws(PackageError) -> [UInt8]
    {
        guard let file = covered.first(where: { $0.entry.name == PackageContents.exchangeName }) else {
            throw PackageError(.missingFile, file: PackageContents.exchangeName, "the package lacks the file that says what the exchange is")
        }
        let (bytes, digest) = try archive.contents(file.entry, max: limits.exchangeBytesMax, limit: "exchangeBytesMax")
        try require(digest, of: file)
        return bytes
    }

    private static func read(
        _ covered: [JudgedContainer.Covered], _ archive: borrowing ZipReader, _ limits: PackageLimits, _ exchange: [UInt8]
    ) throws(PackageError) -> [CoveredFile] {
        let total = covered.reduce(0) { $0 + $1.entry.size }
        guard total <= limits.memoryBytesMax else {
            throw PackageError(
                .limitExceeded, "the files have \(total) bytes; at most \(limits.memoryBytesMax) are held in memory (memoryBytesMax). Extract into a directory")
        }
        var files: [CoveredFile] = []
        for file in covered {
            if file.entry.name == PackageContents.exchangeName {
                files.append(file.found(file.entry.size, .bytes(exchange)))
                continue
            }
            let (bytes, digest) = try archive.contents(file.entry, max: limits.memoryBytesMax, limit: "memoryBytesMax")
            try require(digest, of: file)
            files.append(file.found(Int64(bytes.count), .bytes(bytes)))
        }
        return files
    }

    private static func extract(
        _ covered: [JudgedContainer.Covered], _ archive: borrowing ZipReader, into directory: String, _ exchange: [UInt8]
    ) throws(PackageError) -> [CoveredFile] {
        var folder = try ExtractionFolder(target: directory)
        var files: [CoveredFile] = []
        for file in covered {
            let output = try folder.create(file.entry.name)
            var offset: Int64 = 0
            if file.entry.name == PackageContents.exchangeName {
                // The bytes that were judged, not those the file may hold by now.
                try exchange.withRawBytes { (bytes) throws(PackageError) in try output.write(bytes, at: 0) }
                offset = Int64(exchange.count)
            } else {
                let digest = try archive.stream(file.entry) { (part) throws(PackageError) in
                    try output.write(part, at: offset)
                    offset += Int64(part.count)
                }
                try require(digest, of: file)
            }
            files.append(file.found(offset, .file(path: folder.finalPath(file.entry.name))))
        }
        try folder.handOver()
        return files
    }

    static func require(_ digest: SHA256Digest, of file: JudgedContainer.Covered) throws(PackageError) {
        guard digest == file.reference.sha256 else {
            throw PackageError(
                .digestMismatch, file: EntryName.printable(file.entry.name),
                "the file is not the one that was sealed (SHA-256 \(digest.hex)); ask for the package again")
        }
    }
}
