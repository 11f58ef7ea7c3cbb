import SluiceKit
import SluiceZip

/// The names of the parts of a container, and which entries of an archive play them.
struct JWSContainer {
    static let mediaType = "application/vnd.sluice.jws+zip"
    static let mimetypeName = "mimetype"
    static let manifestName = "META-INF/manifest.json"
    static let signatureName = "META-INF/signature001.jws"

    let mimetype: ZipEntry
    let manifest: ZipEntry
    let signature: ZipEntry
    /// Everything else, which the manifest must cover.
    let payload: [ZipEntry]

    init(_ entries: [ZipEntry]) throws(PackageError) {
        guard let first = entries.first, first.name == Self.mimetypeName, first.method == .stored else {
            throw PackageError(.mimetypeWrong, "the first file must be 'mimetype', stored without compression")
        }
        mimetype = first
        manifest = try Self.part(Self.manifestName, of: entries)
        signature = try Self.part(Self.signatureName, of: entries)
        payload = entries.filter { $0.name != Self.mimetypeName && $0.name != Self.manifestName && $0.name != Self.signatureName }
    }

    private static func part(_ name: String, of entries: [ZipEntry]) throws(PackageError) -> ZipEntry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw PackageError(.missingFile, file: name, "the package has no '\(name)'; is it sealed with JWS?")
        }
        // What is signed has one spelling: deflate would have several.
        guard entry.method == .stored else {
            throw PackageError(.sealUnsupported, file: name, "manifest and signature must be stored without compression")
        }
        return entry
    }
}
