import SluiceKit

/// What the brackets in a header say of a column's cells (field guides 2.x, "Multi-valued components", "Non-coded multi-lingual components").
///
/// The batch has one text per cell (`CellValues`): elements with U+001F between them, a language before its element. The values of a nested metadata
/// attribute are one element per parent; where one parent has several, they are joined by U+001D.
struct CellShape: Hashable {
    /// `ID[]`: the cell may hold several values.
    var isArray = false
    /// `ID[en;fr]`: each value may come in these languages.
    var languages: [[UInt8]] = []
    /// `PARENT[].ID`: the cell holds one value, or one list of values, for each parent.
    var hasParents = false

    var isPlain: Bool { !isArray && languages.isEmpty && !hasParents }
    var isNested: Bool { isArray && hasParents }
}

/// Looks for `CellValues.marks` in texts just scanned, eight bytes at a time; a text that holds one cannot be kept.
enum CellMarks {
    /// True when a byte is U+001D, U+001E or U+001F.
    ///
    /// - Parameter cell: eight bytes may be loaded from its start (`CSVScanner.cell`).
    @inline(__always)
    static func isFound(inScanned cell: UnsafeRawBufferPointer) -> Bool {
        guard let base = cell.baseAddress else { return false }
        if cell.count <= 8 {
            guard cell.count > 0 else { return false }
            // Bytes behind the cell become zero, which is no mark.
            return isFound(base.loadUnaligned(as: UInt64.self).littleEndian & (UInt64.max &>> UInt64(64 - 8 * cell.count)))
        }
        var offset = 0
        while offset + 8 <= cell.count {
            if isFound(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) { return true }
            offset += 8
        }
        return isFound(base.loadUnaligned(fromByteOffset: cell.count - 8, as: UInt64.self))
    }

    /// Looks for bytes 0x18–0x1F first, which no sound text has, and only then closer.
    @inline(__always)
    private static func isFound(_ word: UInt64) -> Bool {
        let sevens: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let difference = (word & 0xF8F8_F8F8_F8F8_F8F8) ^ 0x1818_1818_1818_1818
        let none = ((difference & sevens) &+ sevens) | difference | sevens
        return none == UInt64.max ? false : isMarked(word)
    }

    private static func isMarked(_ word: UInt64) -> Bool {
        withUnsafeBytes(of: word) { $0.contains(where: CellValues.marks.contains) }
    }
}
