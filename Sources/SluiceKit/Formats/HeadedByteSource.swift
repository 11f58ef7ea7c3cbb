/// A source whose first bytes have been taken and looked at: it gives them again, then the rest.
public final class HeadedByteSource: ByteSource {
    private let head: [UInt8]
    private var headUsed = 0
    private let rest: any ByteSource

    public init(head: [UInt8], rest: any ByteSource) {
        self.head = head
        self.rest = rest
    }

    /// Opens a file or pipe (`-` is standard input): its first bytes, and a source that begins with them.
    public static func opening(_ path: String) throws(ReadError) -> (head: [UInt8], source: any ByteSource) {
        let file = try FileByteSource(path: path)
        let head = try file.readHead()
        guard file.canRewind else { return (head, HeadedByteSource(head: head, rest: file)) }
        try file.rewind()
        return (head, file)
    }

    public var canRewind: Bool { false }
    public var byteCountTotal: Int? { rest.byteCountTotal }
    public var byteCountRead: Int { headUsed == head.count ? rest.byteCountRead : headUsed }

    public func rewind() throws(ReadError) { throw ReadError(.inputOutput, detail: "this input cannot be read twice") }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
        guard headUsed < head.count else { return try rest.read(into: buffer) }
        let count = min(buffer.count, head.count - headUsed)
        head.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[headUsed..<(headUsed + count)])) }
        headUsed += count
        return count
    }
}
