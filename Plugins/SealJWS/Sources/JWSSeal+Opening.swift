import SluiceCrypto
public import SluiceKit
import SluiceZip

extension JWSSeal {
    /// Opens in the order in which trust grows: the archive's structure, the signature over the manifest, the manifest, then the files
    /// against their digests; see `Seal`.
    public func open(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
    ) throws(PackageError) -> OpenedPackage {
        let archive = try ZipReader(package, mediaType: JWSContainer.mediaType, limits: limits)
        let container = try JWSContainer(archive.entries)
        guard try archive.contents(container.mimetype, max: 128, limit: "mimetype").bytes == Array(JWSContainer.mediaType.utf8) else {
            throw PackageError(.mimetypeWrong, file: JWSContainer.mimetypeName, "the file must hold exactly '\(JWSContainer.mediaType)'")
        }
        let manifestJSON = try archive.contents(container.manifest, max: limits.manifestBytesMax, limit: "manifestBytesMax")
        let compact = try archive.contents(container.signature, max: limits.signatureBytesMax, limit: "signatureBytesMax").bytes
        let signature = try JOSESignature(compact: compact, allowing: JAdESHeader.members)
        let header = try JAdESHeader(signature)
        let signer = try trust.verifyES256(
            signature: signature.signature, over: signature.signingInput(detached: manifestJSON.bytes), chain: header.chain, signingTime: header.signingTime,
            at: time)
        let manifest = try JWSManifest(json: manifestJSON.bytes, limits: limits)
        let covered = try CoveredEntry.match(manifest.files, container.payload)
        let extracted = try archive.extract(covered, into: target, limits: limits)
        return OpenedPackage(
            files: extracted.files, exchange: extracted.exchange, mainFileName: manifest.mainFileName, manifestSHA256: manifestJSON.sha256, signer: signer)
    }
}
