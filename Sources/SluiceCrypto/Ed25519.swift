internal import CLibcrypto
internal import SluiceKit

/// Ed25519 signatures (RFC 8032, section 5.1, pure: the message is not hashed beforehand).
package enum Ed25519 {
    /// The length of a raw public key and of a private key's seed.
    package static let keyBytes = 32
    /// The length of a signature.
    package static let signatureBytes = 64

    /// What libcrypto would not do with a key.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        /// A seed is 32 bytes.
        case seedLength(Int)
        /// libcrypto refused to make, read or use the key: its configuration forbids Ed25519, or memory is out.
        case library(operation: String)

        package var description: String {
            switch self {
            case .seedLength(let count): "an Ed25519 seed has \(keyBytes) bytes, not \(count)"
            case .library(let operation): "libcrypto refused to \(operation) an Ed25519 key: check that the system's configuration allows Ed25519"
            }
        }
    }

    /// A public key: 32 raw bytes.
    package struct PublicKey: Hashable, Sendable {
        package let bytes: [UInt8]

        /// The key of 32 raw bytes, or nil for another count. Whether they are a point of the curve shows at the first verification.
        package init?(bytes: [UInt8]) {
            guard bytes.count == keyBytes else { return nil }
            self.bytes = bytes
        }

        /// Whether `signature` is this key's over `message`; false for a signature of the wrong length.
        package func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
            guard signature.count == signatureBytes else { return false }
            return clibcrypto_ed25519_verify(bytes, message, message.count, signature) == 1
        }

        /// The key as a SubjectPublicKeyInfo in PEM (RFC 8410, section 4), which `openssl pkeyutl -verify -pubin -rawin` takes.
        package var pem: String {
            // SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } around the raw key: always these twelve bytes.
            let header: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
            return "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(header + bytes))\n-----END PUBLIC KEY-----\n"
        }
    }

    /// A private key. Its bytes live in libcrypto's memory, which is wiped when the last reference goes.
    ///
    /// Unchecked but safe to send: the key behind `state` never changes after `init`, and signing makes a context of its own.
    package final class PrivateKey: @unchecked Sendable {
        private let state: OpaquePointer
        package let publicKey: PublicKey

        private init(state: OpaquePointer?) throws(Failure) {
            guard let state else { throw .library(operation: "make") }
            var raw = [UInt8](repeating: 0, count: keyBytes)
            guard clibcrypto_ed25519_public(state, &raw) == 1, let publicKey = PublicKey(bytes: raw) else {
                clibcrypto_ed25519_free(state)
                throw .library(operation: "read")
            }
            self.state = state
            self.publicKey = publicKey
        }

        /// A new key from the system's random generator.
        package convenience init() throws(Failure) {
            try self.init(state: clibcrypto_ed25519_generate())
        }

        /// The key of a 32-byte seed (the "private key" of RFC 8032, section 5.1.5).
        package convenience init(seed: [UInt8]) throws(Failure) {
            guard seed.count == keyBytes else { throw .seedLength(seed.count) }
            try self.init(state: clibcrypto_ed25519_from_seed(seed))
        }

        deinit { clibcrypto_ed25519_free(state) }

        /// The 32 bytes to keep secret and to make the key from again.
        package func seed() throws(Failure) -> [UInt8] {
            var seed = [UInt8](repeating: 0, count: keyBytes)
            guard clibcrypto_ed25519_seed(state, &seed) == 1 else { throw .library(operation: "read") }
            return seed
        }

        /// The 64-byte signature over `message`; the same message always gets the same signature.
        package func sign(_ message: [UInt8]) throws(Failure) -> [UInt8] {
            var signature = [UInt8](repeating: 0, count: signatureBytes)
            guard clibcrypto_ed25519_sign(state, message, message.count, &signature) == 1 else { throw .library(operation: "sign with") }
            return signature
        }
    }
}
