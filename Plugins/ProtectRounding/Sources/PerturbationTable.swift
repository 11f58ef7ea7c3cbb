import SluiceKit

/// What is added to a count, by its row and cell key: a CSV file with the columns `pcv,ckey,pvalue` (the form of the ONS and the ABS).
///
/// Read strictly: rows 1 to 750 with keys 0 to 255, each pair exactly once, nothing else, and no count may fall below zero. A table with
/// holes would leave counts as they are without saying so.
struct PerturbationTable {
    static let rowsMax = 750
    static let keys = 256
    /// Greatest change either way.
    static let changeMax = 1_000
    private var changes: [Int16]
    /// Greatest change in the table.
    private(set) var greatest = 0

    /// The row that a count above zero uses: large counts share the last 250.
    static func row(_ count: Int64) -> Int { count <= Int64(rowsMax) ? Int(count) : Int((count - 1) % 250) + 501 }

    func change(_ count: Int64, key: UInt8) -> Int64 { Int64(changes[(Self.row(count) - 1) * Self.keys + Int(key)]) }

    /// - Throws: `keyMissing` when the file cannot be read or is no such table.
    init(_ content: Content, name: String, limits: RoundingLimits) throws(ProtectionError) {
        do throws(ReadError) {
            let bytes = try content.bytes(max: limits.tableBytesMax)
            let scanner = CSVScanner(MemoryByteSource(bytes))
            func fault(_ what: String) -> ReadError { ReadError(.malformed, line: scanner.line, detail: what) }
            guard try scanner.nextRow() else { throw fault("the file is empty; it begins with pcv,ckey,pvalue") }
            guard scanner.cellCount == 3, zip(0..<3, ["pcv", "ckey", "pvalue"]).allSatisfy({ scanner.cell($0).elementsEqual($1.utf8) }) else {
                throw fault("the first line has to be pcv,ckey,pvalue")
            }
            let unset = Int16.min
            changes = Array(repeating: unset, count: Self.rowsMax * Self.keys)
            var seen = 0
            while try scanner.nextRow() {
                if scanner.isBlank { continue }
                guard scanner.cellCount == 3 else { throw fault("a line has \(scanner.cellCount) cells; each has pcv, ckey and pvalue") }
                guard let row = Self.whole(scanner.cell(0)), (1...Self.rowsMax).contains(row) else { throw fault("pcv has to be 1 to \(Self.rowsMax)") }
                guard let key = Self.whole(scanner.cell(1)), (0..<Self.keys).contains(key) else { throw fault("ckey has to be 0 to \(Self.keys - 1)") }
                guard let change = Self.whole(scanner.cell(2)), change.magnitude <= UInt(Self.changeMax) else {
                    throw fault("pvalue has to be a whole number between -\(Self.changeMax) and \(Self.changeMax)")
                }
                guard row + change >= 0 else { throw fault("pvalue would bring a count of \(row) below zero") }
                let at = (row - 1) * Self.keys + key
                guard changes[at] == unset else { throw fault("pcv \(row) with ckey \(key) stands twice") }
                changes[at] = Int16(change)
                greatest = max(greatest, Int(change.magnitude))
                seen += 1
            }
            if seen < changes.count, let hole = changes.firstIndex(of: unset) {
                throw fault(
                    "pcv \(hole / Self.keys + 1) with ckey \(hole % Self.keys) is not there, and \(changes.count - seen) pairs are missing in all; give every pair, with pvalue 0 where nothing is to change"
                )
            }
            guard greatest > 0 else { throw fault("no pvalue changes anything, so the table protects nothing") }
        } catch {
            throw ProtectionError(.keyMissing, detail: "the perturbation table \(name) cannot be used: \(error)")
        }
    }

    /// A whole number without spaces, sign + or leading zeros.
    private static func whole(_ cell: UnsafeRawBufferPointer) -> Int? {
        let isNegative = cell.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard cell.count > start, cell.count <= start + 6, cell.count == start + 1 || cell[start] != 0x30 else { return nil }
        var value = 0
        for at in start..<cell.count {
            guard cell[at] >= 0x30, cell[at] <= 0x39 else { return nil }
            value = value * 10 + Int(cell[at] - 0x30)
        }
        return isNegative ? -value : value
    }
}
