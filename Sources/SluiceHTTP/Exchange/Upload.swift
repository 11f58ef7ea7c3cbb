internal import Hummingbird
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

/// Takes a package from the wire: into memory while it is small, else into a file in constant memory. What fails leaves no file behind.
struct Upload {
    enum Failure: Error, Hashable {
        /// The connection ended, or was cut, before the announced length.
        case truncated(received: Int)
        /// More came than was announced.
        case tooLong
        case tooSlow
        /// The system's error number and the call that gave it.
        case disk(code: Int32, call: String)
        case cancelled
    }

    /// Bytes gathered before a write: a TLS record brings 16 KiB at most, a system call for each would be wasteful.
    static let writeBytes = 256 << 10

    /// The announced length.
    let byteCount: Int
    /// Longest package that stays in memory.
    let inMemoryMax: Int
    /// Where a longer one goes.
    let path: String
    /// Blocking calls run here, never on the threads that serve connections.
    var pool: NIOThreadPool = .singleton

    /// Returns when the whole package is there; a file of it is on disk then.
    func receive(_ body: RequestBody, secondsMax: Int) async throws(Failure) -> Content {
        do {
            return try await withThrowingTaskGroup(of: Content.self) { group in
                group.addTask { byteCount <= inMemoryMax ? .bytes(try await gather(body)) : .file(path: try await write(body)) }
                group.addTask {
                    try await Task.sleep(for: .seconds(secondsMax))
                    throw Failure.tooSlow
                }
                defer { group.cancelAll() }
                guard let content = try await group.next() else { throw CancellationError() }
                return content
            }
        } catch let failure as RegularFile.Failure {
            throw .disk(code: failure.code, call: failure.call)
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            throw .cancelled
        } catch {
            // What the connection throws when it breaks.
            throw .truncated(received: -1)
        }
    }

    private func gather(_ body: RequestBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        for try await part in body {
            guard bytes.count + part.readableBytes <= byteCount else { throw Failure.tooLong }
            bytes.append(contentsOf: part.readableBytesView)
        }
        try Task.checkCancellation()
        guard bytes.count == byteCount else { throw Failure.truncated(received: bytes.count) }
        return bytes
    }

    private func write(_ body: RequestBody) async throws -> String {
        let file = try await pool.runIfActive { [path] in try NewFile(path) }
        var gathered = ByteBuffer()
        var received = 0
        for try await var part in body {
            received += part.readableBytes
            guard received <= byteCount else { throw Failure.tooLong }
            gathered.writeBuffer(&part)
            if gathered.readableBytes >= Self.writeBytes {
                let full = gathered
                gathered = ByteBuffer()
                try await pool.runIfActive { try full.withUnsafeReadableBytes { try file.append($0) } }
            }
        }
        try Task.checkCancellation()
        guard received == byteCount else { throw Failure.truncated(received: received) }
        let rest = gathered
        try await pool.runIfActive {
            try rest.withUnsafeReadableBytes { try file.append($0) }
            try file.keep()
        }
        return path
    }
}
