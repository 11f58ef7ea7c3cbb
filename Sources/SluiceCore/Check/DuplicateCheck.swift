internal import SluiceKit

/// Finds observations whose whole key appeared before in the dataset, exactly and in bounded memory.
///
/// Keys are dictionary codes. Up to a limit of rows they are held in a hash table; past it they go to sorted files whose merge brings equal keys
/// together. Either way the duplicates come out at the end, in the order of their rows, so that nobody sees which way was taken.
final class DuplicateCheck {
    struct Duplicate {
        var row: UInt64
        var line: UInt64
        var firstRow: UInt64
        var firstLine: UInt64
        /// Whether the measures have the same decimal values (compared by a 64-bit hash).
        var valuesAgree: Bool
        /// Codes of the dimensions in key order.
        var key: UnsafeBufferPointer<UInt32>
    }

    private let seriesColumns: [Int]
    private let timeColumn: Int?
    private let measures: [Int]
    private let rowsMax: Int
    private let limits: CheckLimits
    private let directory: String
    private let keyWords: Int

    // Series, each stored once: rows then need only its number and the time code.
    private var seriesCodes: ContiguousArray<UInt32> = []
    private var seriesCount = 0
    private var seriesSlots: ContiguousArray<UInt32> = []
    private var lastSeries = UInt32.max

    private struct Row {
        /// The series' number and the time code.
        var key: UInt64
        var ordinal: UInt64
        var line: UInt64
        /// A hash of the measures.
        var value: UInt64
    }
    private var rows: UnsafeMutablePointer<Row>
    private var rowCount = 0
    private var rowCapacity = 1 << 11
    private var slots: UnsafeMutablePointer<UInt32>
    private var slotCount = 1 << 12

    private let spilled: SpillSorter
    private let found: SpillSorter
    private var scratch: [UInt32]

    init(schema: DatasetSchema, limits: CheckLimits, directory: String) {
        seriesColumns = Array(schema.seriesDimensions)
        timeColumn = schema.timeDimension
        measures = Array(schema.measures)
        rowsMax = max(1, min(limits.duplicateRowsInMemoryMax, Int(UInt32.max) / 4))
        self.limits = limits
        self.directory = directory
        keyWords = schema.dimensions.count
        spilled = SpillSorter(recordWords: keyWords + 6, recordsInMemoryMax: rowsMax, limits: limits, directory: directory)
        found = SpillSorter(recordWords: 9 + keyWords, recordsInMemoryMax: min(rowsMax, 1 << 16), limits: limits, directory: directory)
        scratch = [UInt32](repeating: 0, count: 9 + keyWords)
        rows = .allocate(capacity: rowCapacity)
        slots = .allocate(capacity: slotCount)
        removeAllRows()
    }

    deinit {
        rows.deallocate()
        slots.deallocate()
    }

    /// Adds rows whose dimensions are all present. `sameSeries` says of each whether the row added before it has the same series.
    func add(_ batch: Batch, rows range: Range<Int>, ordinalBefore: UInt64, sameSeries: UnsafeBufferPointer<Bool>) throws(CheckError) {
        let times = timeColumn.map { batch.codes($0) }
        let measures = measures
        var row = range.lowerBound
        while row < range.upperBound {
            if rowCount >= rowsMax { try spill() }
            let end = min(range.upperBound, row + rowsMax - rowCount)
            reserve(end - row)
            // Copies, so that the loop does not go through the object's properties.
            let (rows, slots, mask) = (rows, slots, slotCount - 1)
            var (count, series) = (rowCount, lastSeries)
            while row < end {
                if series == .max || !sameSeries[row] { series = self.series(batch, row) }
                let key = UInt64(series) << 32 | UInt64(times?[row] ?? 0)
                var value: UInt64 = 0xcbf2_9ce4_8422_2325
                for column in measures {
                    let span = batch.spans(column)[row]
                    value = span.isAbsent ? value &* 31 : NumberText.mix(batch.bytes(span), into: value &+ 1)
                }
                rows[count] = Row(key: key, ordinal: ordinalBefore + UInt64(row + 1), line: batch.lines[row], value: value)
                var slot = Int(truncatingIfNeeded: Self.mix(key)) & mask
                while slots[slot] != .max, rows[Int(slots[slot])].key != key { slot = (slot + 1) & mask }
                if slots[slot] == .max { slots[slot] = UInt32(truncatingIfNeeded: count) } else { try note(rows[count], first: rows[Int(slots[slot])]) }
                count += 1
                row += 1
            }
            (rowCount, lastSeries) = (count, series)
        }
    }

