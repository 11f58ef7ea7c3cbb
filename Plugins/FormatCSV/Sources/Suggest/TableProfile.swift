internal import SluiceKit

/// What a table holds, column by column: its distinct labels and what they look like. Read once, in bounded memory.
struct TableProfile {
    /// Distinct labels of a column that are kept; a column with more is no column of labels.
    static let labelsMax = 5_000
    /// Bytes of labels that are kept per table.
    static let labelBytesMax = 16 << 20
    /// Longest label that is kept; longer ones are texts.
    static let labelByteCountMax = 2_048
    /// Rows that are read.
    static let rowsMax = 2_000_000

    struct Column {
        var name: String
        /// Labels in the order of their first appearance, with the rows that have them.
        var labels: [(text: String, count: Int)] = []
        /// More labels than are kept, or longer ones.
        var isOverflowing = false
        var emptyCount = 0
        /// Cells that are numbers with a decimal point, a decimal comma, or whole.
        var pointCount = 0
        var commaCount = 0
        var wholeCount = 0
        /// Numbers with a mark between thousands, by the mark.
        var groupedCounts: [String: Int] = [:]
        var textCount = 0

        var numberCount: Int { pointCount + commaCount + wholeCount + groupedCounts.values.reduce(0, +) }
        var filledCount: Int { numberCount + textCount }
        var isEmpty: Bool { filledCount == 0 }
    }

    /// Path within the folder, or the file's name.
    var file: String
    var spelling = TableSpelling()
    var columns: [Column] = []
    var rowCount = 0
    /// Not all rows were read.
    var isCut = false
    var byteCount = 0
    /// Why it could not be read, or not to its end.
    var failure: String?

    init(file: String) { self.file = file }

    init(_ source: any ByteSource, file: String, limits: ReadLimits) {
        self.file = file
        do throws(ReadError) {
            var head: [UInt8] = []
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TableSpelling.headBytes, alignment: 1)
            defer { buffer.deallocate() }
            while head.count < TableSpelling.headBytes {
                let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(TableSpelling.headBytes - head.count)]))
                if count == 0 { break }
                head += buffer[..<count]
            }
            guard !head.isEmpty else { throw ReadError(.truncated, detail: "the file is empty") }
            spelling = TableSpelling(head: head)
            try read(HeadedByteSource(head: head, rest: source), limits)
        } catch {
            failure = error.description
        }
    }

    private mutating func read(_ source: any ByteSource, _ limits: ReadLimits) throws(ReadError) {
        let scanner = CSVScanner(
            spelling.encoding == .utf8 ? source : TranscodingByteSource(source, encoding: spelling.encoding), separator: spelling.separator, limits: limits)
        for _ in 0..<spelling.linesBeforeHeader {
            guard try scanner.nextRow() else { break }
        }
        guard try scanner.nextRow() else { throw ReadError(.truncated, detail: "the table has no line with column names") }
        var names = (0..<scanner.cellCount).map { LabelTable.trimmed(String(decoding: scanner.cell($0), as: UTF8.self)) }
        while names.count > 1, names.last == "" { names.removeLast() }
        columns = names.map { Column(name: $0) }
        var counters = names.map { _ in LabelCounter() }
        var bytesLeft = Self.labelBytesMax
        defer {
            for index in counters.indices {
                (columns[index].labels, columns[index].isOverflowing) = counters[index].labels()
            }
            byteCount = source.byteCountRead
        }
        while try scanner.nextRow() {
            if scanner.isBlank { continue }
            rowCount += 1
            guard rowCount <= Self.rowsMax else {
                rowCount -= 1
                isCut = true
                return
            }
            for index in 0..<min(columns.count, scanner.cellCount) {
                let cell = CellText.trimmed(scanner.cell(index))
                switch CellText.kind(cell) {
                case .empty:
                    columns[index].emptyCount += 1
                    continue
                case .whole: columns[index].wholeCount += 1
                case .point: columns[index].pointCount += 1
                case .comma: columns[index].commaCount += 1
                case .grouped(let mark, _): columns[index].groupedCounts[mark, default: 0] += 1
                case .text: columns[index].textCount += 1
                }
                counters[index].count(cell, bytesLeft: &bytesLeft)
            }
        }
    }
}

