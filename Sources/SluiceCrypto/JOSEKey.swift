package import SluiceKit

/// A public key given as JSON Web Key (RFC 7517; RFC 7518, 6.2.1): an elliptic curve key on P-256 and nothing else.
///
/// The algorithm belongs to the key: whatever a signature's header claims, this key verifies ES256 only.
package struct JOSEKey: Sendable {
    package let publicKey: PublicKey

    /// Reads one key, not a set. Members that say the key is for something else refuse it; private members too: a private key that
    /// arrives where a public one is expected is no longer private.
    package init(_ jwk: JSONValue) throws(CryptoError) {
        guard let members = jwk.members else { throw CryptoError(.keyUnusable, "the key is not a JSON object") }
        guard jwk["kty"]?.text == "EC", jwk["crv"]?.text == "P-256" else {
            throw CryptoError(.algorithmNotAllowed, "the key is not an elliptic curve key on P-256 (kty EC, crv P-256), the only kind this version accepts")
        }
        guard jwk["alg"].map({ $0.text == ES256.name }) ?? true else { throw CryptoError(.algorithmNotAllowed, "the key is for another algorithm than ES256") }
        guard jwk["use"].map({ $0.text == "sig" }) ?? true else { throw CryptoError(.wrongKeyUsage, "the key's use is not sig, for signatures") }
        guard jwk["key_ops"].map({ $0.elements?.contains("verify") ?? false }) ?? true else {
            throw CryptoError(.wrongKeyUsage, "the key's operations (key_ops) do not include verify")
        }
        guard !members.contains(where: { $0.name == "d" }) else {
            throw CryptoError(.keyUnusable, "the key holds its private part (d): replace the key, and pass on the public part only")
        }
        guard let x = Self.coordinate(jwk["x"]), let y = Self.coordinate(jwk["y"]) else {
            throw CryptoError(.keyUnusable, "the key's x and y are not the base64url of 32 bytes each")
        }
        // libcrypto refuses points that are not on the curve when it reads them.
        do throws(CryptoError) {
            publicKey = try PublicKey(der: Self.subjectPublicKeyInfo + [0x04] + x + y)
        } catch {
            throw CryptoError(.keyUnusable, "the key's x and y are not a point of P-256: \(error.detail)")
        }
    }

    private static func coordinate(_ value: JSONValue?) -> [UInt8]? {
        guard let text = value?.text, let bytes = JOSEBase64URL.decode(Array(text.utf8)), bytes.count == 32 else { return nil }
        return bytes
    }

    /// What stands before an uncompressed point of P-256 in a SubjectPublicKeyInfo (RFC 5480, 2).
    private static let subjectPublicKeyInfo: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
        0x00,
    ]
}
