package import SluiceKit

/// The bytes of an archive that is read: a file, or memory.
struct ArchiveInput: ~Copyable {
    private let file: File?
    private let memory: [UInt8]
    let size: Int64

    init(_ content: Content, limits: PackageLimits) throws(PackageError) {
        switch content {
        case .bytes(let bytes):
            guard bytes.count <= limits.memoryBytesMax else {
                throw PackageError(
                    .limitExceeded,
                    "the package has \(bytes.count) bytes; at most \(limits.memoryBytesMax) are held in memory (memoryBytesMax). Give it as a file")
            }
            file = nil
            memory = bytes
            size = Int64(bytes.count)
        case .file(let path):
            let opened = try File.reading(path)
            size = try opened.size()
            file = consume opened
            memory = []
        }
    }

    /// Exactly this many bytes; a package that ends before is truncated. For parts whose size a limit has been checked against.
    func bytes(at offset: Int64, count: Int) throws(PackageError) -> [UInt8] {
        switch file {
        case .some(let file): return try file.bytes(at: offset, count: count)
        case .none:
            guard offset >= 0, offset <= size, Int64(count) <= size - offset else { throw truncated() }
            return Array(memory[Int(offset)..<Int(offset) + count])
        }
    }

    /// Passes these bytes on in pieces: those in memory all at once and uncopied, those of a file as the room fills up.
    func stream(
        at offset: Int64, count: Int64, room: borrowing ByteBuffer, _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void
    ) throws(PackageError) {
        switch file {
        case .some(let file):
            let room = room.bytes
            var done: Int64 = 0
            while done < count {
                let wanted = Int(min(Int64(room.count), count - done))
                guard try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]), at: offset + done) == wanted else { throw truncated() }
                done += Int64(wanted)
                try body(UnsafeRawBufferPointer(rebasing: room[..<wanted]))
            }
        case .none:
            guard count > 0 else { return }
            guard offset >= 0, offset <= size, count <= size - offset else { throw truncated() }
            try memory.withRawBytes { (all) throws(PackageError) in
                try body(UnsafeRawBufferPointer(rebasing: all[Int(offset)..<Int(offset + count)]))
            }
        }
    }

    /// Room that `stream` needs for an archive like this one.
    var roomBytes: Int {
        switch file {
        case .some: ZipWriter.chunkBytes
        case .none: 0
        }
    }

    private func truncated() -> PackageError {
        PackageError(.truncated, "the package ends at byte \(size); it was not received completely. Ask for it again")
    }
}

extension [UInt8] {
    /// `withUnsafeBytes`, through whose closure typed errors do not pass in this compiler.
    package func withRawBytes(_ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void) throws(PackageError) {
        let result = withUnsafeBytes { buffer -> Result<Void, PackageError> in
            do throws(PackageError) { return .success(try body(buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
