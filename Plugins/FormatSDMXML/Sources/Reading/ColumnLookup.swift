import SluiceKit

#if canImport(Glibc)
    import Glibc
#endif

/// Finds a column by the bytes of a component id, without making a `String`.
///
/// Components come in the same order element after element, so the one after the last found is tried first.
struct ColumnLookup {
    /// All ids in a row, and where each ends.
    private let bytes: [UInt8]
    private let ends: [Int]
    private var expected = 0

    init(_ schema: DatasetSchema) {
        var bytes: [UInt8] = []
        ends = schema.components.map { component in
            bytes.append(contentsOf: component.id.utf8)
            return bytes.count
        }
        self.bytes = bytes
    }

    /// The column whose component has this id; nil when there is none.
    mutating func column(_ id: UnsafeRawBufferPointer) -> Int? {
        var candidate = expected
        // A structure has a few dozen components: a look at each is cheaper than hashing the id.
        for _ in 0..<ends.count {
            if candidate >= ends.count { candidate = 0 }
            if equals(candidate, id) {
                expected = candidate + 1
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    private func equals(_ candidate: Int, _ id: UnsafeRawBufferPointer) -> Bool {
        let start = candidate == 0 ? 0 : ends[candidate - 1]
        guard ends[candidate] - start == id.count else { return false }
        guard let base = id.baseAddress else { return true }
        return bytes.withUnsafeBytes { own in own.baseAddress.map { memcmp($0 + start, base, id.count) == 0 } ?? true }
    }
}
