internal import NIOCore
internal import NIOPosix
internal import SluiceKit
internal import Synchronization

/// A package as a request body: read piece by piece when the connection asks for more.
final class PackageFile: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Bytes in memory per delivery.
    static let pieceBytes = 256 << 10

    let path: String
    let byteCount: Int
    /// Empty once closed.
    private let file: Mutex<RegularFile?>

    init(_ path: String) throws(TransportError) {
        do throws(RegularFile.Failure) {
            let file = try RegularFile(path)
            self.path = path
            byteCount = file.byteCount
            self.file = Mutex(file)
        } catch {
            throw TransportError(.inputOutput, detail: "cannot read the package \(path): \(error)")
        }
    }

    /// A piece being read at this moment is not disturbed: it holds the file open.
    func close() { file.withLock { $0 = nil } }

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
        guard let file = file.withLock({ $0 }) else { throw CancellationError() }
        let limit = Swift.min(Self.pieceBytes, byteCount - offset)
        var buffer = ByteBufferAllocator().buffer(capacity: limit)
        do {
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { bytes in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<limit]), at: offset)
            }
        } catch {
            throw TransportError(.inputOutput, detail: "cannot read the package \(path): \(error)")
        }
        guard buffer.readableBytes > 0 else {
            throw TransportError(.inputOutput, detail: "cannot read the package \(path): it became shorter while it was sent")
        }
        return buffer
    }
}
