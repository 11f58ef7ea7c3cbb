import SluiceKit

/// Where an archive is written: a file, or memory up to a limit.
package struct ArchiveOutput: ~Copyable {
    private let file: File?
    private var memory: [UInt8] = []
    private let bytesMax: Int64

    /// Takes over a file that is empty.
    package init(_ file: consuming File) {
        self.file = consume file
        bytesMax = ZipFormat.bytesMax
    }

    package init(memoryBytesMax: Int64) {
        file = nil
        bytesMax = Swift.min(memoryBytesMax, ZipFormat.bytesMax)
    }

    /// Whether the archive is kept in memory.
    var isInMemory: Bool {
        switch file {
        case .some: false
        case .none: true
        }
    }

    mutating func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(PackageError) {
        guard offset + Int64(buffer.count) <= bytesMax else { throw tooLarge() }
        switch file {
        case .some(let file): try file.write(buffer, at: offset)
        case .none:
            let start = Int(offset)
            // The place of a header, which is written when its sizes are known.
            if memory.count < start { memory.append(contentsOf: repeatElement(0, count: start - memory.count)) }
            let over = Swift.min(buffer.count, memory.count - start)
            memory.withUnsafeMutableBytes { $0[start..<start + over].copyBytes(from: buffer[..<over]) }
            memory.append(contentsOf: buffer[over...])
        }
    }

    /// Cuts the archive off, to write a part of it again.
    mutating func truncate(to size: Int64) throws(PackageError) {
        switch file {
        case .some(let file): try file.truncate(to: size)
        case .none: memory.removeLast(Swift.max(0, memory.count - Int(size)))
        }
    }

    /// Makes a file survive a power failure.
    func synchronize() throws(PackageError) {
        switch file {
        case .some(let file): try file.synchronize()
        case .none: break
        }
    }

    /// What was written into memory.
    consuming func takeMemory() -> [UInt8] { memory }

    private func tooLarge() -> PackageError {
        isInMemory
            ? PackageError(
                .limitExceeded, "the package would have more than the \(bytesMax) bytes that are held in memory (memoryBytesMax). Seal it into a file")
            : PackageError(
                .limitExceeded, "the package would exceed \(bytesMax) bytes, the end of the ZIP format without extension. Send the dataset in parts")
    }
}
