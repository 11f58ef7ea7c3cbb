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
            let descriptor = try await pool.runIfActive { [path] in try Self.create(path) }
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.write(body, to: descriptor) }
                    group.addTask {
                        try await Task.sleep(for: .seconds(secondsMax))
                        throw Failure.tooSlow
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
                // A late write error (a full disk, a lost mount) shows here or never.
                try await pool.runIfActive { try Self.check(fsync(descriptor), "fsync") }
                close(descriptor)
            } catch {
                close(descriptor)
                unlink(path)
                throw error
            }
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            throw .cancelled
        } catch {
            // What the connection throws when it breaks.
            throw .truncated(received: -1)
        }
    }

    private func write(_ body: RequestBody, to descriptor: Int32) async throws {
        var gathered = ByteBuffer()
        var received = 0
        for try await var part in body {
            received += part.readableBytes
            guard received <= byteCount else { throw Failure.tooLong }
            gathered.writeBuffer(&part)
            if gathered.readableBytes >= Self.writeBytes {
                let full = gathered
                gathered = ByteBuffer()
                try await pool.runIfActive { try Self.write(full, to: descriptor) }
            }
        }
        try Task.checkCancellation()
        guard received == byteCount else { throw Failure.truncated(received: received) }
        if gathered.readableBytes > 0 {
            let rest = gathered
            try await pool.runIfActive { try Self.write(rest, to: descriptor) }
        }
    }

    private static func create(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.disk(code: errno, call: "open") }
        return descriptor
    }

    private static func write(_ buffer: ByteBuffer, to descriptor: Int32) throws {
        try buffer.withUnsafeReadableBytes { bytes in
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
                guard count > 0 else { throw Failure.disk(code: errno, call: "write") }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    private static func check(_ result: Int32, _ call: String) throws {
        guard result == 0 else { throw Failure.disk(code: errno, call: call) }
    }
}
