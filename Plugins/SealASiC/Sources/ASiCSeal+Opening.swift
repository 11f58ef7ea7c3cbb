import SluiceCrypto
public import SluiceKit
import SluiceZip

extension ASiCSeal {
    /// Opens in the order in which trust grows: the archive's structure, the signature over the manifest, the manifest, then the files
    /// against their digests; see `Seal`.
    public func open(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
    ) throws(PackageError) -> OpenedPackage {
        let archive = try ZipReader(package, mediaType: ASiCContainer.mediaType, limits: limits)
        let container = try ASiCContainer(archive.entries)
        let mediaType = Array(ASiCContainer.mediaType.utf8)
        guard try archive.contents(container.mimetype, max: 128, limit: "mimetype").bytes == mediaType else {
            throw PackageError(.mimetypeWrong, file: ASiCContainer.mimetypeName, "the file must hold exactly '\(ASiCContainer.mediaType)'")
        }
        let manifestXML = try archive.contents(container.manifest, max: limits.manifestBytesMax, limit: "manifestBytesMax")
        let signature = try archive.contents(container.signature, max: limits.signatureBytesMax, limit: "signatureBytesMax").bytes
        let signer = try trust.verifyDetachedCAdES(signature: signature, over: manifestXML.bytes, at: time)
        let manifest = try ASiCManifest(xml: manifestXML.bytes, limits: limits)
        let covered = try Self.match(manifest, container)
        let exchange = try Self.exchange(covered, archive, limits)
        let files =
            switch target {
            case .memory: try Self.read(covered, archive, limits, exchange)
            case .directory(let path): try Self.extract(covered, archive, into: path, exchange)
            }
        return OpenedPackage(
            files: files, exchange: exchange, mainFileName: manifest.references.first(where: \.isRoot)?.name, manifestSHA256: manifestXML.sha256, signer: signer
        )
    }

    private struct Covered {
        let entry: ZipEntry
        let reference: ASiCManifest.Reference

        func found(_ bytes: Int64, _ content: Content) -> CoveredFile {
            CoveredFile(name: entry.name, mediaType: reference.mediaType, bytes: bytes, sha256: reference.sha256, content: content)
        }
    }

    /// Each file with its reference: none without the other, none twice.
    private static func match(_ manifest: ASiCManifest, _ container: ASiCContainer) throws(PackageError) -> [Covered] {
        guard manifest.signatureName == container.signature.name else {
            throw PackageError(.manifestMalformed, "the manifest names another signature than the one in the package")
        }
        var references: [String: ASiCManifest.Reference] = [:]
        for reference in manifest.references {
            let shown = EntryName.printable(reference.name)
            guard !ASiCContainer.isReserved(reference.name) else {
                throw PackageError(.manifestMalformed, file: shown, "the manifest lists a part of the container as a file of the package")
            }
            guard references.updateValue(reference, forKey: reference.name) == nil else {
                throw PackageError(.duplicateName, file: shown, "the manifest lists the file twice")
            }
        }
        var covered: [Covered] = []
        for entry in container.payload {
            guard let reference = references.removeValue(forKey: entry.name) else {
                throw PackageError(
                    .uncoveredFile, file: EntryName.printable(entry.name), "the signed manifest does not list this file: it was added after sealing")
            }
            covered.append(Covered(entry: entry, reference: reference))
        }
        if let missing = references.keys.min() {
            throw PackageError(.missingFile, file: EntryName.printable(missing), "the signed manifest lists this file, but the package does not hold it")
        }
        return covered
    }

    /// The small file first: when it is too large or not the one that was sealed, nothing needs to be written at all.
    private static func exchange(_ covered: [Covered], _ archive: borrowing ZipReader, _ limits: PackageLimits) throws(PackageError) -> [UInt8] {
        guard let file = covered.first(where: { $0.entry.name == PackageContents.exchangeName }) else {
            throw PackageError(.missingFile, file: PackageContents.exchangeName, "the package lacks the file that says what the exchange is")
        }
        let (bytes, digest) = try archive.contents(file.entry, max: limits.exchangeBytesMax, limit: "exchangeBytesMax")
        try require(digest, of: file)
        return bytes
    }

    private static func read(
        _ covered: [Covered], _ archive: borrowing ZipReader, _ limits: PackageLimits, _ exchange: [UInt8]
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
        _ covered: [Covered], _ archive: borrowing ZipReader, into directory: String, _ exchange: [UInt8]
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

    private static func require(_ digest: SHA256Digest, of file: Covered) throws(PackageError) {
        guard digest == file.reference.sha256 else {
            throw PackageError(
                .digestMismatch, file: EntryName.printable(file.entry.name),
                "the file is not the one that was sealed (SHA-256 \(digest.hex)); ask for the package again")
        }
    }
}
