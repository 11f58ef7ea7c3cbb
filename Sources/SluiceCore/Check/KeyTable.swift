internal import SluiceKit

/// Numbers distinct combinations of dictionary codes, exactly, up to a limit; once full it keeps what it has and takes nothing new.
final class KeyTable {
    let width: Int
    let keysMax: Int
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var codes: UnsafeMutablePointer<UInt32>
    @exclusivity(unchecked) private var codesCapacity = 64
    @exclusivity(unchecked) private var slots: UnsafeMutablePointer<UInt64>
    @exclusivity(unchecked) private var slotMask = 127
    // Seeded anew by the process, as Swift's own hashes are: nobody can prepare a file whose keys all fall on one slot.
    private let seed = UInt64(bitPattern: Int64(Hasher().finalize()))

    /// The number that stands for "not in the table, and the table is full".
    static let none = UInt32.max
    private static let free = UInt64.max

    init(width: Int, keysMax: Int) {
        self.width = width
        self.keysMax = max(1, min(keysMax, Int(UInt32.max) / 4))
        codes = .allocate(capacity: max(1, width) * codesCapacity)
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: Self.free, count: slotMask + 1)
    }

    deinit {
        codes.deallocate()
        slots.deallocate()
    }

    /// The code of a key at one of its positions.
    func code(_ number: UInt32, _ position: Int) -> UInt32 { codes[Int(number) * width + position] }

    /// The number of the row's key, a new one at its first appearance.
    func number(_ columns: KeyColumns, _ row: Int) -> UInt32 {
        var hash = seed
        for position in 0..<width { hash = (hash ^ UInt64(columns[position][row])) &* 0x9e37_79b9_7f4a_7c15 ^ hash >> 29 }
        hash = (hash ^ hash >> 32) &* 0xbf58_476d_1ce4_e5b9
        // A slot holds half of the hash too, so that another key is mostly told apart without a look at its codes.
        let tag = hash & ~0xFFFF_FFFF
        var slot = Int(truncatingIfNeeded: tag >> 32) & slotMask
        while slots[slot] != Self.free {
            let number = UInt32(truncatingIfNeeded: slots[slot])
            if slots[slot] & ~0xFFFF_FFFF == tag, equals(number, columns, row) { return number }
            slot = (slot + 1) & slotMask
        }
        guard count < keysMax else { return Self.none }
        if count == codesCapacity { growCodes() }
        let start = codes + count * width
        for position in 0..<width { start[position] = columns[position][row] }
        slots[slot] = tag | UInt64(count)
        count += 1
        if count * 2 > slotMask { growSlots() }
        return UInt32(truncatingIfNeeded: count - 1)
    }

    private func equals(_ number: UInt32, _ columns: KeyColumns, _ row: Int) -> Bool {
        let key = codes + Int(number) * width
        for position in 0..<width where key[position] != columns[position][row] { return false }
        return true
    }

    private func growCodes() {
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, width) * codesCapacity * 2)
        grown.moveInitialize(from: codes, count: width * count)
        codes.deallocate()
        codes = grown
        codesCapacity *= 2
    }

    private func growSlots() {
        let (old, oldCount) = (slots, slotMask + 1)
        slotMask = oldCount * 2 - 1
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: Self.free, count: slotMask + 1)
        for index in 0..<oldCount where old[index] != Self.free {
            var slot = Int(truncatingIfNeeded: old[index] >> 32) & slotMask
            while slots[slot] != Self.free { slot = (slot + 1) & slotMask }
            slots[slot] = old[index]
        }
        old.deallocate()
    }
}

/// The columns of codes that form keys; they stay where they are while a batch is looked at.
typealias KeyColumns = UnsafeMutablePointer<UnsafePointer<UInt32>>
