import SluiceKit

/// The signed list of files: EN 319 162-1, A.4, as far as a baseline container needs it.
struct ASiCManifest: Hashable {
    struct Reference: Hashable {
        var name: String
        var mediaType: String?
        var sha256: SHA256Digest
        /// The file the package is about.
        var isRoot = false
    }

    /// Where the signature over this manifest is.
    var signatureName: String
    var references: [Reference]

    static let namespace = "http://uri.etsi.org/02918/v1.2.1#"
    static let digestNamespace = "http://www.w3.org/2000/09/xmldsig#"
    static let sha256Algorithm = "http://www.w3.org/2001/04/xmlenc#sha256"

    /// The manifest's bytes: always the same for the same files.
    var xml: [UInt8] {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <asic:ASiCManifest xmlns:asic="\(Self.namespace)" xmlns:ds="\(Self.digestNamespace)">
              <asic:SigReference URI="\(Self.uri(signatureName))" MimeType="\(ASiCContainer.signatureMediaType)"/>

            """
        for reference in references {
            let mediaType = reference.mediaType.map { " MimeType=\"\(Self.escaped($0))\"" } ?? ""
            let root = reference.isRoot ? " Rootfile=\"true\"" : ""
            text += """
                  <asic:DataObjectReference URI="\(Self.uri(reference.name))"\(mediaType)\(root)>
                    <ds:DigestMethod Algorithm="\(Self.sha256Algorithm)"/>
                    <ds:DigestValue>\(reference.sha256.base64)</ds:DigestValue>
                  </asic:DataObjectReference>

                """
        }
        text += "</asic:ASiCManifest>\n"
        return Array(text.utf8)
    }

    /// A name as a relative URI reference (RFC 3986, 2.1): everything but letters, digits and `-._~/` percent-encoded.
    static func uri(_ name: String) -> String {
        var text: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
