import SluiceKit

/// Holds the first lines back until it is known which columns the header has to name.
///
/// A second dataset may have other components, and a multi-lingual column's header lists its languages. As long as the lines fit in memory both are
/// taken up; behind that the header is written and has to do.
final class PendingBody: ByteSink {
    /// Most bytes of lines held back.
    static let bytesMax = 4 << 20

    private let sink: any ByteSink
    private let separator: UInt8
    private var bytes: [UInt8] = []
    /// Where datasets begin, and how many cells their lines have.
    private var segments: [(start: Int, cellCount: Int)] = []
    private(set) var isOpen = true
    /// The header line; asked for once, when it has to be written.
    var header: () -> [UInt8] = { [] }
    /// How many cells the header has by now.
    var cellCount = 0

    init(_ sink: any ByteSink, separator: UInt8) {
        self.sink = sink
        self.separator = separator
    }

    func beginSegment(cellCount: Int) {
        guard isOpen else { return }
        self.cellCount = cellCount
        segments.append((bytes.count, cellCount))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        guard isOpen else { return try sink.write(bytes) }
        self.bytes.append(contentsOf: bytes)
        if self.bytes.count > Self.bytesMax { try close() }
    }

    /// Writes the header and what was held back.
    func close() throws(WriteError) {
        guard isOpen else { return }
        isOpen = false
        guard !segments.isEmpty else { return }
        try put(header())
        for (index, segment) in segments.enumerated() {
            let end = index + 1 < segments.count ? segments[index + 1].start : bytes.count
            let lines = bytes[segment.start..<end]
            try put(segment.cellCount == cellCount ? Array(lines) : padded(lines, by: cellCount - segment.cellCount))
        }
        bytes = []
    }

    /// Adds empty cells to lines that were written before a later dataset brought more columns.
    private func padded(_ lines: ArraySlice<UInt8>, by count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(lines.count + lines.count / 8)
        let padding = Array(repeating: separator, count: count)
        var isQuoted = false
        for byte in lines {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == 0x0D, !isQuoted { result += padding }
            result.append(byte)
        }
        return result
    }

    private func put(_ bytes: [UInt8]) throws(WriteError) {
        var failure: WriteError?
        bytes.withUnsafeBytes { bytes in do throws(WriteError) { try sink.write(bytes) } catch { failure = error } }
        if let failure { throw failure }
    }
}
