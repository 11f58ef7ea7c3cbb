package import SluiceKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An open file that closes itself: positions are always given, so nothing depends on a cursor.
package struct File: ~Copyable {
    private let descriptor: Int32
    let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens an existing regular file for reading.
    static func reading(_ path: String) throws(PackageError) -> File {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot open", path) }
        let file = File(descriptor: descriptor, path: path)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw PackageError(.fileUnusable, "\(path) is not a regular file") }
        return file
    }

    /// Creates a file that must not exist yet, readable by its owner only.
    package static func creating(_ path: String) throws(PackageError) -> File {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot create", path) }
        return File(descriptor: descriptor, path: path)
    }

    func size() throws(PackageError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("cannot examine", path) }
        return Int64(status.st_size)
    }

    /// Reads up to a buffer full; fewer bytes only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(PackageError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + Int64(done)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("cannot read", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Exactly this many bytes; a file that ends before is truncated. For parts whose size a limit has been checked against.
    func bytes(at offset: Int64, count: Int) throws(PackageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Typed throws do not pass through the closure of withUnsafeMutableBytes in this compiler.
        let result = bytes.withUnsafeMutableBytes { buffer -> Result<Int, PackageError> in
            do throws(PackageError) { return .success(try read(into: buffer, at: offset)) } catch { return .failure(error) }
        }
        guard try result.get() == count else {
            throw PackageError(.truncated, "the package ends at byte \(try size()); it was not received completely. Ask for it again")
        }
        return bytes
    }

    package func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(PackageError) {
        var done = 0
        while done < buffer.count {
            let count = pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + Int64(done)))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot write", path) }
            done += count
        }
    }

    /// Cuts the file off, to write a part of it again.
    func truncate(to size: Int64) throws(PackageError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw Self.failure("cannot shorten", path) }
    }

    /// Makes what was written survive a power failure.
    func synchronize() throws(PackageError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot write to disk", path) }
    }

    /// Makes a name just given inside the folder survive a power failure.
    package static func synchronizeFolder(of path: String) throws(PackageError) {
        let folder = FolderEntries.parent(of: path)
        do throws(RegularFile.Failure) { try FolderEntries.synchronize(folder) } catch {
            throw PackageError(.fileUnusable, "cannot write to disk \(folder): \(error)")
        }
    }

    package static func failure(_ what: String, _ path: String) -> PackageError {
        PackageError(.fileUnusable, "\(what) \(path): \(String(cString: strerror(errno)))")
    }
}
