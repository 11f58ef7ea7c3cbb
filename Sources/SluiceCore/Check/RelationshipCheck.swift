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
        /// Whether its key is the series, whose number the caller may know already.
        var isSeries: Bool
    }
    /// The first value of an attribute: its code and place, and the dataset they are of.
    private struct First {
        var code: UInt32
        var epoch: UInt32
        var place: UInt64
    }
    private final class Keys {
        let table: KeyTable
        let columns: KeyColumns
        /// Per key and attribute.
        @exclusivity(unchecked) var cells: ContiguousArray<First> = []
        /// Per attribute: what differs in the rows just seen.
        var open: [Deviation?]

        init(_ attachment: Attachment, valuesMax: Int) {
            table = KeyTable(width: attachment.columns.count, keysMax: valuesMax / max(1, attachment.attributes.count))
            columns = .allocate(capacity: max(1, attachment.columns.count))
            open = attachment.attributes.map { _ in nil }
        }

        /// Makes room for a cell.
        func reserve(_ cell: Int) {
            cells.append(contentsOf: repeatElement(First(code: ValueDictionary.absent, epoch: 0, place: 0), count: cell + 1 - cells.count))
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
        /// The key's codes, in the attachment's order.
        var keyCodes: [UInt32] = []
    }

    let schema: DatasetSchema
    let attachments: [Attachment]
    private let limits: CheckLimits
    private var keys: [Keys]
    private let keyWordsMax: Int
    private let overflow: SpillSorter
    private let found: SpillSorter
    private var hasOverflow = false
    private var epoch: UInt32 = 1
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
                attachments.append(Attachment(columns: columnsOfRun(run), attributes: [], isSeries: run == Check.series))
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
        let rowsMax = limits.duplicateRowsInMemoryMax
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
    /// - Parameters:
    ///   - series: the number of the series, the same for equal ones in all datasets; `KeyTable.none` where it has none.
    ///   - isEmpty: whether a code of the column is an empty text.
    func add(_ batch: Batch, rows: Range<Int>, ordinalBefore: UInt64, series: UInt32, isEmpty: (Int, UInt32) -> Bool) throws(CheckError) {
        for position in attachments.indices { try add(batch, rows, ordinalBefore, position, series, isEmpty) }
    }

    private func add(
        _ batch: Batch, _ rows: Range<Int>, _ ordinalBefore: UInt64, _ position: Int, _ series: UInt32, _ isEmpty: (Int, UInt32) -> Bool
    ) throws(CheckError) {
        let row = rows.lowerBound
        let (attachment, keys) = (attachments[position], keys[position])
        let attributes = attachment.attributes
        var key: UInt32?
        for index in attributes.indices {
            let column = attributes[index]
            let code = batch.codes(column)[row]
            if code == ValueDictionary.absent || isEmpty(column, code) {
                if keys.open[index] != nil { try close(keys, index) }
                continue
            }
            if key == nil {
                if attachment.isSeries, series != KeyTable.none {
                    key = series
                } else {
                    if attachment.columns.contains(where: { batch.codes($0)[row] == ValueDictionary.absent }) { return }
                    key = attachment.isSeries ? KeyTable.none : number(batch, row, keys, attachment)
                }
            }
            guard let number = key else { return }
            let cell = Int(number) * attributes.count + index
            guard number != KeyTable.none, cell < limits.relationshipValuesInMemoryMax else {
                try addOverflow(batch, rows, ordinalBefore, position, column, code)
                continue
            }
            if keys.cells.count <= cell { keys.reserve(cell) }
            let ordinal = ordinalBefore + UInt64(row + 1)
            if keys.cells[cell].epoch != epoch { keys.cells[cell] = First(code: code, epoch: epoch, place: Self.place(batch.lines[row], ordinal)) }
            if keys.cells[cell].code != code {
                try deviate(batch, rows, ordinal, keys, index, column, code, number, cell, attachment)
            } else if keys.open[index] != nil {
                try close(keys, index)
            }
        }
    }

    private func number(_ batch: Batch, _ row: Int, _ keys: Keys, _ attachment: Attachment) -> UInt32 {
        for (offset, column) in attachment.columns.enumerated() { keys.columns[offset] = UnsafePointer(batch.codes(column)) }
        return keys.table.number(keys.columns, row)
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
        try close(keys, index)
        keys.open[index] = Deviation(
            column: column, code: code, key: number, ordinal: ordinal, line: batch.lines[rows.lowerBound], rows: UInt64(rows.count), firstPeriod: first,
            lastPeriod: last, trueCode: keys.cells[cell].code, truePlace: keys.cells[cell].place,
            keyCodes: attachment.columns.map { batch.codes($0)[rows.lowerBound] })
    }

    private func periods(_ batch: Batch, _ rows: Range<Int>) -> (first: UInt32, last: UInt32) {
        guard let time = schema.timeDimension else { return (ValueDictionary.absent, ValueDictionary.absent) }
        return (batch.codes(time)[rows.lowerBound], batch.codes(time)[rows.upperBound - 1])
    }

    private func close(_ keys: Keys, _ index: Int) throws(CheckError) {
        guard let open = keys.open[index] else { return }
        keys.open[index] = nil
        for (offset, code) in open.keyCodes.enumerated() { scratch[Self.foundWords + offset] = code }
        try note(open, keyWidth: open.keyCodes.count)
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
        for keys in keys {
            for index in keys.open.indices { try close(keys, index) }
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
        // The next dataset has its own dictionaries: keys of groups begin anew, and what is kept by the series' number is of another epoch.
        epoch += 1
        for position in attachments.indices where !attachments[position].isSeries {
            keys[position] = Keys(attachments[position], valuesMax: limits.relationshipValuesInMemoryMax)
        }
    }
}
