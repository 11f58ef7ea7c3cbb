import SluiceKit
import SluiceZip

extension ASiCManifest {
    /// Reads a manifest, ours or another producer's. Anything it does not know is refused: an extension could change what the rest means.
    init(xml: [UInt8], limits: PackageLimits) throws(PackageError) {
        var reader = try ManifestXML(xml)
        let root = try reader.startTag()
        guard root.name == XMLName(Self.namespace, "ASiCManifest") else {
            throw PackageError(.manifestMalformed, "the manifest's root is not ASiCManifest of EN 319 162-1 (\(Self.namespace))")
        }
        _ = try root.attributes(allowed: [])
        let signature = try reader.startTag()
        guard signature.name == XMLName(Self.namespace, "SigReference") else {
            throw PackageError(.manifestMalformed, "the manifest does not begin with a SigReference")
        }
        let signatureAttributes = try signature.attributes(allowed: ["URI", "MimeType"])
        try reader.endTag()
        var references: [Reference] = []
        while let element = try reader.startTagOrEnd() {
            guard element.name == XMLName(Self.namespace, "DataObjectReference") else {
                throw PackageError(.manifestMalformed, "the manifest holds '\(element.name.local)', which this version does not understand")
            }
            // A counter-signature lists the manifests and signatures before it too.
            guard references.count < limits.filesMax + 2 * limits.signaturesMax else {
                throw PackageError(.limitExceeded, "the manifest lists more than \(limits.filesMax) files (filesMax)")
            }
            references.append(try Self.reference(element, &reader))
        }
        try reader.requireEnd()
        guard !references.isEmpty else { throw PackageError(.manifestMalformed, "the manifest lists no files") }
        guard references.count(where: \.isRoot) <= 1 else { throw PackageError(.manifestMalformed, "the manifest names two main files (Rootfile)") }
        self.init(signatureName: try Self.name(signatureAttributes["URI"]), references: references)
    }

    private static func reference(_ element: ManifestXML.Start, _ reader: inout ManifestXML) throws(PackageError) -> Reference {
        let attributes = try element.attributes(allowed: ["URI", "MimeType", "Rootfile"])
        let name = try name(attributes["URI"])
        let shown = EntryName.printable(name)
        let method = try reader.startTag()
        guard method.name == XMLName(digestNamespace, "DigestMethod") else {
            throw PackageError(.manifestMalformed, file: shown, "the file's reference does not begin with a DigestMethod")
        }
        let algorithm = try method.attributes(allowed: ["Algorithm"])["Algorithm"] ?? ""
        guard algorithm == sha256Algorithm else {
            throw PackageError(
                .algorithmNotAllowed, file: shown, "the file's digest is '\(EntryName.printable(algorithm))'; SHA-256 is the one this version accepts")
        }
        try reader.endTag()
        let value = try reader.startTag()
        guard value.name == XMLName(digestNamespace, "DigestValue") else {
            throw PackageError(.manifestMalformed, file: shown, "the file's reference has no DigestValue after its DigestMethod")
        }
        _ = try value.attributes(allowed: [])
        guard let digest = SHA256Digest(base64: try reader.textUntilEnd()) else {
            throw PackageError(.manifestMalformed, file: shown, "the file's digest is not the base 64 of 32 bytes")
        }
        guard try reader.startTagOrEnd() == nil else {
            throw PackageError(.manifestMalformed, file: shown, "the file's reference has an extension, which this version does not understand")
        }
        let isRoot: Bool
        switch attributes["Rootfile"] {
        case nil, "false", "0": isRoot = false
        case "true", "1": isRoot = true
        default: throw PackageError(.manifestMalformed, file: shown, "Rootfile is neither true nor false")
        }
        return Reference(name: name, mediaType: attributes["MimeType"], sha256: digest, isRoot: isRoot)
    }

    /// The name that a URI reference means (RFC 3986, 2.1). Whether there is such a file is decided by comparison with the archive's names.
    private static func name(_ uri: String?) throws(PackageError) -> String {
        guard let uri, !uri.isEmpty else { throw PackageError(.manifestMalformed, "a reference in the manifest has no URI") }
        var bytes: [UInt8] = []
        var rest = Array(uri.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else {
                throw PackageError(.manifestMalformed, "the URI '\(EntryName.printable(uri))' has a % without two hexadecimal digits")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw PackageError(.manifestMalformed, "the URI '\(EntryName.printable(uri))' is not UTF-8")
        }
        return name
    }
}
