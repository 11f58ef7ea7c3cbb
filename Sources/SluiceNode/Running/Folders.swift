internal import SluiceKit

#if canImport(Glibc)
    package import Glibc
#endif

/// Folders and files of the node, with the few verbs that must be durable.
package enum Folders {
    /// Makes the folder and those above it; what is ours is for our eyes only.
    package static func make(_ path: String) throws {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            if mkdir(partial, 0o700) != 0, errno != EEXIST { throw NodeError("cannot make the folder \(partial): \(String(cString: strerror(errno)))") }
        }
    }

    /// Moves a file to its place for good: content synced, renamed, folder synced.
    package static func settle(_ source: String, at target: String) throws {
        let file = open(source, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw NodeError("cannot open \(source): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard fsync(file) == 0, Glibc.rename(source, target) == 0 else {
            throw NodeError("cannot move \(source) to \(target): \(String(cString: strerror(errno)))")
        }
        try synchronize(FolderEntries.parent(of: target))
    }

    /// Puts the names in a folder on disk.
    package static func synchronize(_ path: String) throws {
        do throws(RegularFile.Failure) { try FolderEntries.synchronize(path) } catch { throw NodeError("cannot sync the folder \(path): \(error)") }
    }

    /// Gives a folder another name in the same place; fails where that is taken.
    package static func rename(_ source: String, to target: String) throws {
        guard Glibc.rename(source, target) == 0 else { throw NodeError("cannot rename \(source) to \(target): \(String(cString: strerror(errno)))") }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes a small file whole, for our eyes only.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw NodeError("cannot create \(path): \(String(cString: strerror(errno)))") }
        let sink = FileByteSink(descriptor: descriptor, closing: true)
        try bytes.withUnsafeBytes { try sink.write($0) }
    }

    package static func copy(_ source: String, to target: String) throws {
        let input = try FileByteSource(path: source)
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NodeError("cannot create \(target): \(String(cString: strerror(errno)))") }
        let sink = FileByteSink(descriptor: descriptor, closing: true)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try input.read(into: buffer)
            if count == 0 { break }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Removes a folder with the files and folders in it.
    package static func removeTree(_ path: String) {
        guard let folder = opendir(path) else {
            if errno != ENOENT { unlink(path) }
            return
        }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if name == "." || name == ".." { continue }
            // Links are removed, never followed.
            if entry.pointee.d_type == UInt8(DT_DIR) { removeTree(path + "/" + name) } else { unlink(path + "/" + name) }
        }
        closedir(folder)
        rmdir(path)
    }

    package static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
