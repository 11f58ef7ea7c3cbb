/// Which periods of which series have been seen, 64 periods to a word: neighbouring rows mostly share the word, so a row costs one bit.
///
/// Periods are dictionary codes. Once full it keeps what it has and takes nothing new.
final class PeriodBlocks {
    struct Block {
        /// The series' number and the period's code without its last six bits.
        var key: UInt64
        /// Periods seen.
        var seen: UInt64
        /// Periods seen again.
        var again: UInt64
    }
    private let blocksMax: Int
    @exclusivity(unchecked) private var blocks: UnsafeMutablePointer<Block>
    @exclusivity(unchecked) private var mask = 255
    @exclusivity(unchecked) private var count = 0
    private let seed = UInt64(bitPattern: Int64(Hasher().finalize()))
    private static let free = UInt64.max

    init(blocksMax: Int) {
        self.blocksMax = max(1, blocksMax)
        blocks = .allocate(capacity: mask + 1)
        blocks.initialize(repeating: Block(key: Self.free, seen: 0, again: 0), count: mask + 1)
    }

    deinit { blocks.deallocate() }

    static func key(_ series: UInt32, _ period: UInt32) -> UInt64 { UInt64(series) << 26 | UInt64(period >> 6) }

    /// The block with this key, made when it is new; nil when there is none and no room for one. Valid until the next call.
    @inline(__always)
    func block(_ key: UInt64) -> UnsafeMutablePointer<Block>? {
        var slot = slot(of: key)
        while blocks[slot].key != Self.free {
            if blocks[slot].key == key { return blocks + slot }
            slot = (slot + 1) & mask
        }
        return make(key, slot)
    }

    /// Whether the period was seen again. Nil where the block is not kept.
    func wasSeenAgain(_ series: UInt32, _ period: UInt32) -> Bool? {
        let key = Self.key(series, period)
        var slot = slot(of: key)
        while blocks[slot].key != Self.free {
            if blocks[slot].key == key { return blocks[slot].again & (1 << UInt64(period & 63)) != 0 }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var hash = (key ^ seed) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 32) &* 0xbf58_476d_1ce4_e5b9
        return Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
    }

    @inline(never)
    private func make(_ key: UInt64, _ slot: Int) -> UnsafeMutablePointer<Block>? {
        guard count < blocksMax else { return nil }
        count += 1
        blocks[slot].key = key
        guard count * 3 > mask * 2 else { return blocks + slot }
        let (old, oldCount) = (blocks, mask + 1)
        mask = oldCount * 2 - 1
        blocks = .allocate(capacity: mask + 1)
        blocks.initialize(repeating: Block(key: Self.free, seen: 0, again: 0), count: mask + 1)
        var found = blocks
        for index in 0..<oldCount where old[index].key != Self.free {
            var slot = self.slot(of: old[index].key)
            while blocks[slot].key != Self.free { slot = (slot + 1) & mask }
            blocks[slot] = old[index]
            if old[index].key == key { found = blocks + slot }
        }
        old.deallocate()
        return found
    }
}
