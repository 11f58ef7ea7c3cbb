import SluiceKit
import SluiceZip

/// The signed list of files: JSON in its canonical form (RFC 8785), so that the same files always give the same bytes.
///
/// ```
/// {"files":[{"bytes":2,"mediaType":"application/json","name":"exchange.json","sha256":"44136f…"}],"main":"exchange.json","version":1}
/// ```
struct JWSManifest: Hashable {
    var files: [ManifestReference]
    /// The file the package is about.
    var mainFileName: String

    static let version: Int64 = 1

    /// The manifest's bytes.
    func canonicalBytes() throws(PackageError) -> [UInt8] {
        let value: JSONValue = [
            "files": .array(
                files.map {
                    [
                        "bytes": .integer($0.bytes ?? 0), "mediaType": .string($0.mediaType ?? ""), "name": .string($0.name), "sha256": .string($0.sha256.hex),
                    ]
                }),
            "main": .string(mainFileName),
            "version": .integer(Self.version),
        ]
        do throws(JSONError) {
            return try value.canonicalBytes()
        } catch {
            throw PackageError(.contentsUnusable, "the manifest cannot be written: \(error)")
        }
    }
}

extension JWSManifest {
    /// Reads a manifest. What it does not know is refused: an extension could change what the rest means.
    init(json bytes: [UInt8], limits: PackageLimits) throws(PackageError) {
        let value: JSONValue
        let canonical: [UInt8]
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(bytesMax: Int(limits.manifestBytesMax), depthMax: 3))
            canonical = try value.canonicalBytes()
        } catch {
            throw PackageError(.manifestMalformed, "the manifest cannot be read: \(error)")
        }
        guard canonical == bytes else {
            throw PackageError(.manifestMalformed, "the manifest is not in the canonical form of JSON (RFC 8785); the packer must write it so")
        }
        guard let version = value["version"]?.integer else { throw PackageError(.manifestMalformed, "the manifest does not say its version") }
        guard version == Self.version else {
            throw PackageError(.sealUnsupported, "the manifest is of version \(version); this version reads \(Self.version)")
        }
        try Self.requireMembers(["files", "main", "version"], of: value, "the manifest")
        guard let entries = value["files"]?.elements, !entries.isEmpty else { throw PackageError(.manifestMalformed, "the manifest lists no files") }
        guard entries.count <= limits.filesMax else {
            throw PackageError(.limitExceeded, "the manifest lists \(entries.count) files; at most \(limits.filesMax) are allowed (filesMax)")
        }
        var files: [ManifestReference] = []
        for entry in entries { files.append(try Self.reference(entry)) }
        guard let main = value["main"]?.text, files.contains(where: { $0.name.utf8.elementsEqual(main.utf8) }) else {
            throw PackageError(.manifestMalformed, "the manifest's main file is not among those it lists")
        }
        self.init(files: files, mainFileName: main)
    }

    private static func reference(_ value: JSONValue) throws(PackageError) -> ManifestReference {
        guard let name = value["name"]?.text else { throw PackageError(.manifestMalformed, "the manifest lists something without a name") }
        let shown = EntryName.printable(name)
        try requireMembers(["bytes", "mediaType", "name", "sha256"], of: value, "the manifest's entry of '\(shown)'")
        guard let mediaType = value["mediaType"]?.text, !mediaType.isEmpty, mediaType.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw PackageError(.manifestMalformed, file: shown, "the file's media type is missing or not plain ASCII")
        }
        guard let count = value["bytes"]?.integer, count >= 0 else { throw PackageError(.manifestMalformed, file: shown, "the file's size is not a number") }
        guard let text = value["sha256"]?.text, let digest = SHA256Digest(hex: text), digest.hex == text else {
            throw PackageError(.manifestMalformed, file: shown, "the file's digest is not 64 lower-case hexadecimal digits")
        }
        return ManifestReference(name: name, mediaType: mediaType, bytes: count, sha256: digest)
    }

    private static func requireMembers(_ names: Set<String>, of value: JSONValue, _ what: String) throws(PackageError) {
        for member in value.members ?? [] where !names.contains(member.name) {
            throw PackageError(.manifestMalformed, "\(what) has the member '\(EntryName.printable(member.name))', which this version does not understand")
        }
    }
}
