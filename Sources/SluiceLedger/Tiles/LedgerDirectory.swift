internal import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A log's folder on a file system. One process writes; any number read.
package final class LedgerDirectory: LedgerFiles {
    /// How deep folders are walked: `tile/entries/` and seven groups of digits, and a margin.
    package static let depthMax = 16

    package let path: String
    /// Folders with names that are not yet known to be on the disk.
    private let unsynced = Mutex<Set<String>>([])

    /// The folder at `path`; it is made at the first write.
    package init(path: String) { self.path = path }

    package func read(_ path: String, bytesMax: Int) throws(LedgerError) -> [UInt8]? {
        let descriptor = open(absolute(path), O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("read", path) }
        guard status.st_size <= bytesMax else {
            throw LedgerError(.limitExceeded, at: .file(path), "has \(status.st_size) bytes, more than any such file may have (\(bytesMax))")
        }
        let size = Int(status.st_size)
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Self.retrying { pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(count)) }
                if got < 0 { failed = true }
                if got <= 0 { return }
                count += got
            }
        }
        if failed { throw failure("read", path) }
        return bytes
    }

    package func write(_ bytes: [UInt8], to path: String) throws(LedgerError) {
        let target = absolute(path)
        let temporary = target + ".tmp"
        try makeParent(of: path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create", path) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in Self.retrying { Self.put(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written) }
            }
            guard count > 0 else {
                let error = failure("write", path)
                close(descriptor)
                throw error
            }
            written += count
        }
        // The bytes before the name: a name must never lead to half a file after a power cut.
        guard fsync(descriptor) == 0 else {
            let error = failure("write", path)
            close(descriptor)
            throw error
        }
        close(descriptor)
        guard rename(temporary, target) == 0 else { throw failure("rename", path) }
        _ = unsynced.withLock { $0.insert(FolderEntries.parent(of: target)) }
    }

    package func sync() throws(LedgerError) {
        let folders = unsynced.withLock { $0 }
        for folder in folders.sorted() {
            do throws(RegularFile.Failure) { try FolderEntries.synchronize(folder) } catch {
                throw LedgerError(.storage, at: .file(folder), "cannot sync it in \(path): \(error)")
            }
        }
        unsynced.withLock { $0.subtract(folders) }
    }

    package func removeFolder(_ path: String) throws(LedgerError) {
        guard let names = try list(path) else { return }
        for name in names {
            guard unlink(absolute("\(path)/\(name)")) == 0 || errno == ENOENT else { throw failure("remove", "\(path)/\(name)") }
        }
        guard rmdir(absolute(path)) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    package func walk(_ folder: String, _ visit: (String) throws(LedgerError) -> Void) throws(LedgerError) {
        try walk(folder, depth: 0, visit)
    }

    private func walk(_ folder: String, depth: Int, _ visit: (String) throws(LedgerError) -> Void) throws(LedgerError) {
        guard depth < Self.depthMax else { throw LedgerError(.limitExceeded, at: .file(folder), "folders nest deeper than \(Self.depthMax) levels") }
        guard let names = try list(folder) else { return }
        for name in names {
            let path = "\(folder)/\(name)"
            var status = stat()
            // A link is not followed: it counts as a file, and no file of the layout is one.
            guard lstat(absolute(path), &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { try walk(path, depth: depth + 1, visit) } else { try visit(path) }
        }
    }

    private func list(_ folder: String) throws(LedgerError) -> [String]? {
        guard let stream = opendir(absolute(folder)) else {
            if errno == ENOENT { return nil }
            throw failure("list", folder)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    // MARK: Paths and errors

    private func absolute(_ path: String) -> String { "\(self.path)/\(path)" }

    private func makeParent(of path: String) throws(LedgerError) {
        let target = FolderEntries.parent(of: absolute(path))
        if access(target, F_OK) == 0 { return }
        var made = target.hasPrefix("/") ? "" : "."
        for part in target.split(separator: "/") {
            let above = made.isEmpty ? "/" : made
            made += "/\(part)"
            if mkdir(made, 0o755) == 0 {
                _ = unsynced.withLock { $0.insert(above) }
            } else if errno != EEXIST {
                throw failure("create the folder of", path)
            }
        }
    }

    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func put(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes, count)
        #else
            Glibc.write(descriptor, bytes, count)
        #endif
    }

    private func failure(_ verb: String, _ path: String) -> LedgerError {
        LedgerError(.storage, at: .file(path), "cannot \(verb) it in \(self.path): \(String(cString: strerror(errno)))")
    }
}
