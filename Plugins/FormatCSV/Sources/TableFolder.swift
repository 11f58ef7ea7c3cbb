public import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// The tables of a folder: every `.csv` and `.tsv` file in it and in its folders, in the order of their names. Hidden files and links to folders are not followed.
public struct TableFolder: Sendable {
    /// Most tables of one folder.
    public static let filesMax = 10_000
    /// Deepest folder within the folder.
    public static let depthMax = 8

    public let path: String
    /// Paths within the folder, parts joined by `/`.
    public let files: [String]

    /// - Throws: `inputOutput` when the folder cannot be read or holds no table, `limitExceeded` when it holds too many.
    public init(_ path: String) throws(ReadError) {
        self.path = path
        var found: [String] = []
        try Self.list(path, within: "", depth: 0, into: &found)
        guard !found.isEmpty else { throw ReadError(.inputOutput, detail: "the folder \(path) holds no .csv or .tsv file") }
        files = found.sorted { Self.precedes($0, $1) }
    }

    /// Whether `path` is a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    public func source(of file: String) throws(ReadError) -> FileByteSource { try FileByteSource(path: path + "/" + file) }

    private static func list(_ folder: String, within prefix: String, depth: Int, into found: inout [String]) throws(ReadError) {
        guard let stream = opendir(folder) else {
            throw ReadError(.inputOutput, detail: "cannot open the folder \(folder): \(String(cString: strerror(errno)))")
        }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if !name.hasPrefix(".") { names.append(name) }
        }
        closedir(stream)
        for name in names {
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard depth < depthMax else {
                    throw ReadError(.limitExceeded, detail: "the folder \(folder)/\(name) lies deeper than \(depthMax) folders; map the inner folder by itself")
                }
                try list(folder + "/" + name, within: prefix + name + "/", depth: depth + 1, into: &found)
                continue
            }
            guard let dot = name.lastIndex(of: "."), ["csv", "tsv"].contains(name[name.index(after: dot)...].lowercased()),
                stat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { continue }
            found.append(prefix + name)
            guard found.count <= filesMax else {
                throw ReadError(.limitExceeded, detail: "the folder \(folder) holds more than \(filesMax) tables; map it in parts")
            }
        }
    }

    /// By the numbers in the names where both have one, so that 2-1 comes before 10-1.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        var (a, b) = (Array(left.utf8)[...], Array(right.utf8)[...])
        while let first = a.first, let second = b.first {
            if first &- 48 < 10, second &- 48 < 10 {
                let (one, two) = (a.prefix { $0 &- 48 < 10 }, b.prefix { $0 &- 48 < 10 })
                let (short, other) = (one.drop { $0 == 48 }, two.drop { $0 == 48 })
                if short.count != other.count { return short.count < other.count }
                if !short.elementsEqual(other) { return short.lexicographicallyPrecedes(other) }
                (a, b) = (a.dropFirst(one.count), b.dropFirst(two.count))
            } else {
                if first != second { return first < second }
                (a, b) = (a.dropFirst(), b.dropFirst())
            }
        }
        return a.isEmpty && b.isEmpty ? left < right : a.isEmpty
    }
}
