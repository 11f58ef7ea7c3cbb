internal import SluiceKit

/// Sees that an attribute of a series, a group or the dataset has one value there, wherever its rows stand (SDMX 2.1, section 2, §5.3.3, attribute relationship).
///
/// The first value of each key is held in memory up to a limit; rows of further keys go to sorted files. What differs comes out at the end, in the order
/// of rows, one finding per run of consecutive rows. A row without a value says nothing: SDMX-CSV lets a value stand once.
final class RelationshipCheck {
    /// What an attribute's value belongs to.
    struct Attachment {
        /// Dimensions; none for the dataset.
        var columns: [Int]
        var attributes: [Int]
    }
    private final class Keys {
        let table: KeyTable
        let columns: KeyColumns
        /// Per key and attribute: the first value's code and place.
        var codes: ContiguousArray<UInt32> = []
        var places: ContiguousArray<UInt64> = []
        /// Per attribute: what differs in the rows just seen.
        var open: [Deviation?]

        init(_ attachment: Attachment, valuesMax: Int) {
            table = KeyTable(width: attachment.columns.count, keysMax: max(1, valuesMax / max(1, attachment.attributes.count)))
            columns = .allocate(capacity: max(1, attachment.columns.count))
            open = attachment.attributes.map { _ in nil }
        }

        deinit { columns.deallocate() }
    }
    /// A run of consecutive rows whose value is another than the key's first.
    struct Deviation {
        var column: Int
        var code: UInt32
        var key: UInt32
        var ordinal: UInt64
        var line: UInt64
        var rows: UInt64
        var firstPeriod: UInt32
        var lastPeriod: UInt32
        var trueCode: UInt32
        var truePlace: UInt64
    }

    let schema: DatasetSchema
    let attachments: [Attachment]
    private let limits: CheckLimits
    private var keys: [Keys]
    private let keyWordsMax: Int
    private let overflow: SpillSorter
    private let found: SpillSorter
    private var hasOverflow = false
    private var scratch: [UInt32]

    /// Words before the key in a record of `found`, and behind it in one of `overflow`.
    static let foundWords = 13
    private static let runWords = 8
    /// A place is a line, or an observation's ordinal with this bit.
    static let isOrdinal: UInt64 = 1 << 63

    /// Nil when no attribute belongs to more than one observation.
    init?(_ schema: DatasetSchema, levels: [Check.Level], columnsOfRun: (Int) -> [Int], limits: CheckLimits, directory: String) {
        var positions: [Int: Int] = [:]
        var attachments: [Attachment] = []
        for column in schema.attributes {
            guard case .run(let run) = levels[column] else { continue }
            if positions[run] == nil {
                positions[run] = attachments.count
                attachments.append(Attachment(columns: columnsOfRun(run), attributes: []))
            }
            if let position = positions[run] { attachments[position].attributes.append(column) }
        }
        guard !attachments.isEmpty else { return nil }
        self.schema = schema
        self.attachments = attachments
        self.limits = limits
        let valuesMax = limits.relationshipValuesInMemoryMax
        keys = attachments.map { Keys($0, valuesMax: valuesMax) }
        keyWordsMax = schema.dimensions.count
        let rowsMax = max(1, min(limits.duplicateRowsInMemoryMax, 1 << 16))
        overflow = SpillSorter(recordWords: 2 + keyWordsMax + Self.runWords, recordsInMemoryMax: rowsMax, limits: limits, directory: directory)
        found = SpillSorter(recordWords: Self.foundWords + keyWordsMax, recordsInMemoryMax: rowsMax, limits: limits, directory: directory)
        scratch = [UInt32](repeating: 0, count: max(2 + Self.runWords, Self.foundWords) + keyWordsMax)
    }

    /// Marks where a value of any attribute changes: `isSame[row]` stays true only where every one is that of the row before.
    func markChanges(_ batch: Batch, _ count: Int, _ isSame: UnsafeMutablePointer<Bool>) {
        for attachment in attachments {
            for column in attachment.attributes {
                let codes = batch.codes(column)
                for row in stride(from: count - 1, to: 0, by: -1) { isSame[row] = isSame[row] && codes[row] == codes[row - 1] }
            }
        }
        if count > 0 { isSame[0] = false }
    }

