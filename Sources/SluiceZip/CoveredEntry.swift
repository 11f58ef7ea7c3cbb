package import SluiceKit

/// What a signed manifest says of one file.
package struct ManifestReference: Hashable {
    package var name: String
    package var mediaType: String?
    /// Nil where the manifest does not say; the digest says enough.
    package var bytes: Int64?
    package var sha256: SHA256Digest

    package init(name: String, mediaType: String?, bytes: Int64? = nil, sha256: SHA256Digest) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// A file in an archive with its reference in the signed manifest.
package struct CoveredEntry {
    package let entry: ZipEntry
    package let reference: ManifestReference

    /// The file, extracted or where it is.
    package func found(_ bytes: Int64, _ content: Content) -> CoveredFile {
        CoveredFile(name: entry.name, mediaType: reference.mediaType, bytes: bytes, sha256: reference.sha256, content: content)
    }

    /// Each file with its reference: none without the other, none twice.
    package static func match(_ references: [ManifestReference], _ payload: [ZipEntry]) throws(PackageError) -> [CoveredEntry] {
        var listed: [String: ManifestReference] = [:]
        for reference in references {
            let shown = EntryName.printable(reference.name)
            guard !EntryName.isReserved(reference.name) else {
                throw PackageError(.manifestMalformed, file: shown, "the manifest lists a part of the container as a file of the package")
            }
            guard listed.updateValue(reference, forKey: reference.name) == nil else {
                throw PackageError(.duplicateName, file: shown, "the manifest lists the file twice")
            }
        }
        var covered: [CoveredEntry] = []
        for entry in payload {
            // Byte for byte: Swift takes composed and decomposed letters for the same text, but another name was signed.
            guard let reference = listed.removeValue(forKey: entry.name), reference.name.utf8.elementsEqual(entry.name.utf8) else {
                throw PackageError(
                    .uncoveredFile, file: EntryName.printable(entry.name), "the signed manifest does not list this file: it was added after sealing")
            }
            covered.append(CoveredEntry(entry: entry, reference: reference))
        }
        if let missing = listed.keys.min() {
            throw PackageError(.missingFile, file: EntryName.printable(missing), "the signed manifest lists this file, but the package does not hold it")
        }
        return covered
    }
}

extension ZipReader {
    /// What came out of a package, all of it as it was sealed.
    package struct Extracted {
        package let files: [CoveredFile]
        /// The bytes of `exchange.json`.
        package let exchange: [UInt8]
    }

    /// Extracts every covered file, or nothing.
    package func extract(_ covered: [CoveredEntry], into target: ExtractionTarget, limits: PackageLimits) throws(PackageError) -> Extracted {
        let exchange = try exchange(covered, limits)
        let files =
            switch target {
            case .memory: try read(covered, limits, exchange)
            case .directory(let path): try write(covered, into: path, exchange)
            }
        return Extracted(files: files, exchange: exchange)
    }

    /// Compares every covered file with its digest, without extracting it: refuses what `extract` refuses.
    package func requireAsSealed(_ covered: [CoveredEntry], limits: PackageLimits) throws(PackageError) {
        _ = try exchange(covered, limits)
        for file in covered where file.entry.name != PackageContents.exchangeName { try require(stream(file.entry) { _ in }, of: file) }
    }

    /// The small file first: when it is too large or not the one that was sealed, nothing needs to be written at all.
    private func exchange(_ covered: [CoveredEntry], _ limits: PackageLimits) throws(PackageError) -> [UInt8] {
        guard let file = covered.first(where: { $0.entry.name == PackageContents.exchangeName }) else {
            throw PackageError(.missingFile, file: PackageContents.exchangeName, "the package lacks the file that says what the exchange is")
        }
        let (bytes, digest) = try contents(file.entry, max: limits.exchangeBytesMax, limit: "exchangeBytesMax")
        try require(digest, of: file)
        return bytes
    }

    private func read(_ covered: [CoveredEntry], _ limits: PackageLimits, _ exchange: [UInt8]) throws(PackageError) -> [CoveredFile] {
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
            let (bytes, digest) = try contents(file.entry, max: limits.memoryBytesMax, limit: "memoryBytesMax")
            try require(digest, of: file)
            files.append(file.found(Int64(bytes.count), .bytes(bytes)))
        }
        return files
    }

    private func write(_ covered: [CoveredEntry], into directory: String, _ exchange: [UInt8]) throws(PackageError) -> [CoveredFile] {
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
                let digest = try stream(file.entry) { (part) throws(PackageError) in
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

    private func require(_ digest: SHA256Digest, of file: CoveredEntry) throws(PackageError) {
        guard digest == file.reference.sha256, file.reference.bytes ?? file.entry.size == file.entry.size else {
            throw PackageError(
                .digestMismatch, file: EntryName.printable(file.entry.name),
                "the file is not the one that was sealed (SHA-256 \(digest.hex)); ask for the package again")
        }
    }
}
