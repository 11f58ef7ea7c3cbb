#if canImport(Glibc)
import Glibc
#endif
import SluiceKit

/// Finds a column by the bytes of a component id, without making a `String`.
///
/// Components come in the same order element after element, so the one after the last found is tried first.
struct ColumnLookup {
    private let ids: [[UInt8]]
    private var expected = 0

    init(_ schema: DatasetSchema) { ids = schema.components.map { Array($0.id.utf8) } }

    /// The column whose component has this id; nil when there is none.
    mutating func column(_ id: UnsafeRawBufferPointer) -> Int? {
        guard !ids.isEmpty else { return nil }
        var candidate = expected
        // A structure has a few dozen components: a look at each is cheaper than hashing the id.
        for _ in 0..<ids.count {
            if candidate >= ids.count { candidate = 0 }
            if Self.equal(ids[candidate], id) {
                expected = candidate + 1
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    private static func equal(_ known: [UInt8], _ id: UnsafeRawBufferPointer) -> Bool {
        guard known.count == id.count else { return false }
        guard let base = id.baseAddress else { return true }
        return known.withUnsafeBytes { memcmp($0.baseAddress ?? base, base, id.count) == 0 }
    }
}
