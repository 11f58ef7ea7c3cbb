internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

/// A package, or what is missing of it, as a request body: read piece by piece when the connection asks for more.
struct RequestPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Bytes in memory per delivery. A package of no more is sent from memory.
    static let pieceBytes = 256 << 10

    let package: any PackageBody
    /// Where the body begins in the package.
    let start: Int

    static func body(of package: any PackageBody, from start: Int) throws(TransportError) -> HTTPClientRequest.Body {
        let count = package.byteCount - start
        guard count > 0 else { return .bytes(ByteBuffer()) }
        guard count > pieceBytes else { return .bytes(try piece(of: package, at: start)) }
        return .stream(RequestPieces(package: package, start: start), length: .known(Int64(count)))
    }

    func makeAsyncIterator() -> Iterator { Iterator(package: package, offset: start) }

    struct Iterator: AsyncIteratorProtocol {
        let package: any PackageBody
        var offset: Int

        mutating func next() async throws -> ByteBuffer? {
            guard offset < package.byteCount else { return nil }
            let (package, start) = (package, offset)
            let piece = try await NIOThreadPool.singleton.runIfActive { try RequestPieces.piece(of: package, at: start) }
            offset += piece.readableBytes
            return piece
        }
    }

    private static func piece(of package: any PackageBody, at offset: Int) throws(TransportError) -> ByteBuffer {
        let limit = Swift.min(pieceBytes, package.byteCount - offset)
        var buffer = ByteBufferAllocator().buffer(capacity: limit)
        do {
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) {
                try package.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<limit]), at: offset)
            }
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.inputOutput, detail: "\(error)")
        }
        guard buffer.readableBytes > 0 else { throw TransportError(.inputOutput, detail: "the package became shorter while it was sent") }
        return buffer
    }
}
