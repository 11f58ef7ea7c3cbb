import SluiceCrypto
public import SluiceKit
import SluiceZip

extension ASiCSeal {
    /// Adds `ASiCManifest002.xml` with `signature002.p7s` (and so on) over the same files and all manifests and signatures before; see `Seal`.
    ///
    /// What the package holds already is copied as it is, compressed files too, so earlier signatures go on to hold.
    @discardableResult
    public func counterSign(
        _ package: Content, trust: any EvidenceVerifier, at time: Instant, limits: PackageLimits, with signer: any EvidenceSigner,
        into target: PackageTarget
    ) throws(PackageError) -> SealedPackage {
        let archive = try ZipReader(package, mediaType: ASiCContainer.mediaType, limits: limits)
        let judged = try JudgedContainer(archive, trust: trust, at: time, limits: limits)
        guard judged.counterSigners.count + 1 < limits.signaturesMax, let names = ASiCContainer.nextNames(archive.entries) else {
            throw PackageError(.limitExceeded, "the package has as many signatures as are allowed (signaturesMax \(limits.signaturesMax))")
        }
        try archive.requireAsSealed(judged.covered, limits: limits)
        let manifest = ASiCManifest(signatureName: names.signature, references: judged.references + judged.evidence).xml
        let signature = try signer.detachedCAdES(over: manifest, signingTime: time)
        let maker = maker
        try maker.requireWithinLimits(manifest: manifest, signature: signature)
        return try maker.make(target, sealedAt: time) { (output) throws(PackageError) in
            for entry in archive.entries { try output.copy(entry, from: archive) }
            _ = try output.addStored(names.manifest, manifest)
            _ = try output.addStored(names.signature, signature)
            return PackageMaker.Filled(manifestSHA256: judged.manifestSHA256, files: judged.covered.map { $0.found($0.entry.size, package) })
        }
    }
}
