import SluiceCrypto
public import SluiceKit

extension ASiCSeal {
    /// Opens in the order in which trust grows: the archive's structure, the signature over the manifest, the manifest, then the files
    /// against their digests; see `Seal`.
    public func open(
        _ path: String, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto directory: String
    ) throws(PackageError) -> OpenedPackage {
        let archive = try ZipReader(path, limits: limits)
        let container = try ASiCContainer(archive.entries)
        let mediaType = Array(ASiCContainer.mediaType.utf8)
        guard try archive.bytes(container.mimetype, max: 128, limit: "mimetype") == mediaType else {
            throw PackageError(.mimetypeWrong, file: ASiCContainer.mimetypeName, "the file must hold exactly '\(ASiCContainer.mediaType)'")
        }
        let manifestXML = try archive.bytes(container.manifest, max: limits.manifestBytesMax, limit: "manifestBytesMax")
        let signature = try archive.bytes(container.signature, max: limits.signatureBytesMax, limit: "signatureBytesMax")
        let signer = try trust.verifyDetachedCAdES(signature: signature, over: manifestXML, at: time)
        let manifest = try ASiCManifest(xml: manifestXML, limits: limits)
        let covered = try Self.match(manifest, container)
        return try Self.extract(
            covered, from: archive, limits: limits, into: directory, mainFileName: manifest.references.first(where: \.isRoot)?.name,
            manifestSHA256: SHA256.hash(manifestXML), signer: signer)
    }

    private struct Covered {
        let entry: ZipEntry
        let reference: ASiCManifest.Reference
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
        guard covered.contains(where: { $0.entry.name == PackageContents.exchangeName }) else {
            throw PackageError(.missingFile, file: PackageContents.exchangeName, "the package lacks the file that says what the exchange is")
        }
        return covered
    }

    private static func extract(
        _ covered: [Covered], from archive: borrowing ZipReader, limits: PackageLimits, into directory: String, mainFileName: String?,
        manifestSHA256: SHA256Digest, signer: SignerIdentity
    ) throws(PackageError) -> OpenedPackage {
        // The small file first: when it is too large, nothing needs to be written at all.
        var exchange: [UInt8] = []
        for file in covered where file.entry.name == PackageContents.exchangeName {
            exchange = try archive.bytes(file.entry, max: limits.exchangeBytesMax, limit: "exchangeBytesMax")
        }
        var folder = try ExtractionFolder(target: directory)
        var files: [CoveredFile] = []
        for file in covered {
            let output = try folder.create(file.entry.name)
            var offset: Int64 = 0
            let digest = try archive.stream(file.entry) { (part) throws(PackageError) in
                try output.write(part, at: offset)
                offset += Int64(part.count)
            }
            guard digest == file.reference.sha256 else {
                throw PackageError(
                    .digestMismatch, file: EntryName.printable(file.entry.name),
                    "the file is not the one that was sealed (SHA-256 \(digest.hex)); ask for the package again")
            }
            if file.entry.name == PackageContents.exchangeName, SHA256.hash(exchange) != digest {
                throw PackageError(.digestMismatch, file: file.entry.name, "the package changed while it was read")
            }
            files.append(
                CoveredFile(
                    name: file.entry.name, mediaType: file.reference.mediaType, bytes: offset, sha256: digest, path: folder.finalPath(file.entry.name)))
        }
        try folder.handOver()
        return OpenedPackage(files: files, exchange: exchange, mainFileName: mainFileName, manifestSHA256: manifestSHA256, signer: signer)
    }
}
