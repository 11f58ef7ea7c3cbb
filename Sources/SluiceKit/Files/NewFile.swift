internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// A new file that only its owner may read, written piece by piece. It must not exist before, and it is gone again unless `keep` was reached.
public final class NewFile: Sendable {
    public let path: String
    private let descriptor: Int32
    private let isKept = Mutex(false)

    public init(_ path: String) throws(RegularFile.Failure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RegularFile.Failure(call: "open", code: errno) }
        self.path = path
    }

    deinit {
        close(descriptor)
        if !isKept.withLock({ $0 }) { unlink(path) }
    }

    public func append(_ bytes: UnsafeRawBufferPointer) throws(RegularFile.Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw RegularFile.Failure(call: "write", code: errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Puts the bytes on disk and keeps the file, under another name where one is given.
    /// A late error of writing (a full disk, a lost mount) shows here or never.
    public func keep(as name: String? = nil) throws(RegularFile.Failure) {
        guard fsync(descriptor) == 0 else { throw RegularFile.Failure(call: "fsync", code: errno) }
        if let name {
            guard rename(path, name) == 0 else { throw RegularFile.Failure(call: "rename", code: errno) }
        }
        isKept.withLock { $0 = true }
    }
}