    /// Adds rows that all have the same series and the same values.
    /// - Parameter isEmpty: whether a code of the column is an empty text.
    func add(_ batch: Batch, rows: Range<Int>, ordinalBefore: UInt64, isEmpty: (Int, UInt32) -> Bool) throws(CheckError) {
        let row = rows.lowerBound
        for (position, attachment) in attachments.enumerated() {
            let keys = keys[position]
            var key: UInt32?
            for (index, column) in attachment.attributes.enumerated() {
                let code = batch.codes(column)[row]
                if code == ValueDictionary.absent || isEmpty(column, code) {
                    try close(keys, index, attachment)
                    continue
                }
                if key == nil {
                    if attachment.columns.contains(where: { batch.codes($0)[row] == ValueDictionary.absent }) { break }
                    for (offset, column) in attachment.columns.enumerated() { keys.columns[offset] = UnsafePointer(batch.codes(column)) }
                    key = keys.table.number(keys.columns, row)
                }
                guard let number = key else { break }
                if number == KeyTable.none {
                    try addOverflow(batch, rows, ordinalBefore, position, column, code)
                    continue
                }
                let cell = Int(number) * attachment.attributes.count + index
                while keys.codes.count <= cell {
                    keys.codes.append(ValueDictionary.absent)
                    keys.places.append(0)
                }
                let ordinal = ordinalBefore + UInt64(row + 1)
                if keys.codes[cell] == ValueDictionary.absent {
                    keys.codes[cell] = code
                    keys.places[cell] = Self.place(batch.lines[row], ordinal)
                }
                if keys.codes[cell] == code {
                    try close(keys, index, attachment)
                } else {
                    try deviate(batch, rows, ordinal, keys, index, column, code, number, cell, attachment)
                }
            }
        }
    }

    private static func place(_ line: UInt64, _ ordinal: UInt64) -> UInt64 { line > 0 ? line : ordinal | isOrdinal }

    private func deviate(
        _ batch: Batch, _ rows: Range<Int>, _ ordinal: UInt64, _ keys: Keys, _ index: Int, _ column: Int, _ code: UInt32, _ number: UInt32, _ cell: Int,
        _ attachment: Attachment
    ) throws(CheckError) {
        let (first, last) = periods(batch, rows)
        if var open = keys.open[index], open.key == number, open.code == code, open.ordinal + open.rows == ordinal {
            open.rows += UInt64(rows.count)
            open.lastPeriod = last
            keys.open[index] = open
            return
        }
        try close(keys, index, attachment)
        keys.open[index] = Deviation(
            column: column, code: code, key: number, ordinal: ordinal, line: batch.lines[rows.lowerBound], rows: UInt64(rows.count), firstPeriod: first,
            lastPeriod: last, trueCode: keys.codes[cell], truePlace: keys.places[cell])
    }

    private func periods(_ batch: Batch, _ rows: Range<Int>) -> (first: UInt32, last: UInt32) {
        guard let time = schema.timeDimension else { return (ValueDictionary.absent, ValueDictionary.absent) }
        return (batch.codes(time)[rows.lowerBound], batch.codes(time)[rows.upperBound - 1])
    }

    private func close(_ keys: Keys, _ index: Int, _ attachment: Attachment) throws(CheckError) {
        guard let open = keys.open[index] else { return }
        keys.open[index] = nil
        for offset in attachment.columns.indices { scratch[Self.foundWords + offset] = keys.table.code(open.key, offset) }
        try note(open, keyWidth: attachment.columns.count)
    }

    /// The key is in `scratch` already, behind `foundWords`.
    private func note(_ deviation: Deviation, keyWidth: Int) throws(CheckError) {
        set(0, deviation.ordinal)
        scratch[2] = UInt32(truncatingIfNeeded: deviation.column)
        set(3, deviation.line)
        scratch[5] = deviation.code
        set(6, deviation.rows)
        scratch[8] = deviation.firstPeriod
        scratch[9] = deviation.lastPeriod
        scratch[10] = deviation.trueCode
        set(11, deviation.truePlace)
        for offset in keyWidth..<max(keyWidth, keyWordsMax) { scratch[Self.foundWords + offset] = ValueDictionary.absent }
        try append(to: found, words: Self.foundWords + keyWordsMax)
    }

    private func set(_ offset: Int, _ value: UInt64) {
        scratch[offset] = UInt32(truncatingIfNeeded: value >> 32)
        scratch[offset + 1] = UInt32(truncatingIfNeeded: value)
    }

