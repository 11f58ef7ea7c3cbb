/// Collects bytes in memory, and in a file once there are too many: what is small never touches the disk.
public final class SpillingByteSink: ByteSink {
    private let bytesMax: Int
    private let path: String
    private var bytes: [UInt8] = []
    private var file: FileByteSink?

    /// - Parameters:
    ///   - bytesMax: most bytes that are kept in memory.
    ///   - path: where the file goes when there are more; whoever takes the content removes it.
    public init(bytesMax: Int, spillingTo path: String) {
        self.bytesMax = bytesMax
        self.path = path
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        if let file { return try file.write(bytes) }
        if self.bytes.count + bytes.count <= bytesMax {
            self.bytes.append(contentsOf: bytes)
            return
        }
        let file = try FileByteSink(path: path)
        do { try self.bytes.withUnsafeBytes { try file.write($0) } } catch let error as WriteError { throw error } catch {
            throw WriteError(.inputOutput, detail: "\(error)")
        }
        try file.write(bytes)
        self.bytes = []
        self.file = file
    }

    /// What was written.
    public var content: Content { file == nil ? .bytes(bytes) : .file(path: path) }
}
