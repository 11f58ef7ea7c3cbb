internal import NIOCore
internal import NIOPosix
internal import SluiceKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A package as a request body: read piece by piece when the connection asks for more.
final class PackageFile: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Bytes in memory per delivery.
    static let pieceBytes = 256 << 10

    let path: String
    let byteCount: Int
    private let descriptor: Int32
    private let isClosed = Mutex(false)

    init(_ path: String) throws(TransportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TransportError(.inputOutput, detail: "cannot read the package \(path): \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = Self.closeDescriptor(descriptor)
            throw TransportError(.inputOutput, detail: "the package \(path) is no regular file")
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
    }

    deinit { close() }

    /// A piece being read at this moment is not disturbed: each read holds the lock.
    func close() {
        isClosed.withLock { isClosed in
            if !isClosed { _ = Self.closeDescriptor(descriptor) }
            isClosed = true
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: self) }

    struct Iterator: AsyncIteratorProtocol {
        let file: PackageFile
        var offset = 0

        mutating func next() async throws -> ByteBuffer? {
            guard offset < file.byteCount else { return nil }
            let (file, start) = (file, offset)
            let piece = try await NIOThreadPool.singleton.runIfActive { try file.read(at: start) }
            offset += piece.readableBytes
            return piece
        }
    }

    private func read(at offset: Int) throws -> ByteBuffer {
        try isClosed.withLock { isClosed in
            guard !isClosed else { throw CancellationError() }
            let limit = Swift.min(Self.pieceBytes, byteCount - offset)
            var buffer = ByteBufferAllocator().buffer(capacity: limit)
            var code: Int32 = 0
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { bytes in
                var result = pread(descriptor, bytes.baseAddress, limit, off_t(offset))
                while result < 0 && errno == EINTR { result = pread(descriptor, bytes.baseAddress, limit, off_t(offset)) }
                code = result < 0 ? errno : 0
                return Swift.max(0, result)
            }
            guard count > 0 else {
                let reason = code == 0 ? "it became shorter while it was sent" : String(cString: strerror(code))
                throw TransportError(.inputOutput, detail: "cannot read the package \(path): \(reason)")
            }
            return buffer
        }
    }

    private static func closeDescriptor(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #elseif canImport(Musl)
            Musl.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }
}
