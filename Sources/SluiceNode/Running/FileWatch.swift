internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Reads a file, or a folder and those below it, again only when something there has changed.
final class FileWatch: Sendable {
    private struct Stamp: Hashable {
        var inode: UInt64
        var bytes: Int
        var seconds: Int
        var nanoseconds: Int
        /// A file that may be read at last has changed, too.
        var mode: UInt32
    }
    private let known = Mutex<[[String]: [String: Stamp]]>([:])

    /// Runs `read` the first time, after each change of a name, a size or a time, and again as long as it answers that it failed.
    func read(_ path: String, ifChanged read: () -> Bool) { self.read([path], ifChanged: read) }

    /// The same for what is read together.
    func read(_ paths: [String], ifChanged read: () -> Bool) {
        if hasChanged(paths), !read() { forget(paths) }
    }

    /// Whether something has changed since the question was asked the last time, or forgotten. Asked before reading: a change in between is seen the next time.
    func hasChanged(_ paths: [String]) -> Bool {
        var stamps: [String: Stamp] = [:]
        for path in paths {
            Self.stamp(path, into: &stamps)
            Self.gather(path, into: &stamps)
        }
        let now = stamps
        return known.withLock { known in
            guard known[paths] != now else { return false }
            known[paths] = now
            return true
        }
    }

    /// What was read could not be used: it counts as changed.
    func forget(_ paths: [String]) { known.withLock { $0[paths] = nil } }

    /// A link is what it leads to, and is not followed into a folder.
    private static func gather(_ folder: String, into stamps: inout [String: Stamp]) {
        for name in Folders.names(in: folder) {
            let path = folder + "/" + name
            stamp(path, into: &stamps)
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { gather(path, into: &stamps) }
        }
    }

    private static func stamp(_ path: String, into stamps: inout [String: Stamp]) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        stamps[path] = Stamp(
            inode: UInt64(status.st_ino), bytes: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
            mode: status.st_mode)
    }
}
