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

    private var keys: ContiguousArray<UInt64> = []
    private var rows: ContiguousArray<UInt64> = []
    private var lines: ContiguousArray<UInt64> = []
    private var values: ContiguousArray<UInt64> = []
    private var slots: ContiguousArray<UInt32> = []

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
        removeAllRows()
    }

    /// Adds a row whose dimensions are all present. `sameSeries`: the row before it, if also added, had the same series.
    @inline(__always)
    func add(_ batch: Batch, row: Int, ordinal: UInt64, sameSeries: Bool) throws(CheckError) {
        if keys.count >= rowsMax { try spill() }
        if !sameSeries || lastSeries == .max { lastSeries = series(batch, row) }
        let time = timeColumn.map { batch.codes($0)[row] } ?? 0
        let key = UInt64(lastSeries) << 32 | UInt64(time)
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for column in measures {
            let span = batch.spans(column)[row]
            value = span.isAbsent ? value &* 31 : NumberText.mix(batch.bytes(span), into: value &+ 1)
        }
        let index = keys.count
        keys.append(key)
        rows.append(ordinal)
        lines.append(batch.lines[row])
        values.append(value)
        if (index + 1) * 2 > slots.count { try growSlots() } else if let first = insert(key, UInt32(truncatingIfNeeded: index)) {
            try note(index, first: Int(first))
        }
    }

    /// Hands out every duplicate in the order of rows and forgets everything.
    func finish(_ report: (Duplicate) -> Void) throws(CheckError) {
        if spilled.hasSpilled {
            if !keys.isEmpty { try spill() }
            try merge()
        }
        try found.drain { record throws(CheckError) in
            func wide(_ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }
            report(Duplicate(
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
        keys.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        slots = ContiguousArray(repeating: .max, count: 1 << 12)
    }

    // MARK: In memory

    @inline(__always)
    private static func mix(_ key: UInt64) -> UInt64 {
        var hash = (key ^ (key >> 31)) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 29
        hash = hash &* 0xbf58_476d_1ce4_e5b9
        return hash ^ (hash >> 32)
    }

    /// Puts the row into the table, or returns the row that has its key.
    @inline(__always)
    private func insert(_ key: UInt64, _ index: UInt32) -> UInt32? {
        slots.withUnsafeMutableBufferPointer { slots in
            keys.withUnsafeBufferPointer { keys in
                let mask = slots.count - 1
                var slot = Int(truncatingIfNeeded: Self.mix(key)) & mask
                while slots[slot] != .max {
                    if keys[Int(slots[slot])] == key { return slots[slot] }
                    slot = (slot + 1) & mask
                }
                slots[slot] = index
                return nil
            }
        }
    }

    /// Doubles the table. The newest row is put in last, as any other; a duplicate among the older ones stays out of the table as before.
    private func growSlots() throws(CheckError) {
        slots = ContiguousArray(repeating: .max, count: slots.count * 2)
        for index in 0..<(keys.count - 1) { _ = insert(keys[index], UInt32(truncatingIfNeeded: index)) }
        let newest = keys.count - 1
        if let first = insert(keys[newest], UInt32(truncatingIfNeeded: newest)) { try note(newest, first: Int(first)) }
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

    private func note(_ index: Int, first: Int) throws(CheckError) {
        let width = seriesColumns.count
        fill(0, rows[index], lines[index], rows[first], lines[first], agree: values[index] == values[first])
        let series = Int(keys[index] >> 32)
        for offset in 0..<width { scratch[9 + offset] = seriesCodes[series * width + offset] }
        if timeColumn != nil { scratch[9 + width] = UInt32(truncatingIfNeeded: keys[index]) }
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
        var sorted = keys.enumerated().map { (key: UInt64(ranks[Int($1 >> 32)]) << 32 | UInt64(UInt32(truncatingIfNeeded: $1)), index: UInt32(truncatingIfNeeded: $0)) }
        sorted.sort { $0.key != $1.key ? $0.key < $1.key : $0.index < $1.index }
        try spilled.writeRun(count: sorted.count) { position, record in
            let index = Int(sorted[position].index)
            let series = Int(keys[index] >> 32)
            for offset in 0..<width { record[offset] = seriesCodes[series * width + offset] }
            if timeColumn != nil { record[width] = UInt32(truncatingIfNeeded: keys[index]) }
            for (position, value) in [rows[index], lines[index], values[index]].enumerated() {
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
