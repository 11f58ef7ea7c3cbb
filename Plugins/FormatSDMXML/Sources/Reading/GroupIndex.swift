import SluiceKit

/// The groups of a dataset: attributes that belong to every observation whose key agrees with a partial key
/// (SDMX 2.1, section 3A, `GroupType`). They stand before the observations, so they are held until the dataset ends.
struct GroupIndex {
    struct Group {
        var id: String
        var line: Int
        var key: ValueStore
        var attributes: ValueStore
        var isMatched = false
    }
    /// The groups over one set of dimensions, found by their values.
    private struct Shape {
        var columns: [Int]
        var positions: [[UInt8]: Int] = [:]
    }
    private(set) var groups: [Group] = []
    private var shapes: [Shape] = []
    private var byteCount = 0
    private var scratch: [UInt8] = []
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var isEmpty: Bool { groups.isEmpty }

    /// Whether a group's key names this dimension.
    func names(_ column: Int) -> Bool { shapes.contains { $0.columns.contains(column) } }

    /// Adds a group; attributes of groups with the same key are put together, the later value winning.
    mutating func add(_ group: Group) throws(ReadError) {
        let columns = group.key.values.map(\.column).sorted()
        byteCount += group.key.byteCount + group.attributes.byteCount + MemoryLayout<Group>.stride
        guard byteCount <= bytesMax else {
            throw ReadError(
                .limitExceeded, line: group.line,
                detail: "the groups of one dataset take more than \(bytesMax) bytes; give their attributes with the series, or raise groupBytesMax")
        }
        let shape: Int
        if let known = shapes.firstIndex(where: { $0.columns == columns }) {
            shape = known
        } else {
            shape = shapes.count
            shapes.append(Shape(columns: columns))
        }
        scratch.removeAll(keepingCapacity: true)
        for column in columns {
            _ = group.key.withBytes(ofColumn: column) { scratch.append(contentsOf: $0) }
            scratch.append(0)
        }
        if let position = shapes[shape].positions[scratch] {
            for value in group.attributes.values { group.attributes.withBytes(of: value) { groups[position].attributes.set(value.column, $0) } }
        } else {
            shapes[shape].positions[scratch] = groups.count
            groups.append(group)
        }
    }

    /// Gives a series the attributes of the groups that it belongs to by the dimensions it has itself; its own attributes stay.
    mutating func apply(to series: inout ValueStore) {
        guard !groups.isEmpty else { return }
        for shape in shapes.indices {
            guard let position = find(shape, { column, key in series.withBytes(ofColumn: column) { key.append(contentsOf: $0) } != nil }) else { continue }
            groups[position].isMatched = true
            for value in groups[position].attributes.values { series.setIfAbsent(value, of: groups[position].attributes) }
        }
    }

    /// Gives a row the attributes of the groups that it belongs to; its own stay.
    mutating func apply(to batch: Batch, row: Int) throws(ReadError) {
        for shape in shapes.indices {
            let found = find(shape) { column, key in
                guard let cell = batch.cell(column, row) else { return false }
                key.append(contentsOf: cell)
                return true
            }
            guard let found else { continue }
            groups[found].isMatched = true
            for value in groups[found].attributes.values where batch.isAbsent(value.column, row) {
                try Self.set(batch, row, value, groups[found].attributes)
            }
        }
    }

    private static func set(_ batch: Batch, _ row: Int, _ value: ValueStore.Value, _ store: ValueStore) throws(ReadError) {
        let result: Result<Void, ReadError> = store.withBytes(of: value) { bytes in
            do throws(ReadError) { return .success(try batch.set(value.column, row, bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// The group of a shape whose values `append` adds to the key; nil when a value is missing or no group has them.
    private mutating func find(_ shape: Int, _ append: (_ column: Int, _ key: inout [UInt8]) -> Bool) -> Int? {
        scratch.removeAll(keepingCapacity: true)
        for column in shapes[shape].columns {
            guard append(column, &scratch) else { return nil }
            scratch.append(0)
        }
        return shapes[shape].positions[scratch]
    }
}
