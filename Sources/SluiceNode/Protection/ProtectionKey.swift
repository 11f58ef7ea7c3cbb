internal import SluiceCrypto
package import SluiceKit

/// The node's secret for protections: random rounding and pseudonyms are drawn from it, so that they can be repeated here and guessed nowhere else.
package struct ProtectionKey: KeyedCodes {
    private let bytes: [UInt8]

    /// Reads a file of mode 0600 that holds 64 hexadecimal digits.
    package init(path: String) throws {
        let text = String(decoding: try BoundedFile.load(path, secret: true), as: UTF8.self).trimmingASCIIWhitespace
        guard let digest = SHA256Digest(hex: text) else {
            throw NodeError(
                "\(path) holds no protection key: 64 hexadecimal digits. Restore it from a backup; with another one the same cells round otherwise, and pseudonyms change"
            )
        }
        bytes = digest.bytes
    }

    /// The text of a new key file.
    package static func newText() -> String { Hexadecimal.encode(SecureRandom.bytes(SHA256Digest.byteCount)) + "\n" }

    package func code(_ message: [UInt8], for use: String) -> SHA256Digest {
        let key = HMACSHA256.code(key: bytes, message: Array("sluice protection \(use)".utf8))
        return HMACSHA256.code(key: key.bytes, message: message)
    }
}
