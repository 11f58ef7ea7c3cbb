#if canImport(Glibc)
    internal import Glibc
#endif

/// The names in folders, as far as they have to survive a loss of power.
public enum FolderEntries {
    /// Puts the names in a folder on disk: a rename or a new name is durable only when its folder is.
    public static func synchronize(_ folder: String) throws(RegularFile.Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RegularFile.Failure(call: "open", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw RegularFile.Failure(call: "fsync", code: errno) }
    }

    /// The folder that a path lies in.
    public static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
