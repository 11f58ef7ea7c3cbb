internal import SluiceKit

/// Finds observations whose whole key appeared before in the dataset or in another one of the message, exactly and in bounded memory.
///
/// A row costs a bit (`PeriodBlocks`) and a note of where it was (`KeyLog`); where every key came once, the notes are never looked at. Keys for which
/// there is no room go to sorted files, whose merge brings equal ones together. Either way the duplicates come out at the end, in the order of their rows,
/// so that nobody sees which way was taken.
final class DuplicateCheck {
    let schema: DatasetSchema
    let keys: KeyCodes
    let standard: SDMXStandard
    private let measures: [Int]
    private let timePosition: Int?
    private let runRowsMax: Int
    private let keyWords: Int

    private let series: KeyTable
    private let blocks: PeriodBlocks
    private let log: KeyLog
    private let candidates: SpillSorter
    private let found: SpillSorter
    private var lastSeries = KeyTable.none
    private var hasLast = false
    private var hasRepeats = false
    private var hasCandidates = false
    private var scratch: UnsafeMutableBufferPointer<UInt32>
    private var origin: UInt32 = 0

    /// Words before the key in a record of `found`, and behind it in one of `candidates`.
    static let foundWords = 11
    private static let placeWords = 7

    init(schema: DatasetSchema, standard: SDMXStandard, limits: CheckLimits, directory: String) {
        self.schema = schema
        self.standard = standard
        keys = KeyCodes(schema.dimensions)
        measures = Array(schema.measures)
        timePosition = schema.timeDimension.map { $0 - schema.dimensions.lowerBound }
        keyWords = schema.dimensions.count
        let rowsMax = max(1, limits.duplicateRowsInMemoryMax)
        runRowsMax = min(KeyLog.runRowsMax, rowsMax)
        series = KeyTable(width: schema.seriesDimensions.count, keysMax: limits.duplicateKeysInMemoryMax)
        blocks = PeriodBlocks(blocksMax: limits.duplicateKeysInMemoryMax)
        log = KeyLog(limits: limits, directory: directory)
        candidates = SpillSorter(recordWords: keyWords + Self.placeWords, recordsInMemoryMax: rowsMax, limits: limits, directory: directory)
        found = SpillSorter(recordWords: Self.foundWords + keyWords, recordsInMemoryMax: rowsMax, limits: limits, directory: directory)
        scratch = .allocate(capacity: Self.foundWords + keyWords)
    }

    deinit { scratch.deallocate() }

    /// The rows that follow belong to this dataset.
    func beginDataset(_ ordinal: Int, _ action: DatasetAction) {
        keys.beginDataset()
        origin = Origin(dataset: ordinal, action: action).packed
        hasLast = false
    }

    /// The rows that follow do not continue the series of those before.
    func breakSeries() { hasLast = false }

    /// The number of a row's series, after `keys.update`.
    func seriesNumber(_ row: Int) -> UInt32 { series.number(keys.columns, row) }

    /// Adds rows whose dimensions are all present, after `keys.update`.
    /// - Parameters:
    ///   - sameSeries: of each row, whether the row before it has the same series.
    ///   - numbers: takes the number of each row's series; it stays the same for the message.
    func add(
        _ batch: Batch, rows range: Range<Int>, ordinalBefore: UInt64, sameSeries: UnsafeMutablePointer<Bool>, numbers: UnsafeMutablePointer<UInt32>
    ) throws(CheckError) {
        var start = range.lowerBound
        while start < range.upperBound {
            let cut = min(range.upperBound, start + runRowsMax)
            var end = start + 1
            while end < cut, sameSeries[end] { end += 1 }
            if !hasLast || !sameSeries[start] { lastSeries = series.number(keys.columns, start) }
            hasLast = true
            (numbers + start).update(repeating: lastSeries, count: end - start)
            if lastSeries == KeyTable.none {
                for row in start..<end { try addCandidate(batch, row, ordinalBefore) }
            } else {
                try addRun(batch, start..<end, ordinalBefore)
            }
            start = end
        }
    }

