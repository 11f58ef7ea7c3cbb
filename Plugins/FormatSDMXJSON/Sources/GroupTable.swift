import SluiceKit

/// The attributes of partial keys of one dataset, found by the indexes of a row.
final class GroupTable {
    /// Partial keys that leave out the same positions.
    private struct Pattern {
        let positions: [Int]
        var entries: [Int32]
        var groups: [Int]
        var slots: [Int32]
        let isOfSeries: Bool
    }
    private var patterns: [Pattern] = []
    let groups: [DatasetHead.Group]
    /// For each position of a key the dimension it means.
    let dimensionOrder: [Int]
    /// Whether a group's values have gone to some row.
    private let isUsed: UnsafeMutablePointer<Bool>

    /// - Throws: `malformed` when a key has another number of positions than there are dimensions.
    init(_ groups: [DatasetHead.Group], _ structure: MessageStructure, observation: Range<Int>) throws(ReadError) {
        self.groups = groups
        let order = Self.order(groups, structure)
        dimensionOrder = order
        isUsed = .allocate(capacity: groups.count)
        isUsed.initialize(repeating: false, count: groups.count)
        var indexes: [[Int]: Int] = [:]
        for (number, group) in groups.enumerated() {
            guard group.key.count == structure.dimensions.count else {
                throw ReadError(
                    .malformed, line: group.line,
                    detail:
                        "a key of “dimensionGroupAttributes” has \(group.key.count) positions, the message's structure has \(structure.dimensions.count) dimensions; write one position per dimension"
                )
            }
            // A dimension that is switched off is no part of any row's key: such a group stays apart.
            if group.key.contains(IndexKey.switchedOff) { continue }
            let positions = group.key.indices.filter { group.key[$0] >= 0 }.sorted { order[$0] < order[$1] }
            let dimensions = positions.map { order[$0] }
            if indexes[dimensions] == nil {
                indexes[dimensions] = patterns.count
                patterns.append(
                    Pattern(positions: dimensions, entries: [], groups: [], slots: [], isOfSeries: !dimensions.contains { observation.contains($0) }))
            }
            guard let pattern = indexes[dimensions] else { continue }
            patterns[pattern].entries += positions.map { group.key[$0] }
            patterns[pattern].groups.append(number)
        }
        for index in patterns.indices { Self.fill(&patterns[index]) }
    }

    /// For each position of a key the dimension it means.
    ///
    /// The field guide gives each dimension "their well-defined position independently from the level", which reads as the order of `keyPosition`; the working
    /// group's own sample has the order of the levels. Where the two differ, the one that fits the attributes' relationships is taken.
    private static func order(_ groups: [DatasetHead.Group], _ structure: MessageStructure) -> [Int] {
        let byLevel = Array(structure.dimensions.indices)
        let byPosition = byLevel.sorted { (structure.dimensions[$0].keyPosition ?? $0) < (structure.dimensions[$1].keyPosition ?? $1) }
        guard byLevel != byPosition else { return byLevel }
        let attributes = structure.attributes.filter { $0.level == .dimensionGroup }
        let fits = groups.allSatisfy { group in
            guard group.key.count == byLevel.count else { return true }
            let filled = Set(group.key.indices.filter { group.key[$0] >= 0 }.map { structure.dimensions[$0].id })
            return zip(attributes, group.values).allSatisfy { attribute, value in
                guard case .dimensions(let ids)? = attribute.relationship, !value.isNone else { return true }
                return Set(ids) == filled
            }
        }
        return fits ? byLevel : byPosition
    }

    func isUsed(_ group: Int) -> Bool { isUsed[group] }

    private static func fill(_ pattern: inout Pattern) {
        var size = 16
        while size < pattern.groups.count * 2 { size *= 2 }
        pattern.slots = Array(repeating: -1, count: size)
        let width = pattern.positions.count
        for entry in pattern.groups.indices {
            var hash: UInt64 = 0
            for offset in 0..<width { hash = HashSet64.mix(hash, UInt32(bitPattern: pattern.entries[entry * width + offset])) }
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while pattern.slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            pattern.slots[slot] = Int32(entry)
        }
    }

    deinit { isUsed.deallocate() }

    /// Calls `body` with each group whose partial key the indexes match: those of the series, or those that depend on the observation too.
    func forEachMatch(_ indexes: UnsafeMutablePointer<Int32>, ofSeries: Bool, _ body: (DatasetHead.Group) throws(ReadError) -> Void) throws(ReadError) {
        for pattern in patterns where pattern.isOfSeries == ofSeries {
            let width = pattern.positions.count
            var hash: UInt64 = 0
            for position in pattern.positions { hash = HashSet64.mix(hash, UInt32(bitPattern: indexes[position])) }
            var slot = Int(truncatingIfNeeded: hash) & (pattern.slots.count - 1)
            while pattern.slots[slot] >= 0 {
                let entry = Int(pattern.slots[slot])
                var matches = true
                for offset in 0..<width where pattern.entries[entry * width + offset] != indexes[pattern.positions[offset]] { matches = false }
                // Equal keys follow each other here: a group may be given in several parts, one per attribute.
                if matches {
                    isUsed[pattern.groups[entry]] = true
                    try body(groups[pattern.groups[entry]])
                }
                slot = (slot + 1) & (pattern.slots.count - 1)
            }
        }
    }
}
