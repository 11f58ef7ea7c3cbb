/// Records sorted into classes that look alike.
struct Grouping {
    /// Class of each record, counted from 0 in order of first appearance.
    private(set) var classes: [UInt32]
    private(set) var count: Int

    /// One thing by which records are told apart: numbers below `width`.
    struct Digit {
        let codes: [UInt32]
        /// Number → number below `width`; `ValueDictionary.absent` is looked up as the last.
        let map: [UInt32]?
        let width: Int
    }

    /// Records are alike when all digits are. Without digits all records are.
    init(_ digits: [Digit], recordCount: Int) {
        var keys = [UInt64](repeating: 0, count: recordCount)
        var bound: UInt64 = 1
        classes = []
        count = 0
        for digit in digits {
            let width = UInt64(max(1, digit.width))
            if bound.multipliedReportingOverflow(by: width).overflow || bound > UInt64(1) << 40 {
                number(&keys, bound: bound)
                bound = UInt64(max(1, count))
                for row in keys.indices { keys[row] = UInt64(classes[row]) }
            }
            Self.add(digit, to: &keys)
            bound *= width
        }
        number(&keys, bound: bound)
    }

    private static func add(_ digit: Digit, to keys: inout [UInt64]) {
        let width = UInt64(max(1, digit.width))
        digit.codes.withUnsafeBufferPointer { codes in
            keys.withUnsafeMutableBufferPointer { keys in
                if let map = digit.map {
                    map.withUnsafeBufferPointer { map in
                        let last = map.count - 1
                        for row in keys.indices { keys[row] = keys[row] * width + UInt64(map[min(Int(codes[row]), last)]) }
                    }
                } else {
                    let last = UInt32(digit.width - 1)
                    for row in keys.indices { keys[row] = keys[row] * width + UInt64(min(codes[row], last)) }
                }
            }
        }
    }

    /// Gives each distinct key a number: by a table where the keys are few, else by open addressing.
    private mutating func number(_ keys: inout [UInt64], bound: UInt64) {
        classes = [UInt32](repeating: 0, count: keys.count)
        count = 0
        var next: UInt32 = 0
        if bound <= UInt64(max(1 << 16, 4 * keys.count)) {
            var table = [UInt32](repeating: .max, count: Int(bound))
            for row in keys.indices {
                let key = Int(keys[row])
                if table[key] == .max {
                    table[key] = next
                    next += 1
                }
                classes[row] = table[key]
            }
        } else {
            var size = 64
            while size < keys.count * 2 { size *= 2 }
            let mask = size - 1
            var slots = [UInt32](repeating: .max, count: size)
            var keyOfClass: [UInt64] = []
            for row in keys.indices {
                let key = keys[row]
                var mixed = key &* 0x9e37_79b9_7f4a_7c15
                mixed ^= mixed >> 29
                mixed = mixed &* 0xbf58_476d_1ce4_e5b9
                var slot = Int(truncatingIfNeeded: mixed >> 20) & mask
                while slots[slot] != .max, keyOfClass[Int(slots[slot])] != key { slot = (slot + 1) & mask }
                if slots[slot] == .max {
                    slots[slot] = next
                    keyOfClass.append(key)
                    next += 1
                }
                classes[row] = slots[slot]
            }
        }
        count = Int(next)
    }

    /// Records of each class.
    var sizes: [Int] {
        var sizes = [Int](repeating: 0, count: count)
        for each in classes { sizes[Int(each)] += 1 }
        return sizes
    }

    /// The records ordered by class, and where each class begins; one more beginning than classes.
    func ordered() -> (records: [UInt32], begins: [Int]) {
        var begins = [Int](repeating: 0, count: count + 1)
        for each in classes { begins[Int(each) + 1] += 1 }
        for each in 0..<count { begins[each + 1] += begins[each] }
        var next = begins
        var records = [UInt32](repeating: 0, count: classes.count)
        for (record, each) in classes.enumerated() {
            records[next[Int(each)]] = UInt32(record)
            next[Int(each)] += 1
        }
        return (records, begins)
    }
}
