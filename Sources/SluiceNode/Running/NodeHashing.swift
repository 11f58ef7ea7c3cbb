internal import SluiceCore
internal import SluiceCrypto
package import SluiceKit

/// The Core's hashing by libcrypto.
package struct NodeHashing: Hashing {
    package init() {}
    package func sha256(_ bytes: [UInt8]) -> SHA256Digest { SHA256.hash(bytes) }
    package func sha256(fileAt path: String) throws -> SHA256Digest { try SHA256.hash(fileAt: path).digest }
    package func keyedDigest(fileAt path: String, key: [UInt8]) throws -> SHA256Digest {
        // HMAC over the file's digest: one streaming pass, and the key still guards every guess.
        HMACSHA256.code(key: key, message: try SHA256.hash(fileAt: path).digest.bytes)
    }
    package func randomBytes(_ count: Int) -> [UInt8] { SecureRandom.bytes(count) }
}
