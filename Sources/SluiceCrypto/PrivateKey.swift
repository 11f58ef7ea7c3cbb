internal import CLibcrypto

/// An ECDSA key on P-256, the one signing algorithm of this version. It never leaves the host and never prints itself.
///
/// `@unchecked Sendable`: libcrypto's key is not changed after it is made, and signing with one from several threads is allowed.
package final class PrivateKey: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }
    deinit { sluice_pki_key_free(pointer) }

    /// A new key from the operating system's randomness.
    package static func generate() throws(CryptoError) -> PrivateKey {
        guard let pointer = sluice_pki_key_generate_p256() else {
            throw CryptoError(.keyUnusable, "a key could not be made\(Libcrypto.lastWords())")
        }
        return PrivateKey(owning: pointer)
    }

    /// Reads an unencrypted PEM key, PKCS#8 or SEC 1.
    package convenience init(pem: [UInt8], named name: String = "the key") throws(CryptoError) {
        guard let pointer = sluice_pki_key_from_pem(pem, pem.count) else {
            throw CryptoError(.keyUnusable, "\(name) is not a PEM private key without passphrase\(Libcrypto.lastWords())")
        }
        self.init(owning: pointer)
        guard sluice_pki_key_is_p256(pointer) else {
            throw CryptoError(.algorithmNotAllowed, "\(name) is not an ECDSA key on the curve P-256, the only kind this version signs with")
        }
    }

    /// Reads a key file that nobody but its owner may read; others are refused.
    package convenience init(path: String) throws(CryptoError) {
        var bytes = try BoundedFile.load(path, secret: true)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        try self.init(pem: bytes, named: path)
    }

    /// Writes the key, unencrypted PKCS#8 PEM, to a new file of mode 0600.
    package func store(at path: String) throws(CryptoError) {
        var buffer = sluice_pki_buffer()
        defer { sluice_pki_buffer_wipe(&buffer) }
        guard sluice_pki_key_to_pem(pointer, &buffer), let start = buffer.bytes else {
            throw CryptoError(.keyUnusable, "the key could not be written as PEM\(Libcrypto.lastWords())")
        }
        try BoundedFile.store(Array(UnsafeBufferPointer(start: start, count: buffer.count)), to: path, mode: 0o600)
    }

    package func publicKey() throws(CryptoError) -> PublicKey {
        guard let der = Libcrypto.bytes({ sluice_pki_public_key_to_der(pointer, &$0) }) else {
            throw CryptoError(.keyUnusable, "the public key could not be written\(Libcrypto.lastWords())")
        }
        return try PublicKey(der: der)
    }

    /// ECDSA over the SHA-256 of the message, DER (SEC 1, C.5).
    package func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let signature = Libcrypto.bytes({ sluice_pki_key_sign(pointer, message, message.count, &$0) }) else {
            throw CryptoError(.signingFailed, "the message could not be signed\(Libcrypto.lastWords())")
        }
        return signature
    }

    package var description: String { "PrivateKey(P-256)" }
    package var debugDescription: String { description }
}
