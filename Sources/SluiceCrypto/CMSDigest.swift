internal import CLibcrypto
internal import SluiceKit

/// The digests that a signature may name.
enum CMSDigest {
    /// The digests that may name the certificate of a time-stamping authority. SHA-1 does so in old ones, and signs nothing.
    static let naming = [ObjectIdentifier.sha256, ObjectIdentifier.sha384, ObjectIdentifier.sha512, ObjectIdentifier.sha1]

    /// The digest of the bytes; nil for an algorithm that is not known.
    static func hash(_ bytes: ArraySlice<UInt8>, _ name: [UInt8]) -> [UInt8]? {
        switch name {
        case ObjectIdentifier.sha256: bytes.withUnsafeBytes { SHA256.hash($0) }.bytes
        case ObjectIdentifier.sha384: native(384, bytes)
        case ObjectIdentifier.sha512: native(512, bytes)
        case ObjectIdentifier.sha1: native(160, bytes)
        default: nil
        }
    }

    private static func native(_ bits: UInt32, _ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeBufferPointer { sluice_pki_digest(bits, $0.baseAddress, $0.count, &digest) }
        return count > 0 ? Array(digest[..<count]) : nil
    }
}