    /// Hands out every duplicate in the order of rows and forgets everything.
    func finish(_ report: (Duplicate) -> Void) throws(CheckError) {
        if spilled.hasSpilled {
            if rowCount > 0 { try spill() }
            try merge()
        }
        try found.drain { record throws(CheckError) in
            func wide(_ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }
            report(
                Duplicate(
                    row: wide(0), line: wide(2), firstRow: wide(4), firstLine: wide(6), valuesAgree: record[8] == 1,
                    key: UnsafeBufferPointer(rebasing: record[9...])))
        }
        spilled.removeAll()
        removeAllRows()
    }

    private func removeAllRows() {
        seriesCodes.removeAll(keepingCapacity: true)
        seriesCount = 0
        seriesSlots = ContiguousArray(repeating: .max, count: 1 << 10)
        lastSeries = .max
        rowCount = 0
        slots.initialize(repeating: .max, count: slotCount)
    }

    /// Makes room for more rows, with at least half of the table's slots free.
    private func reserve(_ more: Int) {
        let wanted = rowCount + more
        if wanted > rowCapacity {
            while rowCapacity < wanted { rowCapacity *= 2 }
            let grown = UnsafeMutablePointer<Row>.allocate(capacity: rowCapacity)
            grown.moveInitialize(from: rows, count: rowCount)
            rows.deallocate()
            rows = grown
        }
        guard wanted * 2 > slotCount else { return }
        while slotCount < wanted * 2 { slotCount *= 2 }
        slots.deallocate()
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: .max, count: slotCount)
        let mask = slotCount - 1
        for index in 0..<rowCount {
            var slot = Int(truncatingIfNeeded: Self.mix(rows[index].key)) & mask
            // Of equal keys only the first is in the table.
            while slots[slot] != .max, rows[Int(slots[slot])].key != rows[index].key { slot = (slot + 1) & mask }
            if slots[slot] == .max { slots[slot] = UInt32(truncatingIfNeeded: index) }
        }
    }

    // MARK: In memory

    @inline(__always)
    private static func mix(_ key: UInt64) -> UInt64 {
        var hash = (key ^ (key >> 31)) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 29
        hash = hash &* 0xbf58_476d_1ce4_e5b9
        return hash ^ (hash >> 32)
    }

    private func series(_ batch: Batch, _ row: Int) -> UInt32 {
        let width = seriesColumns.count
        var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
        for column in seriesColumns { hash = Self.mix(hash ^ UInt64(batch.codes(column)[row])) }
        let mask = seriesSlots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        probing: while seriesSlots[slot] != .max {
            let candidate = Int(seriesSlots[slot]) * width
            for (offset, column) in seriesColumns.enumerated() where seriesCodes[candidate + offset] != batch.codes(column)[row] {
                slot = (slot + 1) & mask
                continue probing
            }
            return seriesSlots[slot]
        }
        let number = UInt32(truncatingIfNeeded: seriesCount)
        for column in seriesColumns { seriesCodes.append(batch.codes(column)[row]) }
        seriesSlots[slot] = number
        seriesCount += 1
        if seriesCount * 2 > seriesSlots.count { growSeriesSlots() }
        return number
    }

    private func growSeriesSlots() {
        seriesSlots = ContiguousArray(repeating: .max, count: seriesSlots.count * 2)
        let (width, mask) = (seriesColumns.count, seriesSlots.count - 1)
        for number in 0..<seriesCount {
            var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
            for offset in 0..<width { hash = Self.mix(hash ^ UInt64(seriesCodes[number * width + offset])) }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while seriesSlots[slot] != .max { slot = (slot + 1) & mask }
            seriesSlots[slot] = UInt32(truncatingIfNeeded: number)
        }
    }

    private func note(_ row: Row, first: Row) throws(CheckError) {
        let width = seriesColumns.count
        fill(0, row.ordinal, row.line, first.ordinal, first.line, agree: row.value == first.value)
        let series = Int(row.key >> 32)
        for offset in 0..<width { scratch[9 + offset] = seriesCodes[series * width + offset] }
        if timeColumn != nil { scratch[9 + width] = UInt32(truncatingIfNeeded: row.key) }
        try appendFound()
    }

    private func fill(_ offset: Int, _ row: UInt64, _ line: UInt64, _ firstRow: UInt64, _ firstLine: UInt64, agree: Bool) {
        for (position, value) in [row, line, firstRow, firstLine].enumerated() {
            scratch[offset + position * 2] = UInt32(truncatingIfNeeded: value >> 32)
            scratch[offset + position * 2 + 1] = UInt32(truncatingIfNeeded: value)
        }
        scratch[offset + 8] = agree ? 1 : 0
    }

    private func appendFound() throws(CheckError) {
        var failure: CheckError?
        scratch.withUnsafeBufferPointer { record in
            do throws(CheckError) { try found.append(record) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: In files

    /// Writes the rows in memory as one sorted run. What was found among them is found again by the merge.
    private func spill() throws(CheckError) {
        found.removeAll()
        let width = seriesColumns.count
        let order = seriesCodes.withUnsafeBufferPointer { codes in
            Array(0..<seriesCount).sorted { left, right in
                for offset in 0..<width {
                    let (a, b) = (codes[left * width + offset], codes[right * width + offset])
                    if a != b { return a < b }
                }
                return false
            }
        }
        var ranks = [UInt32](repeating: 0, count: seriesCount)
        for (rank, series) in order.enumerated() { ranks[series] = UInt32(truncatingIfNeeded: rank) }
        // Stable by row: the rows were added in order, so the index breaks ties.
        var sorted = (0..<rowCount).map { index in
            (key: UInt64(ranks[Int(rows[index].key >> 32)]) << 32 | rows[index].key & 0xFFFF_FFFF, index: UInt32(truncatingIfNeeded: index))
        }
        sorted.sort { $0.key != $1.key ? $0.key < $1.key : $0.index < $1.index }
        try spilled.writeRun(count: sorted.count) { position, record in
            let row = rows[Int(sorted[position].index)]
            let series = Int(row.key >> 32)
            for offset in 0..<width { record[offset] = seriesCodes[series * width + offset] }
            if timeColumn != nil { record[width] = UInt32(truncatingIfNeeded: row.key) }
            for (position, value) in [row.ordinal, row.line, row.value].enumerated() {
                record[keyWords + position * 2] = UInt32(truncatingIfNeeded: value >> 32)
                record[keyWords + position * 2 + 1] = UInt32(truncatingIfNeeded: value)
            }
        }
        removeAllRows()
    }

    private func merge() throws(CheckError) {
        found.removeAll()
        let words = keyWords
        var first = [UInt32](repeating: 0, count: words + 6)
        var hasFirst = false
        try spilled.drain { record throws(CheckError) in
            var isSame = hasFirst
            var offset = 0
            while isSame, offset < words {
                isSame = record[offset] == first[offset]
                offset += 1
            }
            guard isSame else {
                for offset in record.indices { first[offset] = record[offset] }
                hasFirst = true
                return
            }
            func wide(_ words: some RandomAccessCollection<UInt32>, _ offset: Int) -> UInt64 {
                let index = words.index(words.startIndex, offsetBy: offset)
                return UInt64(words[index]) << 32 | UInt64(words[words.index(after: index)])
            }
            fill(
                0, wide(record, words), wide(record, words + 2), wide(first, words), wide(first, words + 2),
                agree: wide(record, words + 4) == wide(first, words + 4))
            for offset in 0..<words { scratch[9 + offset] = record[offset] }
            try appendFound()
        }
    }
}
