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

    enum Progress: Hashable {
        /// All input was taken; the stream goes on.
        case needsInput
        /// The stream ended, with this many bytes of input left over.
        case ended(left: Int)
    }

    /// Decompresses a chunk; `body` gets each piece of output and throws to stop.
    func run(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer, file name: String,
        _ body: (UnsafeRawBufferPointer) throws(PackageError) -> Void
    ) throws(PackageError) -> Progress {
        guard let output = room.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .needsInput }
        var taken = 0
        while true {
            var step = sluice_zlib_step(
                input: input.baseAddress.map { ($0 + taken).assumingMemoryBound(to: UInt8.self) }, input_count: input.count - taken, output: output,
                output_count: room.count, consumed: 0, produced: 0)
            let status = sluice_inflate(pointer, &step)
            taken += step.consumed
            if step.produced > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<step.produced])) }
            switch status {
            case SLUICE_ZLIB_END: return .ended(left: input.count - taken)
            case SLUICE_ZLIB_MORE: if taken == input.count, step.produced < room.count { return .needsInput }
            case SLUICE_ZLIB_MEMORY: throw PackageError(.fileUnusable, "no memory to decompress with")
            default: throw PackageError(.corruptData, file: name, "the compressed data is damaged; ask for the package again")
            }
        }
    }
}