    private func append(to sorter: SpillSorter, words: Int) throws(CheckError) {
        var failure: CheckError?
        scratch.withUnsafeBufferPointer { record in
            do throws(CheckError) { try sorter.append(UnsafeBufferPointer(rebasing: record[..<words])) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: Keys for which there is no room

    private func addOverflow(_ batch: Batch, _ rows: Range<Int>, _ ordinalBefore: UInt64, _ position: Int, _ column: Int, _ code: UInt32) throws(CheckError) {
        let row = rows.lowerBound
        scratch[0] = UInt32(truncatingIfNeeded: column)
        let columns = attachments[position].columns
        for offset in 0..<keyWordsMax { scratch[1 + offset] = offset < columns.count ? batch.codes(columns[offset])[row] : ValueDictionary.absent }
        let (first, last) = periods(batch, rows)
        set(1 + keyWordsMax, ordinalBefore + UInt64(row + 1))
        set(3 + keyWordsMax, batch.lines[row])
        scratch[5 + keyWordsMax] = code
        scratch[6 + keyWordsMax] = UInt32(truncatingIfNeeded: rows.count)
        scratch[7 + keyWordsMax] = first
        scratch[8 + keyWordsMax] = last
        scratch[9 + keyWordsMax] = UInt32(truncatingIfNeeded: position)
        hasOverflow = true
        try append(to: overflow, words: 2 + keyWordsMax + Self.runWords)
    }

    /// Equal keys come together, each in the order of rows.
    private func judgeOverflow() throws(CheckError) {
        let keyWords = keyWordsMax
        var head = [UInt32](repeating: 0, count: 1 + keyWords)
        var truth: (code: UInt32, place: UInt64)?
        var open: Deviation?
        func end() throws(CheckError) {
            guard let deviation = open else { return }
            open = nil
            for offset in 0..<keyWords { scratch[Self.foundWords + offset] = head[1 + offset] }
            try note(deviation, keyWidth: keyWords)
        }
        try overflow.drain { record throws(CheckError) in
            func wide(_ offset: Int) -> UInt64 { UInt64(record[1 + keyWords + offset]) << 32 | UInt64(record[2 + keyWords + offset]) }
            if truth == nil || (0...keyWords).contains(where: { head[$0] != record[$0] }) {
                try end()
                for offset in 0...keyWords { head[offset] = record[offset] }
                truth = nil
            }
            let (ordinal, line, code) = (wide(0), wide(2), record[5 + keyWords])
            let known = truth ?? (code, Self.place(line, ordinal))
            truth = known
            guard code != known.code else { return try end() }
            let (rows, last) = (UInt64(record[6 + keyWords]), record[8 + keyWords])
            if var same = open, same.code == code, same.ordinal + same.rows == ordinal {
                same.rows += rows
                same.lastPeriod = last
                open = same
                return
            }
            try end()
            open = Deviation(
                column: Int(head[0]), code: code, key: 0, ordinal: ordinal, line: line, rows: rows, firstPeriod: record[7 + keyWords], lastPeriod: last,
                trueCode: known.code, truePlace: known.place)
        }
        try end()
    }

    /// Hands out what differs in the order of rows, with the codes of its key in the attachment's order, and forgets everything.
    func finish(_ report: (Deviation, UnsafeBufferPointer<UInt32>) -> Void) throws(CheckError) {
        for (position, attachment) in attachments.enumerated() {
            for index in attachment.attributes.indices { try close(keys[position], index, attachment) }
        }
        if hasOverflow { try judgeOverflow() }
        try found.drain { record throws(CheckError) in
            func wide(_ offset: Int) -> UInt64 { UInt64(record[offset]) << 32 | UInt64(record[offset + 1]) }
            report(
                Deviation(
                    column: Int(record[2]), code: record[5], key: 0, ordinal: wide(0), line: wide(3), rows: wide(6), firstPeriod: record[8],
                    lastPeriod: record[9], trueCode: record[10], truePlace: wide(11)), UnsafeBufferPointer(rebasing: record[Self.foundWords...]))
        }
        hasOverflow = false
        let valuesMax = limits.relationshipValuesInMemoryMax
        keys = attachments.map { Keys($0, valuesMax: valuesMax) }
    }
}
