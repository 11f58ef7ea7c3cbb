import SluiceKit

/// Where the bytes of an entry come from: read by position, so that they can be read again.
protocol Source: ~Copyable {
    func size() throws(PackageError) -> Int64
    /// Fills the buffer; fewer bytes only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(PackageError) -> Int
}

struct MemorySource: Source {
    let bytes: [UInt8]

    func size() -> Int64 { Int64(bytes.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        let part = bytes.dropFirst(Int(offset)).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
    }
}

struct FileSource: Source, ~Copyable {
    let file: File

    func size() throws(PackageError) -> Int64 { try file.size() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(PackageError) -> Int {
        try file.read(into: buffer, at: offset)
    }
}

/// Memory of a fixed size that frees itself.
struct ByteBuffer: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
    deinit { bytes.deallocate() }
}
