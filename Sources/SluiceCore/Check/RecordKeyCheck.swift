internal import SluiceKit

/// Finds records whose whole key came before in the message, in bounded memory however many records there are.
///
/// A record is noted by 128 bits of a hash of its key, seeded anew by the process, so that nobody can prepare two keys that look like one; the notes go to
/// sorted files, whose merge brings equal ones together. The duplicates come out at the end, in the order of their rows.
final class RecordKeyCheck {
    private let notes: SpillSorter
    private let found: SpillSorter
    private let columns: Range<Int>
    private let names: String
    private let seeds: (UInt64, UInt64)
    private let note: UnsafeMutableBufferPointer<UInt32>
    /// Records noted in memory before they go to a file, 36 bytes each.
    static let recordsInMemoryMax = 1 << 17

    private static let noteWords = 9
    private static let foundWords = 7

    init(_ schema: DatasetSchema, limits: CheckLimits, directory: String) {
        columns = schema.keys
        names = schema.components[schema.keys].map(\.id).joined(separator: ", ")
        notes = SpillSorter(recordWords: Self.noteWords, recordsInMemoryMax: Self.recordsInMemoryMax, limits: limits, directory: directory)
        found = SpillSorter(recordWords: Self.foundWords, recordsInMemoryMax: Self.recordsInMemoryMax, limits: limits, directory: directory)
        seeds = (.random(in: .min ... .max), .random(in: .min ... .max))
        note = .allocate(capacity: Self.noteWords)
    }

    deinit { note.deallocate() }

    /// Notes the records of one filling; one without its whole key is reported for that, and is nobody's duplicate.
    func add(_ batch: Batch, _ count: Int, dataset: Int, ordinalBefore: Int) throws(CheckError) {
        for row in 0..<count {
            var (one, other) = seeds
            var isWhole = true
            for column in columns {
                guard let bytes = batch.cell(column, row), !bytes.isEmpty else {
                    isWhole = false
                    break
                }
                Self.mix(bytes, &one, &other)
            }
            guard isWhole else { continue }
            set(0, one)
            set(2, other)
            note[4] = UInt32(truncatingIfNeeded: dataset)
            set(5, UInt64(ordinalBefore + row + 1))
            set(7, batch.lines[row])
            try notes.append(UnsafeBufferPointer(note))
        }
    }

    /// Reports every duplicate.
    func finish(into findings: any FindingSink) throws(CheckError) {
        var (one, other, first) = (UInt64(0), UInt64(0), UInt64(0))
        var isFirst = true
        try notes.drain { record throws(CheckError) in
            let (left, right) = (Self.wide(record, 0), Self.wide(record, 2))
            guard !isFirst, left == one, right == other else {
                (one, other, first, isFirst) = (left, right, Self.wide(record, 7), false)
                return
            }
            // The sort key first: dataset, then row.
            note[0] = record[4]
            set(1, Self.wide(record, 5))
            set(3, Self.wide(record, 7))
            set(5, first)
            try found.append(UnsafeBufferPointer(rebasing: note[..<Self.foundWords]))
        }
        try found.drain { record throws(CheckError) in
            let first = Self.wide(record, 5)
            findings.add(
                Finding(
                    .keyDuplicate, at: Position(line: Int(Self.wide(record, 3)), row: Int(Self.wide(record, 1)), dataset: Int(record[0])), component: names,
                    message: "A record with the same \(names) was given before\(first > 0 ? ", in line \(first)" : "").",
                    advice: "Leave one of the two out, or give each record a key of its own."))
        }
    }

    private func set(_ offset: Int, _ value: UInt64) {
        note[offset] = UInt32(truncatingIfNeeded: value >> 32)
        note[offset + 1] = UInt32(truncatingIfNeeded: value)
    }

    private static func wide(_ record: UnsafeBufferPointer<UInt32>, _ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }

    /// Two lanes of a multiply-and-fold over eight bytes at a time; the length goes in last, so that values cannot run into each other.
    private static func mix(_ bytes: UnsafeRawBufferPointer, _ one: inout UInt64, _ other: inout UInt64) {
        var offset = 0
        while offset < bytes.count {
            var word: UInt64 = 0
            if offset + 8 <= bytes.count {
                word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            } else {
                for place in offset..<bytes.count { word |= UInt64(bytes[place]) << UInt64((place - offset) * 8) }
            }
            fold(word, &one, &other)
            offset += 8
        }
        fold(UInt64(bytes.count), &one, &other)
    }

    private static func fold(_ word: UInt64, _ one: inout UInt64, _ other: inout UInt64) {
        let left = (one ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        let right = (other ^ word).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        one = left.high ^ left.low ^ other
        other = right.high ^ right.low &+ (one << 32 | one >> 32)
    }
}
