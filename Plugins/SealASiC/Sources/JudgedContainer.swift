import SluiceCrypto
import SluiceKit
import SluiceZip

/// A container whose signatures hold and whose manifests fit it. The files themselves are still to be compared with their digests.
struct JudgedContainer {
    /// The files with their references, in storage order.
    let covered: [CoveredEntry]
    /// The same as the sealer's manifest has them, in the same order.
    let references: [ASiCManifest.Reference]
    let signer: SignerIdentity
    let counterSigners: [SignerIdentity]
    /// The digest of the sealer's manifest.
    let manifestSHA256: SHA256Digest
    /// The manifests and signatures so far, for one signature more to cover.
    let evidence: [ASiCManifest.Reference]

    var mainFileName: String? { references.first(where: \.isRoot)?.name }

    init(_ archive: borrowing ZipReader, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits) throws(PackageError) {
        let container = try ASiCContainer(archive.entries, limits: limits)
        let mediaType = Array(ASiCContainer.mediaType.utf8)
        guard try archive.contents(container.mimetype, max: 128, limit: "mimetype").bytes == mediaType else {
            throw PackageError(.mimetypeWrong, file: ASiCContainer.mimetypeName, "the file must hold exactly '\(ASiCContainer.mediaType)'")
        }
        var signers: [SignerIdentity] = []
        var evidence: [ASiCManifest.Reference] = []
        var covered: [CoveredEntry] = []
        var first: (references: [String: ASiCManifest.Reference], sha256: SHA256Digest)?
        for (manifestEntry, signatureEntry) in zip(container.manifests, container.signatures) {
            let (xml, manifestSHA256) = try archive.contents(manifestEntry, max: limits.manifestBytesMax, limit: "manifestBytesMax")
            let (signature, signatureSHA256) = try archive.contents(signatureEntry, max: limits.signatureBytesMax, limit: "signatureBytesMax")
            signers.append(try trust.verifyDetachedCAdES(signature: signature, over: xml, at: time))
            let manifest = try ASiCManifest(xml: xml, limits: limits)
            guard manifest.signatureName == signatureEntry.name else {
                throw PackageError(
                    .manifestMalformed, file: EntryName.printable(manifestEntry.name), "the manifest names another signature than the one over it")
            }
            let references = try Self.references(manifest, evidence: evidence)
            if let first {
                guard references == first.references else {
                    throw PackageError(
                        .manifestMalformed, file: EntryName.printable(manifestEntry.name), "the counter-signature covers other files than the seal does")
                }
            } else {
                first = (references, manifestSHA256)
                covered = try CoveredEntry.match(
                    references.values.map { ManifestReference(name: $0.name, mediaType: $0.mediaType, sha256: $0.sha256) }, container.payload)
            }
            evidence.append(
                ASiCManifest.Reference(name: manifestEntry.name, mediaType: ASiCContainer.manifestMediaType, sha256: manifestSHA256))
            evidence.append(
                ASiCManifest.Reference(name: signatureEntry.name, mediaType: ASiCContainer.signatureMediaType, sha256: signatureSHA256))
        }
        guard let first, let signer = signers.first else {
            throw PackageError(.missingFile, file: ASiCContainer.signatureName, "the package has no signature; it is not evidence of anything")
        }
        self.covered = covered
        references = covered.compactMap { first.references[$0.reference.name] }
        manifestSHA256 = first.sha256
        self.signer = signer
        counterSigners = Array(signers.dropFirst())
        self.evidence = evidence
    }

    /// The manifest's references to files, after those to all evidence before it were found right: a counter-signature covers the signatures
    /// that it counter-signs (EN 319 162-1, 4.4.4 and A.4), so that their order is proven.
    private static func references(
        _ manifest: ASiCManifest, evidence: [ASiCManifest.Reference]
    ) throws(PackageError) -> [String: ASiCManifest.Reference] {
        var references: [String: ASiCManifest.Reference] = [:]
        for reference in manifest.references {
            guard references.updateValue(reference, forKey: reference.name) == nil else {
                throw PackageError(.duplicateName, file: EntryName.printable(reference.name), "the manifest lists the file twice")
            }
        }
        for part in evidence {
            guard let reference = references.removeValue(forKey: part.name) else {
                throw PackageError(
                    .uncoveredFile, file: EntryName.printable(part.name), "a later signature does not cover this earlier one, so that their order is unclear")
            }
            guard reference.sha256 == part.sha256, !reference.isRoot else {
                throw PackageError(
                    .digestMismatch, file: EntryName.printable(part.name), "a later signature covers another one than the one in the package")
            }
        }
        if let own = references.keys.filter(EntryName.isReserved).min() {
            throw PackageError(.manifestMalformed, file: EntryName.printable(own), "the manifest lists a part of the container as a file of the package")
        }
        return references
    }
}
