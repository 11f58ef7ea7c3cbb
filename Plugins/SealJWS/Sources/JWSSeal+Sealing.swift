import SluiceCrypto
public import SluiceKit
import SluiceZip

extension JWSSeal {
    /// Writes the package in one pass over the files; see `Seal`.
    @discardableResult
    public func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into target: PackageTarget) throws(PackageError) -> SealedPackage {
        let maker = maker
        try maker.requireUsable(contents)
        let header = try Self.header(signer, at: contents.sealedAt)
        return try maker.make(target, sealedAt: contents.sealedAt) { (archive) throws(PackageError) in
            _ = try archive.addStored(JWSContainer.mimetypeName, Array(JWSContainer.mediaType.utf8))
            let covered = try maker.add(contents, to: &archive)
            let manifest = try JWSManifest(
                files: covered.map { ManifestReference(name: $0.name, mediaType: $0.mediaType, bytes: $0.bytes, sha256: $0.sha256) },
                mainFileName: contents.mainFileName
            ).canonicalBytes()
            let signature = try JOSESignature.detached(header: header.json, payload: manifest) { (input) throws(PackageError) in
                try signer.es256(over: input)
            }
            try maker.requireWithinLimits(manifest: manifest, signature: signature)
            let added = try archive.addStored(JWSContainer.manifestName, manifest)
            _ = try archive.addStored(JWSContainer.signatureName, signature)
            return PackageMaker.Filled(manifestSHA256: added.sha256, files: covered)
        }
    }

    /// The header for this signer and time; refused where receivers would refuse the package.
    private static func header(_ signer: any EvidenceSigner, at time: Instant) throws(PackageError) -> JAdESHeader {
        let chain = signer.certificateChainDER
        guard let der = chain.first else { throw PackageError(.signingFailed, "the signer has no certificate to send along") }
        guard let dates = CertificateDates(der: der) else { throw PackageError(.signingFailed, "the signer's certificate cannot be read") }
        guard dates.contain(time) else {
            throw PackageError(
                .signingFailed, "the sealing certificate is not valid at the signing time: receivers would refuse the package. Renew it")
        }
        return JAdESHeader(signingTime: time, chain: chain, certificateSHA256: signer.certificateSHA256)
    }
}
