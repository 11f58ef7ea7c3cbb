internal import SluiceCrypto
package import SluiceKit

/// A body taken out of the vault: in memory, or decrypted from its file piece by piece.
package struct KeptBody: PackageBody {
    private enum Source {
        case memory(MemoryBody)
        case file(RegularFile, SegmentedCipher, head: [UInt8])
    }
    private let source: Source
    package let mediaType: String
    package let byteCount: Int
    package var sha256: SHA256Digest?

    init(_ bytes: [UInt8], mediaType: String) {
        source = .memory(MemoryBody(bytes, mediaType: mediaType))
        byteCount = bytes.count
        self.mediaType = mediaType
    }

    init(fileAt path: String, cipher: SegmentedCipher, mediaType: String) throws {
        let file = try RegularFile(path, followsLinks: false)
        byteCount = try SegmentedCipher.byteCount(sealed: file.byteCount)
        source = .file(file, cipher, head: try Self.read(file, 0..<SegmentedCipher.headBytes))
        self.mediaType = mediaType
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(TransportError) -> Int {
        guard offset >= 0, offset < byteCount, !buffer.isEmpty else { return 0 }
        switch source {
        case .memory(let body): return try body.read(into: buffer, at: offset)
        case .file(let file, let cipher, let head):
            do {
                var filled = 0
                while filled < buffer.count, offset + filled < byteCount {
                    let segment = SegmentedCipher.segment(of: offset + filled)
                    let sealed = try Self.read(file, SegmentedCipher.sealedRange(segment, byteCount))
                    let bytes = try cipher.open(segment: segment, ofByteCount: byteCount, head: head, sealed[...])
                    let start = offset + filled - segment * SegmentedCipher.segmentBytes
                    let count = min(bytes.count - start, buffer.count - filled)
                    bytes.withUnsafeBytes {
                        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
                    }
                    filled += count
                }
                return filled
            } catch {
                throw TransportError(.inputOutput, detail: "cannot read the package: \(error)")
            }
        }
    }

    /// Largest body that `bytes` reads, in bytes: a receipt is far smaller.
    static let bytesInMemoryMax = 4 << 20

    /// The bytes of a body that is small by contract.
    package func bytes() throws -> [UInt8] {
        if case .memory(let body) = source { return body.bytes }
        guard byteCount <= Self.bytesInMemoryMax else { throw NodeError("a body of \(byteCount) bytes is too large to be held in memory") }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var filled = 0
        while filled < byteCount {
            let count = try bytes.withUnsafeMutableBytes { try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), at: filled) }
            guard count > 0 else { throw NodeError("a body is shorter than it was") }
            filled += count
        }
        return bytes
    }

    /// The body as content: its bytes, or, where it lies in a file, a decrypted copy at `path`, which the caller removes.
    package func content(copyingTo path: String) throws -> Content {
        if case .memory(let body) = source { return .bytes(body.bytes) }
        try copy(to: path)
        return .file(path: path)
    }

    /// Writes the body to a new file of the owner's alone.
    package func copy(to path: String) throws {
        let file = try NewFile(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: SegmentedCipher.segmentBytes, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < byteCount {
            let count = try read(into: buffer, at: offset)
            try file.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        try file.keep()
    }

    private static func read(_ file: RegularFile, _ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < bytes.count {
            let count = try bytes.withUnsafeMutableBytes {
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), at: range.lowerBound + filled)
            }
            guard count > 0 else { throw NodeError("\(file.path) is shorter than it was") }
            filled += count
        }
        return bytes
    }
}
