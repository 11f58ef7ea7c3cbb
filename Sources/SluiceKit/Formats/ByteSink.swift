#if canImport(Glibc)
    public import Glibc
#endif

/// Takes bytes that are pushed. Not shared between tasks.
public protocol ByteSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError)
}

/// Writes a file descriptor.
public final class FileByteSink: ByteSink {
    private let descriptor: Int32
    private let closesDescriptor: Bool

    /// Creates or truncates the file at `path`; `-` is standard output.
    public convenience init(path: String) throws(WriteError) {
        if path == "-" {
            self.init(descriptor: 1, closing: false)
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw WriteError(.inputOutput, detail: "cannot create \(path): \(String(cString: strerror(errno)))") }
        self.init(descriptor: descriptor, closing: true)
    }

    public init(descriptor: Int32, closing: Bool) {
        self.descriptor = descriptor
        closesDescriptor = closing
    }

    deinit { if closesDescriptor { close(descriptor) } }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        var offset = 0
        while offset < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            if count >= 0 { offset += count } else if errno != EINTR { throw WriteError(.inputOutput, detail: String(cString: strerror(errno))) }
        }
    }
}

/// Collects bytes in memory, for small outputs and tests.
public final class MemoryByteSink: ByteSink {
    public private(set) var bytes: [UInt8] = []
    public init() {}
    public func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) { self.bytes.append(contentsOf: bytes) }
}

/// A buffer before a sink, with the few verbs that text formats need. `flush` must be called at the end.
public final class ByteWriter {
    @usableFromInline let sink: any ByteSink
    @usableFromInline let buffer: UnsafeMutableRawBufferPointer
    /// Behind a constant pointer: a stored variable would cost an access check per cell written.
    @usableFromInline let usedCount: UnsafeMutablePointer<Int>
    @inlinable var used: Int {
        get { usedCount.pointee }
        set { usedCount.pointee = newValue }
    }

    public init(_ sink: any ByteSink, bufferBytes: Int = 128 << 10) {
        self.sink = sink
        buffer = .allocate(byteCount: bufferBytes, alignment: 16)
        usedCount = .allocate(capacity: 1)
        usedCount.initialize(to: 0)
    }

    deinit {
        buffer.deallocate()
        usedCount.deallocate()
    }

    @inlinable public func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        if used + bytes.count > buffer.count {
            try flush()
            if bytes.count > buffer.count {
                try sink.write(bytes)
                return
            }
        }
        if let base = bytes.baseAddress { memcpy(buffer.baseAddress.unsafelyUnwrapped + used, base, bytes.count) }
        used += bytes.count
    }

    @inlinable public func write(_ byte: UInt8) throws(WriteError) {
        if used == buffer.count { try flush() }
        buffer[used] = byte
        used += 1
    }

    /// Room for `count` bytes, to be filled directly and then taken with `advance`; for writers that copy in fixed-size steps.
    /// The caller asks for no more than a quarter of the buffer.
    @inlinable public func reserve(_ count: Int) throws(WriteError) -> UnsafeMutableRawPointer {
        precondition(count <= buffer.count / 4, "reserve is for short pieces")
        if used + count > buffer.count { try flush() }
        return buffer.baseAddress.unsafelyUnwrapped + used
    }

    /// Takes the first `count` bytes of what `reserve` returned.
    @inlinable public func advance(_ count: Int) { used += count }

    /// Writes a literal without making a `String`.
    @inlinable public func write(_ text: StaticString) throws(WriteError) {
        try write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// For headers and other small texts, not for cells.
    public func write(text: String) throws(WriteError) {
        for byte in text.utf8 { try write(byte) }
    }

    @inlinable public func write(decimal value: Int) throws(WriteError) {
        if value < 0 || value > 9_999_999_999 {
            for byte in String(value).utf8 { try write(byte) }
            return
        }
        var rest = value
        var digits: (UInt64, UInt64) = (0, 0)
        var failure: WriteError?
        withUnsafeMutableBytes(of: &digits) { scratch in
            var start = 16
            repeat {
                start -= 1
                scratch[start] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                rest /= 10
            } while rest > 0
            do throws(WriteError) { try write(UnsafeRawBufferPointer(rebasing: scratch[start...])) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    @inlinable public func flush() throws(WriteError) {
        if used > 0 {
            let count = used
            used = 0
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
