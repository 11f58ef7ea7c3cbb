internal import CLibcrypto

/// The public half of a P-256 key.
///
/// `@unchecked Sendable`: libcrypto's key is not changed after it is made.
package final class PublicKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) on the named curve P-256; nothing else, and nothing after it.
    package init(der: [UInt8]) throws(CryptoError) {
        guard let pointer = sluice_pki_public_key_from_der(der, der.count) else {
            throw CryptoError(.keyUnusable, "not a public key\(Libcrypto.lastWords())")
        }
        self.pointer = pointer
        guard sluice_pki_key_is_p256(pointer) else { throw CryptoError(.algorithmNotAllowed, "not an ECDSA key on the named curve P-256") }
    }

    deinit { sluice_pki_key_free(pointer) }

    /// Whether this is an ECDSA signature, DER, over the SHA-256 of the message.
    package func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        sluice_pki_key_verify(pointer, message, message.count, signature, signature.count)
    }

    /// SubjectPublicKeyInfo, DER.
    package var der: [UInt8] { Libcrypto.bytes { sluice_pki_public_key_to_der(pointer, &$0) } ?? [] }
}
