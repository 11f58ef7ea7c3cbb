/// Sorts any number of fixed-size records of 32-bit words in bounded memory: sorted files, merged many at a time.
///
/// Records are ordered word by word, so the caller puts the sort key first.
final class SpillSorter {
    let recordWords: Int
    private let recordsInMemoryMax: Int
    private let filesMax: Int
    private let bytesMax: Int
    private let directory: String
    private var memory: ContiguousArray<UInt32> = []
    /// Sorted files by generation: a full generation is merged into one file of the next, so that every record is copied few times.
    private var generations: [[SpillFile]] = []
    private var bytesWritten = 0

    init(recordWords: Int, recordsInMemoryMax: Int, limits: CheckLimits, directory: String) {
        self.recordWords = recordWords
        self.recordsInMemoryMax = max(1, recordsInMemoryMax)
        filesMax = max(2, limits.spillFilesMax)
        bytesMax = limits.spillBytesMax
        self.directory = directory
    }

    var hasSpilled: Bool { !generations.isEmpty }

    func removeAll() {
        memory.removeAll()
        generations.removeAll()
        bytesWritten = 0
    }

    func append(_ record: UnsafeBufferPointer<UInt32>) throws(CheckError) {
        if memory.count / recordWords >= recordsInMemoryMax { try spillMemory() }
        memory.append(contentsOf: record)
    }

    /// Writes a run whose records the caller gives in order already.
    func writeRun(count: Int, _ record: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void) throws(CheckError) {
        let file = try SpillFile(directory: directory)
        let words = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: recordWords)
        defer { words.deallocate() }
        try account(count)
        for index in 0..<count {
            record(index, words)
            try file.append(UnsafeBufferPointer(words))
        }
        try add(file, generation: 0)
    }

    /// Hands out every record in order. Only once.
    func drain(_ body: (UnsafeBufferPointer<UInt32>) throws(CheckError) -> Void) throws(CheckError) {
        if !hasSpilled {
            let order = sortedMemory()
            for index in order { try body(record(index)) }
        } else {
            if !memory.isEmpty { try spillMemory() }
            try merge(generations.flatMap(\.self), body)
        }
        removeAll()
    }

    private func record(_ index: Int) -> UnsafeBufferPointer<UInt32> {
        // The array is not touched while the slice is in use.
        memory.withUnsafeBufferPointer { UnsafeBufferPointer(rebasing: $0[(index * recordWords)..<((index + 1) * recordWords)]) }
    }

    private func sortedMemory() -> [Int] {
        let words = recordWords
        return memory.withUnsafeBufferPointer { memory in
            Array(0..<(memory.count / words)).sorted { left, right in
                for offset in 0..<words {
                    let (a, b) = (memory[left * words + offset], memory[right * words + offset])
                    if a != b { return a < b }
                }
                return false
            }
        }
    }

    private func spillMemory() throws(CheckError) {
        let order = sortedMemory()
        try writeRun(count: order.count) { index, words in
            let source = record(order[index])
            for offset in words.indices { words[offset] = source[offset] }
        }
        memory.removeAll(keepingCapacity: true)
    }

    private func account(_ records: Int) throws(CheckError) {
        bytesWritten += records * recordWords * 4
        guard bytesWritten <= bytesMax else { throw Self.tooMuch(bytesMax) }
    }

    static func tooMuch(_ bytesMax: Int) -> CheckError {
        CheckError(
            .limitExceeded,
            detail: "checking the keys needs more than \(bytesMax) bytes of temporary files; split the dataset by period")
    }

    private func add(_ file: SpillFile, generation: Int) throws(CheckError) {
        if generation == generations.count { generations.append([]) }
        generations[generation].append(file)
        guard generations[generation].count == filesMax else { return }
        let full = generations[generation]
        generations[generation] = []
        let merged = try SpillFile(directory: directory)
        try merge(full) { record throws(CheckError) in try merged.append(record) }
        try add(merged, generation: generation + 1)
    }

    private func merge(_ files: [SpillFile], _ body: (UnsafeBufferPointer<UInt32>) throws(CheckError) -> Void) throws(CheckError) {
        let words = recordWords
        let heads = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(1, files.count * words))
        defer { heads.deallocate() }
        func head(_ file: Int) -> UnsafeMutableBufferPointer<UInt32> { UnsafeMutableBufferPointer(rebasing: heads[(file * words)..<((file + 1) * words)]) }
        func precedes(_ left: Int, _ right: Int) -> Bool {
            for offset in 0..<words {
                let (a, b) = (heads[left * words + offset], heads[right * words + offset])
                if a != b { return a < b }
            }
            return left < right
        }
        var heap: [Int] = []
        func sink(_ start: Int) {
            var parent = start
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(heap[child], heap[least]) { least = child }
                if least == parent { return }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        for (index, file) in files.enumerated() {
            try file.rewind()
            if try file.read(into: head(index)) { heap.append(index) }
        }
        for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
        while let least = heap.first {
            try body(UnsafeBufferPointer(head(least)))
            if try !files[least].read(into: head(least)) {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            sink(0)
        }
    }
}
