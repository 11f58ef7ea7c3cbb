internal import Hummingbird
internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file as the body of an answer, read in pieces while it is sent.
struct FileBody {
    struct Failure: Error, Hashable {
        var code: Int32
        var call: String
        var isMissing: Bool { code == ENOENT || code == ENOTDIR || code == ELOOP || code == EISDIR }
    }

    /// Bytes in memory per answer.
    static let pieceBytes = 64 << 10

    let path: String
    var pool: NIOThreadPool = .singleton

    /// Opens the file now, so that a missing one is known while there is still a status to choose.
    func responseBody() async throws -> ResponseBody {
        let file = try await pool.runIfActive { [path] in try OpenFile(path) }
        let pool = pool
        return ResponseBody(contentLength: file.byteCount) { writer in
            var sent = 0
            while sent < file.byteCount {
                let offset = sent
                let piece = try await pool.runIfActive { try file.read(at: offset, upTo: Self.pieceBytes) }
                // The length is announced: a file that became shorter can only be answered by breaking off.
                guard piece.readableBytes > 0 else { throw Failure(code: EIO, call: "read") }
                sent += piece.readableBytes
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }

    /// Closes with the last reference, also when the answer was never sent.
    private final class OpenFile: Sendable {
        let descriptor: Int32
        let byteCount: Int

        init(_ path: String) throws {
            descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw Failure(code: errno, call: "open") }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                let code = status.st_mode & S_IFMT == S_IFREG ? errno : EISDIR
                close(descriptor)
                throw Failure(code: code, call: "fstat")
            }
            byteCount = Int(status.st_size)
        }

        deinit { close(descriptor) }

        func read(at offset: Int, upTo count: Int) throws -> ByteBuffer {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let limit = min(count, byteCount - offset)
            let taken = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { bytes in
                var result = pread(descriptor, bytes.baseAddress, limit, off_t(offset))
                while result < 0 && errno == EINTR { result = pread(descriptor, bytes.baseAddress, limit, off_t(offset)) }
                return max(0, result)
            }
            guard taken > 0 else { throw Failure(code: EIO, call: "pread") }
            return buffer
        }
    }
}
