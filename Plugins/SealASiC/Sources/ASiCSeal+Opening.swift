public import SluiceKit
import SluiceZip

extension ASiCSeal {
    /// Opens in the order in which trust grows: the archive's structure, the signatures over the manifests, the manifests, then the files
    /// against their digests; see `Seal`.
    public func open(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, extractingInto target: ExtractionTarget
    ) throws(PackageError) -> OpenedPackage {
        let archive = try ZipReader(package, mediaType: ASiCContainer.mediaType, limits: limits)
        let judged = try JudgedContainer(archive, trust: trust, at: time, limits: limits)
        let extracted = try archive.extract(judged.covered, into: target, limits: limits)
        return OpenedPackage(
            files: extracted.files, exchange: extracted.exchange, mainFileName: judged.mainFileName, manifestSHA256: judged.manifestSHA256,
            signer: judged.signer, counterSigners: judged.counterSigners)
    }
}
