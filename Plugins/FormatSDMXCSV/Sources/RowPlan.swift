import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// How the rows of one filling of a batch are written: the columns that change from row to row, and what stands between them.
///
/// A column that says the same in all rows is spelled once: most columns of a wide structure are such.
struct RowPlan {
    /// Where the cells of one column of the header come from.
    struct Outlet {
        /// Its place in the header.
        let index: Int
        let codes: UnsafeMutablePointer<UInt32>?
        let spans: UnsafeMutablePointer<Batch.Span>?
        let cells: SpelledCells.Table
        let isTrivial: Bool
        /// Codes that are spelled row by row.
        let hasCodedLanguages: Bool
        /// A second cell, with the name, follows each.
        let isPaired: Bool
        /// The last column of the header ends the line.
        var isLast = false
        /// What stands before it in each row.
        var before = 0..<0

        init(_ batch: Batch, _ index: Int, _ column: Int?, _ cells: SpelledCells, _ spelling: ColumnSpelling?, isPaired: Bool) {
            self.index = index
            self.cells = cells.table
            self.isPaired = isPaired
            isTrivial = spelling?.isTrivial ?? true
            let isCoded = column.map { batch.isCoded[$0] } ?? false
            hasCodedLanguages = isCoded && spelling?.values == .languages
            codes = hasCodedLanguages ? nil : column.flatMap { isCoded ? batch.codes($0) : nil }
            spans = column.flatMap { batch.isCoded[$0] ? nil : batch.spans($0) }
        }

        /// What all rows say, ending included; nil where they differ.
        func constant(_ rowCount: Int, _ separator: UInt8) -> [UInt8]? {
            if let codes {
                var differences: UInt32 = 0
                for row in 0..<rowCount { differences |= codes[row] ^ codes[0] }
                guard differences == 0 else { return nil }
                if codes[0] != ValueDictionary.absent { return cells.text(codes[0]) }
            } else if let spans {
                for row in 0..<rowCount where !spans[row].isAbsent { return nil }
            } else if hasCodedLanguages {
                return nil
            }
            return (isPaired ? [separator] : []) + (isLast ? Array(CellText.lineBreak.utf8) : [separator])
        }
    }

    /// The columns that differ between rows.
    let outlets: UnsafeMutableBufferPointer<Outlet>
    /// How many of them, the first ones, belong to the series key.
    let leading: Int
    /// What stands behind the last of them.
    let end: Range<Int>
    private let literals: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - all: every column of the header.
    ///   - beginning: what each line begins with.
    ///   - leading: how many columns, the first ones, belong to the series key.
    init(_ all: [Outlet], beginning: UnsafeMutableRawBufferPointer?, leading: Int, rowCount: Int, separator: UInt8) {
        var literals: [UInt8] = beginning.map(Array.init) ?? []
        var start = 0
        var changing: [Outlet] = []
        var changingLeading = 0
        for var outlet in all {
            outlet.isLast = outlet.index == all.count - 1
            if let text = outlet.constant(rowCount, separator) {
                literals += text
            } else {
                outlet.before = start..<literals.count
                start = literals.count
                if outlet.index < leading { changingLeading += 1 }
                changing.append(outlet)
            }
        }
        if all.isEmpty { literals += Array(CellText.lineBreak.utf8) }
        end = start..<literals.count
        self.leading = changingLeading
        outlets = .allocate(capacity: changing.count)
        _ = outlets.initialize(from: changing)
        self.literals = .allocate(byteCount: literals.count + Self.padding, alignment: 16)
        self.literals.copyBytes(from: literals)
    }

    /// Most bytes of a key that is kept for the next row.
    static let leadBytesMax = 4_096
    /// Texts up to this length are copied without asking for room.
    static let textBytesInline = 64
    /// Room that a row takes without its long texts. A short cell is copied whole, sixteen bytes, and a line break follows.
    var rowBytesMax: Int { Self.leadBytesMax + literals.count + outlets.count * (Self.textBytesInline + 16 + 2) }

    /// Whether all rows are codes, and texts that are spelled as they stand, in a row that fits into a part of the writer's buffer.
    var isPlain: Bool {
        rowBytesMax <= 32 << 10 && outlets.allSatisfy { !$0.isPaired && !$0.hasCodedLanguages && ($0.spans == nil || $0.isTrivial) }
    }

    func deallocate() {
        outlets.deallocate()
        literals.deallocate()
    }

    /// Readable bytes behind the literals.
    private static let padding = 16

    @inline(__always)
    func copyLiteral(_ range: Range<Int>, to at: inout UnsafeMutableRawPointer) {
        let start = literals.baseAddress.unsafelyUnwrapped + range.lowerBound
        if range.count <= Self.padding {
            at.storeBytes(of: start.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
        } else {
            memcpy(at, start, range.count)
        }
        at += range.count
    }

    /// Copies a text where it is short; false, and nothing copied, where it is not.
    @inline(__always)
    static func copyShort(_ text: UnsafeRawBufferPointer, to at: inout UnsafeMutableRawPointer) -> Bool {
        guard text.count <= textBytesInline else { return false }
        if let base = text.baseAddress { memcpy(at, base, text.count) }
        at += text.count
        return true
    }

    @inline(__always)
    func writeLiteral(_ range: Range<Int>, to out: ByteWriter) throws(WriteError) {
        guard !range.isEmpty else { return }
        let start = literals.baseAddress.unsafelyUnwrapped + range.lowerBound
        if range.count <= Self.padding {
            try out.reserve(Self.padding).storeBytes(of: start.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
            out.advance(range.count)
        } else {
            try out.write(UnsafeRawBufferPointer(start: start, count: range.count))
        }
    }
}
