import CZlib
import SluiceKit

/// A raw deflate stream (RFC 1951) that is being read.
final class Inflater {
    private let pointer: OpaquePointer

    init() throws(PackageError) {
        guard let pointer = sluice_inflater_new() else { throw PackageError(.fileUnusable, "no memory to decompress with") }
        self.pointer = pointer
    }

    deinit { sluice_inflater_free(pointer) }

    /// Decompresses a chunk; `body` gets each piece of output and throws to stop. Answers with the number of bytes left over where the
    /// stream ended, nil where it goes on.
    func run(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, file name: String,
        _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void
    ) throws(PackageError) -> Int? {
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var taken = 0
        while true {
            var step = sluice_zlib_step(
                input: input.baseAddress.map { ($0 + taken).assumingMemoryBound(to: UInt8.self) }, input_count: input.count - taken, output: output,
                output_count: room.count, consumed: 0, produced: 0)
            let status = sluice_inflate(pointer, &step)
            taken += step.consumed
            if step.produced > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<step.produced])) }
            switch status {
            case SLUICE_ZLIB_END: return input.count - taken
            case SLUICE_ZLIB_MORE: if taken == input.count, step.produced < room.count { return nil }
            case SLUICE_ZLIB_MEMORY: throw PackageError(.fileUnusable, "no memory to decompress with")
            default: throw PackageError(.corruptData, file: name, "the compressed data is damaged; ask for the package again")
            }
        }
    }
}
