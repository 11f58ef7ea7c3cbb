internal import CLibcrypto
package import SluiceKit

/// HMAC-SHA-256 (RFC 2104): a digest that only the holder of the key can compute or check.
///
/// The ledger uses it to speak of a person without naming one: once the key is destroyed, nobody can tell who was meant.
package enum HMACSHA256 {
    /// The code of `message` under `key`.
    ///
    /// - Precondition: libcrypto offers HMAC; it fails for no key and no message.
    package static func code(key: [UInt8], message: [UInt8]) -> SHA256Digest {
        SHA256Digest { output in
            let done = clibcrypto_hmac_sha256(key, key.count, message, message.count, output.baseAddress)
            precondition(done == 1, "libcrypto's HMAC failed: check the system's libcrypto")
        }
    }

    /// Whether `code` is the code of `message` under `key`, in a time that says nothing about where they differ.
    package static func isValid(_ code: SHA256Digest, key: [UInt8], message: [UInt8]) -> Bool {
        let expected = self.code(key: key, message: message)
        return expected.withUnsafeBytes { left in code.withUnsafeBytes { right in clibcrypto_equal(left.baseAddress, right.baseAddress, left.count) == 1 } }
    }
}
