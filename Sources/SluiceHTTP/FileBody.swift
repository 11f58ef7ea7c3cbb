internal import Hummingbird
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#endif

/// A file as the body of an answer, read in pieces while it is sent.
struct FileBody {
    /// Bytes in memory per answer.
    static let pieceBytes = 64 << 10

    let path: String
    var pool: NIOThreadPool = .singleton

    /// Opens the file now, so that a missing one is known while there is still a status to choose.
    func responseBody() async throws -> ResponseBody {
        let file = try await pool.runIfActive { [path] in try RegularFile(path, followsLinks: false) }
        let pool = pool
        return ResponseBody(contentLength: file.byteCount) { writer in
            var sent = 0
            while sent < file.byteCount {
                let offset = sent
                let piece = try await pool.runIfActive { try Self.piece(of: file, at: offset) }
                sent += piece.readableBytes
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }

    private static func piece(of file: RegularFile, at offset: Int) throws -> ByteBuffer {
        let limit = min(pieceBytes, file.byteCount - offset)
        var piece = ByteBufferAllocator().buffer(capacity: limit)
        try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { bytes in
            try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<limit]), at: offset)
        }
        // The length is announced: a file that became shorter can only be answered by breaking off.
        guard piece.readableBytes > 0 else { throw RegularFile.Failure(call: "pread", code: EIO) }
        return piece
    }
}
