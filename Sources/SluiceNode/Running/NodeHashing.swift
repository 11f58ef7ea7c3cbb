internal import SluiceCore
internal import SluiceCrypto
package import SluiceKit

/// The Core's hashing by libcrypto.
package struct NodeHashing: Hashing {
    package init() {}
    package func sha256(_ bytes: [UInt8]) -> SHA256Digest { SHA256.hash(bytes) }
    package func sha256(fileAt path: String) throws -> SHA256Digest { try SHA256.hash(fileAt: path).digest }
    package func code(_ bytes: [UInt8], key: [UInt8]) -> SHA256Digest { HMACSHA256.code(key: key, message: bytes) }
}
