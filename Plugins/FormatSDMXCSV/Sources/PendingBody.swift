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
    /// What was written so far, dataset by dataset.
    private var segments: [Segment] = []
    private var byteCount = 0
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
        segments.append(Segment(cellCount: cellCount))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        guard isOpen else { return try sink.write(bytes) }
        segments[segments.count - 1].pieces.append(Array(bytes))
        byteCount += bytes.count
        if byteCount > Self.bytesMax { try close() }
    }

    /// Writes the header and what was held back.
    func close() throws(WriteError) {
        guard isOpen else { return }
        isOpen = false
        guard !segments.isEmpty else { return }
        try put(header())
        for segment in segments {
            let padding = Array(repeating: separator, count: cellCount - segment.cellCount)
            var isQuoted = false
            for piece in segment.pieces { try put(padding.isEmpty ? piece : padded(piece, with: padding, &isQuoted)) }
        }
        segments = []
    }

    /// Adds empty cells to lines that were written before a later dataset brought more columns.
    /// - Parameter isQuoted: whether the piece begins within quotation marks; carried from piece to piece.
    private func padded(_ piece: [UInt8], with padding: [UInt8], _ isQuoted: inout Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(piece.count + piece.count / 8)
        for byte in piece {
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

    /// The lines of one dataset, in pieces as they came: one growing array would be copied again and again.
    private struct Segment {
        var cellCount: Int
        var pieces: [[UInt8]] = []
    }
}
