import SluiceKit

/// Where the bytes of an entry come from; they can be read more than once.
protocol Source: ~Copyable {
    func size() throws(PackageError) -> Int64
    /// Passes the bytes on in order; the last piece, which may be empty, is marked as such.
    func stream(_ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws(PackageError) -> Void) throws(PackageError)
}

struct MemorySource: Source {
    let bytes: [UInt8]

    func size() -> Int64 { Int64(bytes.count) }

    func stream(_ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws(PackageError) -> Void) throws(PackageError) {
        try bytes.withRawBytes { (all) throws(PackageError) in try body(all, true) }
    }
}

struct FileSource: Source, ~Copyable {
    let file: File

    func size() throws(PackageError) -> Int64 { try file.size() }

    func stream(_ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws(PackageError) -> Void) throws(PackageError) {
        // One byte more than there are shows the end at the first reading.
        let room = ByteBuffer(count: ZipWriter.roomBytes(for: try size() + 1))
        var offset: Int64 = 0
        while true {
            let count = try file.read(into: room.bytes, at: offset)
            offset += Int64(count)
            try body(UnsafeRawBufferPointer(rebasing: room.bytes[..<count]), count < room.bytes.count)
            if count < room.bytes.count { return }
        }
    }
}

/// Memory of a fixed size that frees itself.
struct ByteBuffer: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
    deinit { bytes.deallocate() }
}
