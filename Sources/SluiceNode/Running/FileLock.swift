#if canImport(Glibc)
    internal import Glibc
#endif

/// An advisory lock between processes, held until released; the system releases it when the process ends, however it ends.
package struct FileLock: Sendable {
    private let descriptor: Int32

    /// Waits for the lock.
    init(_ path: String) throws {
        descriptor = try Self.opened(path)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw NodeError("cannot lock \(path): \(String(cString: strerror(errno)))") }
        }
    }

    /// Takes the lock or returns nil when another process has it.
    package init?(trying path: String) throws {
        descriptor = try Self.opened(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    package func release() { close(descriptor) }

    private static func opened(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NodeError("cannot open \(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }
}
