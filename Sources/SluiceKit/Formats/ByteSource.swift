#if canImport(Glibc)
    import Glibc
#endif

/// Bytes that are pulled. Not shared between tasks.
public protocol ByteSource: AnyObject {
    /// Fills the start of `buffer` and returns how many bytes it wrote; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int
    /// Whether `rewind` works: a file does, a pipe does not.
    var canRewind: Bool { get }
    func rewind() throws(ReadError)
    /// All bytes there are, where known; for progress.
    var byteCountTotal: Int? { get }
    var byteCountRead: Int { get }
}

/// Reads a file descriptor.
public final class FileByteSource: ByteSource {
    private let descriptor: Int32
    private let closesDescriptor: Bool
    public let byteCountTotal: Int?
    public private(set) var byteCountRead = 0
    public let canRewind: Bool

    /// Opens the file at `path`; `-` is standard input.
    public convenience init(path: String) throws(ReadError) {
        if path == "-" {
            self.init(descriptor: 0, closing: false)
            return
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ReadError(.inputOutput, detail: "cannot open \(path): \(String(cString: strerror(errno)))") }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw ReadError(.inputOutput, detail: "\(path) is a folder; name a file")
        }
        self.init(descriptor: descriptor, closing: true)
    }

    public init(descriptor: Int32, closing: Bool) {
        self.descriptor = descriptor
        closesDescriptor = closing
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        canRewind = isFile
        byteCountTotal = isFile ? Int(status.st_size) : nil
    }

    deinit { if closesDescriptor { close(descriptor) } }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                byteCountRead += count
                return count
            }
            if errno != EINTR { throw ReadError(.inputOutput, byteOffset: byteCountRead, detail: "cannot read: \(String(cString: strerror(errno)))") }
        }
    }

    public func rewind() throws(ReadError) {
        guard canRewind, lseek(descriptor, 0, SEEK_SET) == 0 else { throw ReadError(.inputOutput, detail: "this input cannot be read twice") }
        byteCountRead = 0
    }
}

/// Reads bytes in memory.
public final class MemoryByteSource: ByteSource {
    private let bytes: [UInt8]
    public private(set) var byteCountRead = 0
    /// Most bytes handed out per call; tests set it low to meet every chunk boundary.
    private let chunkBytesMax: Int

    public init(_ bytes: [UInt8], chunkBytesMax: Int = .max) {
        self.bytes = bytes
        self.chunkBytesMax = chunkBytesMax
    }

    public var canRewind: Bool { true }
    public var byteCountTotal: Int? { bytes.count }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        let count = min(buffer.count, bytes.count - byteCountRead, chunkBytesMax)
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[byteCountRead..<(byteCountRead + count)])) }
        byteCountRead += count
        return count
    }

    public func rewind() throws(ReadError) { byteCountRead = 0 }
}

extension FileByteSource {
    /// The whole of a file that is small by contract; every error names the file.
    public static func contents(of path: String, bytesMax: Int) throws(ReadError) -> [UInt8] {
        let source = try FileByteSource(path: path)
        do throws(ReadError) { return try source.readAll(bytesMax: bytesMax) } catch {
            throw ReadError(error.code, byteOffset: error.byteOffset, detail: "\(path): \(error.detail)")
        }
    }
}

extension ByteSource {
    /// The first bytes, fewer only where the input is shorter; for telling its format.
    public func readHead(bytesMax: Int = 8 << 10) throws(ReadError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax, alignment: 1)
        defer { buffer.deallocate() }
        var filled = 0
        while filled < bytesMax {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return [UInt8](buffer[..<filled])
    }

    /// Reads all that is left, for inputs that are small by contract.
    public func readAll(bytesMax: Int) throws(ReadError) -> [UInt8] {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { chunk.deallocate() }
        while true {
            let count = try read(into: chunk)
            if count == 0 { return bytes }
            guard bytes.count + count <= bytesMax else {
                throw ReadError(.limitExceeded, byteOffset: bytesMax, detail: "the input is larger than \(bytesMax) bytes")
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
