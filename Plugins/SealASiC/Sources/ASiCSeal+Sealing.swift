import SluiceCrypto
public import SluiceKit
import SluiceZip

extension ASiCSeal {
    /// Writes the package in one pass over the files; see `Seal`.
    @discardableResult
    public func seal(_ contents: PackageContents, with signer: any EvidenceSigner, into target: PackageTarget) throws(PackageError) -> SealedPackage {
        let maker = maker
        try maker.requireUsable(contents)
        return try maker.make(target, sealedAt: contents.sealedAt) { (archive) throws(PackageError) in
            _ = try archive.addStored(ASiCContainer.mimetypeName, Array(ASiCContainer.mediaType.utf8))
            let covered = try maker.add(contents, to: &archive)
            let manifest = ASiCManifest(
                signatureName: ASiCContainer.signatureName,
                references: covered.map {
                    ASiCManifest.Reference(name: $0.name, mediaType: $0.mediaType, sha256: $0.sha256, isRoot: $0.name == contents.mainFileName)
                }
            ).xml
            let signature = try signer.detachedCAdES(over: manifest, signingTime: contents.sealedAt)
            try maker.requireWithinLimits(manifest: manifest, signature: signature)
            let added = try archive.addStored(ASiCContainer.manifestName, manifest)
            _ = try archive.addStored(ASiCContainer.signatureName, signature)
            return PackageMaker.Filled(manifestSHA256: added.sha256, files: covered)
        }
    }
}
