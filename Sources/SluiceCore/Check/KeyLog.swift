internal import SluiceKit

/// What was read, row by row and in order, kept for the one look back that duplicates need: in memory, then in a nameless file.
///
/// Rows come in runs of one series: eight words for the run, four for each row.
final class KeyLog {
    struct Run {
        var series: UInt32
        var rows: Int
        /// The dataset's ordinal and its action, as `DuplicateCheck.origin` packs them.
        var origin: UInt32
        /// Of the run's first row; the others follow it.
        var ordinal: UInt64
        var line: UInt64
    }
    struct Row {
        var period: UInt32
        /// Lines after the run's first.
        var lineOffset: UInt32
        var value: UInt64
    }

    private static let runWords = 8
    private static let rowWords = 4
    /// Rows of one run; longer ones are cut, which nobody sees.
    static let runRowsMax = 8_192

    private let wordsMax: Int
    private let bytesMax: Int
    private let directory: String
    @exclusivity(unchecked) private var words: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private var used = 0
    @exclusivity(unchecked) private var capacity = 1 << 12
    private var file: SpillFile?

    init(limits: CheckLimits, directory: String) {
        wordsMax = max(1, limits.duplicateRowsInMemoryMax) * Self.rowWords
        bytesMax = limits.spillBytesMax
        self.directory = directory
        words = .allocate(capacity: capacity)
    }

    deinit { words.deallocate() }

    /// Adds a run and returns where its rows go; the caller fills all of them at once.
    func append(_ run: Run) throws(CheckError) -> UnsafeMutablePointer<UInt32> {
        if used >= wordsMax { try spill() }
        let wanted = used + Self.runWords + run.rows * Self.rowWords
        if wanted > capacity { grow(to: wanted) }
        let start = words + used
        start[0] = run.series
        start[1] = UInt32(truncatingIfNeeded: run.rows)
        start[2] = run.origin
        start[3] = 0
        start[4] = UInt32(truncatingIfNeeded: run.ordinal >> 32)
        start[5] = UInt32(truncatingIfNeeded: run.ordinal)
        start[6] = UInt32(truncatingIfNeeded: run.line >> 32)
        start[7] = UInt32(truncatingIfNeeded: run.line)
        used = wanted
        return start + Self.runWords
    }

    @inline(__always)
    static func write(_ row: Row, at place: UnsafeMutablePointer<UInt32>, _ index: Int) {
        let start = place + index * rowWords
        start[0] = row.period
        start[1] = row.lineOffset
        start[2] = UInt32(truncatingIfNeeded: row.value >> 32)
        start[3] = UInt32(truncatingIfNeeded: row.value)
    }

    /// Hands out every row in order. More may be added afterwards.
    func forEach(_ body: (Run, Int, Row) throws(CheckError) -> Void) throws(CheckError) {
        let header = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: Self.runWords)
        let cells = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: Self.rowWords)
        defer {
            header.deallocate()
            cells.deallocate()
        }
        if let file {
            try file.rewind()
            while try file.read(into: header) {
                let run = Self.run(UnsafePointer(header.baseAddress.unsafelyUnwrapped))
                for index in 0..<run.rows {
                    guard try file.read(into: cells) else { return }
                    try body(run, index, Self.row(UnsafePointer(cells.baseAddress.unsafelyUnwrapped)))
                }
            }
        }
        var offset = 0
        while offset < used {
            let run = Self.run(words + offset)
            offset += Self.runWords
            for index in 0..<run.rows {
                try body(run, index, Self.row(words + offset))
                offset += Self.rowWords
            }
        }
    }

    func removeAll() {
        used = 0
        file = nil
    }

    private static func run(_ words: UnsafePointer<UInt32>) -> Run {
        Run(
            series: words[0], rows: Int(words[1]), origin: words[2], ordinal: UInt64(words[4]) << 32 | UInt64(words[5]),
            line: UInt64(words[6]) << 32 | UInt64(words[7]))
    }

    private static func row(_ words: UnsafePointer<UInt32>) -> Row {
        Row(period: words[0], lineOffset: words[1], value: UInt64(words[2]) << 32 | UInt64(words[3]))
    }

    private func spill() throws(CheckError) {
        let file: SpillFile
        if let known = self.file { file = known } else { file = try SpillFile(directory: directory) }
        self.file = file
        guard (file.wordCount + used) * 4 <= bytesMax else { throw SpillSorter.tooMuch(bytesMax) }
        try file.append(UnsafeBufferPointer(start: words, count: used))
        used = 0
    }

    private func grow(to wanted: Int) {
        while capacity < wanted { capacity *= 2 }
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        grown.moveInitialize(from: words, count: used)
        words.deallocate()
        words = grown
    }
}
