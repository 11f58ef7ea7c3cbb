#if canImport(Glibc)
    public import Glibc
#endif

/// Up to `capacity` observations as columns: coded columns hold dictionary codes, text columns hold slices of the batch's arena.
///
/// A batch is made once per dataset and refilled; its dictionaries live as long as it does, so a code means the same in every filling.
/// Like its dictionaries, it goes without run-time access checks: nothing here calls out while it changes.
/// A slice obtained from it is valid until the batch is cleared. Not shared between tasks.
public final class Batch {
    /// A slice of the arena; `offset == UInt32.max` means absent.
    public struct Span: Sendable {
        public var offset: UInt32
        public var count: UInt32
        @inlinable public init(offset: UInt32, count: UInt32) {
            self.offset = offset
            self.count = count
        }
        public static let absent = Span(offset: .max, count: 0)
        @inlinable public var isAbsent: Bool { offset == .max }
    }

    /// Rows in a batch unless told otherwise: enough to amortise the calls, small enough to stay in cache.
    public static let capacityDefault = 8_192
    /// A batch of the default capacity with this much text takes no further row; a grown one holds more in proportion.
    public static let arenaBytesFull = 16 << 20
    /// Most text a batch may hold; a reader ends the batch early when the arena is nearly full.
    public static let arenaBytesMax = 1 << 30

