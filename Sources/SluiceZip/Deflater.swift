import CZlib
import SluiceKit

/// A raw deflate stream (RFC 1951) that is being written.
final class Deflater {
    private let pointer: OpaquePointer

    /// - Parameter byteCount: how many bytes are to come, as far as is known: what is small needs no window of 32 KiB, and no memory for one.
    init(level: Int32, for byteCount: Int64) throws(PackageError) {
        guard let pointer = sluice_deflater_new(level, byteCount) else { throw PackageError(.fileUnusable, "no memory to compress with") }
        self.pointer = pointer
    }

    deinit { sluice_deflater_free(pointer) }

    /// Compresses a chunk; `body` gets each piece of output as the room fills up, and the rest when finishing.
    func run(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, finish: Bool,
        _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void
    ) throws(PackageError) {
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var taken = 0
        while true {
            var step = sluice_zlib_step(
                input: input.baseAddress.map { ($0 + taken).assumingMemoryBound(to: UInt8.self) }, input_count: input.count - taken, output: output,
                output_count: room.count, consumed: 0, produced: 0)
            let status = sluice_deflate(pointer, &step, finish ? 1 : 0)
            guard status == SLUICE_ZLIB_MORE || status == SLUICE_ZLIB_END else { throw PackageError(.fileUnusable, "zlib could not compress") }
            taken += step.consumed
            if step.produced > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<step.produced])) }
            if status == SLUICE_ZLIB_END { return }
            if !finish, taken == input.count, step.produced < room.count { return }
        }
    }
}
