#if canImport(Glibc)
    internal import Glibc
#endif

/// A regular file open for reading at given positions: nothing depends on a cursor, so pieces may be read on several threads. Closes with its last reference.
public final class RegularFile: Sendable {
    /// Which call of the operating system refused, and its error number.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var call: String
        public var code: Int32

        /// There is no such regular file: the name leads nowhere, to a link or to something else.
        public var isMissing: Bool { code == ENOENT || code == ENOTDIR || code == ELOOP || code == EISDIR }
        public init(call: String, code: Int32) {
            self.call = call
            self.code = code
        }

        public var description: String { code == EISDIR ? "is no regular file" : String(cString: strerror(code)) }
    }

    public let path: String
    /// Size in bytes when it was opened.
    public let byteCount: Int
    /// When it was written to last, as of its opening.
    public let modifiedAt: Instant
    private let descriptor: Int32

    /// - Parameter followsLinks: false refuses a path whose last part is a symbolic link.
    public init(_ path: String, followsLinks: Bool = true) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw Failure(call: "open", code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(call: "fstat", code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(call: "fstat", code: EISDIR)
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
        modifiedAt = Instant(milliseconds: Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    }

    deinit { close(descriptor) }

    /// Puts on disk what anybody has written to the file.
    public func synchronize() throws(Failure) {
        guard fsync(descriptor) == 0 else { throw Failure(call: "fsync", code: errno) }
    }

    /// Reads what there is at `offset`, up to a buffer full; 0 only at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw Failure(call: "pread", code: errno) }
        }
    }
}
