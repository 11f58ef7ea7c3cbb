package import SluiceKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where files are written before it is known that all are right: a private folder beside the target, which takes the target's name
/// in one step at the end, or vanishes with what is in it.
package struct ExtractionFolder: ~Copyable {
    private let target: String
    private let path: String
    private var folders: [String] = []
    private var files: [String] = []
    private var isHandedOver = false

    package init(target: String) throws(PackageError) {
        var trimmed = target[...]
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        var template = Array("\(trimmed).part-XXXXXX".utf8CString)
        // mkdtemp makes the folder with mode 0700 and a name nobody could guess.
        guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) != nil else {
            throw File.failure("cannot create a folder beside", String(trimmed))
        }
        self.target = String(trimmed)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if isHandedOver { return }
        for file in files { unlink(file) }
        for folder in folders.reversed() { rmdir(folder) }
        rmdir(path)
    }

    /// A new file under a name that `EntryName` found safe; its folders are made as needed.
    package mutating func create(_ name: String) throws(PackageError) -> File {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            if folders.contains(folder) { continue }
            guard mkdir(folder, 0o700) == 0 else { throw File.failure("cannot create the folder", folder) }
            folders.append(folder)
        }
        let file = try File.creating("\(path)/\(name)")
        files.append("\(path)/\(name)")
        return file
    }

    /// Gives the folder its name. The target must not exist, or be an empty folder.
    package mutating func handOver() throws(PackageError) {
        guard rename(path, target) == 0 else { throw File.failure("the target exists and is not an empty folder, or cannot be written:", target) }
        isHandedOver = true
    }

    /// Where a file will be after `handOver`.
    package func finalPath(_ name: String) -> String { "\(target)/\(name)" }
}
