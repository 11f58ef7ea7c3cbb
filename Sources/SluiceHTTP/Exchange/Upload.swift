internal import Hummingbird
internal import NIOCore
internal import NIOPosix
internal import SluiceCore
internal import SluiceKit

/// Takes a package from the wire: into memory while it is small, else into a file in constant memory. What fails leaves no file behind, but for a partial
/// upload that the sender may go on with.
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
        /// A later request for the same partial upload goes on with it.
        case takenOver
    }

    /// Bytes gathered before a write: a TLS record brings 16 KiB at most, a system call for each would be wasteful.
    static let writeBytes = 256 << 10

    /// Where the bytes go.
    enum Target: Sendable {
        /// The package, while it has no more bytes than these; else a new file.
        case memory(upTo: Int, path: String)
        case partial(PartialUploads, PartialUploads.Arriving)
    }

    /// The announced length of the body.
    let byteCount: Int
    let target: Target
    /// Blocking calls run here, never on the threads that serve connections.
    var pool: NIOThreadPool = .singleton

    /// Returns when the whole package is there; a file of it is on disk then. The file of a partial upload stays its own.
    func receive(_ body: RequestBody, secondsMax: Int) async throws(Failure) -> Content {
        do {
            return try await Patience.within(.seconds(secondsMax), orThrow: Failure.tooSlow) { try await content(of: body) }
        } catch let failure as RegularFile.Failure {
            throw .disk(code: failure.code, call: failure.call)
        } catch let failure as Failure {
            throw failure
        } catch is PartialFile.TakenOver {
            throw .takenOver
        } catch is CancellationError {
            throw .cancelled
        } catch {
            // What the connection throws when it breaks.
            throw .truncated(received: -1)
        }
    }

    private func content(of body: RequestBody) async throws -> Content {
        switch target {
        case .memory(let bytesMax, _) where byteCount <= bytesMax: .bytes(try await gather(body))
        case .memory(_, let path): .file(path: try await write(body, to: path))
        case .partial(let uploads, let arriving): .file(path: try await keep(body, in: uploads, as: arriving))
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

    private func write(_ body: RequestBody, to path: String) async throws -> String {
        let file = try await pool.runIfActive { try NewFile(path) }
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

    private func keep(_ body: RequestBody, in uploads: PartialUploads, as arriving: PartialUploads.Arriving) async throws -> String {
        var gathered = ByteBuffer()
        var received = 0
        var unsynced = 0
        do {
            for try await var part in body {
                received += part.readableBytes
                guard received <= byteCount else { throw Failure.tooLong }
                gathered.writeBuffer(&part)
                guard gathered.readableBytes >= Self.writeBytes else { continue }
                let full = gathered
                gathered = ByteBuffer()
                unsynced += full.readableBytes
                let syncs = unsynced >= PartialUploads.syncBytes
                if syncs { unsynced = 0 }
                try await pool.runIfActive {
                    try full.withUnsafeReadableBytes { try uploads.append($0, to: arriving) }
                    if syncs, try uploads.synchronize(arriving) == .stop { throw PartialFile.TakenOver() }
                }
            }
            try Task.checkCancellation()
            guard received == byteCount else { throw Failure.truncated(received: received) }
        } catch {
            let rest = gathered
            // What came before the break counts. A task of its own: this one may have been cancelled.
            await Task { _ = try? await Self.settle(rest, in: uploads, as: arriving, pool: pool) }.value
            throw error
        }
        guard try await Self.settle(gathered, in: uploads, as: arriving, pool: pool) == .complete else { throw Failure.takenOver }
        return arriving.path
    }

    private static func settle(
        _ rest: ByteBuffer, in uploads: PartialUploads, as arriving: PartialUploads.Arriving, pool: NIOThreadPool
    ) async throws -> ResumableUploads.Step {
        try await pool.runIfActive {
            try rest.withUnsafeReadableBytes { try uploads.append($0, to: arriving) }
            return try uploads.synchronize(arriving)
        }
    }
}
