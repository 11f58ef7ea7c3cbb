package import SluiceKit

/// What changes for a receiver between two releases of one dataset: by two versions of an agreement, on real data.
package struct ReleaseDifference {
    package enum Change: String, Hashable, Sendable, CaseIterable {
        /// An observation that did not travel at all, and does.
        case released
        /// One that did, and does not.
        case gone
        /// One that travelled only within a broader one, and travels by itself.
        case finer
        /// One that travelled by itself, and does within a broader one only.
        case coarser
        /// One whose value is withheld, and was not.
        case withheld
        /// One whose value was withheld, and is not.
        case shown
        /// One whose value is another one: a sum of more or fewer, or rounded otherwise.
        case value

        /// Whether the receiver learns more by it.
        package var isMore: Bool { self == .released || self == .finer || self == .shown }

        package var words: String {
            switch self {
            case .released: "newly released"
            case .gone: "no longer released"
            case .finer: "travel by themselves, and were part of a broader one"
            case .coarser: "travel within a broader one, and did by themselves"
            case .withheld: "newly withheld"
            case .shown: "shown, and were withheld"
            case .value: "have another value"
            }
        }
    }

    package struct Entry: Hashable, Sendable {
        package var change: Change
        /// Codes of the dimensions, in the structure's order.
        package var key: [String]
        /// Values as released, by measure; empty where there is none, or it is withheld.
        package var old: [String]
        package var new: [String]
    }

    package let dimensions: [String]
    package let measures: [String]
    /// In order of change and key.
    package private(set) var entries: [Entry] = []
    /// Observations that are the same in both.
    package private(set) var unchangedCount = 0

    package func count(of change: Change) -> Int { entries.count { $0.change == change } }

    /// One side: what is released, and how codes are summed on the way. A table of nil stands for a refusal.
    package struct Side {
        package var table: Table?
        package var cube: CubeObligations
        package init(table: Table?, cube: CubeObligations) {
            self.table = table
            self.cube = cube
        }
    }

    package init(_ schema: DatasetSchema, from old: Side, to new: Side) {
        dimensions = schema.dimensions.map { schema.components[$0].id }
        measures = schema.measures.map { schema.components[$0].id }
        let (before, after) = (Self.values(old.table), Self.values(new.table))
        func target(_ key: [String], _ side: Side) -> [String] { zip(dimensions, key).map { side.cube.coarsening[$0]?[$1] ?? $1 } }
        let nothing = measures.map { _ in "" }
        for (key, value) in after {
            guard let former = before[key] else {
                let broader = target(key, old)
                entries.append(Entry(change: broader != key && before[broader] != nil ? .finer : .released, key: key, old: nothing, new: value))
                continue
            }
            guard former != value else {
                unchangedCount += 1
                continue
            }
            let change: Change = value == nothing ? .withheld : former == nothing ? .shown : .value
            entries.append(Entry(change: change, key: key, old: former, new: value))
        }
        for (key, value) in before where after[key] == nil {
            let broader = target(key, new)
            entries.append(Entry(change: broader != key && after[broader] != nil ? .coarser : .gone, key: key, old: value, new: nothing))
        }
        let order = Dictionary(uniqueKeysWithValues: Change.allCases.enumerated().map { ($1, $0) })
        entries.sort { one, other in
            let (left, right) = (order[one.change] ?? 0, order[other.change] ?? 0)
            return left != right ? left < right : one.key.lexicographicallyPrecedes(other.key)
        }
    }

    private static func values(_ table: Table?) -> [[String]: [String]] {
        guard let batch = table?.batch else { return [:] }
        var values: [[String]: [String]] = [:]
        for row in 0..<batch.rowCount {
            values[batch.schema.dimensions.map { batch.string($0, row) ?? "" }] = batch.schema.measures.map { batch.string($0, row) ?? "" }
        }
        return values
    }
}
