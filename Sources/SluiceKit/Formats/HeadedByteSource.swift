/// A source whose first bytes have been taken and looked at: it gives them again, then the rest.
public final class HeadedByteSource: ByteSource {
    private let head: [UInt8]
    private var headUsed = 0
    private let rest: any ByteSource

    public init(head: [UInt8], rest: any ByteSource) {
        self.head = head
        self.rest = rest
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
