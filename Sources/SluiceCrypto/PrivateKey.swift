internal import CLibcrypto

/// An ECDSA key on P-256, the one signing algorithm of this version. It never leaves the host and never prints itself.
///
/// `@unchecked Sendable`: libcrypto's key is not changed after it is made, and signing with one from several threads is allowed.
package final class PrivateKey: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Where the key lives.
    package enum Origin: String, Hashable, Sendable {
        case file
        case encryptedFile
        /// A PKCS#11 token signs; the key itself is not in this process.
        case token
        /// Made or read in memory.
        case memory
    }

    let pointer: OpaquePointer
    package let origin: Origin

    private init(owning pointer: OpaquePointer, origin: Origin) {
        self.pointer = pointer
        self.origin = origin
    }

    /// Takes the pointer over, and frees it also when it is of a kind that this version does not sign with.
    private convenience init(checking pointer: OpaquePointer, named name: String, origin: Origin) throws(CryptoError) {
        self.init(owning: pointer, origin: origin)
        guard sluice_pki_key_is_p256(pointer) else {
            throw CryptoError(.algorithmNotAllowed, "\(name) is not an ECDSA key on the curve P-256, the only kind this version signs with")
        }
    }

    deinit { sluice_pki_key_free(pointer) }

    /// A new key from the operating system's randomness.
    package static func generate() throws(CryptoError) -> PrivateKey {
        guard let pointer = sluice_pki_key_generate_p256() else {
            throw CryptoError(.keyUnusable, "a key could not be made\(Libcrypto.lastWords())")
        }
        return PrivateKey(owning: pointer, origin: .memory)
    }

    /// Reads an unencrypted PEM key, PKCS#8 or SEC 1.
    package convenience init(pem: [UInt8], named name: String = "the key") throws(CryptoError) {
        try self.init(pem: pem, named: name, origin: .memory)
    }

    private convenience init(pem: [UInt8], named name: String, origin: Origin) throws(CryptoError) {
        guard let pointer = sluice_pki_key_from_pem(pem, pem.count) else {
            throw CryptoError(.keyUnusable, "\(name) is not a PEM private key without passphrase\(Libcrypto.lastWords())")
        }
        try self.init(checking: pointer, named: name, origin: origin)
    }

    /// Reads a key file that nobody but its owner may read; others are refused. An encrypted one needs its passphrase.
    package convenience init(path: String, passphrase: Passphrase? = nil) throws(CryptoError) {
        var bytes = try BoundedFile.load(path, secret: true)
        defer { Libcrypto.wipe(&bytes) }
        switch try KeyFile.form(pem: bytes, named: path) {
        case .plain: try self.init(pem: bytes, named: path, origin: .file)
        case .encrypted:
            guard let passphrase else {
                throw CryptoError(
                    .passphraseMissing, "\(path) is encrypted and no passphrase was given; name a file of mode 0600 or an environment variable that holds it")
            }
            try self.init(checking: KeyFile.open(bytes, named: path, with: passphrase), named: path, origin: .encryptedFile)
        }
    }

    /// A key in a token. The PIN is read from the file that the URI names.
    package convenience init(token uri: PKCS11URI) throws(CryptoError) {
        let pin = try Passphrase(.file(uri.pinPath))
        let pointer = pin.withCString { sluice_pki_key_from_token(uri.modulePath, uri.engineText, $0) }
        guard let pointer else {
            throw CryptoError(
                .tokenUnusable,
                "no private key \(uri) could be reached through \(uri.modulePath): check the token, the key's name, the PIN, and that OpenSSL's engine pkcs11 is installed (Debian: libengine-pkcs11-openssl)\(Libcrypto.lastWords())"
            )
        }
        try self.init(checking: pointer, named: "the key \(uri)", origin: .token)
    }

    /// Opens the key that a configuration names: a file's path, or `pkcs11:…`.
    package static func open(_ place: String, passphrase: Passphrase? = nil) throws(CryptoError) -> PrivateKey {
        guard place.hasPrefix(PKCS11URI.scheme) else { return try PrivateKey(path: place, passphrase: passphrase) }
        return try PrivateKey(token: PKCS11URI(place))
    }

    /// Writes the key, unencrypted PKCS#8 PEM, to a new file of mode 0600.
    package func store(at path: String) throws(CryptoError) {
        var buffer = sluice_pki_buffer()
        defer { sluice_pki_buffer_wipe(&buffer) }
        guard origin != .token else { throw CryptoError(.keyUnusable, "the key lies in a token, which does not give it away") }
        guard sluice_pki_key_to_pem(pointer, &buffer), let start = buffer.bytes else {
            throw CryptoError(.keyUnusable, "the key could not be written as PEM\(Libcrypto.lastWords())")
        }
        var bytes = Array(UnsafeBufferPointer(start: start, count: buffer.count))
        defer { Libcrypto.wipe(&bytes) }
        try BoundedFile.store(bytes, to: path, mode: 0o600)
    }

    /// Lends the key as PKCS#8 DER, not encrypted, to the library that speaks TLS; our copy is wiped afterwards.
    package func withPKCS8<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        var buffer = sluice_pki_buffer()
        defer { sluice_pki_buffer_wipe(&buffer) }
        guard origin != .token else {
            throw CryptoError(.keyUnusable, "the key lies in a token, which does not give it away; TLS needs a key of its own in a file")
        }
        guard sluice_pki_key_to_pkcs8(pointer, &buffer) else { throw CryptoError(.keyUnusable, "the key could not be written\(Libcrypto.lastWords())") }
        return try body(UnsafeRawBufferPointer(start: buffer.bytes, count: buffer.count))
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

    package var description: String { origin == .token ? "PrivateKey(P-256, token)" : "PrivateKey(P-256)" }
    package var debugDescription: String { description }
}