    private func addRun(_ batch: Batch, _ rows: Range<Int>, _ ordinalBefore: UInt64) throws(CheckError) {
        let (lines, first, number) = (batch.lines, batch.lines[rows.lowerBound], lastSeries)
        let place = try log.append(
            KeyLog.Run(series: number, rows: rows.count, origin: origin, ordinal: ordinalBefore + UInt64(rows.lowerBound + 1), line: first))
        let periods = timePosition.map { keys.columns[$0] }
        let only = measures.count == 1 && !batch.isCoded[measures[0]] ? batch.spans(measures[0]) : nil
        var block: UnsafeMutablePointer<PeriodBlocks.Block>?
        var blockKey = UInt64.max
        var isRepeated = false
        for row in rows {
            let period = periods?[row] ?? 0
            let key = PeriodBlocks.key(number, period)
            if key != blockKey { (block, blockKey) = (blocks.block(key), key) }
            if let block {
                let bit: UInt64 = 1 << UInt64(period & 63)
                let seen = block.pointee.seen
                block.pointee.seen = seen | bit
                if seen & bit != 0 {
                    block.pointee.again |= bit
                    isRepeated = true
                }
            } else {
                try addCandidate(batch, row, ordinalBefore)
            }
            let value = only.map { ValueDigest.of(batch, $0[row]) } ?? ValueDigest.of(batch, measures, row)
            KeyLog.write(
                KeyLog.Row(period: period, lineOffset: UInt32(truncatingIfNeeded: lines[row] &- first), value: value), at: place, row - rows.lowerBound)
        }
        if isRepeated { hasRepeats = true }
    }

    private func addCandidate(_ batch: Batch, _ row: Int, _ ordinalBefore: UInt64) throws(CheckError) {
        for position in 0..<keyWords { scratch[position] = keys.columns[position][row] }
        try appendCandidate(
            origin: origin, ordinal: ordinalBefore + UInt64(row + 1), line: batch.lines[row], value: ValueDigest.of(batch, measures, row))
    }

    /// The key is in `scratch` already.
    private func appendCandidate(origin: UInt32, ordinal: UInt64, line: UInt64, value: UInt64) throws(CheckError) {
        scratch[keyWords] = origin
        set(keyWords + 1, ordinal, line, value)
        hasCandidates = true
        try candidates.append(UnsafeBufferPointer(rebasing: scratch[..<(keyWords + Self.placeWords)]))
    }

    private func set(_ offset: Int, _ values: UInt64...) {
        for (position, value) in values.enumerated() {
            scratch[offset + position * 2] = UInt32(truncatingIfNeeded: value >> 32)
            scratch[offset + position * 2 + 1] = UInt32(truncatingIfNeeded: value)
        }
    }

    // MARK: At the end

    /// Reports every duplicate in the order of rows.
    func finish(_ report: (Duplicate) -> Void) throws(CheckError) {
        if hasRepeats { try collectRepeats() }
        if hasCandidates { try judgeCandidates() }
        try found.drain { record throws(CheckError) in report(Duplicate(record)) }
        log.removeAll()
    }

    /// Looks through the log for the rows of keys that were seen again.
    private func collectRepeats() throws(CheckError) {
        let seriesWidth = series.width
        try log.forEach { run, index, row throws(CheckError) in
            guard blocks.wasSeenAgain(run.series, row.period) == true else { return }
            for position in 0..<seriesWidth { scratch[position] = series.code(run.series, position) }
            if let timePosition { scratch[timePosition] = row.period }
            try appendCandidate(
                origin: run.origin, ordinal: run.ordinal + UInt64(index), line: run.line &+ UInt64(bitPattern: Int64(Int32(bitPattern: row.lineOffset))),
                value: row.value)
        }
    }

    /// Equal keys come together, in the order of datasets and rows.
    private func judgeCandidates() throws(CheckError) {
        let words = keyWords
        var key = [UInt32](repeating: 0, count: words)
        var first: Place?
        try candidates.drain { record throws(CheckError) in
            var isSame = true
            for offset in 0..<words where record[offset] != key[offset] {
                key[offset] = record[offset]
                isSame = false
            }
            let place = Place(record, words)
            if !isSame { first = nil }
            guard let known = first else {
                if place.origin.action != .delete { first = place }
                return
            }
            // Within one dataset the first counts; between datasets the last one before.
            if place.origin.action == .delete { first = nil } else if place.origin != known.origin { first = place }
            scratch[0] = place.origin.packed
            set(1, place.ordinal, place.line)
            scratch[5] = known.origin.packed
            set(6, known.ordinal, known.line)
            scratch[10] = ValueDigest.agree(place.value, known.value) ? 1 : 0
            for offset in 0..<words { scratch[Self.foundWords + offset] = record[offset] }
            try found.append(UnsafeBufferPointer(scratch))
        }
    }

    /// Where a key stands.
    private struct Place {
        var origin: Origin
        var ordinal: UInt64
        var line: UInt64
        var value: UInt64

        init(_ record: UnsafeBufferPointer<UInt32>, _ offset: Int) {
            func wide(_ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }
            origin = Origin(packed: record[offset])
            (ordinal, line, value) = (wide(offset + 1), wide(offset + 3), wide(offset + 5))
        }
    }
}
