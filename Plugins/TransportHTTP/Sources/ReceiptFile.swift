internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Takes a receipt from the wire into a file of its own. It has its final name only when it is whole and on disk.
struct ReceiptFile {
    let path: String
    private let partPath: String

    /// - Throws: nothing yet; the file is made when the first bytes are there.
    init(directory: String, exchangeID: String) throws {
        // Two deliveries of one exchange may overlap after a takeover; each keeps its own answer.
        path = "\(directory)/receipt-\(exchangeID)-\(UUID().uuidString.lowercased()).asice"
        partPath = path + ".part"
    }

    func receive(_ body: HTTPClientResponse.Body, byteCountMax: Int) async throws -> String {
        let pool = NIOThreadPool.singleton
        let descriptor = try await pool.runIfActive { [partPath] in
            let descriptor = open(partPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Self.failure("create", partPath) }
            return descriptor
        }
        do {
            var received = 0
            for try await piece in body {
                received += piece.readableBytes
                guard received <= byteCountMax else {
                    throw TransportError(.answerMalformed, detail: "the receipt is larger than \(byteCountMax) bytes")
                }
                try await pool.runIfActive { [partPath] in try Self.write(piece, to: descriptor, partPath) }
            }
            guard received > 0 else { throw TransportError(.answerMalformed, detail: "the answer announces a receipt and holds nothing") }
            try await pool.runIfActive { [path, partPath] in
                guard fsync(descriptor) == 0 else { throw Self.failure("write", partPath) }
                guard rename(partPath, path) == 0 else { throw Self.failure("name", path) }
            }
            close(descriptor)
            return path
        } catch {
            close(descriptor)
            unlink(partPath)
            throw error
        }
    }

    private static func write(_ piece: ByteBuffer, to descriptor: Int32, _ path: String) throws {
        try piece.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    let count = Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                    let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw failure("write", path) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    private static func failure(_ verb: String, _ path: String) -> TransportError {
        TransportError(.inputOutput, detail: "cannot \(verb) the receipt \(path): \(String(cString: strerror(errno)))")
    }
}
