internal import SluiceKit

/// A set of (partial) keys. Keys that name the same components share a table; a component that a key leaves out may have any value.
final class KeySetRule {
    private struct Pattern {
        var columns: [Int]
        /// Value numbers of all keys, `columns.count` each.
        var keys: [UInt32] = []
        var byHash: [UInt64: [Int]] = [:]
    }
    let isIncluded: Bool
    let columns: [Int]
    private var patterns: [Pattern] = []
    private var numbers: [Int: [String: UInt32]] = [:]
    /// Per column, per code: the number of its value among the keys, `absent` where no key has it.
    private var cache: [ContiguousArray<UInt32>]

    init(_ keySet: KeySet, schema: DatasetSchema) {
        isIncluded = keySet.isIncluded
        var positions: [[Int]: Int] = [:]
        var all = Set<Int>()
        for key in keySet.keys {
            var cells: [(column: Int, value: String)] = []
            for (id, value) in key {
                if let column = schema.index(of: id), schema.components[column].storage == .coded { cells.append((column, value)) }
            }
            cells.sort { $0.column < $1.column }
            let shape = cells.map(\.column)
            all.formUnion(shape)
            let position = positions[shape] ?? patterns.count
            if position == patterns.count {
                positions[shape] = position
                patterns.append(Pattern(columns: shape))
            }
            var hash = KeySetRule.hashStart
            for cell in cells {
                let next = UInt32(truncatingIfNeeded: numbers[cell.column]?.count ?? 0)
                let number = numbers[cell.column]?[cell.value] ?? next
                numbers[cell.column, default: [:]][cell.value] = number
                patterns[position].keys.append(number)
                hash = KeySetRule.mix(hash, number)
            }
            let index = shape.isEmpty ? 0 : patterns[position].keys.count / shape.count - 1
            patterns[position].byHash[hash, default: []].append(index)
        }
        columns = all.sorted()
        cache = schema.components.map { _ in [] }
    }

    func extend(_ batch: Batch) {
        for column in columns {
            let dictionary = batch.dictionary(column)
            while cache[column].count < dictionary.count {
                let text = dictionary.string(UInt32(truncatingIfNeeded: cache[column].count))
                cache[column].append(numbers[column]?[text] ?? ValueDictionary.absent)
            }
        }
    }

    func contains(_ batch: Batch, _ row: Int) -> Bool {
        patterns.contains { pattern in
            var hash = Self.hashStart
            for column in pattern.columns {
                let number = number(batch, column, row)
                if number == ValueDictionary.absent { return false }
                hash = Self.mix(hash, number)
            }
            guard let candidates = pattern.byHash[hash] else { return false }
            return candidates.contains { candidate in
                pattern.columns.enumerated().allSatisfy { offset, column in
                    pattern.keys[candidate * pattern.columns.count + offset] == number(batch, column, row)
                }
            }
        }
    }

    private func number(_ batch: Batch, _ column: Int, _ row: Int) -> UInt32 {
        let code = batch.codes(column)[row]
        return code == ValueDictionary.absent ? ValueDictionary.absent : cache[column][Int(code)]
    }

    private static let hashStart: UInt64 = 0xcbf2_9ce4_8422_2325
    private static func mix(_ hash: UInt64, _ number: UInt32) -> UInt64 {
        var mixed = (hash ^ UInt64(number)) &* 0x9e37_79b9_7f4a_7c15
        mixed ^= mixed >> 29
        return mixed
    }
}
