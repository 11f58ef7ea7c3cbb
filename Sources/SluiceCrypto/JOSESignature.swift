package import SluiceKit

/// A JWS in compact serialisation (RFC 7515, 7.1): `header.payload.signature`, the payload empty when it is detached (appendix F).
package struct JOSESignature: Hashable, Sendable {
    package let header: JOSEHeader
    /// The header's text as it came: what was signed.
    package let headerText: [UInt8]
    /// The payload's text as it came; empty when detached.
    package let payloadText: [UInt8]
    /// r and s, 64 bytes; not verified yet.
    package let signature: [UInt8]
    /// Whether the payload is signed as it is (`b64` false, RFC 7797).
    package let hasPlainPayload: Bool

    /// Takes a compact serialisation apart. The header must name ES256 and no members but these and `alg`, `b64`, `crit`.
    package init(compact text: [UInt8], allowing names: Set<String>) throws(PackageError) {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw PackageError(.signatureMalformed, "the signature is not a compact JWS: three parts with dots between them (RFC 7515, 7.1)")
        }
        headerText = Array(parts[0])
        payloadText = Array(parts[1])
        header = try JOSEHeader(headerText)
        try header.requireES256()
        hasPlainPayload = try header.hasPlainPayload()
        try header.requireOnly(names.union(["alg", "b64", "crit"]))
        guard let signature = JOSEBase64URL.decode(parts[2]) else {
            throw PackageError(.signatureMalformed, "the signature's last part is not base64url without padding (RFC 7515, 2)")
        }
        guard signature.count == ES256.signatureBytes else {
            throw PackageError(.signatureMalformed, "the signature has \(signature.count) bytes; ES256 has \(ES256.signatureBytes)")
        }
        guard ES256.der(signature) != nil else {
            throw PackageError(.signatureMalformed, "the signature's numbers are zero or larger than the curve's order: no key makes such a signature")
        }
        self.signature = signature
    }

    /// What the signature is over (RFC 7515, 5.1; RFC 7797, 3), the payload being detached.
    package func signingInput(detached payload: [UInt8]) throws(PackageError) -> [UInt8] {
        guard payloadText.isEmpty else {
            throw PackageError(.signatureMalformed, "the signature carries content of its own; a package's signature is detached: header..signature")
        }
        return headerText + [UInt8(ascii: ".")] + (hasPlainPayload ? payload : JOSEBase64URL.encode(payload))
    }

    /// The payload that a key vouches for: the bytes that were covered, and nothing else.
    package func payload(verifiedBy key: JOSEKey) throws(PackageError) -> [UInt8] {
        guard let payload = hasPlainPayload ? payloadText : JOSEBase64URL.decode(payloadText) else {
            throw PackageError(.signatureMalformed, "the payload is not base64url without padding (RFC 7515, 2)")
        }
        guard key.publicKey.verifiesES256(signature, over: headerText + [UInt8(ascii: ".")] + payloadText) else { throw Self.invalid }
        return payload
    }

    /// The compact serialisation with the payload left out, and what has to be signed for it.
    package static func detached(header: JSONValue, payload: [UInt8], signing sign: ([UInt8]) throws(PackageError) -> [UInt8]) throws(PackageError)
        -> [UInt8]
    {
        let headerText: [UInt8]
        do throws(JSONError) {
            headerText = JOSEBase64URL.encode(try header.canonicalBytes())
        } catch {
            throw PackageError(.signingFailed, "the signature's header cannot be written: \(error)")
        }
        let signature = try sign(headerText + [UInt8(ascii: ".")] + payload)
        return headerText + Array("..".utf8) + JOSEBase64URL.encode(signature)
    }

    /// The words for a signature that does not fit.
    package static var invalid: PackageError {
        PackageError(.signatureInvalid, "the signature does not fit what it covers: one of them was changed after signing, or another key made it")
    }
}
