import SluiceKit

/// Values of some columns, kept as bytes: those of a dataset, a group or a series, which apply to rows yet to come.
struct ValueStore {
    struct Value {
        var column: Int
        var first: Int
        var count: Int
    }
    private(set) var values: [Value] = []
    private(set) var bytes: [UInt8] = []

    var isEmpty: Bool { values.isEmpty }
    var byteCount: Int { bytes.count + values.count * MemoryLayout<Value>.stride }

    mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Keeps a value; a later one for the same column wins.
    mutating func set(_ column: Int, _ text: UnsafeRawBufferPointer) {
        let value = Value(column: column, first: bytes.count, count: text.count)
        bytes.append(contentsOf: text)
        if let index = values.firstIndex(where: { $0.column == column }) { values[index] = value } else { values.append(value) }
    }

    mutating func set(_ column: Int, _ text: String) {
        var text = text
        text.withUTF8 { set(column, UnsafeRawBufferPointer($0)) }
    }

    /// Keeps a value unless there is one for the column.
    mutating func setIfAbsent(_ value: Value, of other: ValueStore) {
        guard !contains(value.column) else { return }
        other.withBytes(of: value) { set(value.column, $0) }
    }

    /// Keeps what another has and this one does not.
    mutating func setIfAbsent(all other: ValueStore) {
        for value in other.values { setIfAbsent(value, of: other) }
    }

    func contains(_ column: Int) -> Bool { values.contains { $0.column == column } }

    func withBytes<Result>(of value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[value.first..<(value.first + value.count)])) }
    }

    /// The bytes of a column's value; nil when it has none.
    func withBytes<Result>(ofColumn column: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let value = values.first(where: { $0.column == column }) else { return nil }
        return withBytes(of: value, body)
    }

    func string(_ column: Int) -> String? { withBytes(ofColumn: column) { String(decoding: $0, as: UTF8.self) } }
}
