internal import CLibcrypto
package import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// An incremental SHA-256 (FIPS 180-4) that is reused from message to message.
///
/// Making one costs an allocation in libcrypto, hashing with one costs none: hot loops keep their own.
/// It belongs to one task at a time.
package final class SHA256 {
    private let state: OpaquePointer

    /// - Precondition: libcrypto offers SHA-256; a system without it can run nothing of Sluice.
    package init() {
        guard let state = clibcrypto_sha256_new() else { preconditionFailure("libcrypto offers no SHA-256 (or memory is out): check its configuration") }
        self.state = state
    }

    deinit { clibcrypto_sha256_free(state) }

    /// Feeds the next bytes of the message.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        Self.expect(clibcrypto_sha256_update(state, bytes.baseAddress, bytes.count))
    }

    /// Feeds the next bytes of the message.
    package func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of what was fed; the hasher is then ready for another message.
    package func finish() -> SHA256Digest {
        SHA256Digest { Self.expect(clibcrypto_sha256_finish(state, $0.baseAddress)) }
    }

    /// The digest of `prefix` followed by `bytes`, in one call: the shape of every hash in a Merkle tree (RFC 6962, section 2.1).
    package func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        SHA256Digest { Self.expect(clibcrypto_sha256_prefixed(state, prefix, bytes.baseAddress, bytes.count, $0.baseAddress)) }
    }

    /// Writes the 32 bytes of the digest of `prefix` followed by `bytes` to `digest`, for loops that keep their digests side by side.
    ///
    /// - Precondition: `digest` has 32 bytes; it may overlap `bytes`.
    package func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) {
        precondition(digest.count == SHA256Digest.byteCount, "a digest has 32 bytes")
        Self.expect(clibcrypto_sha256_prefixed(state, prefix, bytes.baseAddress, bytes.count, digest.baseAddress))
    }

    // libcrypto's digest functions fail only for memory or a broken provider, never for the bytes they are given.
    private static func expect(_ done: Int32) {
        precondition(done == 1, "libcrypto's SHA-256 failed: check the system's libcrypto")
    }
}

extension SHA256 {
    /// The digest of `bytes`.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        let hasher = SHA256()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of `bytes`.
    package static func hash(_ bytes: [UInt8]) -> SHA256Digest {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// Bytes read at a time by `hash(fileAt:)`.
    package static let fileReadBytes = 1 << 18

    /// The digest and the length of the file at `path`, read in pieces of `fileReadBytes`.
    package static func hash(fileAt path: String) throws(FileReadError) -> (digest: SHA256Digest, byteCount: UInt64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReadError(path: path, code: errno) }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: fileReadBytes, alignment: 64)
        defer { buffer.deallocate() }
        let hasher = SHA256()
        var total: UInt64 = 0
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return (hasher.finish(), total) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileReadError(path: path, code: errno)
            }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += UInt64(count)
        }
    }

    /// A file that could not be read for hashing.
    package struct FileReadError: Error, Hashable, CustomStringConvertible {
        package var path: String
        /// The operating system's error number.
        package var code: Int32

        package init(path: String, code: Int32) {
            self.path = path
            self.code = code
        }

        package var description: String { "cannot read \(path): \(String(cString: strerror(code)))" }
    }
}