/// The distinct labels of a column, up to the limits of `TableProfile`.
private struct LabelCounter {
    private var dictionary: ValueDictionary?
    private var counts: [Int] = []
    private var isOverflowing = false

    mutating func count(_ cell: UnsafeRawBufferPointer, bytesLeft: inout Int) {
        guard !isOverflowing else { return }
        guard cell.count <= TableProfile.labelByteCountMax else {
            isOverflowing = true
            return
        }
        let labels = dictionary ?? ValueDictionary()
        dictionary = labels
        let before = labels.count
        guard let code = try? labels.intern(cell) else {
            isOverflowing = true
            return
        }
        if labels.count > before {
            bytesLeft -= cell.count
            counts.append(0)
            if labels.count > TableProfile.labelsMax || bytesLeft < 0 {
                isOverflowing = true
                counts.removeLast()
                return
            }
        }
        counts[Int(code)] += 1
    }

    func labels() -> ([(text: String, count: Int)], Bool) {
        guard let dictionary else { return ([], isOverflowing) }
        return (counts.indices.map { (dictionary.string(UInt32(truncatingIfNeeded: $0)), counts[$0]) }, isOverflowing)
    }
}

/// What a cell looks like.
enum CellText {
    enum Kind: Hashable {
        case empty, whole, point, comma, text
        /// A number with this mark between thousands, and perhaps a decimal comma.
        case grouped(String, hasComma: Bool)
    }

    static func trimmed(_ cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, cell.count)
        while start < end {
            if cell[start] <= 0x20 { start += 1 } else if end - start >= 2, cell[start] == 0xC2, cell[start + 1] == 0xA0 { start += 2 } else { break }
        }
        while start < end {
            if cell[end - 1] <= 0x20 { end -= 1 } else if end - start >= 2, cell[end - 2] == 0xC2, cell[end - 1] == 0xA0 { end -= 2 } else { break }
        }
        return UnsafeRawBufferPointer(rebasing: cell[start..<end])
    }

    static func kind(_ cell: UnsafeRawBufferPointer) -> Kind {
        guard !cell.isEmpty else { return .empty }
        guard cell.count <= 40 else { return .text }
        var index = 0
        if cell[0] == UInt8(ascii: "-") || cell[0] == UInt8(ascii: "+") { index = 1 } else if cell.starts(with: [0xE2, 0x88, 0x92]) { index = 3 }
        var (digits, points, commas, sinceMark, groups) = (0, 0, 0, 0, 0)
        var mark: String?
        while index < cell.count {
            let byte = cell[index]
            if byte &- 48 < 10 {
                digits += 1
                sinceMark += 1
                index += 1
                continue
            }
            let rest = UnsafeRawBufferPointer(rebasing: cell[index...])
            let (found, length): (String?, Int) =
                byte == 0x20
                ? (" ", 1)
                : byte == UInt8(ascii: "'")
                    ? ("'", 1)
                    : rest.starts(with: [0xC2, 0xA0])
                        ? ("\u{A0}", 2)
                        : rest.starts(with: [0xE2, 0x80, 0xAF]) ? ("\u{202F}", 3) : (nil, 1)
            if let found {
                // Between thousands only: three digits have to follow, and no mark of another kind.
                guard digits > 0, points + commas == 0, mark == nil || mark == found, groups == 0 || sinceMark == 3, groups > 0 || digits <= 3 else {
                    return .text
                }
                mark = found
                groups += 1
                sinceMark = 0
            } else if byte == UInt8(ascii: ".") {
                points += 1
                if groups > 0, sinceMark != 3 { return .text }
                groups = 0
                sinceMark = 0
            } else if byte == UInt8(ascii: ",") {
                commas += 1
                if groups > 0, sinceMark != 3 { return .text }
                groups = 0
                sinceMark = 0
            } else {
                return .text
            }
            index += length
        }
        guard digits > 0, groups == 0 || sinceMark == 3 else { return .text }
        switch (points, commas, mark) {
        case (0, 0, nil): return .whole
        case (0, 0, let mark?), (1, 0, let mark?): return .grouped(mark, hasComma: false)
        case (0, 1, let mark?): return .grouped(mark, hasComma: true)
        case (1, 0, nil): return .point
        case (0, 1, nil): return .comma
        default: return .text
        }
    }
}
