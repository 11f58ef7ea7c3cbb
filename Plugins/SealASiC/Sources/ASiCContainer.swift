import SluiceKit
import SluiceZip

/// The names that ETSI EN 319 162-1 gives to the parts of a container, and which entries of an archive play them.
struct ASiCContainer {
    static let mediaType = "application/vnd.etsi.asic-e+zip"
    static let mimetypeName = "mimetype"
    static let folder = "META-INF/"
    static let manifestName = "META-INF/ASiCManifest001.xml"
    static let signatureName = "META-INF/signature001.p7s"
    static let signatureMediaType = "application/pkcs7-signature"

    let mimetype: ZipEntry
    let manifest: ZipEntry
    let signature: ZipEntry
    /// Everything else, which the manifest must cover.
    let payload: [ZipEntry]

    init(_ entries: [ZipEntry]) throws(PackageError) {
        let manifests = entries.filter { Self.isManifest($0.name) }
        let signatures = entries.filter { Self.isSignature($0.name) }
        guard let manifest = manifests.first, let signature = signatures.first else { throw Self.unsupported(entries, hasManifest: !manifests.isEmpty) }
        guard manifests.count == 1, signatures.count == 1 else {
            throw PackageError(
                .sealUnsupported, "the package has \(manifests.count) manifests and \(signatures.count) signatures; this version reads one of each")
        }
        guard let first = entries.first, first.name == Self.mimetypeName, first.method == .stored else {
            throw PackageError(.mimetypeWrong, "the first file must be 'mimetype', stored without compression (EN 319 162-1, A.1)")
        }
        self.mimetype = first
        self.manifest = manifest
        self.signature = signature
        payload = entries.filter { $0.name != first.name && $0.name != manifest.name && $0.name != signature.name }
    }

    /// Names that belong to the container, whatever the case in which they are written.
    static func isReserved(_ name: String) -> Bool {
        let folded = EntryName.folded(name)
        return folded == mimetypeName || folded.hasPrefix(EntryName.folded(folder))
    }

    private static func isManifest(_ name: String) -> Bool { name.hasPrefix("META-INF/ASiCManifest") && name.hasSuffix(".xml") }

    private static func isSignature(_ name: String) -> Bool { name.hasPrefix(folder) && name.hasSuffix(".p7s") }

    private static func unsupported(_ entries: [ZipEntry], hasManifest: Bool) -> PackageError {
        let names = entries.map(\.name).filter { $0.hasPrefix(folder) }
        if names.contains(where: { EntryName.folded($0).contains("signature") && $0.hasSuffix(".xml") }) {
            return PackageError(
                .sealUnsupported, "the package is sealed with an XML signature (XAdES); this seal reads CAdES. Ask the sender for ASiC-E with CAdES")
        }
        if names.contains(where: { $0.hasSuffix(".tst") }) {
            return PackageError(.sealUnsupported, "the package is sealed with a time stamp only, which does not say who sent it; ask for ASiC-E with CAdES")
        }
        return hasManifest
            ? PackageError(.missingFile, file: signatureName, "the package has a manifest but no signature; it is not evidence of anything")
            : PackageError(.missingFile, file: manifestName, "the package has no manifest; is it an ASiC-E container?")
    }
}
