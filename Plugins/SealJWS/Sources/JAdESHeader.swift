import SluiceCrypto
import SluiceKit

/// The protected header of a package's signature: a JAdES baseline signature, level B-B (ETSI TS 119 182-1), over a detached payload as it is.
///
/// It has exactly these members: `alg` ES256, `b64` false and `crit` naming it (RFC 7797), `typ` and `cty` that no other JWS has, `iat` the
/// claimed signing time (which took the place of `sigT` in 2025), `x5c` the chain and `x5t#S256` the digest of its first certificate.
struct JAdESHeader: Hashable {
    var signingTime: Instant
    /// The signer's certificate, then those between it and the authority, DER.
    var chain: [[UInt8]]
    var certificateSHA256: SHA256Digest

    /// Says what this JWS is, so that one made for another purpose does not pass for a package's (RFC 8725, 3.11).
    static let type = "vnd.sluice.seal+jose"
    static let contentType = "vnd.sluice.manifest+json"
    /// Members beside those that every JWS is read with: `alg`, `b64`, `crit`.
    static let members: Set<String> = ["typ", "cty", "iat", "x5c", "x5t#S256"]

    var json: JSONValue {
        [
            "alg": .string(ES256.name),
            "b64": false,
            "crit": ["b64"],
            "cty": .string(Self.contentType),
            "iat": .integer(signingTime.seconds),
            "typ": .string(Self.type),
            // RFC 7515, 4.1.6: base 64 as in PEM, not base64url.
            "x5c": .array(chain.map { .string(Base64.encode($0)) }),
            "x5t#S256": .string(String(decoding: JOSEBase64URL.encode(certificateSHA256.bytes), as: UTF8.self)),
        ]
    }
}

extension JAdESHeader {
    /// Reads what a signature says of itself. Nothing of it is believed before the signature holds.
    init(_ signature: JOSESignature) throws(PackageError) {
        guard signature.header["b64"] != nil else {
            throw PackageError(.headerMissing, "the signature's header lacks b64; a package's signature is over its manifest as it is (b64 false, RFC 7797)")
        }
        guard signature.hasPlainPayload else {
            throw PackageError(.signatureProfile, "the signature is over the manifest in base64url; a package's is over the manifest as it is (b64 false)")
        }
        guard try Self.text("typ", signature) == Self.type, try Self.text("cty", signature) == Self.contentType else {
            throw PackageError(.signatureProfile, "the signature was made for another purpose: typ must be '\(Self.type)' and cty '\(Self.contentType)'")
        }
        guard let issued = signature.header["iat"] else { throw Self.missing("iat", "the claimed signing time") }
        // Up to the year 9999.
        guard let seconds = issued.integer, (0..<253_402_300_800).contains(seconds) else {
            throw PackageError(.headerMalformed, "the claimed signing time (iat) is not a whole number of seconds since 1970")
        }
        guard let listed = signature.header["x5c"] else { throw Self.missing("x5c", "the signer's certificate") }
        var chain: [[UInt8]] = []
        for element in listed.elements ?? [] {
            guard chain.count < TrustStore.presentedCertificatesMax else {
                throw PackageError(.limitExceeded, "the signature brings more than \(TrustStore.presentedCertificatesMax) certificates (x5c)")
            }
            guard let der = element.text.flatMap({ Base64.decode($0) }) else {
                throw PackageError(.headerMalformed, "certificate \(chain.count + 1) of the signature (x5c) is not base 64 with padding (RFC 7515, 4.1.6)")
            }
            chain.append(der)
        }
        guard let certificate = chain.first else { throw PackageError(.headerMalformed, "the signature's list of certificates (x5c) is empty or no list") }
        guard let digest = JOSEBase64URL.decode(Array(try Self.text("x5t#S256", signature).utf8)).flatMap({ SHA256Digest(bytes: $0) }) else {
            throw PackageError(.headerMalformed, "the certificate's digest (x5t#S256) is not the base64url of 32 bytes")
        }
        guard digest == SHA256.hash(certificate) else {
            throw PackageError(.signatureInvalid, "the certificate that the signature is bound to (x5t#S256) is not the first one that came with it (x5c)")
        }
        self.init(signingTime: Instant(seconds: seconds), chain: chain, certificateSHA256: digest)
    }

    private static func text(_ name: String, _ signature: JOSESignature) throws(PackageError) -> String {
        guard let value = signature.header[name] else { throw missing(name, "which a package's signature must have") }
        guard let text = value.text else { throw PackageError(.headerMalformed, "the header's \(name) is not a text") }
        return text
    }

    private static func missing(_ name: String, _ what: String) -> PackageError {
        PackageError(.headerMissing, "the signature's header lacks \(name), \(what); the sender must sign as JAdES B-B (README of this seal)")
    }
}
