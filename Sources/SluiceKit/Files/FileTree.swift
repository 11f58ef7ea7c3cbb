#if canImport(Glibc)
    internal import Glibc
#endif

/// The files of a folder and the folders below it. Symbolic links are followed to files, not to folders, so the walk ends.
public enum FileTree {
    /// Deepest folder below the first one that is looked into.
    public static let depthMax = 16
    /// Most files that one walk returns.
    public static let filesMax = 100_000

    /// Paths of the files whose name ends in one of `endings` (`".xml"`), sorted; nil when `folder` is no folder that can be read.
    /// Names that begin with a dot are left out.
    /// - Throws: `limitExceeded` past `filesMax`.
    public static func files(in folder: String, endings: [String]) throws(ReadError) -> [String]? {
        var files: [String] = []
        guard try collect(folder, endings, depth: 0, into: &files) else { return nil }
        return files.sorted()
    }

    private static func collect(_ folder: String, _ endings: [String], depth: Int, into files: inout [String]) throws(ReadError) -> Bool {
        guard let handle = opendir(folder) else { return false }
        defer { closedir(handle) }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if name.hasPrefix(".") { continue }
            let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
            if isFolder(path, entry.pointee.d_type) {
                if depth < depthMax { _ = try collect(path, endings, depth: depth + 1, into: &files) }
            } else if endings.contains(where: name.hasSuffix) {
                guard files.count < filesMax else {
                    throw ReadError(.limitExceeded, detail: "\(folder) and its folders hold more than \(filesMax) files; name a smaller folder")
                }
                files.append(path)
            }
        }
        return true
    }

    /// Some file systems do not tell the kind of an entry.
    private static func isFolder(_ path: String, _ type: UInt8) -> Bool {
        if type != UInt8(DT_UNKNOWN) { return type == UInt8(DT_DIR) }
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
