internal import SluiceKit

/// The dimensions' codes of a batch, as codes that mean the same in every dataset of a message.
///
/// The dictionaries of the first dataset become those of the message, so a message of one dataset is not translated and nothing is copied.
final class KeyCodes {
    private let dimensions: Range<Int>
    /// The dictionaries of the message, in key order; empty before the first batch.
    private(set) var dictionaries: [ValueDictionary] = []
    private var maps: [ContiguousArray<UInt32>]
    private var areSame: [Bool]
    private var scratch: [UnsafeMutablePointer<UInt32>?]
    private var scratchCapacity = 0
    /// Where each dimension's codes are now, in key order.
    let columns: KeyColumns

    init(_ dimensions: Range<Int>) {
        self.dimensions = dimensions
        maps = dimensions.map { _ in [] }
        areSame = dimensions.map { _ in true }
        scratch = dimensions.map { _ in nil }
        columns = .allocate(capacity: max(1, dimensions.count))
    }

    deinit {
        for column in scratch { column?.deallocate() }
        columns.deallocate()
    }

    /// The next batch has dictionaries of its own.
    func beginDataset() {
        for position in maps.indices {
            maps[position].removeAll(keepingCapacity: true)
            areSame[position] = true
        }
    }

    /// Points `columns` at the codes of the batch's rows; valid until the batch changes.
    func update(_ batch: Batch, _ count: Int) throws(CheckError) {
        if dictionaries.isEmpty { dictionaries = dimensions.map { batch.dictionary($0) } }
        for (position, column) in dimensions.enumerated() {
            if try extend(position, batch.dictionary(column)) {
                columns[position] = UnsafePointer(batch.codes(column))
            } else {
                columns[position] = translated(position, batch.codes(column), count)
            }
        }
    }

    func text(_ position: Int, _ code: UInt32) -> String { code == ValueDictionary.absent ? "" : dictionaries[position].string(code) }

    /// Whether the batch's codes are the message's.
    private func extend(_ position: Int, _ dictionary: ValueDictionary) throws(CheckError) -> Bool {
        let own = dictionaries[position]
        if own === dictionary { return true }
        while maps[position].count < dictionary.count {
            let next = UInt32(truncatingIfNeeded: maps[position].count)
            let code: UInt32
            do { code = try own.intern(dictionary.bytes(next)) } catch { throw CheckError(.limitExceeded, detail: error.detail) }
            if code != next { areSame[position] = false }
            maps[position].append(code)
        }
        return areSame[position]
    }

    private func translated(_ position: Int, _ codes: UnsafeMutablePointer<UInt32>, _ count: Int) -> UnsafePointer<UInt32> {
        if scratchCapacity < count {
            for index in scratch.indices {
                scratch[index]?.deallocate()
                scratch[index] = nil
            }
            scratchCapacity = count
        }
        let target = scratch[position] ?? .allocate(capacity: scratchCapacity)
        scratch[position] = target
        maps[position].withUnsafeBufferPointer { map in
            for row in 0..<count { target[row] = codes[row] == ValueDictionary.absent ? ValueDictionary.absent : map[Int(codes[row])] }
        }
        return UnsafePointer(target)
    }
}
