internal import Hummingbird
internal import NIOCore
internal import NIOPosix
internal import SluiceKit

/// Takes a body from the wire into a file, in constant memory; what fails leaves no file behind.
struct SpoolFile {
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

    let path: String
    let byteCount: Int
    /// Blocking calls run here, never on the threads that serve connections.
    var pool: NIOThreadPool = .singleton

    /// Returns when the whole body is in the file and the file is on disk.
    func receive(_ body: RequestBody, secondsMax: Int) async throws(Failure) {
        do {
            let file = try await pool.runIfActive { [path] in try NewFile(path) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.write(body, to: file) }
                group.addTask {
                    try await Task.sleep(for: .seconds(secondsMax))
                    throw Failure.tooSlow
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            try await pool.runIfActive { try file.keep() }
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

    private func write(_ body: RequestBody, to file: NewFile) async throws {
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
        if gathered.readableBytes > 0 {
            let rest = gathered
            try await pool.runIfActive { try rest.withUnsafeReadableBytes { try file.append($0) } }
        }
    }
}
