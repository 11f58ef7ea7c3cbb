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
    static let manifestMediaType = "text/xml"

    let mimetype: ZipEntry
    /// In the order of the archive: the sealer's first.
    let manifests: [ZipEntry]
    let signatures: [ZipEntry]
    /// Everything else, which every manifest must cover.
    let payload: [ZipEntry]

    init(_ entries: [ZipEntry], limits: PackageLimits) throws(PackageError) {
        manifests = entries.filter { Self.isManifest($0.name) }
        signatures = entries.filter { Self.isSignature($0.name) }
        guard !manifests.isEmpty, !signatures.isEmpty else { throw Self.unsupported(entries, hasManifest: !manifests.isEmpty) }
        guard manifests.count == signatures.count else {
            throw PackageError(
                .sealUnsupported,
                "the package has \(manifests.count) manifests and \(signatures.count) signatures; each signature needs a manifest of its own, and each manifest a signature"
            )
        }
        guard signatures.count <= limits.signaturesMax else {
            throw PackageError(.limitExceeded, "the package has \(signatures.count) signatures; at most \(limits.signaturesMax) are allowed (signaturesMax)")
        }
        guard let first = entries.first, first.name == Self.mimetypeName, first.method == .stored else {
            throw PackageError(.mimetypeWrong, "the first file must be 'mimetype', stored without compression (EN 319 162-1, A.1)")
        }
        mimetype = first
        payload = entries.filter { $0.name != first.name && !Self.isManifest($0.name) && !Self.isSignature($0.name) }
        guard payload.count <= limits.filesMax else {
            throw PackageError(.limitExceeded, "the package holds \(payload.count) files; at most \(limits.filesMax) are allowed (filesMax)")
        }
    }

    /// Names for one signature more, which no entry has yet, whatever their case.
    static func nextNames(_ entries: [ZipEntry]) -> (manifest: String, signature: String)? {
        let taken = Set(entries.map { EntryName.folded($0.name) })
        for number in 1...999 {
            let digits = String(1000 + number).dropFirst()
            let names = (manifest: "META-INF/ASiCManifest\(digits).xml", signature: "META-INF/signature\(digits).p7s")
            if !taken.contains(EntryName.folded(names.manifest)), !taken.contains(EntryName.folded(names.signature)) { return names }
        }
        return nil
    }

    // Byte for byte, as `EntryName.isReserved`.
    private static func isManifest(_ name: String) -> Bool { name.utf8.starts(with: "META-INF/ASiCManifest".utf8) && ends(name, with: ".xml") }

    private static func isSignature(_ name: String) -> Bool { name.utf8.starts(with: folder.utf8) && ends(name, with: ".p7s") }

    private static func ends(_ name: String, with suffix: String) -> Bool { name.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }

    private static func unsupported(_ entries: [ZipEntry], hasManifest: Bool) -> PackageError {
        let names = entries.map(\.name).filter { $0.utf8.starts(with: folder.utf8) }
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
