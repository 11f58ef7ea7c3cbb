import SluiceKit

/// Keys of indexes as SDMX-JSON spells them: `0:12:3`.
enum IndexKey {
    /// The largest index that can be meant: limits keep lists of values below it.
    private static let indexMax = Int32.max / 16
    /// Most positions of a partial key; a structure has fewer dimensions.
    private static let positionsMax = 4_096

    /// Reads a full key into `indexes`; false when it is not exactly as many numbers between colons.
    @inline(__always)
    static func parse(_ text: UnsafeRawBufferPointer, into indexes: UnsafeMutablePointer<Int32>, count: Int) -> Bool {
        if count == 0 { return text.isEmpty }
        var part = 0
        var value: Int32 = -1
        for byte in text {
            if byte == UInt8(ascii: ":") {
                guard value >= 0, part + 1 < count else { return false }
                indexes[part] = value
                part += 1
                value = -1
            } else {
                let digit = Int32(byte) - Int32(UInt8(ascii: "0"))
                guard digit >= 0, digit <= 9, value <= indexMax else { return false }
                value = max(value, 0) * 10 + digit
            }
        }
        guard value >= 0, part == count - 1 else { return false }
        indexes[part] = value
        return true
    }

    /// A dimension that a partial key leaves out.
    static let leftOut: Int32 = -1
    /// A dimension that a partial key switches off (`~`, 2.1).
    static let switchedOff: Int32 = -2

    /// Reads a key in which positions may be left out or switched off.
    static func partial(_ text: UnsafeRawBufferPointer) -> [Int32]? {
        var key: [Int32] = [leftOut]
        for byte in text {
            let last = key.count - 1
            if byte == UInt8(ascii: ":") {
                guard key.count < positionsMax else { return nil }
                key.append(leftOut)
            } else if byte == UInt8(ascii: "~") {
                guard key[last] == leftOut else { return nil }
                key[last] = switchedOff
            } else {
                let digit = Int32(byte) - Int32(UInt8(ascii: "0"))
                guard digit >= 0, digit <= 9, key[last] >= leftOut, key[last] <= indexMax else { return nil }
                key[last] = max(key[last], 0) * 10 + digit
            }
        }
        return key
    }
}

/// A bounded set of 64-bit hashes; open addressing, half full at most.
struct HashSet64 {
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask = 1_023
    private(set) var count = 0
    let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
    }

    func deallocate() { slots.deallocate() }

    var isFull: Bool { count >= countMax }

    mutating func removeAll() {
        count = 0
        slots.update(repeating: 0, count: mask + 1)
    }

    /// True when the hash was not there yet. The caller has seen that the set is not full.
    mutating func insert(_ hash: UInt64) -> Bool {
        let hash = hash == 0 ? 1 : hash
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if slots[slot] == hash { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = hash
        count += 1
        if count * 2 > mask { grow() }
        return true
    }

    private mutating func grow() {
        let old = slots
        let oldCount = mask + 1
        mask = oldCount * 2 - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for index in 0..<oldCount where old[index] != 0 {
            var slot = Int(truncatingIfNeeded: old[index]) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = old[index]
        }
        old.deallocate()
    }

    /// One more number into a hash.
    @inline(__always) static func mix(_ hash: UInt64, _ value: UInt32) -> UInt64 {
        let mixed = (hash ^ UInt64(value)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }
}
