internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Small files that hold keys and certificates: read whole, up to a limit, and written so that nobody else reads them.
package enum BoundedFile {
    /// A bundle of national authorities is some hundred kilobytes.
    package static let bytesMax = 8 << 20

    /// Reads a regular file; with `secret`, only one that nobody but its owner may read or write, the owner being us or the system's administrator.
    package static func load(_ path: String, secret: Bool = false, bytesMax: Int = BoundedFile.bytesMax) throws(CryptoError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failure("cannot open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CryptoError(.fileUnusable, "\(path) is not a regular file") }
        if secret, status.st_mode & 0o077 != 0 {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw CryptoError(
                .permissionsTooOpen, "\(path) holds a secret but has mode \(mode): others on this machine could read it. Run: chmod 600 '\(path)'")
        }
        if secret, status.st_uid != geteuid(), status.st_uid != 0 {
            throw CryptoError(
                .permissionsTooOpen,
                "\(path) holds a secret but belongs to another account (\(status.st_uid)), who could read and change it. Run: chown \(geteuid()) '\(path)'")
        }
        guard status.st_size <= bytesMax else {
            throw CryptoError(.limitExceeded, "\(path) is larger than \(bytesMax) bytes, more than a file of its kind has")
        }
        // One buffer, with room for a byte more than there should be: one that grows would leave copies of a secret behind.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                let rest = UnsafeMutableRawBufferPointer(rebasing: $0[filled...])
                return read(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            if count == 0 { break }
            guard count > 0, filled + count < bytes.count else {
                let error = count < 0 ? failure("cannot read", path) : CryptoError(.fileUnusable, "\(path) grew while it was read; try again")
                Libcrypto.wipe(&bytes)
                throw error
            }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Writes a new file with the given mode from its first byte on; refuses to replace an existing one.
    package static func store(_ bytes: [UInt8], to path: String, mode: UInt32) throws(CryptoError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
        guard descriptor >= 0 else { throw failure("cannot create", path) }
        defer { close(descriptor) }
        // The process's umask may have taken bits away; what was asked for is what is meant.
        var done = fchmod(descriptor, mode_t(mode)) == 0
        var written = 0
        while done, written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            done = count > 0
            written += max(count, 0)
        }
        guard done, fsync(descriptor) == 0 else {
            let error = failure("cannot write", path)
            unlink(path)
            throw error
        }
    }

    /// Puts a whole file in the place of another: written beside it, synchronised, renamed, and the folder synchronised. A crash leaves the old or the new one.
    package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(CryptoError) {
        let temporary = "\(path).new-\(getpid())"
        unlink(temporary)
        try store(bytes, to: temporary, mode: mode)
        guard rename(temporary, path) == 0 else {
            let error = failure("cannot replace", path)
            unlink(temporary)
            throw error
        }
        try synchroniseFolder(of: path)
    }

    /// A rename or a new name is durable only when its folder is.
    package static func synchroniseFolder(of path: String) throws(CryptoError) {
        let folder = FolderEntries.parent(of: path)
        do throws(RegularFile.Failure) { try FolderEntries.synchronize(folder) } catch {
            throw CryptoError(.fileUnusable, "cannot synchronise the folder \(folder): \(error)")
        }
    }

    private static func failure(_ what: String, _ path: String) -> CryptoError {
        CryptoError(.fileUnusable, "\(what) \(path): \(String(cString: strerror(errno)))")
    }
}
