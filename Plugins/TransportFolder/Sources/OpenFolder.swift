internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// A folder held open: its entries are reached through it, so nothing that happens to the path leads elsewhere, and no link in it is followed.
final class OpenFolder {
    /// Which call of the operating system refused, about which name.
    struct Failure: Error, CustomStringConvertible {
        var action: String
        var path: String
        var code: Int32
        var isMissing: Bool { code == ENOENT }
        var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
    }

    /// What tells one state of an entry from another.
    struct State: Hashable {
        var device: UInt64
        var inode: UInt64
        var byteCount: Int
        var seconds: Int
        var nanoseconds: Int
        var isFile: Bool
        var isFolder: Bool

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            byteCount = Int(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
            isFile = status.st_mode & S_IFMT == S_IFREG
            isFolder = status.st_mode & S_IFMT == S_IFDIR
        }

        var revision: String { "\(device).\(inode).\(byteCount).\(seconds).\(nanoseconds)" }
    }

    let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(action: "open the folder", path: path, code: errno) }
        self.path = path
    }

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    private func failure(_ action: String, _ name: FileName, code: Int32 = errno) -> Failure {
        Failure(action: action, path: "\(path)/\(name.printed)", code: code)
    }

    /// Whether entries can be added and taken away.
    func requireWritable() throws(Failure) {
        guard faccessat(descriptor, ".", W_OK | X_OK, 0) == 0 else { throw Failure(action: "change the folder", path: path, code: errno) }
    }

    func eachName(_ body: (FileName) -> Void) throws(Failure) {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let code = errno
            if copy >= 0 { close(copy) }
            throw Failure(action: "read the folder", path: path, code: code)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")] { body(FileName(bytes)) }
        }
        guard errno == 0 else { throw Failure(action: "read the folder", path: path, code: errno) }
    }

    /// nil when there is no such entry.
    func state(_ name: FileName) throws(Failure) -> State? {
        var status = stat()
        if name.withCString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 { return State(status) }
        guard errno == ENOENT else { throw failure("look at", name) }
        return nil
    }

    // MARK: Reading

    /// Gives the bytes of a file in pieces. false when it is not, or while it is read ceases to be, in that state.
    func read(_ name: FileName, revision: String, _ body: (UnsafeRawBufferPointer) throws(TransportError) -> Void) throws(TransportError) -> Bool {
        let file = name.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        guard file >= 0 else {
            if errno == ENOENT || errno == ELOOP { return false }
            throw TransportError(.inputOutput, detail: "\(failure("read", name))")
        }
        defer { close(file) }
        guard let before = Self.state(file), before.isFile, before.revision == revision else { return false }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        var done = 0
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TransportError(.inputOutput, detail: "\(failure("read", name))") }
            if count == 0 { break }
            done += count
            // It grows: more than was asked for is not read.
            guard done <= before.byteCount else { return false }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return done == before.byteCount && Self.state(file) == before
    }

    private static let pieceBytes = 256 << 10

    private static func state(_ file: Int32) -> State? {
        var status = stat()
        return fstat(file, &status) == 0 ? State(status) : nil
    }

    // MARK: Changing

    /// Makes a file that is there whole or not at all: written under a hidden name, on disk, renamed, the folder on disk.
    func write(_ name: FileName, under hidden: FileName, _ body: ((UnsafeRawBufferPointer) throws(Failure) -> Void) throws -> Void) throws {
        let file = hidden.withCString { openat(descriptor, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640) }
        guard file >= 0 else { throw failure("create", hidden) }
        var isPlaced = false
        defer {
            close(file)
            if !isPlaced { _ = hidden.withCString { unlinkat(descriptor, $0, 0) } }
        }
        try body { (bytes) throws(Failure) in try self.write(bytes, to: file, hidden) }
        guard fsync(file) == 0 else { throw failure("write", hidden) }
        try rename(hidden, to: name, in: self)
        isPlaced = true
        try synchronize()
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ name: FileName) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", name) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func remove(_ name: FileName) throws(Failure) {
        guard name.withCString({ unlinkat(descriptor, $0, 0) }) == 0 || errno == ENOENT else { throw failure("remove", name) }
    }

    func rename(_ name: FileName, to newName: FileName, in folder: OpenFolder) throws(Failure) {
        let result = name.withCString { old in newName.withCString { renameat(descriptor, old, folder.descriptor, $0) } }
        guard result == 0 else { throw failure("move", name) }
    }

    /// The folder of that name, made when it is not there; a link in its place is not followed.
    func folder(_ name: FileName) throws(Failure) -> OpenFolder {
        guard name.withCString({ mkdirat(descriptor, $0, 0o750) }) == 0 || errno == EEXIST else { throw failure("make the folder", name) }
        let inner = name.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard inner >= 0 else { throw failure("open the folder", name) }
        return OpenFolder(descriptor: inner, path: "\(path)/\(name.printed)")
    }

    /// Puts the names on disk; a file system that cannot be asked for that (some shares) does it by itself.
    func synchronize() throws(Failure) {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else { throw Failure(action: "sync the folder", path: path, code: errno) }
    }
}
