extension Content {
    /// A source of the bytes, from their beginning.
    public func source() throws(ReadError) -> any ByteSource {
        switch self {
        case .bytes(let bytes): MemoryByteSource(bytes)
        case .file(let path): try FileByteSource(path: path)
        }
    }

    /// The bytes themselves, where there are no more than so many.
    public func bytes(max: Int) throws(ReadError) -> [UInt8] {
        switch self {
        case .bytes(let bytes) where bytes.count <= max: bytes
        case .bytes: throw ReadError(.limitExceeded, byteOffset: max, detail: "there are more than \(max) bytes")
        case .file(let path): try FileByteSource.contents(of: path, bytesMax: max)
        }
    }

    public func byteCount() throws(ReadError) -> Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let path): try FileByteSource(path: path).byteCountTotal ?? 0
        }
    }
}