    public let schema: DatasetSchema
    @exclusivity(unchecked) public private(set) var capacity: Int
    @exclusivity(unchecked) @usableFromInline internal var rowsUsed = 0
    @inlinable public var rowCount: Int { rowsUsed }
    /// Whether a column is coded.
    public let isCoded: [Bool]
    @usableFromInline let dictionaries: [ValueDictionary?]
    @usableFromInline let codeColumns: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>?>
    @usableFromInline let spanColumns: UnsafeMutablePointer<UnsafeMutablePointer<Span>?>
    /// Source line of each row (0 where the format has none).
    @exclusivity(unchecked) public private(set) var lines: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) @usableFromInline var arena: UnsafeMutableRawPointer
    @exclusivity(unchecked) @usableFromInline var arenaCount = 0
    @exclusivity(unchecked) @usableFromInline var arenaCapacity = 32 << 10

    /// Rows worth making room for where an input has so many bytes; nil where nobody knows.
    public static func capacity(forBytes byteCount: Int?) -> Int { max(64, min(capacityDefault, (byteCount ?? .max) / 8)) }

    public init(schema: DatasetSchema, capacity: Int = Batch.capacityDefault, limits: ReadLimits = ReadLimits()) {
        self.schema = schema
        self.capacity = capacity
        let count = schema.components.count
        isCoded = schema.components.map { $0.storage == .coded }
        dictionaries = schema.components.map { $0.storage == .coded ? ValueDictionary(limits: limits) : nil }
        codeColumns = .allocate(capacity: max(count, 1))
        spanColumns = .allocate(capacity: max(count, 1))
        lines = .allocate(capacity: capacity)
        lines.initialize(repeating: 0, count: capacity)
        arena = .allocate(byteCount: arenaCapacity, alignment: 1)
        for column in 0..<count {
            codeColumns[column] = nil
            spanColumns[column] = nil
            if isCoded[column] {
                let codes = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
                codes.initialize(repeating: ValueDictionary.absent, count: capacity)
                codeColumns[column] = codes
            } else {
                let spans = UnsafeMutablePointer<Span>.allocate(capacity: capacity)
                spans.initialize(repeating: .absent, count: capacity)
                spanColumns[column] = spans
            }
        }
    }

    deinit {
        for column in schema.components.indices {
            codeColumns[column]?.deallocate()
            spanColumns[column]?.deallocate()
        }
        codeColumns.deallocate()
        spanColumns.deallocate()
        lines.deallocate()
        arena.deallocate()
    }

    public var isEmpty: Bool { rowCount == 0 }
    /// True when another row should go into the next filling.
    public var isFull: Bool { rowCount == capacity || arenaCount > Self.arenaBytesFull * max(1, capacity / Self.capacityDefault) }
    /// How much text the arena holds.
    public var arenaByteCount: Int { arenaCount }

    /// The dictionary of a coded column.
    @inlinable public func dictionary(_ column: Int) -> ValueDictionary { dictionaries[column].unsafelyUnwrapped }
    /// The codes of a coded column, one per row.
    @inlinable public func codes(_ column: Int) -> UnsafeMutablePointer<UInt32> { codeColumns[column].unsafelyUnwrapped }
    /// The slices of a text column, one per row.
    @inlinable public func spans(_ column: Int) -> UnsafeMutablePointer<Span> { spanColumns[column].unsafelyUnwrapped }

    /// Forgets rows and texts; dictionaries stay.
    public func removeAllRows() {
        rowsUsed = 0
        arenaCount = 0
    }

    /// Makes room for more rows, keeping those there are. For steps that need a whole table (protection); readers never call it.
    public func grow(toCapacity larger: Int) {
        guard larger > capacity else { return }
        func grown<Element>(_ old: UnsafeMutablePointer<Element>, filler: Element) -> UnsafeMutablePointer<Element> {
            let new = UnsafeMutablePointer<Element>.allocate(capacity: larger)
            new.moveInitialize(from: old, count: capacity)
            (new + capacity).initialize(repeating: filler, count: larger - capacity)
            old.deallocate()
            return new
        }
        for column in isCoded.indices {
            if isCoded[column] {
                codeColumns[column] = grown(codes(column), filler: ValueDictionary.absent)
            } else {
                spanColumns[column] = grown(spans(column), filler: .absent)
            }
        }
        lines = grown(lines, filler: 0)
        capacity = larger
    }

    /// Adds a row in which every component is absent and returns its index. The caller has seen that the batch is not full.
    public func appendRow(line: UInt64 = 0) -> Int {
        precondition(rowCount < capacity, "appendRow on a full batch")
        let row = rowCount
        for column in isCoded.indices {
            if isCoded[column] {
                codeColumns[column].unsafelyUnwrapped[row] = ValueDictionary.absent
            } else {
                spanColumns[column].unsafelyUnwrapped[row] = .absent
            }
        }
        lines[row] = line
        rowsUsed += 1
        return row
    }

    /// Adds a row whose cells hold whatever was there before and returns its index, for readers that set every cell of it themselves, one way or
    /// another, before the batch is looked at. The caller has seen that the batch is not full.
    @inlinable public func appendRowUnset(line: UInt64) -> Int {
        precondition(rowCount < capacity, "appendRow on a full batch")
        let row = rowCount
        lines[row] = line
        rowsUsed = row + 1
        return row
    }

    /// Copies bytes into the arena; the slice may be given to any number of rows.
    @inlinable public func store(_ bytes: UnsafeRawBufferPointer) -> Span {
        if arenaCount + bytes.count > arenaCapacity { growArena(by: bytes.count) }
        let offset = arenaCount
        if let base = bytes.baseAddress { memcpy(arena + offset, base, bytes.count) }
        arenaCount += bytes.count
        return Span(offset: UInt32(truncatingIfNeeded: offset), count: UInt32(truncatingIfNeeded: bytes.count))
    }

    @usableFromInline func growArena(by count: Int) {
        precondition(arenaCount + count <= Self.arenaBytesMax, "a batch's arena is bounded by ReadLimits.valueBytesMax and isFull")
        let capacity = max(arenaCapacity * 2, arenaCount + count)
        let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
        memcpy(grown, arena, arenaCount)
        arena.deallocate()
        arena = grown
        arenaCapacity = capacity
    }

    @inlinable public func bytes(_ span: Span) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: arena + Int(span.offset), count: Int(span.count)) }

    /// The bytes of a cell; nil when absent. An empty text that is present has count 0.
    @inlinable public func cell(_ column: Int, _ row: Int) -> UnsafeRawBufferPointer? {
        if let codes = codeColumns[column] {
            let code = codes[row]
            return code == ValueDictionary.absent ? nil : dictionary(column).bytes(code)
        }
        let span = spanColumns[column].unsafelyUnwrapped[row]
        return span.isAbsent ? nil : bytes(span)
    }

    public func isAbsent(_ column: Int, _ row: Int) -> Bool {
        if let codes = codeColumns[column] { return codes[row] == ValueDictionary.absent }
        return spanColumns[column].unsafelyUnwrapped[row].isAbsent
    }

    /// Sets a cell from bytes, interning or storing them.
    @inlinable public func set(_ column: Int, _ row: Int, _ bytes: UnsafeRawBufferPointer) throws(ReadError) {
        if let codes = codeColumns[column] { codes[row] = try dictionary(column).intern(bytes) } else { spans(column)[row] = store(bytes) }
    }

    /// Makes a cell absent.
    public func clear(_ column: Int, _ row: Int) {
        if let codes = codeColumns[column] { codes[row] = ValueDictionary.absent } else { spans(column)[row] = .absent }
    }

    /// A cell as a string, for messages and small data.
    public func string(_ column: Int, _ row: Int) -> String? { cell(column, row).map { String(decoding: $0, as: UTF8.self) } }

    /// The series key of a row, values joined by dots in key order, absent ones empty.
    public func seriesKey(_ row: Int) -> String {
        schema.seriesDimensions.map { string($0, row) ?? "" }.joined(separator: ".")
    }

    /// True when two rows have the same series key.
    @inlinable public func sameSeries(_ row: Int, _ other: Int) -> Bool {
        for column in schema.seriesDimensions where codes(column)[row] != codes(column)[other] { return false }
        return true
    }

    /// Keeps the rows for which `keep` is true, in order.
    public func retainRows(where keep: (Int) -> Bool) {
        var kept = 0
        for row in 0..<rowCount where keep(row) {
            if kept != row {
                for column in isCoded.indices {
                    if isCoded[column] { codes(column)[kept] = codes(column)[row] } else { spans(column)[kept] = spans(column)[row] }
                }
                lines[kept] = lines[row]
            }
            kept += 1
        }
        rowsUsed = kept
    }
}
